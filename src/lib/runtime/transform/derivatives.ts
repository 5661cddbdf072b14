/** Derivatives of traced functions. All of them may be used while tracing, and compose to any order. */
import { ShapeError } from '../ir/errors.ts';
import { loop } from '../ir/ops/control.ts';
import { cast, equal } from '../ir/ops/elementwise.ts';
import { iota, reshape, transpose, zerosLike } from '../ir/ops/shape.ts';
import { formatType, sameShape, sizeOf } from '../ir/shape.ts';
import { literal, traceClosure } from '../ir/trace.ts';
import type { Value } from '../ir/types.ts';
import { jvpProgram } from './jvp.ts';
import { linearize } from './vjp.ts';

type Vector = readonly Value[];

function expectFloats(where: string, xs: Vector): void {
  for (const x of xs) {
    if (x.dtype !== 'float') {
      throw new ShapeError(where, 'float variables to differentiate by', formatType(x));
    }
  }
}

function expectLike(where: string, what: string, got: Vector, like: Vector): void {
  const fits = got.length === like.length && got.every((g, k) => sameShape(g.shape, like[k].shape));
  if (!fits) {
    throw new ShapeError(
      where,
      `${what} of types (${like.map(formatType).join(', ')})`,
      `(${got.map(formatType).join(', ')})`,
    );
  }
}

/** The value of a scalar function and its gradient with respect to each of xs. */
export function valueAndGrad(f: (xs: Value[]) => Value): (xs: Vector) => [Value, Value[]] {
  return (xs) => {
    expectFloats('grad', xs);
    const { program } = traceClosure((...inputs) => [f(inputs)], xs);
    const [result] = program.outputs;
    if (result.shape.length !== 0 || result.dtype !== 'float') {
      throw new ShapeError(
        'grad',
        'a function with a float scalar as value',
        formatType(result),
        'Use vjp or jacobian.',
      );
    }
    const needs = xs.map(() => true);
    const { outputs, pullback } = linearize(program, xs, needs);
    const cotangents = pullback([literal(1, 'float')]);
    return [outputs[0], xs.map((x, k) => cotangents[k] ?? zerosLike(x))];
  };
}

/** The gradient of a scalar function with respect to each of xs. */
export function grad(f: (xs: Value[]) => Value): (xs: Vector) => Value[] {
  return (xs) => valueAndGrad(f)(xs)[1];
}

/** Forward mode: f(primals) and the directional derivative along the tangents. */
export function jvp(
  f: (xs: Value[]) => Vector,
  primals: Vector,
  tangents: Vector,
): [Value[], Value[]] {
  expectLike('jvp', 'tangents', tangents, primals);
  const { program } = traceClosure((...inputs) => f(inputs), primals);
  const dual = jvpProgram(program, primals, tangents);
  return [dual.outputs, dual.tangents.map((t, k) => t ?? zerosLike(dual.outputs[k]))];
}

/** Reverse mode: f(primals), and the map from cotangents of its values to cotangents of the primals. */
export function vjp(
  f: (xs: Value[]) => Vector,
  primals: Vector,
): [Value[], (cotangents: Vector) => Value[]] {
  const { program } = traceClosure((...inputs) => f(inputs), primals);
  const { outputs, pullback } = linearize(
    program,
    primals,
    primals.map(() => true),
  );
  return [
    outputs,
    (cotangents) => {
      expectLike('vjp', 'cotangents', cotangents, outputs);
      const result = pullback(cotangents);
      return primals.map((x, k) => result[k] ?? zerosLike(x));
    },
  ];
}

/** The Hessian of a scalar function times the vectors vs, forward over reverse. */
export function hvp(f: (xs: Value[]) => Value, xs: Vector, vs: Vector): Value[] {
  return jvp((inputs) => grad(f)(inputs), xs, vs)[1];
}

/** Row k of the identity of the size of x, in the shape of x. */
function basisVector(k: Value, x: Value): Value {
  return reshape(cast(equal(iota([sizeOf(x.shape)]), k), 'float'), x.shape);
}

/**
 * ∂f/∂x of shape [...f, ...x]: one loop over columns (forward mode) or, for fewer outputs than inputs, over rows
 * (reverse mode).
 */
export function jacobian(f: (x: Value) => Value, x: Value): Value {
  expectFloats('jacobian', [x]);
  const columns = sizeOf(x.shape);
  const { program } = traceClosure((input) => [f(input)], [x]);
  const [{ shape }] = program.outputs;
  const rows = sizeOf(shape);
  if (rows < columns) {
    const { outputs, pullback } = linearize(program, [x], [true]);
    const { stacked } = loop({
      steps: rows,
      carry: [],
      body: (k) => {
        const [row] = pullback([basisVector(k, outputs[0])]);
        return { carry: [], stacked: [row ?? zerosLike(x)] };
      },
    });
    return reshape(stacked[0], [...shape, ...x.shape]);
  }
  const { stacked } = loop({
    steps: columns,
    carry: [],
    body: (k) => {
      const { outputs, tangents } = jvpProgram(program, [x], [basisVector(k, x)]);
      return { carry: [], stacked: [tangents[0] ?? zerosLike(outputs[0])] };
    },
  });
  return reshape(transpose(reshape(stacked[0], [columns, rows])), [...shape, ...x.shape]);
}

/** Second derivatives of a scalar function, of shape [...x, ...x]. */
export function hessian(f: (x: Value) => Value, x: Value): Value {
  return jacobian((input) => grad(([y]) => f(y))([input])[0], x);
}
