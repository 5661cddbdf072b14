/** The primitives that reduce: each is a monoid, a length, and the element to accumulate at an output place and position. */
import { sizeOf, stridesOf } from '../../../ir/shape.ts';
import type { EquationOf, PrimitiveName, Shape, Value } from '../../../ir/types.ts';
import { argmaxMonoid, logsumexpMonoid, maxMonoid, sumMonoid } from './monoid.ts';
import type { Monoid } from './monoid.ts';
import { coordinateIndex, coordinatesOf, flatIndex } from './source.ts';
import type { Block, Index } from './source.ts';

export type ReducingName = 'sum' | 'max' | 'argmax' | 'logsumexp' | 'matmul' | 'scatterAdd';
export type ReducingEquation = { [P in ReducingName]: EquationOf<P> }[ReducingName];

const REDUCING: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'sum',
  'max',
  'argmax',
  'logsumexp',
  'matmul',
  'scatterAdd',
]);

export function isReducing(name: PrimitiveName): name is ReducingName {
  return REDUCING.has(name);
}

export interface Reduction {
  readonly monoid: Monoid;
  readonly length: number;
  /** Emits the element; `block` is the loop's body, `outer` encloses the loop. */
  element(out: Index, r: string, block: Block, outer: Block, at: ElementAt): string;
}

export type ElementAt = (value: Value, index: Index, block: Block) => string;

export function reductionOf(equation: ReducingEquation): Reduction {
  switch (equation.primitive) {
    case 'sum':
      return overAxes(
        sumMonoid(equation.inputs[0].dtype),
        equation.inputs[0],
        equation.params.axes,
      );
    case 'max':
      return overAxes(
        maxMonoid(equation.inputs[0].dtype),
        equation.inputs[0],
        equation.params.axes,
      );
    case 'argmax':
      return overAxes(argmaxMonoid(equation.inputs[0].dtype), equation.inputs[0], [
        equation.params.axis,
      ]);
    case 'logsumexp':
      return overAxes(logsumexpMonoid(), equation.inputs[0], equation.params.axes);
    case 'matmul':
      return product(equation);
    case 'scatterAdd':
      return scatter(equation);
  }
}

function overAxes(monoid: Monoid, operand: Value, axes: readonly number[]): Reduction {
  const { shape } = operand;
  const reduced: Shape = axes.map((axis) => shape[axis]);
  const strides = stridesOf(shape);
  // Reducing trailing axes: the operand's flat index is out · length + r.
  const first = shape.length - axes.length;
  const trailing = axes.every((axis, i) => axis === first + i);
  const length = sizeOf(reduced);
  return {
    monoid,
    length,
    element: (out, r, block, outer, at) => {
      if (trailing) {
        const base = sizeOf(out.shape) === 1 ? '' : outer.bind(`${out.flat} * ${length}u`);
        return at(operand, flatIndex(shape, base === '' ? r : block.bind(`${base} + ${r}`)), block);
      }
      const outer0 = coordinatesOf(out, outer);
      const inner = coordinatesOf(flatIndex(reduced, r), block);
      let kept = 0;
      const coordinates = strides.map((_, axis) => {
        const position = axes.indexOf(axis);
        if (position >= 0) return inner[position];
        kept += 1;
        return outer0[kept - 1];
      });
      return at(operand, coordinateIndex(shape, coordinates), block);
    },
  };
}

/** Places of a product's operands: [..., i, k] and [..., k, j] after the transposes. */
export function factorIndex(
  value: Value,
  batch: readonly string[],
  row: string,
  column: string,
  transposed: boolean,
): Index {
  return coordinateIndex(value.shape, [...batch, ...(transposed ? [column, row] : [row, column])]);
}

function product(equation: EquationOf<'matmul'>): Reduction {
  const [a, b] = equation.inputs;
  const { transposeA, transposeB } = equation.params;
  const length = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  return {
    monoid: sumMonoid('float'),
    length,
    element: (out, r, block, outer, at) => {
      const coordinates = coordinatesOf(out, outer);
      const batch = coordinates.slice(0, -2);
      const [i, j] = coordinates.slice(-2);
      const x = at(a, factorIndex(a, batch, i, r, transposeA), block);
      const y = at(b, factorIndex(b, batch, r, j, transposeB), block);
      return `${x} * ${y}`;
    },
  };
}

/** As a gather: every output adds up the updates whose index is its own, in order, so the result does not depend on timing. */
function scatter(equation: EquationOf<'scatterAdd'>): Reduction {
  const [indices, updates] = equation.inputs;
  return {
    monoid: sumMonoid(updates.dtype),
    length: sizeOf(indices.shape),
    element: (out, r, block, outer, at) => {
      const [slot, ...rest] = coordinatesOf(out, outer);
      const position = coordinatesOf(flatIndex(indices.shape, r), block);
      const target = at(indices, flatIndex(indices.shape, r), block);
      const update = at(updates, coordinateIndex(updates.shape, [...position, ...rest]), block);
      const zero = updates.dtype === 'int' ? '0i' : '0.0f';
      return block.bind(`select(${zero}, ${update}, ${target} == i32(${slot}))`);
    },
  };
}
