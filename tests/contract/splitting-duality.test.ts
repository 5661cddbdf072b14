/**
 * Douglas–Rachford on f + g is ADMM on the dual problem, iterate by iterate (Gabay 1983; Eckstein & Bertsekas 1992, section 5).
 *
 * With f(x) = ½xᵀAx − bᵀx and g = λ‖·‖₁ the dual is min_y F(y) + G(y), F(y) = f*(−y) = ½(b − y)ᵀA⁻¹(b − y) and G = g* the indicator of |y| ≤ λ.
 * ADMM with penalty ρ = s, its y-step on F and its z-step on G, has the multiplier s u_{k+1} = p_k where
 *   p_k = prox_{sg}(ω_k),   q_k = prox_{sf}(2p_k − ω_k),   ω_{k+1} = ω_k + q_k − p_k,   ω_0 = prox_{sf}(0):
 * from Moreau’s identity for the step 1/s, s prox of g* at ω/s = ω − prox_{sg}(ω), with ω_k = s(y_{k+1} + u_k).
 */
import { expect, test } from 'vitest';
import type { ObjectiveValue, RegularizerValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { add, constant, expandDims, matmul, mul, squeeze } from '../../src/lib/runtime/ir/ops.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { largestDifference, plan, quadratic, regularizer, run } from './support/problems.ts';

const P = 6;
const S = 0.7;
const LAMBDA = 0.5;

/** Row-major inverse by Gauss–Jordan elimination with pivots on the diagonal, for positive definite matrices. */
function inverse(a: Float64Array): Float64Array {
  const m = Float64Array.from(a);
  const out = Float64Array.from({ length: P * P }, (_, i) => (i % (P + 1) === 0 ? 1 : 0));
  for (let k = 0; k < P; k++) {
    const pivot = m[k * P + k];
    for (let j = 0; j < P; j++) {
      m[k * P + j] /= pivot;
      out[k * P + j] /= pivot;
    }
    for (let i = 0; i < P; i++) {
      if (i === k) continue;
      const factor = m[i * P + k];
      for (let j = 0; j < P; j++) {
        m[i * P + j] -= factor * m[k * P + j];
        out[i * P + j] -= factor * out[k * P + j];
      }
    }
  }
  return out;
}
const times = (a: Float64Array, x: Float64Array): Float64Array =>
  x.map((_, i) => x.reduce((s, v, j) => s + a[i * P + j] * v, 0));

// A = I/2 + MᵀM/P, of condition number about 10.
const m = hostNormal(hostKey(3), P * P);
const A = Float64Array.from({ length: P * P }, (_, e) => {
  const [i, j] = [Math.floor(e / P), e % P];
  let s = i === j ? 0.5 : 0;
  for (let k = 0; k < P; k++) s += (m[k * P + i] * m[k * P + j]) / P;
  return s;
});
const b = Float64Array.from(hostNormal(hostKey(4), P), (x) => 2 * x);
/** (I + sA)⁻¹ */
const resolvent = inverse(A.map((x, e) => S * x + (e % (P + 1) === 0 ? 1 : 0)));

const image = (a: Float64Array, x: Value): Value =>
  squeeze(matmul(constant(hostFloat(a, [P, P])), expandDims(x, 1)), 1);

/** f as a term with the exact prox for the one step size s. */
const quadraticTerm = (l1: RegularizerValue): RegularizerValue => ({
  ...l1,
  title: 'f',
  live: [],
  prox: ([v]) => [image(resolvent, add(v, mul(constant(hostFloat(b)), S)))],
});

test('Douglas–Rachford on a lasso is ADMM on its dual', async () => {
  const base = await quadratic({ dimension: P, condition: 1 });
  const l1 = await regularizer('regularizer/l1-norm', { lambda: LAMBDA }, 'l1');
  const first = times(
    resolvent,
    b.map((x) => S * x),
  );
  const primal: ObjectiveValue = {
    ...base,
    zero: true,
    init: () => [constant(hostFloat(first))],
    value: ([x]) => mul(squeeze(matmul(expandDims(x, 0), expandDims(x, 1))), 0),
    terms: [l1, quadraticTerm(l1)],
    live: l1.live,
  };
  const inverseA = inverse(A);
  const dual: ObjectiveValue = {
    ...base,
    data: [hostFloat(inverseA, [P, P]), hostFloat(times(inverseA, b))],
    terms: [await regularizer('regularizer/box', { lower: -LAMBDA, upper: LAMBDA }, 'box')],
  };
  const dr = await plan('optimizer/douglas-rachford', primal, { stepSize: S });
  // As many conjugate gradient steps as solve the six equations exactly.
  const params = { rho: S, relaxation: 1, balancing: false, innerSteps: 2 * P };
  const admm = await plan('optimizer/admm', dual, params);
  for (const k of [1, 2, 3, 10, 300]) {
    const [ours, theirs] = [await run(dr, k), await run(admm, k)];
    const p = ours.state[1].data;
    const multiplier = theirs.state[2].data.map((u) => S * u);
    expect(largestDifference(multiplier, p)).toBeLessThan(1e-12);
    if (k < 300) continue;
    // And the limit is optimal: ∇f = −λ sign(x) where x is not 0, else at most λ in size.
    const gradient = times(A, Float64Array.from(p)).map((x, i) => x - b[i]);
    for (let i = 0; i < P; i++) {
      if (p[i] !== 0) expect(gradient[i]).toBeCloseTo(-LAMBDA * Math.sign(p[i]), 12);
      else expect(Math.abs(gradient[i])).toBeLessThanOrEqual(LAMBDA);
    }
    expect(Array.from(p).some((x) => x !== 0)).toBe(true);
  }
});
