/**
 * Every primitive once more, by its definition: element by element over multi-indices, with no regard to speed. An
 * oracle for the kernels of cpu64, which use strides, blocks and shared buffers.
 */
import { primitives } from '../../src/lib/runtime/ir/primitives/index.ts';
import type { SimpleName } from '../../src/lib/runtime/ir/primitives/rule.ts';
import { sizeOf } from '../../src/lib/runtime/ir/shape.ts';
import type {
  EquationOf,
  HostArray,
  PrimitiveParams,
  Program,
  Shape,
} from '../../src/lib/runtime/ir/types.ts';
import { permuted, threefry } from './naive-random.ts';
import { tableau } from './naive-transport.ts';

interface Plain {
  shape: Shape;
  dtype: HostArray['dtype'];
  data: number[];
}

/** All multi-indices of a shape, in row-major order. */
function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, n) =>
      prefixes.flatMap((prefix) => Array.from({ length: n }, (_, i) => [...prefix, i])),
    [[]],
  );
}

function at(x: Plain, index: readonly number[]): number {
  const offset = index.reduce((total, i, axis) => total * x.shape[axis] + i, 0);
  return x.data[offset];
}

type Element = (index: number[], inputs: Plain[]) => number;
type Oracle<P extends SimpleName> = (params: PrimitiveParams[P], inputs: Plain[]) => Element;

const map =
  (f: (...xs: number[]) => number): (() => Element) =>
  () =>
  (index, inputs) =>
    f(...inputs.map((x) => at(x, index)));

/** Elements of x that a reduction over `axes` combines into the element `kept` of the output. */
function fibre(x: Plain, axes: readonly number[], kept: readonly number[]): number[] {
  return indices(x.shape)
    .filter((index) => {
      const rest = index.filter((_, axis) => !axes.includes(axis));
      return rest.every((i, axis) => i === kept[axis]);
    })
    .map((index) => at(x, index));
}

/** Simpson's rule on 2000 intervals. */
function erfByQuadrature(x: number): number {
  const n = 2000;
  const h = x / n;
  let total = 0;
  for (let i = 0; i <= n; i++) {
    const weight = i === 0 || i === n ? 1 : i % 2 ? 4 : 2;
    total += weight * Math.exp(-((i * h) ** 2));
  }
  return (2 / Math.sqrt(Math.PI)) * (h / 3) * total;
}

const bool = (x: boolean): number => (x ? 1 : 0);
const wrap = (x: number): number => Number(BigInt.asIntN(32, BigInt(x)));

const oracles: { [P in SimpleName]: Oracle<P> } = {
  neg: map((x) => 0 - x),
  abs: map((x) => (x < 0 ? -x : x)),
  sign: map((x) => bool(x > 0) - bool(x < 0)),
  exp: map((x) => Math.E ** x),
  expm1: map((x) => Math.E ** x - 1),
  log: map((x) => Math.log2(x) * Math.LN2),
  log1p: map((x) => Math.log2(1 + x) * Math.LN2),
  sqrt: map((x) => x ** 0.5),
  sin: map((x) => Math.cos(x - Math.PI / 2)),
  cos: map((x) => Math.sin(x + Math.PI / 2)),
  tanh: map((x) => 1 - 2 / (Math.exp(2 * x) + 1)),
  sigmoid: map((x) => Math.exp(x) / (1 + Math.exp(x))),
  softplus: map((x) => Math.log(1 + Math.exp(x))),
  erf: map(erfByQuadrature),
  floor: map((x) => x - (((x % 1) + 1) % 1)),
  not: map((x) => bool(x === 0)),
  stopGradient: map((x) => x),
  cast: ({ dtype }) =>
    map((x) => (dtype === 'bool' ? bool(x !== 0) : dtype === 'int' ? Math.trunc(x) : x))(),
  add: map((a, b) => a + b),
  sub: map((a, b) => a - b),
  mul: map((a, b) => a * b),
  div: map((a, b) => a * b ** -1),
  pow: map((a, b) => a ** b),
  maximum: map((a, b) => (a > b ? a : b)),
  minimum: map((a, b) => (a < b ? a : b)),
  floorDiv: map((a, b) => Math.floor(a / b)),
  mod: map((a, b) => a - b * Math.floor(a / b)),
  less: map((a, b) => bool(b > a)),
  lessEqual: map((a, b) => bool(!(a > b))),
  equal: map((a, b) => bool(a === b)),
  and: map((a, b) => bool(a + b === 2)),
  or: map((a, b) => bool(a + b > 0)),
  select: map((c, a, b) => c * a + (1 - c) * b),
  sum:
    ({ axes }) =>
    (index, [x]) =>
      fibre(x, axes, index).reduce((a, b) => a + b, 0),
  max:
    ({ axes }) =>
    (index, [x]) =>
      fibre(x, axes, index).sort((a, b) => b - a)[0],
  argmax:
    ({ axis }) =>
    (index, [x]) => {
      const values = fibre(x, [axis], index);
      return values.indexOf([...values].sort((a, b) => b - a)[0]);
    },
  logsumexp:
    ({ axes }) =>
    (index, [x]) =>
      Math.log(fibre(x, axes, index).reduce((total, value) => total + Math.exp(value), 0)),
  cumsum:
    ({ axis, reverse }) =>
    (index, [x]) => {
      const line = fibre(
        x,
        [axis],
        index.filter((_, a) => a !== axis),
      );
      const part = reverse ? line.slice(index[axis]) : line.slice(0, index[axis] + 1);
      return part.reduce((a, b) => a + b, 0);
    },
  reshape:
    ({ shape }) =>
    (index, [x]) =>
      x.data[at({ ...x, shape, data: [...x.data.keys()] }, index)],
  transpose:
    ({ permutation }) =>
    (index, [x]) =>
      at(
        x,
        x.shape.map((_, axis) => index[permutation.indexOf(axis)]),
      ),
  broadcast:
    ({ shape }) =>
    (index, [x]) => {
      const offset = shape.length - x.shape.length;
      return at(
        x,
        x.shape.map((n, axis) => (n === 1 ? 0 : index[axis + offset])),
      );
    },
  slice:
    ({ start }) =>
    (index, [x]) =>
      at(
        x,
        index.map((i, axis) => i + start[axis]),
      ),
  pad:
    ({ before }) =>
    (index, [x]) => {
      const from = index.map((i, axis) => i - before[axis]);
      return from.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, from) : 0;
    },
  concat:
    ({ axis }) =>
    (index, inputs) => {
      let i = index[axis];
      for (const x of inputs) {
        if (i < x.shape[axis]) return at(x, index.with(axis, i));
        i -= x.shape[axis];
      }
      return NaN;
    },
  reverse:
    ({ axes }) =>
    (index, [x]) =>
      at(
        x,
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
      ),
  iota:
    ({ axis }) =>
    (index) =>
      index[axis],
  gather:
    () =>
    (index, [x, rows]) => {
      const rank = rows.shape.length;
      return at(x, [at(rows, index.slice(0, rank)), ...index.slice(rank)]);
    },
  scatterAdd:
    () =>
    (index, [rows, updates]) =>
      indices(rows.shape)
        .filter((position) => at(rows, position) === index[0])
        .reduce((total, position) => total + at(updates, [...position, ...index.slice(1)]), 0),
  matmul:
    ({ transposeA, transposeB }) =>
    (index, [a, b]) => {
      const lead = index.slice(0, -2);
      const [row, column] = index.slice(-2);
      const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)];
      let total = 0;
      for (let p = 0; p < inner; p++) {
        const left = at(a, [...lead, ...(transposeA ? [p, row] : [row, p])]);
        total += left * at(b, [...lead, ...(transposeB ? [column, p] : [p, column])]);
      }
      return total;
    },
  transport: (_params, [cost, a, b]) => {
    const [n, m] = cost.shape;
    const values = tableau(
      Array.from({ length: n }, (_, i) => cost.data.slice(i * m, (i + 1) * m)),
      a.data,
      b.data,
    );
    return ([i, j]) => values[i][j];
  },
  randomBits:
    ({ shape, bits }) =>
    (index, [key]) => {
      const i = index.reduce((total, k, axis) => total * shape[axis] + k, 0);
      return Number(threefry(key.data, [Math.floor(i / 2), 0])[i % 2] >> BigInt(32 - bits));
    },
  randomPermutation:
    ({ n }) =>
    (index, [key, positions]) =>
      permuted(key.data, at(positions, index), n),
};

function evaluate<P extends SimpleName>(equation: EquationOf<P>, inputs: Plain[]): Plain {
  const { primitive, params } = equation;
  const [{ shape, dtype }] = primitives[primitive].shape(params, equation.inputs);
  const element = oracles[primitive](params, inputs);
  const data = indices(shape).map((index) => element(index, inputs));
  return { shape, dtype, data: dtype === 'int' ? data.map(wrap) : data };
}

/** Runs a program equation by equation; loops by their definition. */
export function runNaively(program: Program, inputs: readonly Plain[]): Plain[] {
  const env = new Map<number, Plain>();
  program.inputs.forEach((input, k) => env.set(input.id, inputs[k]));
  for (const [id, host] of program.constants) env.set(id, toPlain(host));
  const read = ({ id }: { id: number }): Plain => {
    const value = env.get(id);
    if (!value) throw new Error(`value %${id} is undefined`);
    return value;
  };
  for (const equation of program.equations) {
    const operands = equation.inputs.map(read);
    const results =
      equation.primitive === 'loop' ? runLoop(equation, operands) : [evaluate(equation, operands)];
    equation.outputs.forEach((output, k) => env.set(output.id, results[k]));
  }
  return program.outputs.map(read);
}

function runLoop({ params, outputs }: EquationOf<'loop'>, inputs: readonly Plain[]): Plain[] {
  const { steps, body, constants, carry, reverse } = params;
  let state = inputs.slice(constants, constants + carry);
  const rows: number[][][] = outputs.slice(carry).map(() => []);
  const order = Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i));
  for (const i of order) {
    const slices = inputs.slice(constants + carry).map((x): Plain => {
      const shape = x.shape.slice(1);
      const size = sizeOf(shape);
      return { shape, dtype: x.dtype, data: x.data.slice(i * size, (i + 1) * size) };
    });
    const index: Plain = { shape: [], dtype: 'int', data: [i] };
    const results = runNaively(body, [index, ...inputs.slice(0, constants), ...state, ...slices]);
    state = results.slice(0, carry);
    results.slice(carry).forEach((x, k) => (rows[k][i] = x.data));
  }
  const stacked = rows.map((list, k): Plain => {
    const { shape, dtype } = outputs[carry + k];
    return { shape, dtype, data: list.flat() };
  });
  return [...state, ...stacked];
}

export function toPlain({ shape, dtype, data }: HostArray): Plain {
  return { shape, dtype, data: [...data] };
}
