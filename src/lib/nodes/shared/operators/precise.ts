/** Products with a linear operator and its adjoint in double-double, with bounds of their rounding. */
import type { LinearOperator } from '../../../runtime/graph/ports.ts';
import type { HostArray, Shape } from '../../../runtime/ir/types.ts';
import { roundedUp } from '../../../numerics/ball.ts';
import {
  dot,
  dotError,
  entry,
  normBound,
  setEntry,
  zeroVector,
} from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import * as dd from '../../../numerics/double-double.ts';
import { transposed } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

/** A vector known up to `error`, an upper bound of the Euclidean norm of what it is off. */
export interface KnownVector {
  readonly vector: DoubleDoubleVector;
  readonly error: number;
}

export interface PreciseOperator {
  /** Kx for a double-double x as it stands. */
  apply(x: DoubleDoubleVector, pacer: Pacer): Promise<KnownVector>;
  /** Kᵀy likewise. */
  adjoint(y: DoubleDoubleVector, pacer: Pacer): Promise<KnownVector>;
}

type Product = (x: DoubleDoubleVector, pacer: Pacer) => Promise<KnownVector>;

export function preciseOperator({ entries, input, output }: LinearOperator): PreciseOperator {
  switch (entries.kind) {
    case 'matrix': {
      const [rows, columns] = entries.matrix.shape;
      const across = Float64Array.from(entries.matrix.data);
      let down: Float64Array | undefined;
      return {
        apply: (x, pacer) => times(across, rows, columns, x, pacer),
        adjoint: (y, pacer) =>
          times((down ??= transposed(across, rows, columns)), columns, rows, y, pacer),
      };
    }
    case 'selection': {
      const product: Product = (x) =>
        Promise.resolve({ vector: select(x, entries.kept), error: 0 });
      return { apply: product, adjoint: product };
    }
    case 'axes': {
      const { matrices, kept } = entries;
      const plain = matrices.map(({ data }) => Float64Array.from(data));
      const back = plain.map((a, axis) => transposed(a, input[axis], input[axis]));
      return {
        async apply(x, pacer) {
          const { vector, error } = await alongAxes(plain, input, x, pacer);
          return { vector: select(vector, kept), error };
        },
        adjoint: (y, pacer) => alongAxes(back, input, select(y, kept), pacer),
      };
    }
    case 'differences':
      return {
        apply: (x) => Promise.resolve(differences(x, input)),
        adjoint: (y) => Promise.resolve(sumsBack(y, input, output)),
      };
  }
}

/** Norms of the high parts bound those of the whole. */
export const normOf = ({ hi }: DoubleDoubleVector): number => normBound(hi) * (1 + 2 ** -50);

/** A x for a matrix [rows, columns]. */
async function times(
  a: Float64Array,
  rows: number,
  columns: number,
  x: DoubleDoubleVector,
  pacer: Pacer,
): Promise<KnownVector> {
  const out = zeroVector(rows);
  const size = normOf(x);
  let most = 0;
  for (let i = 0; i < rows; i++) {
    const row = a.subarray(i * columns, (i + 1) * columns);
    setEntry(out, i, dot(row, x));
    most = Math.max(most, dotError(columns, normBound(row) * size));
    if (pacer.due()) await pacer.pause();
  }
  return { vector: out, error: together(most, rows) };
}

/** The norm of as many errors, each at most `most`; squares of them might underflow. */
const together = (most: number, count: number): number => roundedUp(most * Math.sqrt(count));

/** A x, or A x Bᵀ for an image. */
async function alongAxes(
  matrices: readonly Float64Array[],
  shape: Shape,
  x: DoubleDoubleVector,
  pacer: Pacer,
): Promise<KnownVector> {
  const [height, width] = shape.length === 2 ? shape : [1, shape[0]];
  const first = await alongRows(matrices[matrices.length - 1], height, width, x, pacer);
  if (shape.length === 1) return first;
  const turned = flipped(first.vector, height, width);
  const second = await alongRows(matrices[0], width, height, turned, pacer);
  // What the first product is off, the second takes along.
  const error = roundedUp(second.error + normBound(matrices[0]) * first.error);
  return { vector: flipped(second.vector, width, height), error };
}

/** Each row r of [height, width] becomes B r. */
async function alongRows(
  b: Float64Array,
  height: number,
  width: number,
  x: DoubleDoubleVector,
  pacer: Pacer,
): Promise<KnownVector> {
  const out = zeroVector(x.hi.length);
  // Of the longest row.
  let size = 0;
  for (let j = 0; j < width; j++) {
    size = Math.max(size, normBound(b.subarray(j * width, (j + 1) * width)));
  }
  let most = 0;
  for (let i = 0; i < height; i++) {
    const part = (v: Float64Array): Float64Array => v.subarray(i * width, (i + 1) * width);
    const row = { hi: part(x.hi), lo: part(x.lo) };
    for (let j = 0; j < width; j++) {
      setEntry(out, i * width + j, dot(b.subarray(j * width, (j + 1) * width), row));
    }
    most = Math.max(most, dotError(width, size * normOf(row)));
    if (pacer.due()) await pacer.pause();
  }
  return { vector: out, error: together(most, x.hi.length) };
}

function flipped(x: DoubleDoubleVector, rows: number, columns: number): DoubleDoubleVector {
  return { hi: transposed(x.hi, rows, columns), lo: transposed(x.lo, rows, columns) };
}

function select(x: DoubleDoubleVector, kept: HostArray | undefined): DoubleDoubleVector {
  if (!kept) return x;
  return {
    hi: x.hi.map((v, i) => (kept.data[i] === 0 ? 0 : v)),
    lo: x.lo.map((v, i) => (kept.data[i] === 0 ? 0 : v)),
  };
}

function differences(x: DoubleDoubleVector, shape: Shape): KnownVector {
  const [height, width] = shape.length === 2 ? shape : [1, shape[0]];
  const isImage = shape.length === 2;
  const out = zeroVector(isImage ? 2 * height * width : width - 1);
  let most = 0;
  const put = (place: number, after: number, here: number): void => {
    const value = dd.subtract(entry(x, after), entry(x, here));
    setEntry(out, place, value);
    most = Math.max(most, 4 * dd.UNIT * Math.abs(value.hi));
  };
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      if (isImage && i + 1 < height) put(c, c + width, c);
      if (j + 1 < width) put(isImage ? height * width + c : c, c + 1, c);
    }
  }
  return { vector: out, error: together(most, out.hi.length) };
}

function sumsBack(y: DoubleDoubleVector, shape: Shape, output: Shape): KnownVector {
  const [height, width] = shape.length === 2 ? shape : [1, shape[0]];
  const isImage = output.length === 3;
  const right = isImage ? height * width : 0;
  const out = zeroVector(height * width);
  let most = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      let sum = dd.ZERO;
      let size = 0;
      const take = (place: number, sign: number): void => {
        const v = entry(y, place);
        sum = sign > 0 ? dd.add(sum, v) : dd.subtract(sum, v);
        size += Math.abs(v.hi);
      };
      if (isImage && i > 0) take(c - width, 1);
      if (isImage && i + 1 < height) take(c, -1);
      if (j > 0) take(right + c - 1, 1);
      if (j + 1 < width) take(right + c, -1);
      setEntry(out, c, sum);
      most = Math.max(most, 16 * dd.UNIT * size);
    }
  }
  return { vector: out, error: together(most, out.hi.length) };
}
