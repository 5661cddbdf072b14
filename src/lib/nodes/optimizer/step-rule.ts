/** How long a gradient step is: a live constant, a function of the constants of f, or backtracking. */
import type {
  EvaluateContext,
  ParamSpec,
  ParamTable,
} from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type {
  LiveNumbers,
  LiveRef,
  LiveValues,
  ObjectiveValue,
} from '../../runtime/graph/ports.ts';
import { add, constant, div } from '../../runtime/ir/ops.ts';
import { hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import {
  lipschitzOf,
  strongConvexityOf,
  tracedLipschitz,
  tracedStrongConvexity,
} from './constants.ts';
import { POWER_ITERATIONS, SAFETY, estimateLipschitz } from './power-iteration.ts';
import type { Vector } from './vectors.ts';

/** Backtracking shrinks a refused step by this. */
export const SHRINK = 0.5;

export interface StepRule {
  /** e.g. "step 1/L". */
  readonly label: string;
  readonly live: readonly LiveRef[];
  readonly backtracking: boolean;
  /** What helps a run that diverges or meets numbers that are not finite. */
  readonly remedy: string;
  /** One number carried in the state: the present step of backtracking, or an estimate of the data term's L. */
  readonly carried?: (x0: Vector, key: Value, data: readonly Value[], live: LiveValues) => Value;
  /** Hessian-vector products spent before the first step. */
  readonly setupProducts: number;
  size(carried: Value | undefined, live: LiveValues): Value;
  /** The least step it can come to at these live values; undefined where nothing is known. */
  leastSize(live: LiveNumbers): number | undefined;
}

const WITHIN_BOUNDS =
  'The step is as small as theory asks, so the numbers are too large: standardize the features, or compute in float64.';

type StepChoice = 'lipschitz' | 'optimal' | 'constant' | 'backtracking';

const LABELS: Readonly<Record<StepChoice, string>> = {
  lipschitz: '1/L',
  optimal: '2/(L + μ)',
  constant: 'constant',
  backtracking: 'backtracking',
};

/** The parameters every method with gradient steps has. */
export function stepParams<const C extends readonly StepChoice[]>(choices: C) {
  return {
    step: {
      kind: 'choice',
      label: 'Step rule',
      help: '1/L takes the constant of the objective where it is known, else power iteration at the start.',
      default: 'lipschitz',
      options: choices.map((value) => ({ value, label: LABELS[value] })),
    },
    stepSize: {
      kind: 'number',
      label: 'Step size (learning rate)',
      default: 0.1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      live: true,
      visibleWhen: { param: 'step', in: ['constant'] },
    },
    initialStep: {
      kind: 'number',
      label: 'First trial step',
      help: 'Halved until the quadratic upper bound holds; it never grows again.',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
      visibleWhen: { param: 'step', in: ['backtracking'] },
    },
  } as const satisfies Record<string, ParamSpec>;
}

interface StepParams {
  readonly step: string;
  readonly initialStep: number;
}

export function stepRule<T extends ParamTable>(
  context: Pick<EvaluateContext<T>, 'live' | 'liveValues'>,
  params: StepParams,
  objective: ObjectiveValue,
): StepRule {
  switch (params.step) {
    case 'constant':
      return constantRule(context.live('stepSize'));
    case 'backtracking':
      return backtrackingRule(objective, params.initialStep);
    case 'optimal':
      return optimalRule(objective, context.liveValues);
    default:
      return objective.constants.lipschitzGrad === undefined
        ? estimatedRule(objective)
        : lipschitzRule(objective, objective.constants.lipschitzGrad);
  }
}

function constantRule(ref: LiveRef): StepRule {
  return {
    label: 'constant step',
    remedy: 'Lower the step size.',
    live: [ref],
    backtracking: false,
    setupProducts: 0,
    size: (_, live) => live[ref.key],
    leastSize: (live) => live[ref.key],
  };
}

function lipschitzRule(objective: ObjectiveValue, dataConstant: number): StepRule {
  if (!(dataConstant > 0)) {
    throw new NodeError(
      'step',
      'step 1/L: expected a data term with curvature, got L = 0. Check that the features are not all zero.',
      'objective',
    );
  }
  return {
    label: 'step 1/L',
    remedy: WITHIN_BOUNDS,
    live: [],
    backtracking: false,
    setupProducts: 0,
    size: (_, live) => div(1, tracedLipschitz(objective, dataConstant, live)),
    leastSize: (live) => {
      const L = lipschitzOf(objective, live);
      return L === undefined ? undefined : 1 / L;
    },
  };
}

/** 1/L with L from power iteration at x₀, times a safety factor: exact for quadratics up to that factor, else a local guess. */
function estimatedRule(objective: ObjectiveValue): StepRule {
  return {
    label: `step 1/L, L ≈ ${SAFETY}·λmax at x₀`,
    remedy:
      'L was estimated at the start and is larger on the way: choose backtracking or a smaller constant step, or standardize the features.',
    live: [],
    backtracking: false,
    carried: (x0, key, data, live) => estimateLipschitz(objective, x0, key, data, live),
    setupProducts: POWER_ITERATIONS,
    size: (carried, live) => div(1, tracedLipschitz(objective, carried ?? 0, live)),
    leastSize: () => undefined,
  };
}

/** 2/(L + μ) minimises the contraction factor max(|1 − sL|, |1 − sμ|) of a gradient step. */
function optimalRule(objective: ObjectiveValue, liveValues: LiveNumbers): StepRule {
  const dataConstant = objective.constants.lipschitzGrad;
  if (dataConstant === undefined || !(strongConvexityOf(objective, liveValues) > 0)) {
    throw new NodeError(
      'step',
      'step 2/(L + μ): expected an objective with known L and strong convexity μ > 0, got none. Use the step 1/L.',
      'objective',
    );
  }
  return {
    label: 'step 2/(L + μ)',
    remedy: WITHIN_BOUNDS,
    live: [],
    backtracking: false,
    setupProducts: 0,
    size: (_, live) =>
      div(
        2,
        add(tracedLipschitz(objective, dataConstant, live), tracedStrongConvexity(objective, live)),
      ),
    leastSize(live) {
      const L = lipschitzOf(objective, live);
      return L === undefined ? undefined : 2 / (L + strongConvexityOf(objective, live));
    },
  };
}

function backtrackingRule(objective: ObjectiveValue, initialStep: number): StepRule {
  return {
    label: 'backtracking',
    remedy:
      'No step that raises f too much is taken, so the numbers are too large: standardize the features.',
    live: [],
    backtracking: true,
    carried: () => constant(hostScalar(initialStep)),
    setupProducts: 0,
    size(carried) {
      if (!carried) throw new Error('internal: backtracking lost its step.');
      return carried;
    },
    // A step of at most 1/L is never refused, so none below SHRINK/L is tried unless the first was.
    leastSize(live) {
      const L = lipschitzOf(objective, live);
      return L === undefined ? undefined : Math.min(initialStep, SHRINK / L);
    },
  };
}
