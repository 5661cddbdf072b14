/** Gradient descent and proximal gradient: x ← prox_{s g}(x − s ∇f(x)). */
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { add, cast, constant, mul, select } from '../../runtime/ir/ops.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { gradientMappingNorm, hasProx } from './composite.ts';
import type { Problem } from './composite.ts';
import { solverCounters } from './counters.ts';
import { stateLayout } from './state.ts';
import { SHRINK } from './step-rule.ts';
import type { StepRule } from './step-rule.ts';
import { gradientTheory } from './theory.ts';
import { trialStep } from './trial.ts';
import { choose } from './vectors.ts';

export interface GradientOptions {
  readonly label: string;
  readonly objective: ObjectiveValue;
  readonly rule: StepRule;
  /** Whether the non-smooth terms are part of the iteration. */
  readonly terms: boolean;
  readonly maxSteps: number;
  readonly tolerance: number;
}

export function gradientPlan(options: GradientOptions): RunPlan {
  const { objective, rule, terms } = options;
  const layout = stateLayout({
    x: objective.variables.length,
    rule: rule.carried ? 1 : 0,
    trials: 1,
    accepted: 1,
  });
  const problemOf = (data: readonly Value[], live: Problem['live']): Problem => ({
    objective,
    data,
    live,
    terms,
  });
  const zero = () => constant(hostInt([0], []));
  return {
    kind: 'plan',
    label: options.label,
    remedy: rule.remedy,
    objective,
    live: rule.live,
    init: (x0, key, data, live) =>
      layout.pack({
        x: x0,
        rule: rule.carried ? [rule.carried(x0, key, data, live)] : [],
        trials: [zero()],
        accepted: [zero()],
      }),
    step(state, data, live) {
      const { x, rule: carried, trials, accepted } = layout.unpack(state);
      const problem = problemOf(data, live);
      const size = rule.size(carried[0], live);
      const trial = trialStep(problem, x, size, rule.backtracking, trials[0]);
      const tried = add(trials[0], 1);
      if (!trial.accepted) {
        return layout.pack({ x: trial.point, rule: carried, trials: [tried], accepted: [tried] });
      }
      return layout.pack({
        x: choose(trial.accepted, trial.point, x),
        rule: [select(trial.accepted, size, mul(size, SHRINK))],
        trials: [tried],
        accepted: [add(accepted[0], cast(trial.accepted, 'int'))],
      });
    },
    parameters: (state) => [...layout.unpack(state).x],
    counters(state) {
      const { trials, accepted } = layout.unpack(state);
      return solverCounters({
        iterations: accepted[0],
        trials: trials[0],
        prox: hasProx({ objective, terms }),
        trialValues: rule.backtracking,
        setupProducts: rule.setupProducts,
      });
    },
    extras(state, _data, live) {
      return { stepSize: rule.size(layout.unpack(state).rule[0], live) };
    },
    residual(state, data, live) {
      const { x, rule: carried } = layout.unpack(state);
      return gradientMappingNorm(problemOf(data, live), x, rule.size(carried[0], live));
    },
    maxSteps: options.maxSteps,
    tolerance: options.tolerance,
    // On the smooth part alone, nothing is promised for the whole.
    theory: terms || objective.terms.length === 0 ? gradientTheory(objective, rule) : undefined,
  };
}
