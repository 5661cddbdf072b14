/** Methods that step along a minibatch (sub)gradient of f + Σ g: what SGD and Adam share. */
import type { LiveRef, LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, cast, constant, mul, zerosLike } from '../../runtime/ir/ops.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { subgradient } from './composite.ts';
import type { Batches } from './minibatch.ts';
import { stateLayout } from './state.ts';
import { norm } from './vectors.ts';
import type { Vector } from './vectors.ts';

export interface Update {
  readonly x: Value[];
  readonly memory: Value[];
}

export interface StochasticOptions {
  readonly label: string;
  readonly objective: ObjectiveValue;
  readonly batches: Batches;
  readonly live: readonly LiveRef[];
  /** How many copies of x the method remembers; they start at 0. */
  readonly memories: number;
  /** `step` is an int scalar, 0 for the first. */
  update(x: Vector, memory: Vector, gradient: Vector, step: Value, live: LiveValues): Update;
  stepSize(step: Value, live: LiveValues): Value;
  readonly maxSteps: number;
  readonly tolerance: number;
}

export function stochasticPlan(options: StochasticOptions): RunPlan {
  const { objective, batches } = options;
  const variables = objective.variables.length;
  const layout = stateLayout({
    x: variables,
    memory: variables * options.memories,
    step: 1,
    key: batches.size === null ? 0 : 1,
  });
  return {
    kind: 'plan',
    label: options.label,
    remedy: 'Lower the step size.',
    objective,
    live: options.live,
    init: (x0, key) =>
      layout.pack({
        x: x0,
        memory: Array.from({ length: options.memories }, () => x0.map((v) => zerosLike(v))).flat(),
        step: [constant(hostInt([0], []))],
        key: batches.size === null ? [] : [key],
      }),
    step(state, data, live) {
      const { x, memory, step, key } = layout.unpack(state);
      const batch = batches.draw(data, key[0], step[0]);
      const gradient = subgradient({ objective, data: batch, live, terms: true }, x);
      const next = options.update(x, memory, gradient, step[0], live);
      return layout.pack({ ...next, step: [add(step[0], 1)], key });
    },
    parameters: (state) => [...layout.unpack(state).x],
    counters(state) {
      const steps = cast(layout.unpack(state).step[0], 'float');
      const none = mul(steps, 0);
      return {
        iterations: steps,
        oracles: {
          gradients: steps,
          values: none,
          prox: none,
          matvecs: none,
          passes: mul(steps, batches.fraction),
        },
      };
    },
    extras(state, _data, live) {
      return { stepSize: options.stepSize(layout.unpack(state).step[0], live) };
    },
    residual(state, data, live) {
      const { x } = layout.unpack(state);
      return norm(subgradient({ objective, data, live, terms: true }, x));
    },
    maxSteps: options.maxSteps,
    tolerance: options.tolerance,
  };
}
