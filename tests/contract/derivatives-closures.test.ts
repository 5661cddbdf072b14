import { describe, expect, it } from 'vitest';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import {
  add,
  cast,
  matmul,
  mul,
  pow,
  stopGradient,
  sub,
  sum,
  sumSquares,
} from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, jvp, valueAndGrad, vjp } from '../../src/lib/runtime/transform/index.ts';
import { derivative, expectClose, run, type Scalar } from './derivative-helpers.ts';

describe('closures', () => {
  it('grad sees captured values as constants, and an outer grad differentiates through them', () => {
    // d/dx (∂/∂w (w²x³) at w = x) = d/dx 2x⁴ = 8x³.
    const [got] = run((x) => {
      const inner = (y: Value) => grad(([w]) => mul(mul(w, w), pow(y, 3)))([y])[0];
      return [derivative(inner)(x)];
    }, hostScalar(1.5));
    expectClose(got, [8 * 1.5 ** 3]);
  });

  it('nested forward mode does not confuse its perturbations', () => {
    // d/dx (x · d/dy (x + y)) = 1.
    const forward = (f: Scalar) => (x: Value) =>
      jvp(([y]) => [f(y)], [x], [add(mul(x, 0), 1)])[1][0];
    const [got] = run(
      (x) => [forward((y) => mul(y, forward((z) => add(y, z))(y)))(x)],
      hostScalar(2),
    );
    expect(got).toEqual([1]);
  });

  it('gives zeros for variables a function ignores', () => {
    const [a, b] = run(
      (x, y) => grad(([u]) => sum(mul(u, 2)))([x, y]),
      hostFloat([1, 2]),
      hostFloat([3]),
    );
    expect(a).toEqual([2, 2]);
    expect(b).toEqual([0]);
  });

  it('stopGradient cuts the derivative but not the value', () => {
    const [v, g] = run((x) => {
      const [value, [gradient]] = valueAndGrad(([y]) => mul(y, stopGradient(y)))([x]);
      return [value, gradient];
    }, hostScalar(3));
    expect([v, g]).toEqual([[9], [3]]);
  });

  it('vjp builds nothing for inputs that are not differentiated', () => {
    const types = [hostFloat(new Float64Array(6), [2, 3]), hostFloat(new Float64Array(3))];
    const program = trace((X, w) => grad(([v]) => sumSquares(matmul(X, v)))([w]), types);
    const shapes = program.equations.flatMap((e) =>
      e.primitive === 'matmul' ? [e.outputs[0].shape] : [],
    );
    expect(shapes).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });
});

describe('misuse', () => {
  const F = { shape: [2], dtype: 'float' } as const;

  it('grad of a vector names what it expects', () => {
    expect(() => trace((x) => grad(([y]) => y)([x]), [F])).toThrow(
      'grad: expected a function with a float scalar as value, got float [2]. Use vjp or jacobian.',
    );
  });

  it('grad by an int names the variable', () => {
    expect(() =>
      trace((x) => grad(([y]) => sum(cast(y, 'float')))([x]), [{ shape: [2], dtype: 'int' }]),
    ).toThrow('grad: expected float variables to differentiate by, got int [2]');
  });

  it('jvp and vjp check the types of what they push', () => {
    expect(() => trace((x) => jvp(([y]) => [y], [x], [sum(x)])[1], [F])).toThrow(
      'jvp: expected tangents of types (float [2]), got (float [])',
    );
    expect(() => trace((x) => vjp(([y]) => [sub(y, 1)], [x])[1]([sum(x)]), [F])).toThrow(
      'vjp: expected cotangents of types (float [2]), got (float [])',
    );
  });
});
