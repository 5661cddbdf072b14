/**
 * What every optimizer promises, on every problem of this file that it accepts: it reaches f*, its residual tells a minimiser from other
 * points, its counters count, its theory bounds what is measured, and chunks change nothing. f* comes from certificates, not from
 * a method. Wrong optimizers must be caught: the same promises are put to plans that were broken on purpose.
 */
import { describe, expect, test } from 'vitest';
import { optimizerNodes } from '../../src/lib/nodes/optimizer/index.ts';
import { createCpu64 } from '../../src/lib/runtime/device/cpu64/index.ts';
import { NodeError } from '../../src/lib/runtime/graph/node-error.ts';
import type { Certificate, ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { mul } from '../../src/lib/runtime/ir/ops.ts';
import { compilePlan, initialParameters } from '../../src/lib/runtime/run/compile-plan.ts';
import { batchKey, initialKey } from '../../src/lib/runtime/run/keys.ts';
import { ORACLES } from '../../src/lib/runtime/run/run-value.ts';
import type { RunPlan } from '../../src/lib/runtime/run/run-value.ts';
import {
  distance,
  gaussianClasses,
  gaussianRegression,
  last,
  liveOf,
  loss,
  model,
  plan,
  regularizer,
  run,
} from './support/problems.ts';

const STEPS = 600;
const ridge = () => regularizer('regularizer/squared-l2', { lambda: 0.1 });
const real = gaussianRegression(24, 4, 3);

/** Strongly convex and well conditioned, so that methods with linear rates are at rest after the steps. */
const PROBLEMS: Readonly<Record<string, () => Promise<ObjectiveValue>>> = {
  'least squares': async () =>
    loss('loss/squared-error', await model('model/linear', real), [await ridge()]),
  logistic: async () =>
    loss('loss/logistic', await model('model/linear', gaussianClasses(30, 3, 2, 5)), [
      await ridge(),
    ]),
  lasso: async () =>
    loss('loss/squared-error', await model('model/linear', real), [
      await regularizer('regularizer/l1-norm', { lambda: 0.2 }),
    ]),
};

/** Whole batches and no decay, so that the methods minimise the objective itself. */
const PARAMS: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  'optimizer/sgd': { batchSize: 0, stepSize: 0.2 },
  'optimizer/adam': { batchSize: 0, stepSize: 0.05 },
  'optimizer/adamw': { batchSize: 0, stepSize: 0.05, weightDecay: 0 },
};
/** Of the first gap. Adam's steps have the size of the step size however near the minimiser is. */
const REACHES: Readonly<Record<string, number>> = {
  'optimizer/adam': 1e-2,
  'optimizer/adamw': 1e-2,
};
/** Subgradient steps of a constant size end near a kink, not at it. */
const SUBGRADIENT = new Set(['optimizer/adam', 'optimizer/adamw', 'optimizer/sgd']);
const WITHIN = 1e-8;
/** Rounding of objectives of size 1. */
const ROUNDING = 1e-13;

interface Known {
  readonly type: string;
  readonly objective: ObjectiveValue;
  readonly certificate: Certificate;
}

/** The promises that a plan breaks, by name. */
async function broken(
  tried: RunPlan,
  { type, objective, certificate }: Known,
): Promise<readonly string[]> {
  const found: string[] = [];
  const { columns, compiled } = await run(tried, STEPS);
  const live = liveOf([...objective.live, ...tried.live]);
  const gaps = columns.objective.map((value) => value - certificate.value);
  const rough = objective.terms.length > 0 && SUBGRADIENT.has(type);
  const goal = rough ? 0.1 : (REACHES[type] ?? WITHIN);

  if (gaps.some((gap) => gap < -certificate.gap - ROUNDING)) found.push('below f*');
  if (!(last(gaps) <= goal * gaps[0])) found.push('reaches f*');

  const { residual } = columns;
  if (residual !== undefined) {
    if (gaps.some((gap, i) => gap > 1e-6 * gaps[0] && !(residual[i] > 0)))
      found.push('residual is positive away from a minimiser');
    if (!rough && !(last(residual) <= Math.sqrt(goal) * residual[0]))
      found.push('residual falls towards one');
  }

  for (const oracle of ORACLES) {
    if (columns[oracle].some((count, i, all) => count < (all[i - 1] ?? 0)))
      found.push(`${oracle} do not fall`);
  }
  // A factorization is none of the oracles.
  const counted = type === 'optimizer/direct' || last(columns.passes) > 0;
  if (!counted || !(last(columns.iterations) > 0)) found.push('work is counted');

  const { minimiser } = certificate;
  if (tried.theory && minimiser) {
    const start = distance(compiled.x0, minimiser);
    const bounds = columns.step.map((k) => tried.theory?.bound(k, start, gaps[0], live) ?? NaN);
    const bounded = gaps.every(
      (gap, i) => columns.step[i] === 0 || !(gap > bounds[i] * (1 + 1e-9) + ROUNDING),
    );
    if (!bounded) found.push('theory bounds what is measured');
  }

  const whole = await stateAfter(tried, [30]);
  if (JSON.stringify(whole) !== JSON.stringify(await stateAfter(tried, [1, 7, 22])))
    found.push('chunks change nothing');
  compiled.spec.state.forEach(({ shape, dtype }, i) => {
    if (whole[i].dtype !== dtype || whole[i].shape.join() !== shape.join())
      found.push('the state keeps its shapes');
  });
  return found;
}

async function stateAfter(of: RunPlan, chunks: readonly number[]) {
  const compiled = compilePlan(of, {
    x0: initialParameters(of, initialKey(0)),
    key: batchKey(0),
  });
  const stepper = await createCpu64().createStepper(compiled.spec);
  for (const steps of chunks) await stepper.advance(steps, 1);
  return (await stepper.readState()).map(({ dtype, shape, data }) => ({
    dtype,
    shape,
    data: [...data],
  }));
}

const accepted = new Map<string, number>();

describe.each(Object.entries(PROBLEMS))('%s', (_, problem) => {
  test.each(optimizerNodes.map(({ type }) => type))('%s keeps its promises', async (type) => {
    const objective = await problem();
    const { signal } = new AbortController();
    const certificate = await objective.certify?.(liveOf(objective.live), signal);
    if (!certificate) throw new Error('expected a problem with a certificate');
    let own: RunPlan;
    try {
      own = await plan(type, objective, PARAMS[type] ?? {});
    } catch (error) {
      // What is refused and why is told by the combinations of all nodes.
      if (error instanceof NodeError) return;
      throw error;
    }
    accepted.set(type, (accepted.get(type) ?? 0) + 1);
    expect(await broken(own, { type, objective, certificate })).toEqual([]);
  });
});

test('every optimizer was put to it', () => {
  expect(optimizerNodes.map(({ type }) => type).filter((type) => !accepted.has(type))).toEqual([]);
});

describe('a broken optimizer is caught', () => {
  const WRONG: Readonly<Record<string, (right: RunPlan) => RunPlan>> = {
    'one that does nothing': (right) => ({ ...right, step: (state) => [...state] }),
    'one that goes half the way': (right) => ({
      ...right,
      parameters: (state) => right.parameters(state).map((part) => mul(part, 0.5)),
    }),
    'a residual that is always 0': (right) => ({
      ...right,
      residual: (...all) => mul(right.residual?.(...all) ?? 0, 0),
    }),
    'a residual that never falls': (right) => ({
      ...right,
      residual: (state) => right.counters(state).iterations,
    }),
    'counters at 0': (right) => ({
      ...right,
      counters: (state) => {
        const { iterations, oracles } = right.counters(state);
        const none = { ...oracles };
        for (const oracle of ORACLES) none[oracle] = mul(oracles[oracle], 0);
        return { iterations, oracles: none };
      },
    }),
    'a bound of 0': (right) => ({ ...right, theory: { label: 'none', bound: () => 0 } }),
    'a bound of half the gap': (right) => ({
      ...right,
      theory: {
        label: 'half',
        bound: (k, d, gap, live) =>
          Math.min(right.theory?.bound(k, d, gap, live) ?? gap, gap / 2) / 1e3 ** k,
      },
    }),
  };
  test.each(Object.entries(WRONG))('%s', async (_, wrong) => {
    const objective = await PROBLEMS['least squares']();
    const { signal } = new AbortController();
    const certificate = await objective.certify?.(liveOf(objective.live), signal);
    if (!certificate) throw new Error('expected a problem with a certificate');
    const type = 'optimizer/gradient-descent';
    const right = await plan(type, objective);
    expect(await broken(wrong(right), { type, objective, certificate })).not.toEqual([]);
  });
});
