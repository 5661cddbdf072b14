/** Assembles what the losses on data have in common: mean over samples, regularizers, constants, certificate, problem view. */
import type {
  EvaluateContext,
  Evaluation,
  ParamTable,
} from '../../runtime/graph/node-definition.ts';
import type { InputPort, OutputPort } from '../../runtime/graph/node-definition.ts';
import type {
  Certificate,
  LiveNumbers,
  LiveRef,
  ModelValue,
  ObjectiveValue,
  OutputLoss,
  RegularizerValue,
} from '../../runtime/graph/ports.ts';
import { add } from '../../runtime/ir/ops.ts';
import type { HostArray, Value } from '../../runtime/ir/types.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { requireSquares } from '../shared/finite.ts';
import { bindToModel, numberedFormula } from './bind.ts';
import { curvatureEffort, designCurvature } from './curvature.ts';
import { NORM_FORMULA, kernelProblem, normPenalty } from './kernel-problem.ts';
import { leastSquaresFactorization } from './least-squares-system.ts';
import { quadraticSystem } from './quadratic-system.ts';
import { countOf } from '../../runtime/ir/shape.ts';

export const LOSS_INPUTS: readonly InputPort[] = [
  { name: 'model', type: 'model', label: 'Model' },
  {
    name: 'regularizer',
    type: 'regularizer',
    label: 'Regularizers',
    many: true,
    optional: true,
  },
];
export const LOSS_OUTPUTS: readonly OutputPort[] = [
  { name: 'objective', type: 'objective', label: 'Objective' },
];

/** A loss of outputs and targets, averaged over samples. */
export interface DataLoss {
  readonly title: string;
  /** TeX of the mean over samples, with z_i for the output of the model. */
  readonly formula: string;
  /** float [N] or int [N]. */
  readonly targets: HostArray;
  readonly smooth: ObjectiveValue['smooth'];
  /** Bounds of the eigenvalues of the Hessian of one sample's loss in its outputs; the upper one is absent where there is none. */
  readonly curvature: { readonly lower: number; readonly upper?: number };
  /** Values below 0 are possible. @default false */
  readonly mayBeNegative?: boolean;
  /** It is half the mean squared error, so that stationarity is a linear system where the model is linear. @default false */
  readonly leastSquares?: boolean;
  /** One number added to all outputs of a sample changes nothing. @default false */
  readonly shiftInvariant?: boolean;
  /** Mean over B samples: outputs float [B, K], targets [B] → float scalar. */
  value(outputs: Value, targets: Value): Value;
  /** For a linear model, if there is a way; called with all regularizers and the live values. */
  certificate?(
    model: ModelValue,
    regularizers: readonly RegularizerValue[],
  ): ((live: LiveNumbers, signal: AbortSignal) => Promise<Certificate>) | undefined;
  /** For a kernel machine that is not kernel ridge regression; otherwise as `certificate`. */
  kernelCertificate?(
    model: ModelValue,
    regularizers: readonly RegularizerValue[],
  ): ObjectiveValue['certify'];
}

export function uniqueLive(regularizers: readonly RegularizerValue[]): LiveRef[] {
  const refs = new Map<string, LiveRef>();
  for (const { live } of regularizers) for (const ref of live) refs.set(ref.key, ref);
  return [...refs.values()];
}

async function linearConstants(
  model: ModelValue,
  loss: DataLoss,
  context: EvaluateContext<ParamTable>,
): Promise<ObjectiveValue['constants']> {
  if (!model.linear || model.kernel || loss.curvature.upper === undefined) return {};
  const bias = model.parameters.some(({ penalized }) => !penalized);
  context.reserve(curvatureEffort(model.dataset.features, bias));
  const pacer = createPacer(context.signal, (fraction) =>
    context.progress(fraction, 'bounding the curvature'),
  );
  const bounds = await designCurvature(model.dataset.features, bias, pacer);
  if (!bounds) return {};
  return {
    lipschitzGrad: loss.curvature.upper * bounds.upper,
    strongConvexity: loss.curvature.lower * bounds.lower,
  };
}

/**
 * `seen` of a loss that does not see one number added to all K outputs of a linear model: intercepts [K], and weights [D, K] where no
 * regularizer sees them, count without their mean over the classes.
 */
function withoutShift(
  { parameters, outputs }: ModelValue,
  regularized: boolean,
): NonNullable<ObjectiveValue['seen']> {
  return (parts) =>
    parts.map((part, v) => {
      if (regularized && parameters[v].penalized) return part;
      return part.map((x, i) => {
        const first = i - (i % outputs);
        let sum = 0;
        for (let k = 0; k < outputs; k++) sum += part[first + k];
        return x - sum / outputs;
      });
    });
}

const digits = (x: number) => Number(x.toPrecision(4)).toString();

export async function evaluateLoss(
  context: EvaluateContext<ParamTable>,
  loss: DataLoss,
): Promise<Evaluation> {
  const model = context.input('model', 'model');
  requireSquares(model.dataset, `${loss.title} (model)`, 'model');
  const regularizers = context.list('regularizer', 'regularizer');
  const { penalized, bound } = bindToModel(model, regularizers);
  const smoothTerms = bound.filter((g) => g.smooth);
  const terms = bound.filter((g) => !g.smooth);
  const constants = await linearConstants(model, loss, context);
  const outputs: OutputLoss['outputs'] = (x, [features]) => model.apply(x, features);
  const outerLoss: OutputLoss['loss'] = (z, [, targets]) => loss.value(z, targets);
  const dataTerm: ObjectiveValue['dataTerm'] = (x, data) => outerLoss(outputs(x, data), data);
  const kernel = kernelProblem(model, loss, regularizers);
  const certify = !model.linear
    ? undefined
    : model.kernel
      ? (kernel?.certify ?? loss.kernelCertificate?.(model, regularizers))
      : loss.certificate?.(model, regularizers);
  const convex = model.linear && regularizers.every((g) => g.convex);
  const samples = model.dataset.features.shape[0];
  const unknowns = model.kernel ? '\\alpha' : model.linear ? 'W, b' : '\\theta';
  const penalty = model.kernel ? NORM_FORMULA : '';
  const formula = `\\min_{${unknowns}} \\; ${loss.formula}${penalty}${numberedFormula(regularizers)}`;
  const machine = model.kernel;
  const penalties: NonNullable<OutputLoss['rest']>[] = [
    ...(machine ? [(x: readonly Value[]) => normPenalty(machine, x[0])] : []),
    ...smoothTerms.map(
      (g): NonNullable<OutputLoss['rest']> =>
        (x, live) =>
          g.value(x, live),
    ),
  ];
  const value: ObjectiveValue['value'] = (x, data, live) =>
    penalties.reduce((total, g) => add(total, g(x, live)), dataTerm(x, data, live));
  const rest: OutputLoss['rest'] =
    penalties.length === 0
      ? undefined
      : (x, live) => penalties.map((g) => g(x, live)).reduce((sum, g) => add(sum, g));
  const quadratic =
    model.linear &&
    loss.leastSquares === true &&
    terms.length === 0 &&
    smoothTerms.every((g) => g.elasticWeights !== undefined);
  const objective: ObjectiveValue = {
    kind: 'objective',
    title: [loss.title, ...regularizers.map((g) => g.title)].join(' + '),
    formula,
    variables: model.parameters,
    penalized,
    init: (key) => model.init(key),
    data: [model.dataset.features, loss.targets],
    samples,
    smooth: loss.smooth,
    convex,
    value,
    terms,
    smoothTerms,
    live: uniqueLive(regularizers),
    ...(loss.shiftInvariant === true &&
      model.linear &&
      !model.kernel && { seen: withoutShift(model, regularizers.length > 0) }),
    ...(kernel?.seen && { seen: kernel.seen }),
    dataTerm,
    constants,
    certify,
    ...(loss.mayBeNegative !== true && { nonnegative: true as const }),
    quadratic:
      model.linear &&
      loss.curvature.lower === loss.curvature.upper &&
      smoothTerms.every((g) => g.elasticWeights !== undefined),
    model,
    ...(loss.smooth.yes &&
      loss.curvature.lower >= 0 && { outputLoss: { outputs, loss: outerLoss, rest } }),
    ...(quadratic && {
      linearSystem: kernel?.system ?? {
        ...quadraticSystem(model.parameters, value),
        ...(!machine && { factorize: leastSquaresFactorization(model, loss.targets, smoothTerms) }),
      },
    }),
  };
  const count = countOf(model.parameters);
  const facts = [
    { label: 'Samples', value: String(samples) },
    { label: 'Unknowns', value: String(count) },
    { label: 'Convex', value: convex ? 'yes' : 'no' },
    { label: 'Smooth', value: loss.smooth.yes && terms.length === 0 ? 'yes' : 'no' },
  ];
  if (constants.lipschitzGrad !== undefined) {
    facts.push({ label: 'L (data term)', value: digits(constants.lipschitzGrad) });
  }
  if (constants.strongConvexity) {
    facts.push({ label: 'μ (data term)', value: digits(constants.strongConvexity) });
  }
  return {
    outputs: { objective },
    view: { kind: 'problem', formula, facts },
    status: `${count} unknowns, ${samples} samples`,
  };
}
