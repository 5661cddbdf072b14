import { describe, expect, it } from 'vitest';
import { executeSync } from '../device/cpu64/index.ts';
import { ShapeError, TraceError } from './errors.ts';
import { hostFloat, hostInt, hostScalar } from './host.ts';
import {
  add,
  broadcastTo,
  concat,
  constant,
  gather,
  greater,
  iota,
  loop,
  matmul,
  max,
  mul,
  reshape,
  select,
  slice,
  sum,
  transpose,
} from './ops.ts';
import { uniform } from './random.ts';
import { call, trace } from './trace.ts';
import type { ArrayType, Value } from './types.ts';

const float = (...shape: number[]): ArrayType => ({ shape, dtype: 'float' });
const int = (...shape: number[]): ArrayType => ({ shape, dtype: 'int' });

describe('tracing', () => {
  it('records constants once per literal and equations in order', () => {
    const program = trace((x) => [add(mul(x, 2), mul(x, 2))], [float()]);
    expect(program.equations.map((e) => e.primitive)).toEqual(['mul', 'mul', 'add']);
    expect(program.constants.size).toBe(1);
  });

  it('takes an int literal beside an int, and refuses a fraction there', () => {
    const program = trace((i) => [add(i, 2)], [int()]);
    expect(program.outputs[0].dtype).toBe('int');
    expect(() => trace((i) => [add(i, 0.5)], [int()])).toThrow(
      "add: expected a whole number beside an int operand, got 0.5. Use cast(x, 'float').",
    );
  });

  it('makes a captured value a further input, which call passes on', () => {
    const x = hostScalar(3);
    const program = trace(
      (a) => {
        const inner = trace((b) => [mul(a, b)], [float()]);
        expect(inner.inputs).toHaveLength(2);
        return call(inner, [add(a, 1)]);
      },
      [x],
    );
    expect(executeSync(program, [x])[0].data).toEqual(Float64Array.of(12));
  });

  it('lets a loop body capture values, as constants', () => {
    const program = trace(
      (a, b) =>
        loop({ steps: 3, carry: [b], body: (_i, _c, [c]) => ({ carry: [mul(c, a)] }) }).carry,
      [float(), float()],
    );
    const [equation] = program.equations;
    expect(equation.primitive === 'loop' && equation.params.constants).toBe(1);
    const result = executeSync(program, [hostScalar(2), hostScalar(5)]);
    expect(result[0].data[0]).toBe(40);
  });

  it('throws on operations outside of a trace', () => {
    let leaked: Value | undefined;
    trace((x) => [(leaked = x)], [float()]);
    expect(() => add(leaked as Value, 1)).toThrow(TraceError);
    expect(() => add(leaked as Value, 1)).toThrow('got no active trace');
  });

  it('throws on values of a finished trace', () => {
    let leaked: Value | undefined;
    trace((x) => [(leaked = x)], [float()]);
    expect(() => trace((x) => [add(x, leaked as Value)], [float()])).toThrow(
      'of a finished trace. Pass it as an input.',
    );
  });

  it('recovers after a function that throws', () => {
    expect(() =>
      trace(() => {
        throw new Error('mine');
      }, []),
    ).toThrow('mine');
    expect(() => add(1, 2)).toThrow('got no active trace');
  });
});

describe('shape errors name the operation, what it expects and what it got', () => {
  const cases: [string, () => unknown][] = [
    [
      'add: expected shapes that broadcast (axes equal or 1, aligned to the right), got [2] and [3].',
      () => trace((a, b) => [add(a, b)], [float(2), float(3)]),
    ],
    [
      'add: expected operands of one shape and dtype, got float [2] and int [2].',
      () => trace((a, b) => [add(a, b)], [float(2), int(2)]),
    ],
    [
      'matmul: expected equal inner sizes and equal batch axes, got float [2, 3] and float [2, 3].',
      () => trace((a) => [matmul(a, a)], [float(2, 3)]),
    ],
    [
      'reshape: expected 6 elements, as in [2, 3], got 4 in [2, 2].',
      () => trace((a) => [reshape(a, [2, 2])], [float(2, 3)]),
    ],
    ['sum: expected an axis in [-1, 0], got 1.', () => trace((a) => [sum(a, 1)], [float(2)])],
    [
      'max: expected at least one element to reduce, got float [0].',
      () => trace((a) => [max(a)], [float(0)]),
    ],
    [
      'gather: expected an operand of dtype int, got float [2]. Use cast(x, dtype).',
      () => trace((a) => [gather(a, a)], [float(2)]),
    ],
    [
      'slice: expected start + size within [2], got start [1] and size [2].',
      () => trace((a) => [slice(a, [1], [2])], [float(2)]),
    ],
    [
      'concat: expected operands equal but for axis 0, got float [2] and float [2, 1].',
      () => trace((a, b) => [concat([a, b], 0)], [float(2), float(2, 1)]),
    ],
    [
      'broadcast: expected a shape that [2] repeats to, got [1].',
      () => trace((a) => [broadcastTo(a, [1])], [float(2)]),
    ],
    [
      'transpose: expected a permutation of the 2 axes of [2, 3], got [0, 0].',
      () => trace((a) => [transpose(a, [0, 0])], [float(2, 3)]),
    ],
    [
      'select: expected a condition bool [2], got float [2].',
      () => trace((a) => [select(a, a, a)], [float(2)]),
    ],
    [
      'randomBits: expected a key int [2], got int [3].',
      () => trace((k) => [uniform(k, [2])], [int(3)]),
    ],
    [
      'loop: expected a body that keeps the carry (float []), got (bool []).',
      () =>
        trace(
          (a) =>
            loop({ steps: 2, carry: [a], body: (_i, _c, [c]) => ({ carry: [greater(c, 0)] }) })
              .carry,
          [float()],
        ),
    ],
    [
      'loop: expected sequences with 3 entries on axis 0, got [2].',
      () =>
        trace(
          (a) => loop({ steps: 3, carry: [], sequences: [a], body: () => ({ carry: [] }) }).stacked,
          [float(2)],
        ),
    ],
    ['hostInt: expected whole numbers of 32 bits, got 1.5 at 1.', () => hostInt([1, 1.5])],
    ['hostFloat: expected 4 elements for [2, 2], got 3.', () => hostFloat([1, 2, 3], [2, 2])],
  ];
  it.each(cases)('%s', (message, run) => {
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(message);
  });
});

describe('indices out of range', () => {
  it('are named when the program runs', () => {
    const program = trace((x, i) => [gather(x, i)], [float(2), int(1)]);
    expect(() => executeSync(program, [hostFloat([1, 2]), hostInt([2])])).toThrow(
      'gather(indices): expected 0 ≤ index < 2, got 2.',
    );
  });
});

describe('constants', () => {
  it('of any dtype reach the result unchanged, also as outputs and when broadcast', () => {
    const table = hostInt([1, 2, 3]);
    const program = trace(
      () => [constant(table), broadcastTo(7, [2]), add(iota([3]), constant(table))],
      [],
    );
    const [a, b, c] = executeSync(program, []);
    expect([...a.data]).toEqual([1, 2, 3]);
    expect([...b.data]).toEqual([7, 7]);
    expect([...c.data]).toEqual([1, 3, 5]);
  });
});
