import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import type { Dtype, PrimitiveName } from '../types.ts';
import { expectCount, expectDtype, expectSame, type ShapeRule } from './rule.ts';

function unary<P extends PrimitiveName>(where: P, ...allowed: Dtype[]): ShapeRule<P> {
  return (_params, inputs) => {
    expectCount(where, inputs, 1);
    expectDtype(where, inputs[0], allowed);
    return [{ shape: inputs[0].shape, dtype: inputs[0].dtype }];
  };
}

function binary<P extends PrimitiveName>(
  where: P,
  allowed: readonly Dtype[],
  result?: Dtype,
): ShapeRule<P> {
  return (_params, inputs) => {
    expectCount(where, inputs, 2);
    for (const input of inputs) expectDtype(where, input, allowed);
    expectSame(where, inputs);
    return [{ shape: inputs[0].shape, dtype: result ?? inputs[0].dtype }];
  };
}

const number: readonly Dtype[] = ['float', 'int'];
const anyDtype: readonly Dtype[] = ['float', 'int', 'bool'];

export const elementwiseShapes = {
  neg: unary('neg', ...number),
  abs: unary('abs', ...number),
  sign: unary('sign', ...number),
  exp: unary('exp', 'float'),
  expm1: unary('expm1', 'float'),
  log: unary('log', 'float'),
  log1p: unary('log1p', 'float'),
  sqrt: unary('sqrt', 'float'),
  sin: unary('sin', 'float'),
  cos: unary('cos', 'float'),
  tanh: unary('tanh', 'float'),
  sigmoid: unary('sigmoid', 'float'),
  softplus: unary('softplus', 'float'),
  erf: unary('erf', 'float'),
  floor: unary('floor', 'float'),
  not: unary('not', 'bool'),
  stopGradient: unary('stopGradient', ...anyDtype),
  cast: ((params, inputs) => {
    expectCount('cast', inputs, 1);
    return [{ shape: inputs[0].shape, dtype: params.dtype }];
  }) as ShapeRule<'cast'>,

  add: binary('add', number),
  sub: binary('sub', number),
  mul: binary('mul', number),
  div: binary('div', ['float']),
  pow: binary('pow', ['float']),
  maximum: binary('maximum', number),
  minimum: binary('minimum', number),
  floorDiv: binary('floorDiv', ['int']),
  mod: binary('mod', ['int']),
  less: binary('less', number, 'bool'),
  lessEqual: binary('lessEqual', number, 'bool'),
  equal: binary('equal', anyDtype, 'bool'),
  and: binary('and', ['bool']),
  or: binary('or', ['bool']),
  select: ((_params, inputs) => {
    expectCount('select', inputs, 3);
    const [condition, a, b] = inputs;
    if (condition.dtype !== 'bool' || !sameShape(condition.shape, a.shape)) {
      throw new ShapeError(
        'select',
        `a condition bool [${a.shape.join(', ')}]`,
        formatType(condition),
      );
    }
    expectSame('select', [a, b]);
    return [{ shape: a.shape, dtype: a.dtype }];
  }) as ShapeRule<'select'>,
};
