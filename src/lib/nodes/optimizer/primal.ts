/**
 * What a splitting method minimises in x itself, and what it splits off.
 *
 *   argmin_x h(x) + (weight/2) Σ ‖Kx − target‖²
 *
 * h is the smooth part, a quadratic, by conjugate gradients; or, where the smooth part is 0, one of the terms by its prox, which takes
 * the mean of the targets when every K left is the identity.
 */
import type { ObjectiveValue, RegularizerValue } from '../../runtime/graph/ports.ts';
import { add, div, mul } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { blocksOf, identityBlock } from './blocks.ts';
import type { Block } from './blocks.ts';
import { smoothGradient } from './composite.ts';
import type { Problem } from './composite.ts';
import { quadraticStep } from './quadratic-step.ts';
import { minus, scaled } from './vectors.ts';
import type { Vector } from './vectors.ts';

export interface Primal {
  /** What is split off: the terms without h. */
  readonly blocks: readonly Block[];
  /** Arrays of `slope` that a state keeps; none where it follows from x. */
  readonly slopes: number;
  /** h is the indicator of a set, so that x is feasible. */
  readonly feasible: boolean;
  readonly gradients: number;
  readonly products: number;
  readonly proxes: number;
  step(problem: Problem, weight: Value, target: Vector, start: Vector): PrimalStep;
  /** A subgradient of h at x, given what the state kept of it. */
  slope(problem: Problem, x: Vector, kept: Vector): Vector;
}

export interface PrimalStep {
  readonly x: Value[];
  readonly slope: Value[];
}

/** The smooth part in x, all terms split off. `proximal`: only the prox of h is asked for, whatever the blocks are. */
function quadraticPrimal(blocks: readonly Block[], steps: number, own: readonly Block[]): Primal {
  return {
    blocks,
    slopes: 0,
    feasible: false,
    gradients: 1,
    products: steps,
    proxes: blocks.length,
    step: (problem, weight, target, start) => ({
      x: quadraticStep(problem, own, weight, target, start, steps),
      slope: [],
    }),
    slope: (problem, x) => smoothGradient(problem, x),
  };
}

/** The prox of h for targets of `count` identities. */
function proximalPrimal(
  h: RegularizerValue,
  variables: number,
  blocks: readonly Block[],
  count: number,
): Primal {
  return {
    blocks,
    slopes: variables,
    feasible: h.constraint !== undefined,
    gradients: 0,
    products: 0,
    proxes: blocks.length + 1,
    step({ live }, weight, target) {
      const mean = Array.from({ length: variables }, (_, i) =>
        Array.from({ length: count }, (_, k) => target[k * variables + i]).reduce((a, b) =>
          add(a, b),
        ),
      ).map((total) => div(total, count));
      const total = mul(weight, count);
      const x = h.prox(mean, div(1, total), live);
      return { x, slope: scaled(total, minus(mean, x)) };
    },
    slope: (_problem, _x, kept) => kept,
  };
}

/** For ADMM and Douglas–Rachford, which take a step for all blocks at once. */
export function jointPrimal(objective: ObjectiveValue, steps: number): Primal {
  const blocks = blocksOf(objective);
  if (objective.zero) {
    const pieces = blocks.map(({ regularizer, whole }) => whole ?? regularizer);
    const proximal = blocks.every(({ identity, whole }) => identity || whole);
    // What is not a term as it stands is a constraint on Kx: better met in x than approached.
    const at = Math.max(
      blocks.findIndex(({ whole }) => whole !== undefined),
      0,
    );
    if (proximal && blocks.length > 1) {
      const n = objective.variables.length;
      const rest = pieces.filter((_, i) => i !== at).map((piece) => identityBlock(piece, n));
      return proximalPrimal(pieces[at], n, rest, rest.length);
    }
  }
  return quadraticPrimal(blocks, steps, blocks);
}

/** For methods that only ask for the prox of h, whatever the operators of the blocks. */
export function separatePrimal(objective: ObjectiveValue, steps: number): Primal {
  const blocks = blocksOf(objective);
  const n = objective.variables.length;
  const at = blocks.findIndex(({ identity }) => identity);
  if (objective.zero && at >= 0 && blocks.length > 1) {
    const rest = blocks.filter((_, i) => i !== at);
    return proximalPrimal(blocks[at].regularizer, n, rest, 1);
  }
  return quadraticPrimal(blocks, steps, [identityBlock(blocks[0].regularizer, n)]);
}
