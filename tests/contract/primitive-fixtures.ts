/**
 * Small inputs for every primitive, at any size, with variants of its parameters. Derivatives and devices are checked
 * on them. Values lie away from kinks and jumps, unless the name of the fixture says otherwise.
 */
import { hostInt } from '../../src/lib/runtime/ir/host.ts';
import {
  add,
  cast,
  greater,
  loop,
  mul,
  select,
  sin,
  sub,
  sum,
  tanh,
} from '../../src/lib/runtime/ir/ops.ts';
import { hostKey } from '../../src/lib/runtime/ir/random.ts';
import { emit } from '../../src/lib/runtime/ir/trace.ts';
import type { PrimitiveName } from '../../src/lib/runtime/ir/types.ts';
import {
  binary,
  bools,
  fill,
  type Fixture,
  fixture,
  floats,
  ints,
  named,
  one,
  type Plain,
  unary,
} from './fixture-builders.ts';

export type { Fixture } from './fixture-builders.ts';

/** Fixtures whose leading size is n; n = 0, 1, odd and large are all meaningful. */
export const primitiveFixtures: { [P in PrimitiveName]: (n: number) => Fixture[] } = {
  neg: (n) => [unary('neg', floats(1, [n, 3])), unary('neg', ints(1, [n], -9, 9))],
  abs: (n) => [unary('abs', floats(2, [n, 3])), unary('abs', ints(2, [n], -9, 9))],
  sign: (n) => [unary('sign', floats(3, [n, 3])), unary('sign', ints(3, [n], -2, 2))],
  exp: (n) => [unary('exp', floats(4, [n, 3]))],
  expm1: (n) => [unary('expm1', floats(5, [n, 3]))],
  log: (n) => [unary('log', floats(6, [n, 3], 0.3, 4))],
  log1p: (n) => [unary('log1p', floats(7, [n, 3], -0.6, 4))],
  sqrt: (n) => [unary('sqrt', floats(8, [n, 3], 0.3, 4))],
  sin: (n) => [unary('sin', floats(9, [n, 3]))],
  cos: (n) => [unary('cos', floats(10, [n, 3]))],
  tanh: (n) => [unary('tanh', floats(11, [n, 3]))],
  sigmoid: (n) => [unary('sigmoid', floats(12, [n, 3]))],
  softplus: (n) => [unary('softplus', floats(13, [n, 3]))],
  erf: (n) => [unary('erf', floats(14, [n, 3]))],
  floor: (n) => [unary('floor', floats(15, [n, 3], -3, 3))],
  not: (n) => [unary('not', bools(16, [n, 3]))],
  stopGradient: (n) => [
    { ...unary('stopGradient', floats(17, [n, 3])), derivative: 'zero' },
    unary('stopGradient', ints(17, [n], -9, 9)),
  ],
  cast: (n) => [
    named('float to float', fixture('cast', { dtype: 'float' }, floats(18, [n]))),
    named('float to int', fixture('cast', { dtype: 'int' }, floats(18, [n], -5, 5))),
    named('float to bool', fixture('cast', { dtype: 'bool' }, floats(18, [n]))),
    named('int to float', fixture('cast', { dtype: 'float' }, ints(18, [n], -9, 9))),
    named('int to bool', fixture('cast', { dtype: 'bool' }, ints(18, [n], -1, 1))),
    named('bool to float', fixture('cast', { dtype: 'float' }, bools(18, [n]))),
    named('bool to int', fixture('cast', { dtype: 'int' }, bools(18, [n]))),
  ],

  add: (n) => arithmetic('add', n),
  sub: (n) => arithmetic('sub', n),
  mul: (n) => arithmetic('mul', n),
  div: (n) => [binary('div', floats(20, [n, 3]), floats(21, [n, 3], 0.5, 2))],
  pow: (n) => [
    binary('pow', floats(22, [n, 3], 0.4, 2), floats(23, [n, 3])),
    {
      name: 'whole exponents, bases of both signs',
      inputs: [floats(24, [n, 3])],
      apply: ([x]) => [3, 2, 1].map((k) => one('pow', {}, x, fill(x, k))),
    },
  ],
  maximum: (n) => arithmetic('maximum', n),
  minimum: (n) => arithmetic('minimum', n),
  floorDiv: (n) => [
    binary('floorDiv', ints(25, [n], -20, 20), ints(26, [n], 1, 5)),
    named('negative', binary('floorDiv', ints(25, [n], -20, 20), ints(26, [n], -5, -1))),
  ],
  mod: (n) => [
    binary('mod', ints(27, [n], -20, 20), ints(28, [n], 1, 5)),
    named('negative', binary('mod', ints(27, [n], -20, 20), ints(28, [n], -5, -1))),
  ],
  less: (n) => comparison('less', n),
  lessEqual: (n) => comparison('lessEqual', n),
  equal: (n) => [...comparison('equal', n), binary('equal', bools(29, [n]), bools(30, [n]))],
  and: (n) => [binary('and', bools(31, [n, 3]), bools(32, [n, 3]))],
  or: (n) => [binary('or', bools(33, [n, 3]), bools(34, [n, 3]))],
  select: (n) => [
    fixture('select', {}, bools(35, [n, 3]), floats(36, [n, 3]), floats(37, [n, 3])),
    fixture('select', {}, bools(35, [n]), ints(36, [n], -9, 9), ints(37, [n], -9, 9)),
  ],

  sum: (n) => [
    ...reductions('sum', n, [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]),
    fixture('sum', { axes: [0] }, ints(38, [n, 3], -9, 9)),
  ],
  max: (n) => [
    ...reductions('max', n, [[1], [2], [1, 2], ...(n > 0 ? [[0], [0, 2]] : [])]),
    fixture('max', { axes: [1] }, ints(39, [n, 3], -9, 9)),
  ],
  argmax: (n) => [
    ...[1, 2, ...(n > 0 ? [0] : [])].map((axis) =>
      named(`axis ${axis}`, fixture('argmax', { axis }, floats(40, [n, 2, 3]))),
    ),
    named('ties', fixture('argmax', { axis: 1 }, ints(41, [n, 6], 0, 1))),
  ],
  logsumexp: (n) => reductions('logsumexp', n, [[1], [2], [1, 2], ...(n > 0 ? [[0], [0, 2]] : [])]),
  cumsum: (n) => [
    ...[0, 1].flatMap((axis) =>
      [false, true].map((reverse) =>
        named(
          `axis ${axis}${reverse ? ' reversed' : ''}`,
          fixture('cumsum', { axis, reverse }, floats(42, [n, 3])),
        ),
      ),
    ),
    fixture('cumsum', { axis: 0, reverse: false }, ints(43, [n], -9, 9)),
  ],

  reshape: (n) => [
    fixture('reshape', { shape: [3, n, 2] }, floats(44, [n, 6])),
    fixture('reshape', { shape: [n * 2] }, ints(44, [2, n], -9, 9)),
  ],
  transpose: (n) => [
    ...[
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
    ].map((permutation) =>
      named(
        `to axes ${permutation.join(' ')}`,
        fixture('transpose', { permutation }, floats(45, [n, 2, 3])),
      ),
    ),
    named(
      'four axes',
      fixture('transpose', { permutation: [2, 0, 3, 1] }, floats(45, [n, 2, 3, 2])),
    ),
    named('bool matrix', fixture('transpose', { permutation: [1, 0] }, bools(45, [n, 3]))),
  ],
  broadcast: (n) => [
    named('scalar', fixture('broadcast', { shape: [n, 2] }, floats(46, []))),
    named('row', fixture('broadcast', { shape: [n, 3] }, floats(46, [3]))),
    named('column', fixture('broadcast', { shape: [n, 3] }, floats(46, [n, 1]))),
    named('middle', fixture('broadcast', { shape: [2, n, 3] }, floats(46, [2, 1, 3]))),
    named('around', fixture('broadcast', { shape: [2, 3, n, 2] }, floats(46, [3, 1, 2]))),
    named('int', fixture('broadcast', { shape: [2, n] }, ints(46, [n], -9, 9))),
  ],
  slice: (n) => [
    named(
      'rows',
      fixture(
        'slice',
        { start: [Math.min(1, n), 0], size: [Math.max(0, n - 1), 3] },
        floats(47, [n, 3]),
      ),
    ),
    named('columns', fixture('slice', { start: [0, 1], size: [n, 2] }, floats(47, [n, 4]))),
    named('nothing', fixture('slice', { start: [0, 1], size: [n, 0] }, floats(47, [n, 4]))),
    named('int', fixture('slice', { start: [1, 0], size: [1, n] }, ints(47, [3, n], -9, 9))),
  ],
  pad: (n) => [
    fixture('pad', { before: [1, 0], after: [2, 1] }, floats(48, [n, 3])),
    fixture('pad', { before: [0, 2], after: [0, 0] }, ints(48, [n, 2], -9, 9)),
  ],
  concat: (n) => [
    named('rows', fixture('concat', { axis: 0 }, floats(49, [n, 3]), floats(50, [2, 3]))),
    named(
      'columns',
      fixture('concat', { axis: 1 }, floats(49, [n, 3]), floats(50, [n, 1]), floats(51, [n, 2])),
    ),
    named('int', fixture('concat', { axis: 0 }, ints(49, [n], -9, 9), ints(50, [n], -9, 9))),
  ],
  reverse: (n) => [
    ...[[0], [1], [0, 2]].map((axes) =>
      named(`axes ${axes.join(' ')}`, fixture('reverse', { axes }, floats(52, [n, 2, 3]))),
    ),
    named('int', fixture('reverse', { axes: [0] }, ints(52, [n], -9, 9))),
  ],
  iota: (n) => [
    named('rows', fixture('iota', { shape: [n, 3], axis: 0 })),
    named('columns', fixture('iota', { shape: [2, n], axis: 1 })),
  ],

  gather: (n) => [
    named('rows', fixture('gather', {}, floats(53, [4, 3]), ints(54, [n], 0, 3))),
    named('blocks', fixture('gather', {}, floats(53, [4, 2, 2]), ints(54, [n, 2], 0, 3))),
    named('int scalars', fixture('gather', {}, ints(53, [4], -9, 9), ints(54, [n], 0, 3))),
  ],
  scatterAdd: (n) => [
    named('rows', fixture('scatterAdd', { size: 4 }, ints(55, [n], 0, 3), floats(56, [n, 3]))),
    named(
      'index matrix',
      fixture('scatterAdd', { size: 5 }, ints(55, [n, 2], 0, 4), floats(56, [n, 2])),
    ),
    named('int', fixture('scatterAdd', { size: 4 }, ints(55, [n], 0, 3), ints(56, [n], -9, 9))),
  ],

  matmul: (n) => matmuls(n),

  transport: (n) => {
    const weights = (seed: number, size: number) => floats(seed, [size], 0.2, 1);
    const square = Math.min(n, 40) + 2;
    const cases = [
      named(
        'tall',
        fixture('transport', {}, floats(71, [n + 1, 3]), weights(72, n + 1), weights(73, 3)),
      ),
      named(
        'wide',
        fixture('transport', {}, floats(74, [4, n + 1]), weights(75, 4), weights(76, n + 1)),
      ),
      named(
        'square',
        fixture(
          'transport',
          {},
          floats(77, [square, square]),
          weights(78, square),
          weights(79, square),
        ),
      ),
    ];
    return cases.map((of) => ({ ...of, derivative: 'zero' }));
  },

  randomBits: (n) => [
    ...[1, 23, 31].map((bits) =>
      named(
        `${bits} bits`,
        fixture('randomBits', { shape: [n, 3], bits }, hostInt([...hostKey(57)])),
      ),
    ),
  ],
  randomPermutation: (n) => [
    named(
      'of its positions',
      fixture(
        'randomPermutation',
        { n: Math.max(1, n) },
        hostInt([...hostKey(58)]),
        ints(58, [n], 0, Math.max(1, n) - 1),
      ),
    ),
    named(
      'of 1000',
      fixture('randomPermutation', { n: 1000 }, hostInt([...hostKey(59)]), ints(59, [n], 0, 999)),
    ),
  ],

  loop: (n) => loops(n),
};

function arithmetic(primitive: Plain, n: number): Fixture[] {
  return [
    binary(primitive, floats(60, [n, 3]), floats(61, [n, 3])),
    named('same operand twice', {
      ...binary(primitive, floats(60, [n]), floats(60, [n])),
      inputs: [floats(60, [n])],
      apply: ([x]) => emit(primitive, {}, [x, x]),
    }),
    named('scalar', {
      ...binary(primitive, floats(60, [n]), floats(61, [])),
      apply: ([x, s]) => emit(primitive, {}, [x, one('broadcast', { shape: x.shape }, s)]),
    }),
    binary(primitive, ints(62, [n], -9, 9), ints(63, [n], -9, 9)),
  ];
}

function comparison(primitive: Plain, n: number): Fixture[] {
  return [
    binary(primitive, floats(64, [n, 3]), floats(65, [n, 3])),
    binary(primitive, ints(66, [n], -2, 2), ints(67, [n], -2, 2)),
  ];
}

function reductions(
  primitive: 'sum' | 'max' | 'logsumexp',
  n: number,
  variants: readonly (readonly number[])[],
): Fixture[] {
  return variants.map((axes) =>
    named(`axes ${axes.join(' ')}`, fixture(primitive, { axes }, floats(68, [n, 2, 3]))),
  );
}

function matmuls(n: number): Fixture[] {
  const flags = [false, true];
  const cases: Fixture[] = [];
  for (const transposeA of flags) {
    for (const transposeB of flags) {
      const params = { transposeA, transposeB };
      const a = (m: number, k: number, ...lead: number[]) =>
        floats(69, [...lead, ...(transposeA ? [k, m] : [m, k])], -1, 1);
      const b = (k: number, m: number, ...lead: number[]) =>
        floats(70, [...lead, ...(transposeB ? [m, k] : [k, m])], -1, 1);
      const label = `A${transposeA ? 'ᵀ' : ''}·B${transposeB ? 'ᵀ' : ''}`;
      cases.push(
        named(`${label}, tall`, fixture('matmul', params, a(n, 3), b(3, 5))),
        named(`${label}, inner`, fixture('matmul', params, a(3, n), b(n, 2))),
        named(`${label}, vector`, fixture('matmul', params, a(n, 6), b(6, 1))),
        named(`${label}, row`, fixture('matmul', params, a(1, 4), b(4, n))),
        named(`${label}, batch`, fixture('matmul', params, a(5, 3, n), b(3, 2, n))),
        named(`${label}, batches`, fixture('matmul', params, a(1, 3, 2, n), b(3, 4, 2, n))),
      );
    }
  }
  return cases;
}

/** A recurrence with every kind of operand: constants, a float and an int carry, a sequence, stacked outputs. */
function loops(n: number): Fixture[] {
  const variants = [
    { steps: 4, reverse: false, checkpoint: 1 },
    { steps: 4, reverse: true, checkpoint: 1 },
    { steps: 5, reverse: false, checkpoint: 2 },
    { steps: 5, reverse: true, checkpoint: 3 },
    { steps: 3, reverse: false, checkpoint: 8 },
    { steps: 1, reverse: false, checkpoint: 1 },
    { steps: 0, reverse: false, checkpoint: 2 },
  ];
  return variants.map(({ steps, reverse, checkpoint }) => ({
    name: `${steps} steps${reverse ? ' reversed' : ''}, checkpoint ${checkpoint}`,
    inputs: [
      floats(71, [n], 0.2, 1),
      floats(72, [n], -1, 1),
      floats(73, [steps, n], -1, 1),
      ints(74, [], 2, 2),
    ],
    apply: ([w, x, s, count]) => {
      const result = loop({
        steps,
        reverse,
        checkpoint,
        constants: [w],
        carry: [x, count, sum(x)],
        sequences: [s],
        body: (i, [c], [h, k, total], [u]) => {
          // w is also captured, beside being a constant.
          const next = tanh(add(mul(c, h), add(u, sin(mul(w, cast(i, 'float'))))));
          const even = greater(k, 3);
          return {
            carry: [select(even, next, sub(next, 0.1)), add(k, i), add(total, sum(next))],
            stacked: [mul(next, cast(k, 'float')), k],
          };
        },
      });
      return [...result.carry, ...result.stacked];
    },
    float32Slack: 10,
  }));
}
