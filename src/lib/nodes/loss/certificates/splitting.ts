/**
 * min_x ½‖Kx − b‖² + l1‖x‖₁ + (l2/2)‖x‖² + tv·TV(x), l1 or tv positive, by ADMM in float64 on the host.
 *
 *   x⁺ = argmin ½‖Kx − b‖² + (l2/2)‖x‖² + Σ ρ/2 ‖Ax − z + u‖²,  z⁺ = prox_{g/ρ}(Ax⁺ + u),  u⁺ = u + Ax⁺ − z⁺,   A = D, I
 *
 * The linear system is solved by conjugate gradients from the last x. It ends where its duality gap in float64 is small; splitting-proof.ts then
 * proves one. For l1 = l2 = 0 the field p is changed by the q of least norm with Dᵀq = Kᵀr + Dᵀp, after the part of r that sees constants is taken off.
 */
import { lower } from '../../../numerics/ball.ts';
import * as elementary from '../../../numerics/elementary/index.ts';
import type { Certificate, LinearOperator } from '../../../runtime/graph/ports.ts';
import type { HostArray, Shape } from '../../../runtime/ir/types.ts';
import { inner } from '../../../numerics/linear-algebra.ts';
import { gradientOperator } from '../../shared/operators/gradient.ts';
import { hostMap, hostOperator } from '../../shared/operators/host.ts';
import type { HostOperator } from '../../shared/operators/host.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { knownMinimiser } from './known-minimiser.ts';
import { divergencePotential } from './poisson.ts';
import { certificateOf, nonnegative } from './proof.ts';
import { proveSplitting } from './splitting-proof.ts';
import type { PenaltyWeights } from './splitting-proof.ts';

interface Weights {
  readonly l1: number;
  readonly l2: number;
  readonly tv: number;
}

export const MOST_STEPS = 3000;
const CHECK_EVERY = 25;
export const CG_STEPS = 8;
/** Of F. */
const TOLERANCE = 1e-9;
const RELAXATION = 1.8;
/** Of ‖b‖²: below it a misfit is rounding. */
const NOTHING = 1e-28;

const size = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
const plus = (a: Float64Array, s: number, b: Float64Array): Float64Array =>
  a.map((value, i) => value + s * b[i]);

export async function splittingCertificate(
  operator: LinearOperator,
  b: HostArray,
  exact: PenaltyWeights,
  mostSteps: number,
  pacer: Pacer,
): Promise<Certificate> {
  const weights = { l1: exact.l1.hi, l2: exact.l2.hi, tv: exact.tv.hi };
  const { l1, l2, tv } = weights;
  const { input: shape } = operator;
  const K = hostOperator(operator);
  const D = hostOperator(gradientOperator(shape));
  const target = Float64Array.from(b.data);
  const data = K.adjoint(target);
  const [rhoTv, rhoOne] = penalties(weights, data, operator.norm);
  const normal = hostMap((x) => operator.adjoint(operator.apply(x)), shape);
  const shift = l2 + rhoOne;
  const system = (x: Float64Array): Float64Array => {
    let out = plus(normal(x), shift, x);
    if (tv > 0) out = plus(out, rhoTv, D.adjoint(D.apply(x)));
    return out;
  };
  if (l1 === 0 && l2 === 0) {
    // Where the weight is so large that a constant is best, ADMM takes very long to say so.
    const point = bestConstant(K, target, size(shape));
    const value = primalValue(K, D, target, point, weights, shape);
    const field = dualField(
      K,
      D,
      plus(K.apply(point), -1, target),
      D.apply(new Float64Array(size(shape))),
      weights,
      shape,
    );
    const gap = value - dualValue(K, D, target, field, weights, shape);
    if (gap <= TOLERANCE * value + NOTHING * inner(target, target)) {
      return proven(operator, target, exact, point, field.p, 'best constant', pacer);
    }
  }
  let x: Float64Array = new Float64Array(size(shape));
  let z = D.apply(x);
  let u: Float64Array = new Float64Array(z.length);
  let z1: Float64Array = new Float64Array(x.length);
  let u1: Float64Array = new Float64Array(x.length);
  let first = Infinity;
  // Ends at the first check after mostSteps.
  for (let k = 1; ; k++) {
    let right = data;
    if (tv > 0) right = plus(right, rhoTv, D.adjoint(plus(z, -1, u)));
    if (l1 > 0) right = plus(right, rhoOne, plus(z1, -1, u1));
    x = await conjugateGradients(system, right, x, CG_STEPS, pacer);
    if (tv > 0) {
      const relaxed = plus(
        u,
        1,
        D.apply(x).map((v, i) => RELAXATION * v + (1 - RELAXATION) * z[i]),
      );
      z = shrink(relaxed, tv / rhoTv, shape);
      u = plus(relaxed, -1, z);
    }
    if (l1 > 0) {
      const relaxed = plus(
        u1,
        1,
        x.map((v, i) => RELAXATION * v + (1 - RELAXATION) * z1[i]),
      );
      z1 = relaxed.map((v) => Math.sign(v) * Math.max(Math.abs(v) - l1 / rhoOne, 0));
      u1 = plus(relaxed, -1, z1);
    }
    if (k % CHECK_EVERY === 0) {
      // Zeros of the thresholding are exact in z1, not in x.
      const point = l1 > 0 ? z1 : x;
      const value = primalValue(K, D, target, point, weights, shape);
      const r = plus(K.apply(point), -1, target);
      const field = dualField(
        K,
        D,
        r,
        u.map((v) => rhoTv * v),
        weights,
        shape,
      );
      const gap = Math.max(0, value - dualValue(K, D, target, field, weights, shape));
      if (gap <= TOLERANCE * value || k >= mostSteps) {
        return proven(operator, target, exact, point, field.p, `ADMM (${k} steps)`, pacer);
      }
      first = Math.min(first, gap);
      // Digits gained of those wanted.
      pacer.progress(elementary.log(first / gap) / elementary.log(first / (TOLERANCE * value)));
    }
    if (pacer.due()) await pacer.pause();
  }
}

/** argmin ‖Kx − b‖ over constant x. */
function bestConstant(K: HostOperator, b: Float64Array, n: number): Float64Array {
  const flat = K.apply(new Float64Array(n).fill(1));
  const square = inner(flat, flat);
  return new Float64Array(n).fill(square > 0 ? inner(flat, b) / square : 0);
}

/** ρ for D and I: thresholds of a thirtieth of the size of x, some |Kᵀb|/‖K‖². Any ρ > 0 converges. */
function penalties({ l1, tv }: Weights, data: Float64Array, norm: number): [number, number] {
  const range = data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  const size = range / (norm || 1) / (norm || 1);
  return [(30 * tv) / size, (30 * l1) / size];
}

async function conjugateGradients(
  apply: (x: Float64Array) => Float64Array,
  b: Float64Array,
  start: Float64Array,
  steps: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const x = start.slice();
  const r = plus(b, -1, apply(x));
  let p: Float64Array = r.slice();
  let rr = inner(r, r);
  for (let k = 0; k < steps && rr > 0; k++) {
    const image = apply(p);
    const curvature = inner(p, image);
    // p is what rounding left in the null space of a K and D that lose constants.
    if (!(curvature > 0)) break;
    const alpha = rr / curvature;
    for (let i = 0; i < x.length; i++) {
      x[i] += alpha * p[i];
      r[i] -= alpha * image[i];
    }
    const next = inner(r, r);
    p = plus(r, next / rr, p);
    rr = next;
    if (pacer.due()) await pacer.pause();
  }
  return x;
}

/** Lengths of differences: |z_i| of a signal, ‖z_ij‖ of the pairs [2, H, W] of an image. */
function lengths(z: Float64Array, shape: Shape): Float64Array {
  if (shape.length === 1) return z.map(Math.abs);
  const n = size(shape);
  return Float64Array.from({ length: n }, (_, i) => Math.sqrt(z[i] ** 2 + z[n + i] ** 2));
}

function shrink(z: Float64Array, threshold: number, shape: Shape): Float64Array {
  const r = lengths(z, shape);
  return z.map((v, i) => {
    const length = r[i % r.length];
    return length > threshold ? v * (1 - threshold / length) : 0;
  });
}

function primalValue(
  K: HostOperator,
  D: HostOperator,
  b: Float64Array,
  x: Float64Array,
  { l1, l2, tv }: Weights,
  shape: Shape,
): number {
  const r = plus(K.apply(x), -1, b);
  const variation = tv > 0 ? lengths(D.apply(x), shape).reduce((s, v) => s + v, 0) : 0;
  const ones = x.reduce((s, v) => s + Math.abs(v), 0);
  return inner(r, r) / 2 + tv * variation + l1 * ones + (l2 / 2) * inner(x, x);
}

async function proven(
  operator: LinearOperator,
  target: Float64Array,
  weights: PenaltyWeights,
  x: Float64Array,
  field: Float64Array,
  method: string,
  pacer: Pacer,
): Promise<Certificate> {
  const bounds = await proveSplitting(operator, target, weights, x, field, pacer);
  const certificate = certificateOf(nonnegative(bounds), `${method}, duality gap`);
  const c = operator.lowerBound ?? 0;
  const mu = (c * c + lower(weights.l2)) * (1 - 2 ** -48);
  const error = 1.01 * Math.sqrt((2 * certificate.gap) / mu);
  return { ...certificate, ...(mu > 0 && knownMinimiser(x, operator.input, error)) };
}

/** r and p of the dual. */
interface DualPoint {
  readonly r: Float64Array;
  readonly p: Float64Array;
}

/** For l1 = l2 = 0 with Kᵀr + Dᵀp = 0 to rounding. */
function dualField(
  K: HostOperator,
  D: HostOperator,
  residual: Float64Array,
  p: Float64Array,
  { l1, l2 }: Weights,
  shape: Shape,
): DualPoint {
  if (l1 > 0 || l2 > 0) return { r: residual, p };
  const flat = K.apply(new Float64Array(size(shape)).fill(1));
  const square = inner(flat, flat);
  const r = square > 0 ? plus(residual, -inner(residual, flat) / square, flat) : residual;
  let field = p;
  // The second time takes off what the first left to rounding.
  for (let round = 0; round < 2; round++) {
    const e = plus(K.adjoint(r), 1, D.adjoint(field));
    field = plus(field, -1, D.apply(divergencePotential(e, shape)));
  }
  return { r, p: field };
}

/** A lower bound of F* but for rounding. */
function dualValue(
  K: HostOperator,
  D: HostOperator,
  b: Float64Array,
  { r, p: field }: DualPoint,
  { l1, l2, tv }: Weights,
  shape: Shape,
): number {
  const longest = tv > 0 ? lengths(field, shape).reduce((most, v) => Math.max(most, v), 0) : 0;
  const within = longest > tv ? tv / longest : 1;
  let e = K.adjoint(r);
  if (tv > 0) e = plus(e, 1, D.adjoint(field));
  const largest = e.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const scale = l2 === 0 && l1 > 0 && largest > l1 ? Math.min(within, l1 / largest) : within;
  const excess =
    l2 > 0 ? e.reduce((s, v) => s + Math.max(scale * Math.abs(v) - l1, 0) ** 2, 0) / (2 * l2) : 0;
  return -(scale ** 2 * inner(r, r)) / 2 - scale * inner(b, r) - excess;
}
