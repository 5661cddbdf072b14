/**
 * Explicit Runge–Kutta methods with N equal steps, as traced loops: reverse mode differentiates the very steps that are taken
 * (discretize, then optimize). Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, tables II.1.1 and II.1.2.
 */
import { add, cast, loop, mul } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

interface Method {
  readonly label: string;
  readonly order: number;
  /** Rows of the tableau; row s has s coefficients. */
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly c: readonly number[];
}

export const METHODS = {
  euler: { label: 'Euler (order 1)', order: 1, a: [[]], b: [1], c: [0] },
  midpoint: { label: 'midpoint (order 2)', order: 2, a: [[], [0.5]], b: [0, 1], c: [0, 0.5] },
  rk4: {
    label: 'Runge–Kutta (order 4)',
    order: 4,
    a: [[], [0.5], [0, 0.5], [0, 0, 1]],
    b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
    c: [0, 0.5, 0.5, 1],
  },
} as const satisfies Record<string, Method>;
export type MethodName = keyof typeof METHODS;

/** dy/dt at time t (float scalar); y is a list of arrays. */
export type RightHandSide = (t: Value, y: readonly Value[]) => Value[];

function weighted(
  y: readonly Value[],
  slopes: readonly (readonly Value[])[],
  weights: readonly number[],
  h: number,
): Value[] {
  return y.map((start, j) =>
    weights.reduce(
      (total, weight, s) => (weight === 0 ? total : add(total, mul(slopes[s][j], h * weight))),
      start,
    ),
  );
}

/** One step of size h (negative backwards) from time t. */
export function rungeKuttaStep(
  method: MethodName,
  f: RightHandSide,
  t: Value,
  y: readonly Value[],
  h: number,
): Value[] {
  const { a, b, c }: Method = METHODS[method];
  const slopes: Value[][] = [];
  a.forEach((row, s) => {
    slopes.push(f(c[s] === 0 ? t : add(t, c[s] * h), weighted(y, slopes, row, h)));
  });
  return weighted(y, slopes, b, h);
}

export interface SolveOptions {
  readonly method: MethodName;
  readonly steps: number;
  readonly from: number;
  readonly to: number;
  /** Reverse mode keeps the solution every `checkpoint` steps. @default 1 */
  readonly checkpoint?: number;
  /** Also returns y before each step, stacked along a leading axis [steps, …]. @default false */
  readonly path?: boolean;
}

/** y(to) from y(from) = start by N equal steps. */
export function solve(
  f: RightHandSide,
  start: readonly Value[],
  { method, steps, from, to, checkpoint = 1, path = false }: SolveOptions,
): { end: Value[]; path: Value[] } {
  const h = (to - from) / steps;
  const { carry, stacked } = loop({
    steps,
    carry: start,
    checkpoint,
    body: (i, _constants, y) => ({
      carry: rungeKuttaStep(method, f, add(mul(cast(i, 'float'), h), from), y, h),
      stacked: path ? y : [],
    }),
  });
  return { end: carry, path: stacked };
}
