/**
 * Nesterov's method and FISTA: a (proximal) gradient step from an extrapolated point.
 *
 *   x⁺ = prox_{s g}(y − s ∇f(y)),   y⁺ = x⁺ + β (x⁺ − x)
 *
 * β is (t − 1)/t⁺ with t⁺ = (1 + √(1 + 4t²))/2, t₁ = 1 (Beck & Teboulle 2009, equations (4.1)–(4.3)), or a constant.
 * Restart sets t to 1 and y to x⁺: by gradient when ⟨y − x⁺, x⁺ − x⟩ > 0, by value when F(x⁺) > F(x)
 * (O'Donoghue & Candès 2015, section 3.2 and, for composite problems, section 6.1).
 */
import type { LiveRef, LiveValues, ObjectiveValue } from '../../runtime/graph/ports.ts';
import {
  add,
  and,
  cast,
  constant,
  div,
  greater,
  mul,
  select,
  sqrt,
  sub,
} from '../../runtime/ir/ops.ts';
import { hostInt, hostScalar } from '../../runtime/ir/host.ts';
import type { Value } from '../../runtime/ir/types.ts';
import type { RunPlan } from '../../runtime/run/run-value.ts';
import { gradientMappingNorm, hasProx, smoothValue, termsValue, totalValue } from './composite.ts';
import type { Problem } from './composite.ts';
import { solverCounters } from './counters.ts';
import { stateLayout } from './state.ts';
import { SHRINK } from './step-rule.ts';
import type { StepRule } from './step-rule.ts';
import { trialStep } from './trial.ts';
import { axpy, choose, innerProduct, minus } from './vectors.ts';

export type Momentum =
  | { readonly kind: 'sequence' }
  | { readonly kind: 'constant'; beta(stepSize: Value, live: LiveValues): Value };

export interface AcceleratedOptions {
  readonly label: string;
  readonly objective: ObjectiveValue;
  readonly rule: StepRule;
  readonly momentum: Momentum;
  readonly restart: 'none' | 'gradient' | 'value';
  /** Whether the non-smooth terms are part of the iteration. */
  readonly terms: boolean;
  /** Live parameters besides those of the rule. */
  readonly live?: readonly LiveRef[];
  readonly theory?: RunPlan['theory'];
  readonly maxSteps: number;
  readonly tolerance: number;
}

export function acceleratedPlan(options: AcceleratedOptions): RunPlan {
  const { objective, rule, momentum, restart, terms } = options;
  const variables = objective.variables.length;
  const byValue = restart === 'value';
  const layout = stateLayout({
    x: variables,
    y: variables,
    t: 1,
    rule: rule.carried ? 1 : 0,
    value: byValue ? 1 : 0,
    trials: 1,
    accepted: 1,
    restarts: 1,
  });
  const problemOf = (data: readonly Value[], live: LiveValues): Problem => ({
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
    live: [...rule.live, ...(options.live ?? [])],
    init: (x0, key, data, live) =>
      layout.pack({
        x: x0,
        y: x0,
        t: [constant(hostScalar(1))],
        rule: rule.carried ? [rule.carried(x0, key, data, live)] : [],
        value: byValue ? [totalValue(problemOf(data, live), x0)] : [],
        trials: [zero()],
        accepted: [zero()],
        restarts: [zero()],
      }),
    step(state, data, live) {
      const now = layout.unpack(state);
      const { x, y } = now;
      const problem = problemOf(data, live);
      const size = rule.size(now.rule[0], live);
      const trial = trialStep(problem, y, size, rule.backtracking, now.trials[0]);
      const next = trial.point;
      const move = minus(next, x);

      const t = now.t[0];
      const grown = div(add(sqrt(add(mul(mul(t, t), 4), 1)), 1), 2);
      const beta = momentum.kind === 'sequence' ? div(sub(t, 1), grown) : momentum.beta(size, live);
      let restarted: Value | null = null;
      let value: Value[] = [];
      if (restart === 'gradient') {
        restarted = greater(innerProduct(minus(y, next), move), 0);
      } else if (byValue) {
        const f = trial.value ?? smoothValue(problem, next);
        const g = termsValue(problem, next);
        value = [g ? add(f, g) : f];
        restarted = greater(value[0], now.value[0]);
      }
      const extrapolated = axpy(beta, move, next);
      const after = {
        x: next,
        y: restarted ? choose(restarted, next, extrapolated) : extrapolated,
        t: [restarted ? select(restarted, 1, grown) : grown],
        value,
      };
      const tried = add(now.trials[0], 1);
      const { accepted } = trial;
      const counted = restarted && (accepted ? and(accepted, restarted) : restarted);
      const restarts = [counted ? add(now.restarts[0], cast(counted, 'int')) : now.restarts[0]];
      if (!accepted) {
        return layout.pack({
          ...after,
          rule: now.rule,
          trials: [tried],
          accepted: [tried],
          restarts,
        });
      }
      return layout.pack({
        x: choose(accepted, after.x, x),
        y: choose(accepted, after.y, y),
        t: choose(accepted, after.t, now.t),
        value: choose(accepted, after.value, now.value),
        rule: [select(accepted, size, mul(size, SHRINK))],
        trials: [tried],
        accepted: [add(now.accepted[0], cast(accepted, 'int'))],
        restarts,
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
        iterationValues: byValue && !rule.backtracking,
        setupProducts: rule.setupProducts,
        setupValues: byValue ? 1 : 0,
      });
    },
    extras(state, _data, live): Record<string, Value> {
      const { rule: carried, restarts } = layout.unpack(state);
      const stepSize = rule.size(carried[0], live);
      return restart === 'none' ? { stepSize } : { stepSize, restarts: cast(restarts[0], 'float') };
    },
    residual(state, data, live) {
      const { x, rule: carried } = layout.unpack(state);
      return gradientMappingNorm(problemOf(data, live), x, rule.size(carried[0], live));
    },
    maxSteps: options.maxSteps,
    tolerance: options.tolerance,
    theory: options.theory,
  };
}
