/** The non-smooth terms of an objective as one list of g(Kx), K the identity for those without an operator. */
import type { ObjectiveValue, RegularizerValue } from '../../runtime/graph/ports.ts';
import { add, div } from '../../runtime/ir/ops.ts';
import type { Operand } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { Problem } from './composite.ts';
import { axpy, minus, scaled } from './vectors.ts';
import type { Vector } from './vectors.ts';

export interface Block {
  readonly regularizer: RegularizerValue;
  readonly identity: boolean;
  /** A bound on ‖K‖. */
  readonly norm: number;
  /** Arrays of Kx. */
  readonly size: number;
  apply(x: Vector): Value[];
  /** Kᵀy. */
  adjoint(y: Vector): Value[];
  /** g(Kx) as a function of x, where its prox is known. */
  readonly whole?: RegularizerValue;
}

export const identityBlock = (regularizer: RegularizerValue, size: number): Block => ({
  regularizer,
  identity: true,
  norm: 1,
  size,
  apply: (x) => [...x],
  adjoint: (y) => [...y],
});

export function blocksOf(objective: ObjectiveValue): Block[] {
  const size = objective.variables.length;
  const plain = objective.terms.map((regularizer) => identityBlock(regularizer, size));
  const composed = (objective.composed ?? []).map(({ regularizer, operator, whole }): Block => ({
    regularizer,
    identity: false,
    norm: operator.norm,
    size: 1,
    apply: ([x]) => [operator.apply(x)],
    adjoint: ([y]) => [operator.adjoint(y)],
    ...(whole && { whole }),
  }));
  return [...plain, ...composed];
}

/** Arrays of all blocks together. */
export const blockArrays = (blocks: readonly Block[]): number =>
  blocks.reduce((total, { size }) => total + size, 0);

/** Kx of all blocks, one list after the other. */
export const applyAll = (blocks: readonly Block[], x: Vector): Value[] =>
  blocks.flatMap((block) => block.apply(x));

/** Calls `f` with the arrays of each block and joins the results. */
export function eachBlock(
  blocks: readonly Block[],
  y: Vector,
  f: (block: Block, own: Vector) => Value[],
): Value[] {
  let start = 0;
  return blocks.flatMap((block) => f(block, y.slice(start, (start += block.size))));
}

/** Σ Kᵀy. */
export function adjointAll(blocks: readonly Block[], y: Vector): Value[] {
  let start = 0;
  const parts = blocks.map((block) => block.adjoint(y.slice(start, (start += block.size))));
  return parts.reduce((total, part) => total.map((value, i) => add(value, part[i])));
}

/** prox_{s g} of each block. */
export const proxAll = (
  { live }: Problem,
  blocks: readonly Block[],
  v: Vector,
  stepSize: Value,
): Value[] => eachBlock(blocks, v, ({ regularizer }, own) => regularizer.prox(own, stepSize, live));

/** prox_{σ g*}(v) = v − σ prox_{g/σ}(v/σ), Moreau's identity. */
export function conjugateProxAll(
  problem: Problem,
  blocks: readonly Block[],
  v: Vector,
  sigma: Value,
): Value[] {
  const inner = proxAll(problem, blocks, scaled(div(1, sigma), v), div(1, sigma));
  return axpy(scaleOf(sigma), inner, v);
}

const scaleOf = (sigma: Value): Operand => scaled(-1, [sigma])[0];

/** q + Kᵀy, which is 0 at a solution where q is a subgradient of h at x and y one of g at Kx. */
export const stationarity = (blocks: readonly Block[], q: Vector, y: Vector): Value[] =>
  minus(q, scaled(-1, adjointAll(blocks, y)));
