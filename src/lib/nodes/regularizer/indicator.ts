import { hostScalar } from '../../runtime/ir/host.ts';
import { constant, sqrt, sumSquares } from '../../runtime/ir/ops.ts';
import type { LiveRef, LiveValues, RegularizerValue } from '../../runtime/graph/ports.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { addAll } from './sum.ts';

export interface ConvexSet {
  readonly title: string;
  /** TeX of the indicator. */
  readonly formula: string;
  readonly live: readonly LiveRef[];
  /**
   * By how much the conditions that define the set are missed: arrays that are 0 on the set and only there, convex in v in norm. Written from
   * the conditions, not from the projection, so that it can tell a wrong projection.
   */
  excess(v: Value, live: LiveValues): Value[];
  /** The nearest point of the set, one array at a time. */
  project(v: Value, live: LiveValues): Value;
}

/** The indicator of a convex set of arrays: its prox is the projection for every step size. */
export function indicator({ title, formula, live, excess, project }: ConvexSet): RegularizerValue {
  return {
    kind: 'regularizer',
    title,
    formula,
    convex: true,
    smooth: false,
    live,
    constraint: {
      distance: (x, values) =>
        sqrt(addAll(x.flatMap((part) => excess(part, values)).map(sumSquares))),
    },
    value: () => constant(hostScalar(0)),
    prox: (v, _stepSize, values) => v.map((part) => project(part, values)),
  };
}
