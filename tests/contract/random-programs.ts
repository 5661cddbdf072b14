/** Random programs of float vectors, matrices and scalars for property tests. */
import * as fc from 'fast-check';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import * as ops from '../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { ArrayType, HostArray, Program, Value } from '../../src/lib/runtime/ir/types.ts';

const SIZE = 3;
export const PROGRAM_INPUTS: readonly ArrayType[] = [
  { shape: [SIZE], dtype: 'float' },
  { shape: [SIZE, SIZE], dtype: 'float' },
  { shape: [], dtype: 'float' },
];

/** Without the first and the last element. */
const inner = (x: Value): Value => ops.slice(x, [1], [x.shape[0] - 2]);
const cycle = (x: Value): Value => ops.transpose(x, [1, 2, 0]);

/** Bounded functions, so that long chains neither overflow nor amplify rounding much. */
const unaries: readonly ((x: Value) => Value)[] = [
  ops.neg,
  ops.sin,
  ops.tanh,
  ops.sigmoid,
  (x) => ops.mul(x, 1),
  (x) => ops.add(x, 0),
  (x) => ops.neg(ops.neg(x)),
  (x) => ops.transpose(ops.transpose(x)),
  (x) => ops.reshape(ops.reshape(x, [-1, 1]), x.shape),
  (x) => ops.broadcastTo(ops.broadcastTo(ops.mean(x), [2]), [SIZE, 2]),
  (x) => ops.reverse(ops.reverse(x, []), []),
  (x) => ops.mul(ops.logsumexp(x), 0.1),
  (x) => ops.mean(x),
  (x) => ops.stopGradient(x),
  (x) => ops.cumsum(ops.flatten(ops.mul(x, 0.3)), 0, true),
  (x) => inner(inner(ops.concat([ops.flatten(x), ops.cast(ops.iota([4]), 'float')], 0))),
  (x) => ops.pad(ops.flatten(x), [1], [2]),
  (x) =>
    cycle(
      cycle(
        ops.mul(ops.broadcastTo(ops.mean(x), [2, 3, 2]), ops.cast(ops.iota([2, 3, 2], 1), 'float')),
      ),
    ),
  (x) => ops.pow(ops.sigmoid(x), 2),
  () => ops.div(ops.full([SIZE], 0.5), ops.full([SIZE], 2)),
  (x) => (x.shape.length === 2 ? ops.matmul(ops.transpose(x), ops.mul(x, 0.3)) : ops.square(x)),
  (x) =>
    x.shape.length === 1 ? ops.matmul(ops.softmax(x), ops.ones(x.shape)) : ops.softmax(x, []),
  (x) => ops.select(ops.less(x, 0.2), x, ops.sub(0, x)),
  (x) =>
    ops.loop({
      steps: 3,
      carry: [x, ops.mean(x), ops.zerosLike(x)],
      body: (i, _constants, [a, b, unused]) => ({
        carry: [
          ops.sin(ops.add(ops.mul(a, b), ops.cast(i, 'float'))),
          ops.mean(a),
          ops.add(unused, a),
        ],
        stacked: [ops.mul(a, 2), ops.mean(b)],
      }),
    }).carry[0],
];
const binaries: readonly ((a: Value, b: Value) => Value)[] = [
  (a, b) => ops.sin(ops.add(a, b)),
  ops.sub,
  (a, b) => ops.tanh(ops.mul(a, b)),
  ops.maximum,
  ops.minimum,
  (a, b) => ops.sub(a, ops.neg(b)),
  (a, b) => ops.add(ops.mul(a, 0.5), ops.mul(b, -1)),
];

/** One operation: which, and on which of the values so far (counted from the latest). */
const step = fc.record({ op: fc.nat(1000), first: fc.nat(4), second: fc.nat(4) });

function canBroadcast(a: Value, b: Value): boolean {
  const n = Math.min(a.shape.length, b.shape.length);
  return Array.from({ length: n }, (_, k) => [a.shape.at(-1 - k), b.shape.at(-1 - k)]).every(
    ([p, q]) => p === q || p === 1 || q === 1,
  );
}

function build(steps: readonly { op: number; first: number; second: number }[]): Program {
  return trace((...inputs) => {
    const values = [...inputs];
    for (const { op, first, second } of steps) {
      const a = values[Math.max(0, values.length - 1 - first)];
      const b = values[Math.max(0, values.length - 1 - second)];
      const k = op % (unaries.length + binaries.length);
      if (k < unaries.length) values.push(unaries[k](a));
      else if (canBroadcast(a, b)) values.push(binaries[k - unaries.length](a, b));
    }
    // The last few values, some of them twice, and inputs passed through.
    return [...values.slice(-3), values[values.length - 1], values[0]];
  }, PROGRAM_INPUTS);
}

export const programs: fc.Arbitrary<Program> = fc
  .array(step, { minLength: 1, maxLength: 14 })
  .map(build);

const entry = fc.double({ min: -2, max: 2, noNaN: true });
export const programInputs: fc.Arbitrary<HostArray[]> = fc.tuple(
  ...PROGRAM_INPUTS.map(({ shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc
      .array(entry, { minLength: size, maxLength: size })
      .map((data): HostArray => hostFloat(data, shape));
  }),
);
