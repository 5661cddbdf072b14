import type {
  Certificate,
  LinearOperator,
  RegularizerValue,
} from '../../../runtime/graph/ports.ts';
import { estimate } from '../../../runtime/ir/estimate.ts';
import { sizeOf } from '../../../runtime/ir/shape.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { ZERO, add, exactly, multiply } from '../../../numerics/ball.ts';
import type { Ball } from '../../../numerics/ball.ts';
import { transposed } from '../../../numerics/linear-algebra.ts';
import { hostOperator } from '../../shared/operators/host.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { lasso } from './lasso.ts';
import { leastSquares } from './least-squares.ts';
import { certificateOf } from './proof.ts';
import { minimiserOf, regressionProblem } from './regression-problem.ts';
import { smoothRegression } from './smooth-regression.ts';
import type { PenaltyWeights } from './splitting-proof.ts';
import { CG_STEPS, MOST_STEPS, splittingCertificate } from './splitting.ts';

/** A matrix is worth forming up to here, 16 MB. */
const MOST_CELLS = 2_000_000;
/** About half a minute of work; below FEWEST_STEPS of it no gap would be small. */
const MOST_FLOPS = 3e10;
const FEWEST_STEPS = 100;

type LiveNumbers = Readonly<Record<string, number>>;

/** f* of ½‖Kx − b‖² with any sum of ℓ1, squared ℓ2 and total-variation terms, unless the image is too large for it. */
export function inverseProblemCertificate(
  K: LinearOperator,
  b: HostArray,
  regularizers: readonly RegularizerValue[],
): ((live: LiveNumbers, signal: AbortSignal) => Promise<Certificate>) | undefined {
  if (regularizers.some((g) => !g.elasticWeights && !g.variationWeight)) return undefined;
  const steps = affordableSteps(K);
  if (steps < FEWEST_STEPS) return undefined;
  return (live, signal) => {
    const pacer = createPacer(signal);
    const weights = weightsOf(regularizers, live);
    const dense = sizeOf(K.output) * sizeOf(K.input) <= MOST_CELLS;
    const [l1, tv] = [weights.l1.hi, weights.tv.hi];
    if (tv === 0 && dense && (l1 > 0 || K.entries.kind === 'matrix')) {
      return asRegression(K, b, weights, pacer);
    }
    if (l1 === 0 && tv === 0) return leastSquares(K, b, weights.l2, pacer);
    return splittingCertificate(K, b, weights, steps, pacer);
  };
}

function affordableSteps(K: LinearOperator): number {
  const normal = trace((x) => [K.adjoint(K.apply(x))], [{ shape: K.input, dtype: 'float' }]);
  const flops = (CG_STEPS + 1) * (estimate(normal).flops + 20 * sizeOf(K.input));
  return Math.min(MOST_STEPS, Math.floor(MOST_FLOPS / flops));
}

function weightsOf(regularizers: readonly RegularizerValue[], live: LiveNumbers): PenaltyWeights {
  let [l1, l2, tv] = [ZERO, ZERO, ZERO];
  for (const { elasticWeights, variationWeight } of regularizers) {
    const elastic = elasticWeights?.(live);
    // Both parts of an elastic net are products of parameters, each rounded twice; the parts of others are given.
    const off = elastic && elastic.l1 > 0 && elastic.l2 > 0 ? 2 ** -51 : 0;
    const part = (x = 0): Ball => ({ hi: x, lo: 0, radius: off * x });
    l1 = add(l1, part(elastic?.l1));
    l2 = add(l2, part(elastic?.l2));
    tv = add(tv, part(variationWeight?.(live)));
  }
  return { l1, l2, tv };
}

/** As a linear regression on the P rows of the matrix of K, whose data term is a mean: P times it is ours. */
async function asRegression(
  K: LinearOperator,
  b: HostArray,
  { l1, l2 }: PenaltyWeights,
  pacer: Pacer,
): Promise<Certificate> {
  const host = hostOperator(K);
  const [rows, size] = [sizeOf(K.output), sizeOf(K.input)];
  const across = new Float64Array(rows * size);
  const unit = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    unit[j] = 1;
    across.set(host.apply(unit), j * rows);
    unit[j] = 0;
    if (pacer.due()) await pacer.pause();
  }
  // Entries of a product of two axes are rounded once, those of other matrices are given.
  const entryError = K.input.length > 1 ? 2 ** -52 : 0;
  const weights = { l1: l1.hi / rows, l2: l2.hi / rows, error: 2 ** -50 };
  const matrix = transposed(across, size, rows);
  const problem = await regressionProblem(
    matrix,
    rows,
    size,
    b.data,
    weights,
    false,
    entryError,
    pacer,
  );
  const solve = l1.hi > 0 ? lasso : smoothRegression;
  const { w, bounds, errors, method } = await solve(problem, pacer);
  const times = (x: Ball): Ball => multiply(x, exactly(rows));
  return certificateOf(
    { value: times(bounds.value), least: times(bounds.least) },
    method,
    minimiserOf(problem, w, errors, K.input),
  );
}
