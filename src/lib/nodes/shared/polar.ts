/**
 * The polar decomposition A = UH of matrices by matrix products alone, so that it runs inside a step on every device, and what the
 * nuclear norm needs of it: with the singular value decomposition A = PΣQᵀ, U = PQᵀ and H = QΣQᵀ.
 *
 *   X ← ½ρX(3I − ρ²XᵀX) from A/‖A‖_F, until each singular value of X that is above rounding has come to 1
 *
 * The Newton–Schulz iteration, scaled: ρ = √(3/(1 + l + l²)) is best while the singular values are in [l, 1] (Chen & Chow 2014), and at
 * most 3/2 keeps the largest from falling far below 1, where rounding would turn their vectors. The schedule of ρ starts at l = 2⁻⁵³, so
 * that the error of H is a few units of rounding of ‖A‖; singular values below that need no vector. It is backward stable for ‖X‖ ≤ 1
 * (Nakatsukasa & Higham 2012).
 */
import { hostFloat } from '../../runtime/ir/host.ts';
import {
  abs,
  add,
  cast,
  constant,
  div,
  equal,
  greater,
  iota,
  less,
  loop,
  matmul,
  max,
  minimum,
  mul,
  reshape,
  select,
  sqrt,
  stopGradient,
  sub,
  sum,
  transpose,
} from '../../runtime/ir/ops.ts';
import type { Shape, Value } from '../../runtime/ir/types.ts';

const LARGEST_SCALE = 1.5;
const ROUNDING = 2 ** -53;

const SCHEDULE: Float64Array = (() => {
  const scales: number[] = [];
  // Ends after about 60 steps of these constants alone: low grows to 1.
  for (let low = ROUNDING; 1 - low > ROUNDING;) {
    const rho = Math.min(LARGEST_SCALE, Math.sqrt(3 / (1 + low + low * low)));
    scales.push(rho);
    const image = (x: number) => (rho * x * (3 - rho * rho * x * x)) / 2;
    low = Math.min(image(low), image(1), 1);
  }
  return Float64Array.from(scales);
})();

/** The last two axes exchanged. */
function transposed(a: Value): Value {
  const last = a.shape.length - 1;
  return transpose(
    a,
    a.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis)),
  );
}

/** 1 where x is 0, so that one may divide by it. */
const nonzero = (x: Value): Value => select(greater(x, 0), x, 1);

/** ‖A‖_F of each matrix, [..., 1, 1]; without overflow or underflow of squares. */
function frobenius(a: Value): Value {
  const axes = [a.shape.length - 2, a.shape.length - 1];
  const largest = max(abs(a), axes, true);
  const scaled = div(a, nonzero(largest));
  return mul(largest, sqrt(sum(mul(scaled, scaled), axes, true)));
}

/** U of A = UH, of tall matrices [..., m, n] with m ≥ n: the partial isometry where A has singular values of 0. */
function isometry(a: Value): Value {
  const { carry } = loop({
    steps: SCHEDULE.length,
    carry: [div(a, nonzero(frobenius(a)))],
    sequences: [constant(hostFloat(SCHEDULE))],
    body(_i, _constants, [x], [rho]) {
      const gram = matmul(x, x, { transposeA: true });
      const cubic = mul(mul(rho, mul(rho, rho)), matmul(x, gram));
      return { carry: [mul(0.5, sub(mul(mul(3, rho), x), cubic))] };
    },
  });
  return carry[0];
}

/** H of A = UH, symmetric to the last digit. */
function positivePart(u: Value, a: Value): Value {
  const h = matmul(u, a, { transposeA: true });
  return mul(0.5, add(h, transposed(h)));
}

/** An array as a stack of matrices [..., m, n], m ≥ n; a vector as one column. */
function tall(a: Value): Value {
  const matrix = a.shape.length >= 2 ? a : reshape(a, [a.shape[0] ?? 1, 1]);
  const [m, n] = matrix.shape.slice(-2);
  return m >= n ? matrix : transposed(matrix);
}

/** `tall` undone. */
function asBefore(a: Value, shape: Shape): Value {
  const [m, n] = shape.slice(-2);
  return shape.length >= 2 && m < n ? transposed(a) : reshape(a, shape);
}

/**
 * The sum of the singular values, of all matrices where there are several. Its derivative is the subgradient PQᵀ, of least norm where
 * singular values are 0; U is held fixed, so there is no second derivative.
 */
export function nuclearNorm(a: Value): Value {
  const matrix = tall(a);
  return sum(mul(stopGradient(isometry(stopGradient(matrix))), matrix));
}

/**
 * P max(Σ − τ, 0) Qᵀ: singular values made smaller by τ ≥ 0, at most to 0. As max(x, 0) = (x + |x|)/2 and |H − τI| is the positive part
 * of H − τI, it is U(H − τI + |H − τI|)/2. Exactly 0 where τ ≥ ‖A‖_F.
 */
export function shrinkSingularValues(a: Value, tau: Value): Value {
  const matrix = tall(a);
  const n = matrix.shape[matrix.shape.length - 1];
  const size = frobenius(matrix);
  const u = isometry(matrix);
  const identity = cast(equal(iota([n, n], 0), iota([n, n], 1)), 'float');
  const shifted = sub(positivePart(u, matrix), mul(minimum(tau, size), identity));
  const kept = mul(0.5, add(shifted, positivePart(isometry(shifted), shifted)));
  return asBefore(mul(matmul(u, kept), cast(less(tau, size), 'float')), a.shape);
}
