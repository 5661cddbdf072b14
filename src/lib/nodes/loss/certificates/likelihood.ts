/** Certificates of linear models with a likelihood: logistic, softmax and Poisson regression, with squared ℓ2 terms or none. */
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { Certificate, ModelValue, RegularizerValue } from '../../../runtime/graph/ports.ts';
import { timesPower } from '../../../numerics/double-double.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { elasticWeights } from '../bind.ts';
import { minimise } from './likelihood/minimum.ts';
import type { Minimum, Outcomes } from './likelihood/minimum.ts';
import { certificateOf, knownMinimiser } from './proof.ts';
import { regressionProblem } from './regression-problem.ts';
import type { RegressionProblem } from './regression-problem.ts';

/** Unknowns, and multiplications for one Hessian, beyond which Newton's method would keep a person waiting. */
const MAX_UNKNOWNS = 1500;
const MAX_MULTIPLICATIONS = 4e9;

type Certify = (
  live: Readonly<Record<string, number>>,
  signal: AbortSignal,
) => Promise<Certificate>;

/** f* of a linear classifier with squared ℓ2 terms alone, or none. */
export function crossEntropyCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
): Certify | undefined {
  const { targets } = model.dataset;
  if (targets.kind !== 'labels') return undefined;
  const { data } = targets.labels;
  // One logit stands for the second of two classes, against 0 for the first.
  const outcomes: Outcomes =
    model.outputs === 1
      ? { kind: 'classes', labels: Int32Array.from(data, (label) => 1 - label), K: 2 }
      : { kind: 'classes', labels: Int32Array.from(data), K: model.outputs };
  return certifier(model, outcomes, regularizers);
}

/** f* of a Poisson regression with squared ℓ2 terms alone, or none. */
export function poissonCertificate(
  model: ModelValue,
  regularizers: readonly RegularizerValue[],
): Certify | undefined {
  const { targets } = model.dataset;
  if (targets.kind !== 'values') return undefined;
  const counts = Float64Array.from(targets.values.data);
  return certifier(model, { kind: 'counts', counts }, regularizers);
}

function certifier(
  model: ModelValue,
  outcomes: Outcomes,
  regularizers: readonly RegularizerValue[],
): Certify | undefined {
  const [n, d] = model.dataset.features.shape;
  const unknowns = model.parameters.reduce((sum, v) => sum + v.shape.reduce((a, b) => a * b, 1), 0);
  if (regularizers.some((g) => !g.smooth || !g.elasticWeights)) return undefined;
  if (unknowns > MAX_UNKNOWNS || n * unknowns * unknowns > MAX_MULTIPLICATIONS) return undefined;
  return async (live, signal) => {
    const weights = elasticWeights(regularizers, live);
    if (!weights) throw new Error('internal: a regularizer lost its weights.');
    const pacer = createPacer(signal);
    const { data } = model.dataset.features;
    const intercept = model.parameters.some(({ penalized }) => !penalized);
    const error = regularizers.length > 1 ? regularizers.length * 2 ** -51 : 0;
    const zeros = new Float64Array(n);
    const penalty = { l1: 0, l2: weights.l2, error };
    const design = await regressionProblem(data, n, d, zeros, penalty, intercept, 0, pacer);
    const found = await minimise(design, outcomes, pacer);
    const { value, least, attained, reason } = found;
    return certificateOf({ value, least }, 'Newton, gap from self-concordance', {
      ...(attained === false && { attained, reason }),
      // A penalty of weight 0 sees no weights, but the objective does not know.
      ...(model.outputs > 1 && weights.l2 === 0 && regularizers.length > 0
        ? {}
        : minimiserOf(design, model.outputs, found)),
    });
  };
}

/** The weights of least norm with these logits, in the order of the model's variables. */
function minimiserOf(
  { columns, exponents, intercept }: RegressionProblem,
  K: number,
  { theta, errors }: Minimum,
): Pick<Certificate, 'minimiser' | 'minimiserError'> {
  if (!theta || !errors) return {};
  const C = theta.length;
  const rows = columns.length;
  const d = rows - (intercept ? 1 : 0);
  const all = new Float64Array(rows * K);
  let error = 0;
  for (let j = 0; j < rows; j++) {
    const own = theta.map((weights) => timesPower(weights[j], -exponents[j]));
    const offs = theta.map((_, c) => timesPower(errors[j * C + c], -exponents[j]));
    const mean = K > 1 ? own.reduce((sum, v) => sum + v, 0) / K : 0;
    const spread = K > 1 ? offs.reduce((sum, v) => sum + v, 0) / K : 0;
    for (let k = 0; k < K; k++) {
      all[j * K + k] = (k < C ? own[k] : 0) - mean;
      const sizes = Math.abs(own[k] ?? 0) + Math.abs(mean);
      error = Math.max(error, (k < C ? offs[k] : 0) + spread + (C + 4) * sizes * 2 ** -52);
    }
  }
  const parts = [hostFloat(all.slice(0, d * K), [d, K])];
  if (intercept) parts.push(hostFloat(all.slice(d * K), [K]));
  return knownMinimiser(parts, error);
}
