/**
 * Positive semidefinite kernels k(x, x′), as traced functions of two sets of points.
 *
 * Distances are sums of squared differences, not ‖x‖² + ‖x′‖² − 2⟨x, x′⟩: the latter loses half of the digits near the diagonal.
 */
import { PI, angleOf } from '../../../numerics/ball-angle.ts';
import * as ball from '../../../numerics/ball-elementary.ts';
import {
  ZERO,
  divide as divideBy,
  exactly,
  multiply as times,
  add as plus,
  negate,
  scaleByPower,
  squareRoot,
  subtract as minus,
} from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
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
  /** k of two points in double-double. */
  precisely(x: Float64Array, y: Float64Array, settings: KernelSettings): Ball;
  /**
   * The η for which float64 gives k(x, x′) to within η √(k(x, x) k(x′, x′)), for points of D features. A squared distance is known to D + 3 units
   * of 2⁻⁵³ relatively: each difference and square once, and D sums.
   */
  rounding(D: number, settings: KernelSettings): number;
  /** Positive definite on points that are all different (Wendland 2005, theorems 6.10 and 7.14: Gaussian, Laplace). */
  readonly definite: boolean;
}

const U = 2 ** -53;

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

/**
 * An angle is known to this many times (D + 16) units. Entries of the unit vectors are off by D/2 + 4 units relatively, so their differences
 * and sums by vectors of D + 8 units in length, cosine and sine by 4(D + 12) units in all, and the angle by the sum of both and a few roundings.
 */
const ANGLE_UNITS = 16;

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

const squareOf = (x: number): Ball => times(exactly(x), exactly(x));

/** ‖x − y‖². */
function distanceSquare(x: Float64Array, y: Float64Array): Ball {
  let sum: Ball = ZERO;
  for (let j = 0; j < x.length; j++) {
    const apart = minus(exactly(x[j]), exactly(y[j]));
    sum = plus(sum, times(apart, apart));
  }
  return sum;
}

/** The angle between lifted points by its half, whose sine and cosine are half the lengths of the difference and sum of unit vectors. */
function angleBetween(
  x: Float64Array,
  y: Float64Array,
): { theta: Ball; cosine: Ball; sine: Ball; norms: Ball } {
  const lengthOf = (p: readonly Ball[]): Ball =>
    squareRoot(p.reduce((sum, v) => plus(sum, times(v, v)), ZERO));
  const [p, q] = [x, y].map((v) => [...Array.from(v, exactly), exactly(1)]);
  const [a, b] = [lengthOf(p), lengthOf(q)];
  const [u, v] = [p.map((c) => divideBy(c, a)), q.map((c) => divideBy(c, b))];
  const s = scaleByPower(lengthOf(u.map((c, j) => minus(c, v[j]))), -1);
  const c = scaleByPower(lengthOf(u.map((d, j) => plus(d, v[j]))), -1);
  return {
    theta: scaleByPower(angleOf(c, s), 1),
    cosine: minus(times(c, c), times(s, s)),
    sine: scaleByPower(times(s, c), 1),
    norms: times(a, b),
  };
}

export const KERNELS: Readonly<Record<string, Kernel>> = {
  gaussian: {
    label: 'Gaussian',
    formula: "e^{-\\lVert x - x' \\rVert^2/(2\\sigma^2)}",
    apply: (x, y, { bandwidth }) => exp(div(squaredDistances(x, y), -2 * bandwidth * bandwidth)),
    precisely: (x, y, { bandwidth }) =>
      ball.exp(negate(divideBy(distanceSquare(x, y), scaleByPower(squareOf(bandwidth), 1)))),
    // e^−t to 2 units, and t e^−t ≤ 0.37 for t off by D + 6.
    rounding: (D) => (0.37 * (D + 6) + 2) * U * 1.01 + 2 ** -1000,
    definite: true,
  },
  laplace: {
    label: 'Laplace',
    formula: "e^{-\\lVert x - x' \\rVert/\\sigma}",
    apply: (x, y, { bandwidth }) => exp(neg(div(sqrt(squaredDistances(x, y)), bandwidth))),
    precisely: (x, y, { bandwidth }) =>
      ball.exp(negate(divideBy(squareRoot(distanceSquare(x, y)), exactly(bandwidth)))),
    rounding: (D) => (0.37 * (D + 6) + 2) * U * 1.01 + 2 ** -1000,
    definite: true,
  },
  polynomial: {
    label: 'polynomial',
    formula: "\\bigl(\\langle x, x' \\rangle/\\sigma^2 + c\\bigr)^p",
    apply: (x, y, { bandwidth, offset, degree }) =>
      power(add(div(matmul(x, y, { transposeB: true }), bandwidth * bandwidth), offset), degree),
    precisely(x, y, { bandwidth, offset, degree }) {
      const inner = x.reduce(
        (sum: Ball, v, j) => plus(sum, times(exactly(v), exactly(y[j]))),
        ZERO,
      );
      const base = plus(divideBy(inner, squareOf(bandwidth)), exactly(offset));
      let out = base;
      for (let k = 1; k < degree; k++) out = times(out, base);
      return out;
    },
    // The base to D + 4 units of ‖x‖‖x′‖/σ² + c ≤ √(k(x, x) k(x′, x′))^(1/p), its power p times that, and p products.
    rounding: (D, { degree }) => degree * (D + 6) * U * 1.01 + 2 ** -1000,
    definite: false,
  },
  'arc-cosine-0': {
    label: 'arc-cosine, degree 0',
    formula: '1 - \\theta/\\pi',
    apply: (x, y) => sub(1, div(angles(x, y).theta, Math.PI)),
    precisely: (x, y) => minus(exactly(1), divideBy(angleBetween(x, y).theta, PI)),
    rounding: (D) => ANGLE_UNITS * (D + 16) * U,
    definite: false,
  },
  'arc-cosine-1': {
    label: 'arc-cosine, degree 1',
    formula:
      "\\tfrac1\\pi \\lVert x \\rVert \\lVert x' \\rVert (\\sin\\theta + (\\pi - \\theta)\\cos\\theta)",
    apply(x, y) {
      const { theta, cosine, sine, norms } = angles(x, y);
      return mul(norms, div(add(sine, mul(sub(Math.PI, theta), cosine)), Math.PI));
    },
    precisely(x, y) {
      const { theta, cosine, sine, norms } = angleBetween(x, y);
      return divideBy(times(norms, plus(sine, times(minus(PI, theta), cosine))), PI);
    },
    rounding: (D) => 2 * ANGLE_UNITS * (D + 16) * U,
    definite: false,
  },
};
