/** Points and directions are lists of arrays, one for each variable of the objective. */
import { add, dot, mul, select, sqrt, sub, sumSquares } from '../../runtime/ir/ops.ts';
import type { Operand } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

export type Vector = readonly Value[];

/** x + a·d. */
export const axpy = (a: Operand, d: Vector, x: Vector): Value[] =>
  x.map((part, i) => add(part, mul(a, d[i])));

export const minus = (x: Vector, y: Vector): Value[] => x.map((part, i) => sub(part, y[i]));

export const scaled = (a: Operand, x: Vector): Value[] => x.map((part) => mul(a, part));

const total = (parts: readonly Value[]): Value => parts.reduce((sum, part) => add(sum, part));

export const innerProduct = (x: Vector, y: Vector): Value =>
  total(x.map((part, i) => dot(part, y[i])));

export const squaredNorm = (x: Vector): Value => total(x.map(sumSquares));

export const norm = (x: Vector): Value => sqrt(squaredNorm(x));

/** x where the condition holds, else y. */
export const choose = (condition: Value, x: Vector, y: Vector): Value[] =>
  x.map((part, i) => select(condition, part, y[i]));
