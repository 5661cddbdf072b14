import { describe, expect, it } from 'vitest';
import { hostFloat, hostInt, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import {
  add,
  cast,
  constant,
  div,
  dot,
  loop,
  mul,
  reshape,
  sin,
  slice,
  stopGradient,
  sum,
  sumSquares,
  tanh,
  zeros,
} from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, hvp, jvp, valueAndGrad } from '../../src/lib/runtime/transform/index.ts';
import { derivative, expectClose, run } from './derivative-helpers.ts';

describe('loops', () => {
  type Recurrence = (x: Value, w: Value) => Value;
  const STEPS = 7;
  const step = (c: Value, w: Value, s: Value, i: Value): Value =>
    sin(add(add(mul(c, w), s), mul(cast(i, 'float'), 0.3)));
  const table = Array.from({ length: STEPS * 2 }, (_, k) => Math.cos(k));

  const looped =
    (checkpoint: number, reverse: boolean): Recurrence =>
    (x, w) => {
      const sequence = mul(constant(hostFloat(table, [STEPS, 2])), sum(w));
      const result = loop({
        steps: STEPS,
        checkpoint,
        reverse,
        carry: [x],
        sequences: [sequence],
        body: (i, _constants, [c], [s]) => {
          const next = step(c, w, s, i);
          return { carry: [next], stacked: [mul(next, w)] };
        },
      });
      return add(sum(result.carry[0]), sumSquares(result.stacked[0]));
    };
  const unrolled =
    (reverse: boolean): Recurrence =>
    (x, w) => {
      const sequence = mul(constant(hostFloat(table, [STEPS, 2])), sum(w));
      let [c, total] = [x, zeros([])];
      for (let n = 0; n < STEPS; n++) {
        const i = reverse ? STEPS - 1 - n : n;
        const s = reshape(slice(sequence, [i, 0], [1, 2]), [2]);
        c = step(c, w, s, constant(hostInt([i], [])));
        total = add(total, sumSquares(mul(c, w)));
      }
      return add(sum(c), total);
    };
  /** Values, gradients, Hessian products and reverse-over-reverse, by every variable. */
  const all = (f: Recurrence) => (x: Value, w: Value, v: Value) => {
    const g = (xs: readonly Value[]) => f(xs[0], xs[1]);
    const [value, gradients] = valueAndGrad(g)([x, w]);
    const directional = ([a, b]: readonly Value[]) =>
      grad(g)([a, b]).reduce((total, y) => add(total, dot(y, v)), zeros([]));
    return [value, ...gradients, ...hvp(g, [x, w], [v, w]), ...grad(directional)([x, w])];
  };
  const inputs = [hostFloat([0.3, -0.4]), hostFloat([0.5, 1.2]), hostFloat([1, 2])];

  for (const reverse of [false, true]) {
    for (const checkpoint of [1, 2, 3, 7, 20]) {
      const label = `${reverse ? 'reversed ' : ''}loop with checkpoint ${checkpoint}`;
      it(`a ${label} and captured weights has the derivatives of the unrolled program`, () => {
        const want = run(all(unrolled(reverse)), ...inputs);
        const got = run(all(looped(checkpoint, reverse)), ...inputs);
        got.forEach((x, k) => expectClose(x, want[k]));
      });
    }
  }

  it('checkpoints store fewer carries', () => {
    const savedRows = (checkpoint: number) => {
      const n = 64;
      const program = trace(
        (x) =>
          grad(([y]) =>
            sum(
              loop({
                steps: n,
                checkpoint,
                carry: [y],
                body: (_i, _c, [c]) => ({ carry: [tanh(c)] }),
              }).carry[0],
            ),
          )([x]),
        [hostFloat([1, 2])],
      );
      const forward = program.equations.find((e) => e.primitive === 'loop');
      return forward?.outputs[1]?.shape[0];
    };
    expect(savedRows(1)).toBe(64);
    expect(savedRows(8)).toBe(8);
  });

  it('a carry that starts inactive gets its derivative from later steps', () => {
    const [got] = run(
      (w) =>
        grad(
          ([v]) =>
            loop({
              steps: 3,
              carry: [zeros([]), zeros([])],
              body: (_i, _c, [a, b]) => ({ carry: [add(b, v), mul(add(a, v), v)] }),
            }).carry[0],
        )([w]),
      hostScalar(0.7),
    );
    // a₁ = v, b₁ = v²; a₂ = v² + v, b₂ = 2v²; a₃ = 2v² + v.
    expectClose(got, [4 * 0.7 + 1]);
  });

  it('a carry may become active two steps after the variable enters', () => {
    const f = (v: Value) =>
      loop({
        steps: 4,
        carry: [zeros([]), zeros([]), zeros([])],
        body: (_i, _c, [, b, c]) => ({ carry: [b, add(mul(b, 0), c), add(c, mul(v, v))] }),
      }).carry[0];
    // c runs v², 2v², …; b and a follow one and two steps behind.
    const [first, forward] = run(
      (v) => [derivative(f)(v), jvp(([x]) => [f(x)], [v], [add(mul(v, 0), 1)])[1][0]],
      hostScalar(0.7),
    );
    expectClose(first, [4 * 0.7]);
    expectClose(forward, [4 * 0.7]);
  });

  it('a carry that the body overwrites has derivative 0 after some steps and 1 after none', () => {
    const f = (steps: number) => (x: Value) =>
      loop({ steps, carry: [x], body: (_i, _c, [c]) => ({ carry: [mul(stopGradient(c), 2)] }) })
        .carry[0];
    for (const [steps, want] of [
      [0, 1],
      [3, 0],
    ]) {
      const [reverse, forward] = run(
        (x) => [
          derivative(f(steps))(x),
          jvp(([y]) => [f(steps)(y)], [x], [add(mul(x, 0), 1)])[1][0],
        ],
        hostScalar(5),
      );
      expect([reverse, forward]).toEqual([[want], [want]]);
    }
  });

  it('loops inside of loops differentiate', () => {
    // Σ over outer of inner product x^3 three times: ((x³)³)³ is x^27.
    const cube = (x: Value) =>
      loop({
        steps: 2,
        carry: [x],
        body: (_i, _c, [c]) => ({ carry: [mul(c, x)] }),
      }).carry[0];
    const f = (x: Value) =>
      loop({ steps: 3, carry: [x], body: (_i, _c, [c]) => ({ carry: [cube(c)] }) }).carry[0];
    const [first, second] = run(
      (x) => [derivative(f)(x), derivative(derivative(f))(x)],
      hostScalar(1.1),
    );
    expectClose(first, [27 * 1.1 ** 26]);
    expectClose(second, [27 * 26 * 1.1 ** 25]);
  });

  it('Newton iteration for a root has the derivative of the root', () => {
    const root = (a: Value) =>
      loop({
        steps: 30,
        checkpoint: 5,
        carry: [a],
        body: (_i, _c, [x]) => ({ carry: [mul(0.5, add(x, div(a, x)))] }),
      }).carry[0];
    const [value, first, second] = run(
      (a) => [root(a), derivative(root)(a), derivative(derivative(root))(a)],
      hostScalar(2),
    );
    expectClose(value, [Math.SQRT2]);
    expectClose(first, [0.5 / Math.SQRT2]);
    expectClose(second, [-0.25 * 2 ** -1.5]);
  });
});
