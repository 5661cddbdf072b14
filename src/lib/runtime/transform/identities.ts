import { broadcastShapes, sameShape, sizeOf } from '../ir/shape.ts';
import type { Equation, Shape, Value } from '../ir/types.ts';
import type { SimpleName } from '../ir/primitives/rule.ts';
import type { Rewriter } from './rewrite.ts';

/**
 * A simpler value equal to the equation's output, or null. Every rule keeps the result to the bit (but for the sign of
 * a zero, and for x² as x·x, which rounds at least as well), NaN and ∞ included; so x·0 stays.
 */
export function identity(equation: Equation, to: Rewriter): Value | null {
  return arithmetic(equation, to) ?? shaping(equation, to) ?? scalarWork(equation, to);
}

function arithmetic(equation: Equation, to: Rewriter): Value | null {
  const [a, b, c] = equation.inputs;
  switch (equation.primitive) {
    case 'add': {
      if (to.uniform(a) === 0) return b;
      if (to.uniform(b) === 0) return a;
      const [negA, negB] = [negated(a, to), negated(b, to)];
      if (negB) return to.make('sub', {}, [a, negB]);
      return negA && to.make('sub', {}, [b, negA]);
    }
    case 'sub': {
      if (to.uniform(b) === 0) return a;
      if (to.uniform(a) === 0) return to.make('neg', {}, [b]);
      const negB = negated(b, to);
      return negB && to.make('add', {}, [a, negB]);
    }
    case 'mul':
      if (to.uniform(a) === 1) return b;
      if (to.uniform(b) === 1) return a;
      if (to.uniform(a) === -1) return to.make('neg', {}, [b]);
      return to.uniform(b) === -1 ? to.make('neg', {}, [a]) : null;
    case 'div':
      return to.uniform(b) === 1 ? a : null;
    case 'pow':
      if (to.uniform(b) === 1) return a;
      return to.uniform(b) === 2 ? to.make('mul', {}, [a, a]) : null;
    case 'neg':
      return negated(a, to);
    case 'not': {
      const inner = to.producer(a);
      return inner?.primitive === 'not' ? inner.inputs[0] : null;
    }
    case 'and':
      if (to.uniform(a) === 1 || to.uniform(b) === 0) return b;
      return to.uniform(b) === 1 || to.uniform(a) === 0 ? a : null;
    case 'or':
      if (to.uniform(a) === 0 || to.uniform(b) === 1) return b;
      return to.uniform(b) === 0 || to.uniform(a) === 1 ? a : null;
    case 'select': {
      const condition = to.uniform(a);
      if (condition !== null) return condition ? b : c;
      return b === c ? b : null;
    }
    case 'cast':
      return equation.params.dtype === a.dtype ? a : null;
    default:
      return null;
  }
}

/** x where the value is neg(x). */
function negated(value: Value, to: Rewriter): Value | null {
  const inner = to.producer(value);
  return inner?.primitive === 'neg' ? inner.inputs[0] : null;
}

function shaping(equation: Equation, to: Rewriter): Value | null {
  const [x] = equation.inputs;
  const inner = x && to.producer(x);
  switch (equation.primitive) {
    case 'reshape': {
      const { shape } = equation.params;
      if (sameShape(shape, x.shape)) return x;
      return inner?.primitive === 'reshape' ? to.make('reshape', { shape }, inner.inputs) : null;
    }
    case 'broadcast': {
      const { shape } = equation.params;
      if (sameShape(shape, x.shape)) return x;
      if (inner?.primitive === 'broadcast') return to.make('broadcast', { shape }, inner.inputs);
      return null;
    }
    case 'transpose': {
      const { permutation } = equation.params;
      if (permutation.every((axis, k) => axis === k)) return x;
      if (inner?.primitive !== 'transpose') return null;
      const composed = permutation.map((axis) => inner.params.permutation[axis]);
      return to.make('transpose', { permutation: composed }, inner.inputs);
    }
    case 'slice': {
      const { start, size } = equation.params;
      if (sameShape(size, x.shape)) return x;
      if (inner?.primitive !== 'slice') return null;
      const shifted = start.map((s, axis) => s + inner.params.start[axis]);
      return to.make('slice', { start: shifted, size }, inner.inputs);
    }
    case 'pad':
      return [...equation.params.before, ...equation.params.after].every((n) => n === 0) ? x : null;
    case 'reverse':
      if (equation.params.axes.every((axis) => x.shape[axis] <= 1)) return x;
      return inner?.primitive === 'reverse' &&
        sameShape([...inner.params.axes].sort(), [...equation.params.axes].sort())
        ? inner.inputs[0]
        : null;
    case 'concat':
      return equation.inputs.length === 1 ? x : null;
    case 'sum':
    case 'max': {
      const { axes } = equation.params;
      if (!axes.every((axis) => x.shape[axis] === 1)) return null;
      const shape = x.shape.filter((_, axis) => !axes.includes(axis));
      return to.make('reshape', { shape }, [x]);
    }
    case 'matmul':
      return absorbTransposes(equation.params, equation.inputs, to);
    default:
      return null;
  }
}

/** matmul reads either operand transposed: a transpose of the last two axes before it is free. */
function absorbTransposes(
  params: { transposeA: boolean; transposeB: boolean },
  [a, b]: readonly Value[],
  to: Rewriter,
): Value | null {
  const [plainA, plainB] = [matrixTransposed(a, to), matrixTransposed(b, to)];
  if (!plainA && !plainB) return null;
  return to.make(
    'matmul',
    {
      transposeA: params.transposeA !== (plainA !== null),
      transposeB: params.transposeB !== (plainB !== null),
    },
    [plainA ?? a, plainB ?? b],
  );
}

function matrixTransposed(value: Value, to: Rewriter): Value | null {
  const inner = to.producer(value);
  if (inner?.primitive !== 'transpose') return null;
  const rank = value.shape.length;
  const swap = Array.from({ length: rank }, (_, axis) => axis);
  [swap[rank - 2], swap[rank - 1]] = [rank - 1, rank - 2];
  return sameShape(inner.params.permutation, swap) ? inner.inputs[0] : null;
}

const ELEMENTWISE: ReadonlySet<string> = new Set<SimpleName>([
  ...(['neg', 'abs', 'sign', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos'] as const),
  ...(['tanh', 'sigmoid', 'softplus', 'erf', 'floor', 'not', 'cast'] as const),
  ...(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'floorDiv', 'mod'] as const),
  ...(['less', 'lessEqual', 'equal', 'and', 'or', 'select'] as const),
]);

/** f(broadcast x, broadcast y) = broadcast f(x, y): elementwise work is done once, on the smaller shape. */
function scalarWork(equation: Equation, to: Rewriter): Value | null {
  if (!isElementwise(equation)) return null;
  const [first] = equation.inputs;
  const shape: Shape = first.shape;
  const sources = equation.inputs.map((input) => {
    const inner = to.producer(input);
    return inner?.primitive === 'broadcast' ? inner.inputs[0] : null;
  });
  if (!sources.every((source): source is Value => source !== null)) return null;
  const small = broadcastShapes(
    'simplify',
    sources.map((source) => source.shape),
  );
  if (sizeOf(small) >= sizeOf(shape)) return null;
  const operands = sources.map((source) =>
    sameShape(source.shape, small) ? source : to.make('broadcast', { shape: small }, [source]),
  );
  const result = to.make(equation.primitive, equation.params, operands);
  return to.make('broadcast', { shape }, [result]);
}

function isElementwise(equation: Equation): equation is Exclude<Equation, { primitive: 'loop' }> {
  return ELEMENTWISE.has(equation.primitive);
}
