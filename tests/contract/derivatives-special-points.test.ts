import { describe, expect, it } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import {
  abs,
  equal,
  log,
  logsumexp,
  max,
  maximum,
  mul,
  pow,
  select,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  sum,
  sumSquares,
  tanh,
} from '../../src/lib/runtime/ir/ops.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, hessian } from '../../src/lib/runtime/transform/index.ts';
import { derivative, expectClose, run, type Scalar } from './derivative-helpers.ts';

describe('derivatives at special points', () => {
  it('max shares the derivative equally among ties, and its second derivative is zero', () => {
    const inputs = hostFloat([3, 1, 3, 3]);
    const [g, h] = run((x) => [derivative((y) => max(y))(x), hessian((y) => max(y), x)], inputs);
    expectClose(g, [1 / 3, 0, 1 / 3, 1 / 3]);
    expectClose(h, new Array<number>(16).fill(0), 0);
  });

  it('the Hessian of max² is 2·mmᵀ with m the shares', () => {
    const [h] = run((x) => [hessian((y) => mul(max(y), max(y)), x)], hostFloat([2, 5, 5]));
    expectClose(h, [0, 0, 0, 0, 0.5, 0.5, 0, 0.5, 0.5]);
  });

  it('maximum gives each operand half at a tie', () => {
    const [ga, gb] = run(
      (a, b) => grad(([x, y]) => sum(maximum(x, y)))([a, b]),
      hostFloat([1, 2, 3]),
      hostFloat([2, 2, 2]),
    );
    expectClose(ga, [0, 0.5, 1], 0);
    expectClose(gb, [1, 0.5, 0], 0);
  });

  const huge = [-1000, -800, 800, 1000];
  for (const [name, f] of Object.entries<Scalar>({
    tanh,
    sigmoid,
    softplus,
    softmax: (x) => softmax(x),
    logsumexp: (x) => logsumexp(x),
  })) {
    it(`${name} and its first two derivatives are finite for |x| up to 1000`, () => {
      const results = run(
        (x) => [f(x), derivative(f)(x), derivative((y) => mul(derivative(f)(y), 3))(x)],
        hostFloat(huge),
      );
      for (const result of results) expect(result.every(Number.isFinite)).toBe(true);
    });
  }

  it('softplus is x and 0 in the tails, with slopes 1 and 0', () => {
    const [y, g] = run((x) => [softplus(x), derivative(softplus)(x)], hostFloat(huge));
    expectClose(y, [0, 0, 800, 1000], 0);
    expectClose(g, [0, 0, 1, 1], 0);
  });

  it('logsumexp leaves out entries of −∞, and is −∞ if all are', () => {
    const masked = hostFloat([0, -Infinity, 0]);
    const [y, g] = run((x) => [logsumexp(x), derivative((z) => logsumexp(z))(x)], masked);
    expectClose(y, [Math.log(2)]);
    expectClose(g, [0.5, 0, 0.5]);
    const [nothing] = run((x) => [logsumexp(x)], hostFloat([-Infinity, -Infinity]));
    expect(nothing).toEqual([-Infinity]);
  });

  it('an untaken branch of select contributes no NaN', () => {
    const x = hostFloat([0, 4]);
    for (const f of [sqrt, log, (y: Value) => pow(y, 0.5)] as Scalar[]) {
      const safe = (y: Value) => sum(select(equal(y, 0), y, f(y)));
      const [g] = run((y) => [grad(([z]) => safe(z))([y])[0]], x);
      expect(g[0]).toBe(1);
      expect(Number.isFinite(g[1])).toBe(true);
    }
  });

  it('the norm has subgradient 0 at 0, and |x| too', () => {
    const [g, a] = run(
      (x) => [derivative((y) => sqrt(sumSquares(y)))(x), derivative(abs)(x)],
      hostFloat([0, 0]),
    );
    expect(g).toEqual([0, 0]);
    expect(a).toEqual([0, 0]);
  });

  it('whole powers differentiate at 0', () => {
    const [first, second] = run(
      (x) => [derivative((y) => pow(y, 2))(x), derivative(derivative((y) => pow(y, 1)))(x)],
      hostFloat([0]),
    );
    expect(first).toEqual([0]);
    expect(second).toEqual([0]);
  });
});
