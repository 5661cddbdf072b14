import type { ModelValue } from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';

/**
 * Linear regression with the intercept minimised out: for any weights the best intercept is ȳ − x̄ᵀw, which leaves the same
 * problem for centred columns. Without an intercept nothing is subtracted.
 */
export interface CentredProblem {
  readonly n: number;
  readonly d: number;
  /** [N, D]. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly means: Float64Array;
  readonly targetMean: number;
  readonly bias: boolean;
}

export function centredProblem(model: ModelValue, targets: HostArray): CentredProblem {
  const [n, d] = model.dataset.features.shape;
  const bias = model.parameters.some(({ penalized }) => !penalized);
  const x = Float64Array.from(model.dataset.features.data);
  const y = Float64Array.from(targets.data);
  const means = new Float64Array(d);
  let targetMean = 0;
  if (bias) {
    for (let i = 0; i < n; i++) {
      targetMean += y[i] / n;
      for (let j = 0; j < d; j++) means[j] += x[i * d + j] / n;
    }
    for (let i = 0; i < n; i++) {
      y[i] -= targetMean;
      for (let j = 0; j < d; j++) x[i * d + j] -= means[j];
    }
  }
  return { n, d, x, y, means, targetMean, bias };
}

/** The minimiser in the order of the variables of a linear model with one output. */
export function minimiserOf(problem: CentredProblem, w: Float64Array): HostArray[] {
  const weights = hostFloat(w, [problem.d, 1]);
  if (!problem.bias) return [weights];
  let intercept = problem.targetMean;
  for (let j = 0; j < problem.d; j++) intercept -= problem.means[j] * w[j];
  return [weights, hostFloat([intercept], [1])];
}
