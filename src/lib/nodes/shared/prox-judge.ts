/** What a claimed prox is worth: measured against an oracle, competitors and firm nonexpansiveness. */
import * as elementary from '../../numerics/elementary/index.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import type { HostedRegularizer } from './hosted-regularizer.ts';
import { inner, norm } from '../../numerics/linear-algebra.ts';
import { proxOracle, proxProblem } from './prox-oracle.ts';

export interface Judgement {
  /** The claimed prox. */
  readonly u: Float64Array;
  /** A bound of its distance to the true one, over ‖v‖. */
  readonly distance: number;
  /** (F(u) − F of the best competitor)/F(u): above 0 where u is beaten. */
  readonly advantage: number;
}

const COMPETITORS = 40;

export function judgeProx(
  g: HostedRegularizer,
  isConstraint: boolean,
  v: Float64Array,
  stepSize: number,
  key: readonly [number, number],
): Judgement {
  const u = g.prox(v, stepSize);
  const problem = proxProblem(g, isConstraint, v, stepSize);
  const oracle = proxOracle(problem, v, u);
  const here = problem.value(u);
  const scale = Math.max(norm(v), Number.MIN_VALUE);
  const distance = Math.sqrt(2 * Math.max(here - oracle.lower, 0)) / scale;
  let best = Math.min(oracle.value, problem.value(v));
  for (let k = 0; k < COMPETITORS; k++) {
    // From a thousandth of the length of v to all of it.
    const size = (scale * elementary.pow(10, (-3 * k) / (COMPETITORS - 1))) / Math.sqrt(v.length);
    const step = hostNormal(hostFoldIn(key, k), v.length);
    best = Math.min(best, problem.value(u.map((x, i) => x + size * step[i])));
  }
  return { u, distance, advantage: (here - best) / Math.max(here, Number.MIN_VALUE) };
}

/** The largest ‖p − q‖² − ⟨p − q, v − w⟩ over ‖v − w‖²: at most 0 for a prox. */
export function expansionOf(
  moves: readonly { readonly v: Float64Array; readonly u: Float64Array }[],
): number {
  let worst = -Infinity;
  moves.forEach((a, i) => {
    for (const b of moves.slice(0, i)) {
      const moved = a.v.map((x, k) => x - b.v[k]);
      const image = a.u.map((x, k) => x - b.u[k]);
      worst = Math.max(worst, (inner(image, image) - inner(image, moved)) / inner(moved, moved));
    }
  });
  return worst;
}
