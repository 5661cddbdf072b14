import { describe, expect, it } from 'vitest';
import { executeSync } from '../device/cpu64/index.ts';
import { hostBool, hostFloat, hostInt } from './host.ts';
import * as ops from './ops.ts';
import { trace } from './trace.ts';
import type { HostArray, Value } from './types.ts';

function run(f: (...xs: Value[]) => Value, ...inputs: HostArray[]): HostArray {
  return executeSync(
    trace((...xs) => [f(...xs)], inputs),
    inputs,
  )[0];
}

const table = hostFloat([1, -2, 3, 0, 5, -6], [2, 3]);

/** Values written out by hand. */
const cases: [string, HostArray, readonly number[], readonly number[]][] = [
  ['mean along an axis', run((x) => ops.mean(x, 0), table), [3], [0.5, 1.5, -1.5]],
  ['mean of all', run((x) => ops.mean(x), table), [], [1 / 6]],
  ['sum that keeps axes', run((x) => ops.sum(x, -1, true), table), [2, 1], [2, -1]],
  ['min along an axis', run((x) => ops.min(x, 1), table), [2], [-2, -6]],
  ['max of all, kept', run((x) => ops.max(x, undefined, true), table), [1, 1], [5]],
  ['argmax by a negative axis', run((x) => ops.argmax(x, -1), table), [2], [2, 1]],
  ['dot of all elements', run((x) => ops.dot(x, x), table), [], [75]],
  ['sumSquares', run((x) => ops.sumSquares(x), table), [], [75]],
  ['relu', run(ops.relu, table), [2, 3], [1, 0, 3, 0, 5, 0]],
  ['clip', run((x) => ops.clip(x, -1, 2), table), [2, 3], [1, -1, 2, 0, 2, -1]],
  ['softThreshold', run((x) => ops.softThreshold(x, 2), table), [2, 3], [0, 0, 1, 0, 3, -4]],
  ['square', run(ops.square, table), [2, 3], [1, 4, 9, 0, 25, 36]],
  ['greater', run((x) => ops.greater(x, 1), table), [2, 3], [0, 0, 1, 0, 1, 0]],
  ['greaterEqual', run((x) => ops.greaterEqual(x, 1), table), [2, 3], [1, 0, 1, 0, 1, 0]],
  ['notEqual', run((x) => ops.notEqual(x, 0), table), [2, 3], [1, 1, 1, 0, 1, 1]],
  ['number first', run((x) => ops.sub(1, x), table), [2, 3], [0, 3, -2, 1, -4, 7]],
  [
    'a row and a column',
    run((r, c) => ops.add(r, c), hostFloat([1, 2, 3]), hostFloat([10, 20], [2, 1])),
    [2, 3],
    [11, 12, 13, 21, 22, 23],
  ],
  [
    'select with a broadcast condition and numbers',
    run((c) => ops.select(c, 1, ops.full([2, 2], 7)), hostBool([1, 0])),
    [2, 2],
    [1, 7, 1, 7],
  ],
  ['oneHot', run((y) => ops.oneHot(y, 3), hostInt([2, 0])), [2, 3], [0, 0, 1, 1, 0, 0]],
  [
    'stack on a new last axis',
    run((x) => ops.stack([x, x], -1), hostInt([1, 2])),
    [2, 2],
    [1, 1, 2, 2],
  ],
  ['expandDims', run((x) => ops.expandDims(x, 1), hostInt([1, 2])), [2, 1], [1, 2]],
  ['squeeze', run((x) => ops.squeeze(x), hostInt([1, 2], [1, 2, 1])), [2], [1, 2]],
  ['flatten', run(ops.flatten, table), [6], [...table.data]],
  ['reshape with −1', run((x) => ops.reshape(x, [3, -1]), table), [3, 2], [...table.data]],
  ['onesLike keeps the dtype', run(ops.onesLike, hostInt([5, 6])), [2], [1, 1]],
  ['iota', run(() => ops.iota([2, 2], -1)), [2, 2], [0, 1, 0, 1]],
  [
    'floorDiv and mod of negatives',
    run((x) => ops.add(ops.mul(ops.floorDiv(x, 3), 10), ops.mod(x, 3)), hostInt([-4, 4])),
    [2],
    [-18, 11],
  ],
  ['int products wrap', run((x) => ops.mul(x, x), hostInt([0x10001, -7])), [2], [0x20001, 49]],
  ['int sums wrap', run((x) => ops.sum(x), hostInt([0x7fffffff, 1])), [], [-0x80000000]],
  ['matmul of two vectors', run((x) => ops.matmul(x, x), hostFloat([1, 2])), [], [5]],
  [
    'matmul by a vector',
    run((x, v) => ops.matmul(x, v), table, hostFloat([1, 1, 1])),
    [2],
    [2, -1],
  ],
  [
    'matmul by a vector on the left',
    run((x, v) => ops.matmul(v, x), table, hostFloat([1, 1])),
    [3],
    [1, 3, -3],
  ],
  [
    'matmul with a transposed matrix and a vector',
    run((x, v) => ops.matmul(x, v, { transposeA: true }), table, hostFloat([1, 1])),
    [3],
    [1, 3, -3],
  ],
  [
    'matmul that broadcasts its batch',
    run((a, b) => ops.matmul(a, b), hostFloat([1, 2, 3, 4], [2, 1, 2]), hostFloat([1, 10], [2, 1])),
    [2, 1, 1],
    [21, 43],
  ],
];

describe('operations', () => {
  it.each(cases)('%s', (_name, result, shape, values) => {
    expect(result.shape).toEqual(shape);
    expect([...result.data].map((x) => x + 0)).toEqual(values);
  });

  it('softmax and logSoftmax normalise along the axis asked for', () => {
    const p = run((x) => ops.softmax(x, 0), table);
    const logP = run((x) => ops.logSoftmax(x, 0), table);
    for (let j = 0; j < 3; j++) {
      expect(p.data[j] + p.data[j + 3]).toBeCloseTo(1, 14);
      expect(p.data[j] / p.data[j + 3]).toBeCloseTo(Math.exp(table.data[j] - table.data[j + 3]), 9);
      expect(logP.data[j]).toBeCloseTo(Math.log(p.data[j]), 12);
    }
  });

  it('NaN passes through relu and max', () => {
    const nan = hostFloat([NaN, 1]);
    expect(run(ops.relu, nan).data[0]).toBeNaN();
    expect(run((x) => ops.max(x), nan).data[0]).toBeNaN();
  });
});
