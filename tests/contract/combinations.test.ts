/**
 * Every model with every loss, penalty and optimizer: what the mathematics allows runs and descends, what it does not is refused by name.
 *
 * Which is which is written here from the definitions, not read off the nodes: a model is linear in its parameters or not; a loss is
 * quadratic, smooth or neither; a penalty is smooth, has a known prox, or is a constraint; a method needs some of these.
 */
import { describe, expect, test } from 'vitest';
import { NodeError } from '../../src/lib/runtime/graph/node-error.ts';
import type {
  DatasetValue,
  ModelValue,
  ObjectiveValue,
  RegularizerValue,
} from '../../src/lib/runtime/graph/ports.ts';
import { optimizerNodes } from '../../src/lib/nodes/optimizer/index.ts';
import { modelNodes } from '../../src/lib/nodes/model/index.ts';
import { lossNodes } from '../../src/lib/nodes/loss/index.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import {
  dataset,
  definitionOf,
  gaussianClasses,
  gaussianRegression,
  liveOf,
  model,
  plan,
  regularizer,
  run,
  values,
} from './support/problems.ts';

const N = 16;
/** Images of 2 × 2 pixels for the convolutional network. */
const FEATURES = 4;

interface ModelTraits {
  readonly params?: Readonly<Record<string, number | string | readonly number[]>>;
  readonly linear: boolean;
  /** The penalty of its function space is part of the objective, and its least squares have a closed form of their own. */
  readonly kernel?: true;
  readonly outputs: 'targets' | 'density' | 'samples';
  /** @default FEATURES */
  readonly features?: number;
}
const MODELS: Readonly<Record<string, ModelTraits>> = {
  'model/cnf': { linear: false, outputs: 'density', params: { steps: 2, widths: [4] } },
  'model/conv-resnet': {
    linear: false,
    outputs: 'targets',
    params: { height: 2, channels: 2, depth: 1 },
  },
  'model/exponential': { linear: false, outputs: 'targets', features: 1 },
  'model/generator': { linear: false, outputs: 'samples', params: { widths: [4] } },
  'model/kernel': { linear: true, kernel: true, outputs: 'targets' },
  'model/linear': { linear: true, outputs: 'targets' },
  'model/mlp': { linear: false, outputs: 'targets', params: { widths: [3] } },
  'model/particles': { linear: true, outputs: 'samples' },
  'model/resnet': { linear: false, outputs: 'targets', params: { width: 4, depth: 2 } },
};

interface LossTraits {
  readonly curvature: 'quadratic' | 'smooth' | 'kinked';
  /** In the outputs of the model. */
  readonly convex: boolean;
  data(features: number): DatasetValue;
  readonly takes: ModelTraits['outputs'];
}
const real = (d: number) => gaussianRegression(N, d, 1);
const two = (d: number) => gaussianClasses(N, d, 2, 2);
const counts = (d: number) =>
  dataset(real(d).features, values(Array.from({ length: N }, (_, i) => i % 4)));
const LOSSES: Readonly<Record<string, LossTraits>> = {
  'loss/density-likelihood': { curvature: 'smooth', convex: false, data: real, takes: 'density' },
  'loss/hinge': { curvature: 'kinked', convex: true, data: two, takes: 'targets' },
  'loss/logistic': { curvature: 'smooth', convex: true, data: two, takes: 'targets' },
  'loss/poisson': { curvature: 'smooth', convex: true, data: counts, takes: 'targets' },
  'loss/softmax-cross-entropy': { curvature: 'smooth', convex: true, data: two, takes: 'targets' },
  'loss/squared-error': { curvature: 'quadratic', convex: true, data: real, takes: 'targets' },
  'loss/wasserstein': { curvature: 'smooth', convex: false, data: real, takes: 'samples' },
};
/** Losses without a model have tests of their own. */
const WITHOUT_MODEL = [
  'loss/basis-pursuit',
  'loss/inverse-problem',
  'loss/quadratic',
  'loss/tv-denoising',
];

interface PenaltyTraits {
  readonly type?: string;
  readonly kind: 'none' | 'smooth' | 'prox' | 'constraint';
}
const PENALTIES: Readonly<Record<string, PenaltyTraits>> = {
  nothing: { kind: 'none' },
  'squared ℓ2': { kind: 'smooth', type: 'regularizer/squared-l2' },
  ℓ1: { kind: 'prox', type: 'regularizer/l1-norm' },
  'nonnegative weights': { kind: 'constraint', type: 'regularizer/nonnegativity' },
};

interface Case {
  readonly model: ModelTraits;
  readonly loss: LossTraits;
  readonly penalty: PenaltyTraits;
}
const smoothData = ({ loss }: Case) => loss.curvature !== 'kinked';
const smooth = (c: Case) => smoothData(c) && !nonSmoothTerm(c);
const convex = ({ model, loss }: Case) => model.linear && loss.convex;
const quadratic = (c: Case) => c.model.linear && c.loss.curvature === 'quadratic';
const nonSmoothTerm = ({ penalty }: Case) =>
  penalty.kind === 'prox' || penalty.kind === 'constraint';
const unconstrained = ({ penalty }: Case) => penalty.kind !== 'constraint';
const splits = (c: Case) => quadratic(c) && nonSmoothTerm(c);
const ofTargets = ({ loss }: Case) => loss.takes === 'targets';
/** A subgradient serves where there is no gradient. */
const subgradient = unconstrained;

const ACCEPTS: Readonly<Record<string, (c: Case) => boolean>> = {
  'optimizer/adam': subgradient,
  'optimizer/adamw': subgradient,
  'optimizer/admm': splits,
  'optimizer/chambolle-pock': splits,
  'optimizer/conjugate-gradient': (c) => quadratic(c) && smooth(c),
  // The normal equations, or the kernel's own system; a further penalty has no system with the kernel's matrix.
  'optimizer/direct': (c) =>
    quadratic(c) && smooth(c) && !(c.model.kernel && c.penalty.kind === 'smooth'),
  'optimizer/douglas-rachford': splits,
  'optimizer/fista': (c) => smoothData(c) && convex(c),
  'optimizer/gauss-newton': (c) => smooth(c) && ofTargets(c),
  'optimizer/gradient-descent': smooth,
  'optimizer/l-bfgs': smooth,
  'optimizer/nesterov': (c) => smooth(c) && convex(c),
  'optimizer/newton': smooth,
  'optimizer/proximal-gradient': smoothData,
  'optimizer/sgd': subgradient,
};

const MINIBATCH = new Set(['optimizer/adam', 'optimizer/adamw', 'optimizer/sgd']);

const LOSS_CASES = Object.keys(LOSSES).flatMap((loss) =>
  Object.keys(MODELS).map((type) => [type, loss] as const),
);

async function build(type: string, traits: ModelTraits, data: DatasetValue): Promise<ModelValue> {
  return model(type, data, traits.params ?? {});
}

async function objectiveOf(
  lossType: string,
  own: ModelValue,
  data: DatasetValue,
  regularizers: readonly RegularizerValue[],
): Promise<ObjectiveValue> {
  const definition = definitionOf(lossType);
  const inputs: Record<string, ModelValue | DatasetValue | readonly RegularizerValue[]> = {
    model: own,
    regularizer: regularizers,
  };
  if (definition.inputs.some(({ name }) => name === 'data')) inputs.data = data;
  const { outputs } = await evaluateNode(definition, {
    inputs,
    liveValues: liveOf(regularizers.flatMap((g) => g.live)),
  });
  return outputs?.objective as ObjectiveValue;
}

/** The message of the refusal; any other error fails the test. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof NodeError) return error.message;
    throw error;
  }
  throw new Error('expected a refusal, but it was accepted');
}

test('the tables name every model, loss and optimizer there is', () => {
  const types = (nodes: readonly { type: string }[]) => nodes.map(({ type }) => type);
  expect(Object.keys(MODELS)).toEqual(types(modelNodes));
  expect([...Object.keys(LOSSES), ...WITHOUT_MODEL].sort()).toEqual(types(lossNodes));
  expect(Object.keys(ACCEPTS)).toEqual(types(optimizerNodes));
});

describe.each(LOSS_CASES)('%s with %s', (modelType, lossType) => {
  const traits = { model: MODELS[modelType], loss: LOSSES[lossType] };
  const { takes } = traits.loss;
  const data = traits.loss.data(traits.model.features ?? FEATURES);

  // The one value for each sample of a curve is a point of the line, as good as any cloud.
  const line = takes === 'samples' && traits.model.features === 1;
  if (traits.model.outputs !== takes && !line) {
    test('is refused, saying what the loss takes', async () => {
      const own = await build(modelType, traits.model, data);
      const message = await refusal(objectiveOf(lossType, own, data, []));
      // What was expected, what came, and what to do.
      expect(message).toMatch(/expected .+, got .+\. (Use|Wire|Choose|Take) /s);
    });
    return;
  }

  describe.each(Object.entries(PENALTIES))('and %s', (_, penalty) => {
    const all: Case = { ...traits, penalty };
    const problem = async (): Promise<ObjectiveValue> => {
      const own = await build(modelType, traits.model, data);
      const penalties = penalty.type ? [await regularizer(penalty.type, {})] : [];
      return objectiveOf(lossType, own, data, penalties);
    };

    test.each(Object.keys(ACCEPTS))('%s', async (optimizer) => {
      const objective = await problem();
      const attempt = plan(
        optimizer,
        objective,
        MINIBATCH.has(optimizer) ? { batchSize: 8, stepSize: 0.01 } : {},
      );
      if (!ACCEPTS[optimizer](all)) {
        const message = await refusal(attempt);
        expect(message).toMatch(/ needs | splits | solves | steps /);
        expect(message).toMatch(/\. (Use|Wire|Choose|Keep) .+\.$/s);
        return;
      }
      const { columns } = await run(await attempt, 3);
      expect(columns.objective.filter((value) => !Number.isFinite(value))).toEqual([]);
    });
  });
});
