import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import {
  add,
  dot,
  exp,
  logsumexp,
  matmul,
  mul,
  pow,
  sigmoid,
  slice,
  softmax,
  softplus,
  tanh,
} from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { hessian, hvp, jacobian, jvp } from '../../src/lib/runtime/transform/index.ts';
import { derivative, expectClose, run, type Scalar } from './derivative-helpers.ts';

/** The three ways to a second derivative, elementwise. */
const secondDerivatives: Record<string, (f: Scalar) => Scalar> = {
  'reverse over reverse': (f) => derivative(derivative(f)),
  'forward over reverse': (f) => (x) =>
    jvp(([y]) => [derivative(f)(y)], [x], [add(mul(x, 0), 1)])[1][0],
  'reverse over forward': (f) =>
    derivative((x) => jvp(([y]) => [f(y)], [x], [add(mul(x, 0), 1)])[1][0]),
};

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const slope = (x: number): number => logistic(x) * logistic(-x);
const POINTS = [-30, -2.5, -0.7, 0, 0.3, 1.9, 30];

describe('second derivatives equal their closed forms', () => {
  const cases: Record<string, [Scalar, (x: number) => number]> = {
    tanh: [tanh, (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2)],
    sigmoid: [sigmoid, (x) => slope(x) * (1 - 2 * logistic(x))],
    softplus: [softplus, slope],
    'x·sigmoid(x)': [(x) => mul(x, sigmoid(x)), (x) => slope(x) * (2 + x * (1 - 2 * logistic(x)))],
    'x³': [(x) => pow(x, 3), (x) => 6 * x],
    'exp(−x²)': [(x) => exp(mul(mul(x, x), -1)), (x) => (4 * x * x - 2) * Math.exp(-x * x)],
  };
  for (const [name, [f, closed]] of Object.entries(cases)) {
    for (const [way, second] of Object.entries(secondDerivatives)) {
      it(`${name}, ${way}`, () => {
        const [got] = run((x) => [second(f)(x)], hostFloat(POINTS));
        expectClose(got, POINTS.map(closed));
      });
    }
  }

  it('the third derivative of tanh', () => {
    const [got] = run((x) => [derivative(derivative(derivative(tanh)))(x)], hostFloat(POINTS));
    const closed = (x: number) => {
      const t = Math.tanh(x);
      return (1 - t * t) * (6 * t * t - 2);
    };
    expectClose(got, POINTS.map(closed));
  });

  it('the derivative of sigmoid keeps its relative accuracy in both tails', () => {
    const [got] = run((x) => [derivative(sigmoid)(x)], hostFloat([-700, -40, 40, 700]));
    [Math.exp(-700), Math.exp(-40), Math.exp(-40), Math.exp(-700)].forEach((want, i) =>
      expect(Math.abs(got[i] / want - 1)).toBeLessThan(1e-13),
    );
  });
});

const logits = [0.5, -1.2, 2, 0.1];
function probsOf(x: readonly number[]): number[] {
  const weights = x.map((v) => Math.exp(v));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

describe('matrices of derivatives equal their closed forms', () => {
  const p = probsOf(logits);

  it('the Hessian of logsumexp is diag(p) − ppᵀ', () => {
    const [got] = run((x) => [hessian((y) => logsumexp(y), x)], hostFloat(logits));
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    expectClose(got, want);
  });

  it('the Jacobian of softmax is diag(p) − ppᵀ, by rows and by columns', () => {
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    const [columns] = run((x) => [jacobian((y) => softmax(y), x)], hostFloat(logits));
    expectClose(columns, want);
    const [rows] = run((x) => [jacobian((y) => slice(softmax(y), [1], [2]), x)], hostFloat(logits));
    expectClose(rows, want.slice(4, 12));
  });

  it('the second derivative of softmax contracted with u', () => {
    // ∂²/∂xj∂xk Σ ui pi = Σi ui pi ((δij − pj)(δik − pk) − pj(δjk − pk)).
    const u = [1, -2, 0.5, 3];
    const [got] = run(
      (x, w) => [hessian((y) => dot(w, softmax(y)), x)],
      hostFloat(logits),
      hostFloat(u),
    );
    const d = (i: number, j: number) => (i === j ? 1 : 0);
    const want = p.flatMap((pj, j) =>
      p.map((pk, k) =>
        p.reduce(
          (total, pi, i) =>
            total + u[i] * pi * ((d(i, j) - pj) * (d(i, k) - pk) - pj * (d(j, k) - pk)),
          0,
        ),
      ),
    );
    expectClose(got, want);
  });

  it('the Hessian of a quadratic form is A + Aᵀ, and its product with v agrees', () => {
    const a = [2, 1, 0, -1, 3, 0.5, 4, 0, 1];
    const inputs = [hostFloat([1, 2, 3]), hostFloat(a, [3, 3]), hostFloat([1, -1, 2])];
    const [h, hv] = run(
      (x, A, v) => {
        const f = (y: Value) => dot(y, matmul(A, y));
        return [hessian(f, x), hvp(([y]) => f(y), [x], [v])[0]];
      },
      ...inputs,
    );
    const want = a.map((_, k) => a[k] + a[(k % 3) * 3 + Math.floor(k / 3)]);
    expectClose(h, want);
    expectClose(
      hv,
      [0, 1, 2].map((i) => want[3 * i] - want[3 * i + 1] + 2 * want[3 * i + 2]),
    );
  });

  it('a Jacobian between matrices has the shape of the value, then of the variable', () => {
    const x = hostFloat([1, 2, 3, 4, 5, 6], [2, 3]);
    const program = trace((y) => [jacobian((z) => mul(z, z), y)], [x]);
    const [j] = executeSync(program, [x]);
    expect(j.shape).toEqual([2, 3, 2, 3]);
    const want = Array.from({ length: 36 }, (_, k) =>
      Math.floor(k / 6) === k % 6 ? 2 * x.data[k % 6] : 0,
    );
    expectClose([...j.data], want, 0);
  });
});
