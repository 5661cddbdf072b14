/**
 * Positive semidefinite kernels k(x, x′), as traced functions of two sets of points.
 *
 * Distances are sums of squared differences, not ‖x‖² + ‖x′‖² − 2⟨x, x′⟩: the latter loses half of the digits near the diagonal.
 */
import {
  abs,
  add,
  concat,
  cos,
  div,
  exp,
  expandDims,
  less,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  ones,
  reshape,
  select,
  sin,
  slice,
  sqrt,
  square,
  sub,
  sum,
} from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

export interface KernelSettings {
  /** σ > 0 of the Gaussian, Laplace and polynomial kernels. */
  readonly bandwidth: number;
  /** Degree of the polynomial. */
  readonly degree: number;
  /** c ≥ 0 of the polynomial. */
  readonly offset: number;
}

interface Kernel {
  readonly label: string;
  readonly formula: string;
  /** x float [B, D], y float [N, D] → float [B, N]. */
  apply(x: Value, y: Value, settings: KernelSettings): Value;
}

/**
 * Features up to which a sum over them is written term by term, so that devices fuse it into the product with the coefficients and store no
 * entry of the matrix: 64, and the further one of the arc-cosine kernels.
 */
export const UNROLLED_FEATURES = 65;

/** Σⱼ (xⱼ ± yⱼ)², [B, N]. */
function squaredNorms(x: Value, y: Value, combine: (a: Value, b: Value) => Value): Value {
  const [B, D] = x.shape;
  const N = y.shape[0];
  if (D > UNROLLED_FEATURES || D === 0)
    return sum(square(combine(expandDims(x, 1), expandDims(y, 0))), 2);
  const term = (j: number): Value =>
    square(combine(slice(x, [0, j], [B, 1]), reshape(slice(y, [0, j], [N, 1]), [1, N])));
  // One term after the other, so that an interpreter keeps two arrays and not D.
  let total = term(0);
  for (let j = 1; j < D; j++) total = add(total, term(j));
  return total;
}

const squaredDistances = (x: Value, y: Value): Value => squaredNorms(x, y, sub);

function power(x: Value, degree: number): Value {
  let out = x;
  for (let k = 1; k < degree; k++) out = mul(out, x);
  return out;
}

/** x with a further feature 1, so that no point is 0, and its norms [B, 1]. */
function lifted(x: Value): { unit: Value; norm: Value } {
  const point = concat([x, ones([x.shape[0], 1])], 1);
  const norm = sqrt(sum(square(point), 1, true));
  return { unit: div(point, norm), norm };
}

/**
 * The angle whose cosine and sine ≥ 0 are given: a polynomial start (Abramowitz & Stegun 1964, equation (4.4.45), error 7e-5), then
 * one correction by arcsin δ ≈ δ + δ³/6, δ the sine of the error, which leaves less than 1e-20.
 */
function angle(cosine: Value, sine: Value): Value {
  const c = minimum(abs(cosine), 1);
  const cubic = add(mul(add(mul(add(mul(c, -0.0187293), 0.074261), c), -0.2121144), c), 1.5707288);
  const acute = mul(sqrt(maximum(sub(1, c), 0)), cubic);
  const start = select(less(cosine, 0), sub(Math.PI, acute), acute);
  const delta = sub(mul(sine, cos(start)), mul(cosine, sin(start)));
  return add(start, add(delta, div(mul(square(delta), delta), 6)));
}

/** Angles between lifted points, and products of their norms. */
function angles(x: Value, y: Value): { theta: Value; cosine: Value; sine: Value; norms: Value } {
  const [a, b] = [lifted(x), lifted(y)];
  const apart = squaredDistances(a.unit, b.unit);
  const together = squaredNorms(a.unit, b.unit, add);
  const cosine = div(sub(together, apart), 4);
  const sine = div(sqrt(mul(apart, together)), 2);
  const norms = matmul(a.norm, b.norm, { transposeB: true });
  return { theta: angle(cosine, sine), cosine, sine, norms };
}

export const KERNELS: Readonly<Record<string, Kernel>> = {
  gaussian: {
    label: 'Gaussian',
    formula: "e^{-\\lVert x - x' \\rVert^2/(2\\sigma^2)}",
    apply: (x, y, { bandwidth }) => exp(div(squaredDistances(x, y), -2 * bandwidth * bandwidth)),
  },
  laplace: {
    label: 'Laplace',
    formula: "e^{-\\lVert x - x' \\rVert/\\sigma}",
    apply: (x, y, { bandwidth }) => exp(neg(div(sqrt(squaredDistances(x, y)), bandwidth))),
  },
  polynomial: {
    label: 'polynomial',
    formula: "\\bigl(\\langle x, x' \\rangle/\\sigma^2 + c\\bigr)^p",
    apply: (x, y, { bandwidth, offset, degree }) =>
      power(add(div(matmul(x, y, { transposeB: true }), bandwidth * bandwidth), offset), degree),
  },
  'arc-cosine-0': {
    label: 'arc-cosine, degree 0',
    formula: '1 - \\theta/\\pi',
    apply: (x, y) => sub(1, div(angles(x, y).theta, Math.PI)),
  },
  'arc-cosine-1': {
    label: 'arc-cosine, degree 1',
    formula:
      "\\tfrac1\\pi \\lVert x \\rVert \\lVert x' \\rVert (\\sin\\theta + (\\pi - \\theta)\\cos\\theta)",
    apply(x, y) {
      const { theta, cosine, sine, norms } = angles(x, y);
      return mul(norms, div(add(sine, mul(sub(Math.PI, theta), cosine)), Math.PI));
    },
  },
};
