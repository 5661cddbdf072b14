/**
 * An approximate minimiser of P (regression-problem.ts) with l1 > 0 by cyclic coordinate descent in float64.
 *
 * l1 is lowered from where w = 0 is optimal, each problem starting at the solution of the last (Friedman, Hastie & Tibshirani 2010, equation (5)
 * and section 2.5). It proves nothing: the active set (active-set.ts) goes on from its nonzero weights.
 */
import { inner } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import type { RegressionProblem } from './regression-problem.ts';

/** Sweeps over the nonzero coordinates between two sweeps over all. */
const ACTIVE_SWEEPS = 20;
/** Each problem of the path has l1 this times that of the one before, in at most so many steps. */
const PATH_FACTOR = 0.6;
const MOST_PATH = 60;
/** A problem ends when no coordinate moves the prediction by more than this part of the targets: on the way, and at the end. */
const PATH_TOLERANCE = 1e-4;
const TOLERANCE = 1e-9;
/** Sweeps over all coordinates for each problem of the path, and for the last; a slow descent is left to the active set. */
const PATH_SWEEPS = 5;
const LAST_SWEEPS = 50;
/** Multiplications in all, about five seconds. */
const MOST_WORK = 5e9;

/** Weights of all columns, the intercept last where there is one. */
export async function coordinateDescent(
  { n, columns: raw, target, l1, l2, intercept }: RegressionProblem,
  pacer: Pacer,
): Promise<Float64Array> {
  const d = raw.length - (intercept ? 1 : 0);
  const mean = (x: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i];
    return intercept ? sum / n : 0;
  };
  const centred = (x: Float64Array, m: number): Float64Array => {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = x[i] - m;
    return out;
  };
  const targetMean = mean(target);
  const y = centred(target, targetMean);
  const means = new Float64Array(d);
  const squares = new Float64Array(d);
  const columns: Float64Array[] = [];
  for (let j = 0; j < d; j++) {
    means[j] = mean(raw[j]);
    const column = centred(raw[j], means[j]);
    squares[j] = inner(column, column) / n;
    columns.push(column);
    if (pacer.due()) await pacer.pause();
  }
  const size = Math.sqrt(inner(y, y) / n);
  const w = new Float64Array(d);
  const r = y.slice();
  let work = 0;

  /** Minimises over w_j with l1 times `scale`; the change of the prediction, as a root mean square. */
  const update = (j: number, scale: number): number => {
    if (squares[j] === 0) return 0;
    const x = columns[j];
    const along = inner(x, r) / n + squares[j] * w[j];
    const next =
      (Math.sign(along) * Math.max(Math.abs(along) - scale * l1[j], 0)) / (squares[j] + l2[j]);
    const change = next - w[j];
    work += n;
    if (change === 0) return 0;
    for (let i = 0; i < n; i++) r[i] -= change * x[i];
    work += n;
    w[j] = next;
    return Math.abs(change) * Math.sqrt(squares[j]);
  };

  const sweep = async (coordinates: Iterable<number>, scale: number): Promise<number> => {
    let moved = 0;
    for (const j of coordinates) {
      moved = Math.max(moved, update(j, scale));
      if (pacer.due()) {
        pacer.progress(Math.min(1, work / MOST_WORK));
        await pacer.pause();
      }
    }
    return moved;
  };

  const descend = async (scale: number, tolerance: number, sweeps: number): Promise<void> => {
    for (let round = 0; round < sweeps && work < MOST_WORK; round++) {
      let moved = await sweep(w.keys(), scale);
      if (moved <= tolerance * size) return;
      const active = [...w.keys()].filter((j) => w[j] !== 0);
      for (let k = 0; k < ACTIVE_SWEEPS && moved > tolerance * size && work < MOST_WORK; k++) {
        moved = await sweep(active, scale);
      }
    }
  };

  let top = 0;
  for (let j = 0; j < d; j++) {
    top = Math.max(top, Math.abs(inner(columns[j], r)) / (n * l1[j]));
    if (pacer.due()) await pacer.pause();
  }
  let scale = top;
  for (let k = 0; k < MOST_PATH && (scale *= PATH_FACTOR) > 1; k++) {
    await descend(scale, PATH_TOLERANCE, PATH_SWEEPS);
  }
  await descend(1, TOLERANCE, LAST_SWEEPS);
  if (!intercept) return w;
  let offset = targetMean;
  for (let j = 0; j < d; j++) offset -= means[j] * w[j];
  return Float64Array.from([...w, offset]);
}
