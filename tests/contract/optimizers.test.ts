/** Every deterministic optimizer: known minima, promised rates, counts, refusals. SGD and Adam: stochastic-optimizers.test.ts. */
import { describe, expect, test } from 'vitest';
import type { ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { abs, less, mul, ones, select, sub, sum } from '../../src/lib/runtime/ir/ops.ts';
import type { RunPlan } from '../../src/lib/runtime/run/run-value.ts';
import type { ParamValue } from '../../src/lib/runtime/graph/document.ts';
import {
  distance,
  gaussianClasses,
  gaussianRegression,
  largestDifference,
  last,
  liveOf,
  loss,
  model,
  plan,
  quadratic,
  regularizer,
  run,
} from './support/problems.ts';

type Params = Readonly<Record<string, ParamValue>>;

const l1 = (lambda: number) => regularizer('regularizer/l1-norm', { lambda }, 'l1');
const l2 = (lambda: number) => regularizer('regularizer/squared-l2', { lambda }, 'l2');

const leastSquares = async () =>
  loss('loss/squared-error', await model('model/linear', gaussianRegression(40, 5, 1)));
const ridgeLogistic = async (bias = true) =>
  loss('loss/logistic', await model('model/linear', gaussianClasses(40, 4, 2, 2), { bias }), [
    await l2(0.1),
  ]);
const lasso = async () =>
  loss('loss/squared-error', await model('model/linear', gaussianRegression(30, 8, 3)), [
    await l1(0.2),
  ]);
const elasticNet = async () =>
  loss('loss/squared-error', await model('model/linear', gaussianRegression(12, 20, 4)), [
    await regularizer('regularizer/elastic-net', { lambda: 0.1, l1Ratio: 0.5 }, 'en'),
  ]);
const mlp = async (params: Params = {}) =>
  loss(
    'loss/softmax-cross-entropy',
    await model('model/mlp', gaussianClasses(20, 3, 3, 5), { widths: [6], ...params }),
  );

const SMOOTH: Readonly<Record<string, () => Promise<ObjectiveValue>>> = {
  'quadratic, κ = 100': () => quadratic({ dimension: 20, condition: 100 }),
  'least squares': leastSquares,
  'ridge logistic': () => ridgeLogistic(),
  'ridge logistic without intercept': () => ridgeLogistic(false),
};
const COMPOSITE: Readonly<Record<string, () => Promise<ObjectiveValue>>> = {
  lasso,
  'elastic net, more features than samples': elasticNet,
};

const STEPS: readonly Params[] = [
  {},
  { step: 'constant', stepSize: 0.05 },
  { step: 'backtracking', initialStep: 10 },
];
const GD: readonly Params[] = STEPS;
const NESTEROV: readonly Params[] = [...STEPS, { momentum: 'sequence' }];
const FISTA: readonly Params[] = STEPS.flatMap((step) =>
  ['none', 'gradient', 'value'].map((restart) => ({ ...step, restart })),
);

type Case = readonly [string, Params, string, () => Promise<ObjectiveValue>];
const cross = (
  type: string,
  variants: readonly Params[],
  problems: Readonly<Record<string, () => Promise<ObjectiveValue>>>,
): Case[] =>
  variants.flatMap((params) =>
    Object.entries(problems).map(([name, make]): Case => [type, params, name, make]),
  );

const CASES: readonly Case[] = [
  ...cross('optimizer/gradient-descent', GD, SMOOTH),
  ...cross('optimizer/nesterov', NESTEROV, SMOOTH),
  ...cross('optimizer/proximal-gradient', STEPS, { ...SMOOTH, ...COMPOSITE }),
  ...cross('optimizer/fista', FISTA, { ...SMOOTH, ...COMPOSITE }),
];

const certified = async (objective: ObjectiveValue) => {
  const certificate = await objective.certify?.(
    liveOf(objective.live),
    new AbortController().signal,
  );
  if (!certificate?.minimiser) throw new Error('expected a certificate with a minimiser');
  return { ...certificate, minimiser: certificate.minimiser };
};

describe('known minima and promised rates', () => {
  test.each(CASES)('%s %o on %s', async (type, params, _, make) => {
    const objective = await make();
    const { value: best, minimiser } = await certified(objective);
    const runPlan = await plan(type, objective, params);
    const { columns, compiled } = await run(runPlan, 2500);
    const gaps = columns.objective.map((f) => f - best);
    const rounding = 2e-14 * Math.max(1, Math.abs(best));

    expect(Math.min(...gaps)).toBeGreaterThan(-rounding);
    // The slowest here is GD with κ = 100 and step 0.05: (1 − 0.05/100)^{2·2500} = 0.08.
    expect(last(gaps)).toBeLessThan(0.1 * gaps[0]);
    if (params.step !== 'constant') expect(last(gaps)).toBeLessThan(1e-4 * gaps[0]);

    const { theory } = runPlan;
    const unsure = params.restart === 'gradient' || params.restart === 'value';
    if (unsure) return expect(theory).toBeUndefined();
    if (!theory) throw new Error('the constants are known, so a bound is promised');
    const live = liveOf([...objective.live, ...runPlan.live]);
    const start = distance(compiled.x0, minimiser);
    columns.iterations.forEach((k, row) => {
      const bound = theory.bound(k, start, gaps[0], live);
      expect(bound).toBeGreaterThanOrEqual(0);
      expect(gaps[row]).toBeLessThanOrEqual(bound * (1 + 1e-9) + rounding);
    });
    // A bound that never moves would be no bound.
    expect(theory.bound(last(columns.iterations), start, gaps[0], live)).toBeLessThan(gaps[0]);
  });

  test('the sublinear bound of gradient descent is attained on its worst function', async () => {
    // Drori & Teboulle 2014: a Huber function whose linear part lasts just N steps; from x₀ = 1 with L = 1.
    const N = 9;
    const knee = 1 / (2 * N + 1);
    const huber: ObjectiveValue['value'] = ([x]) =>
      sum(
        select(less(abs(x), knee), mul(mul(x, x), 0.5), sub(mul(abs(x), knee), 0.5 * knee * knee)),
      );
    const objective: ObjectiveValue = {
      ...(await quadratic({ dimension: 1, condition: 1 })),
      init: () => [ones([1])],
      value: huber,
      dataTerm: huber,
      constants: { lipschitzGrad: 1 },
    };
    const runPlan = await plan('optimizer/gradient-descent', objective);
    const { columns } = await run(runPlan, N);
    const bound = runPlan.theory?.bound(N, 1, columns.objective[0], {}) ?? NaN;
    expect(bound).toBeCloseTo(1 / (4 * N + 2), 14);
    expect(last(columns.objective)).toBeCloseTo(bound, 14);
  });

  test('gradient descent with step 2/(L + μ) contracts by ((κ − 1)/(κ + 1))² at least', async () => {
    const objective = await quadratic({ dimension: 20, condition: 10 });
    const { value } = await certified(objective);
    const runPlan = await plan('optimizer/gradient-descent', objective, { step: 'optimal' });
    const { columns } = await run(runPlan, 20);
    for (let k = 1; k <= 20; k++) {
      const ratio = (columns.objective[k] - value) / (columns.objective[k - 1] - value);
      expect(ratio).toBeLessThanOrEqual((9 / 11) ** 2 * (1 + 1e-6));
    }
  });

  test('Nesterov beats gradient descent by the square root of κ', async () => {
    const objective = await quadratic({ dimension: 30, condition: 1e4 });
    const { value } = await certified(objective);
    const gap = async (type: string) =>
      last((await run(await plan(type, objective), 1500, { every: 1500 })).columns.objective) -
      value;
    // After 1500 steps the bounds are about exp(−0.3) and exp(−15).
    expect(await gap('optimizer/nesterov')).toBeLessThan(
      1e-4 * (await gap('optimizer/gradient-descent')),
    );
  });

  test('a bound is void where the live step is above 2/L', async () => {
    const objective = await quadratic({});
    const { theory } = await plan('optimizer/gradient-descent', objective, { step: 'constant' });
    expect(theory?.bound(5, 1, 1, { 'opt.stepSize': 1.5 })).toBeLessThanOrEqual(1);
    expect(theory?.bound(5, 1, 1, { 'opt.stepSize': 2.5 })).toBeNaN();
  });
});

describe('recursions', () => {
  const P = 8;
  const KAPPA = 20;

  /** Plain code: gradient steps from an extrapolated point, with the momentum of step k. */
  function accelerated(objective: ObjectiveValue, steps: number, beta: (k: number) => number) {
    const [{ data: a }, { data: b }] = objective.data;
    let x = new Float64Array(P);
    let y = new Float64Array(P);
    for (let k = 1; k <= steps; k++) {
      const next = y.map((yi, i) => {
        let g = -b[i];
        for (let j = 0; j < P; j++) g += a[i * P + j] * y[j];
        return yi - g;
      });
      y = next.map((v, i) => v + beta(k) * (v - x[i]));
      x = next;
    }
    return x;
  }

  test.each([
    ['optimizer/fista', { restart: 'none' }],
    ['optimizer/nesterov', { momentum: 'sequence' }],
  ] as const)('%s follows the t sequence of Beck and Teboulle', async (type, params) => {
    const objective = await quadratic({ dimension: P, condition: KAPPA });
    const { parameters } = await run(await plan(type, objective, params), 30, { every: 30 });
    const t = [NaN, 1];
    for (let k = 1; k <= 30; k++) t.push((1 + Math.sqrt(1 + 4 * t[k] ** 2)) / 2);
    const expected = accelerated(objective, 30, (k) => (t[k] - 1) / t[k + 1]);
    expect(largestDifference(parameters[0].data, expected)).toBeLessThan(1e-13);
  });

  test.each([
    [{ momentum: 'strong' }, (Math.sqrt(KAPPA) - 1) / (Math.sqrt(KAPPA) + 1)],
    [{ momentum: 'constant', beta: 0.4 }, 0.4],
  ] as const)('Nesterov with %o extrapolates by %d', async (params, beta) => {
    const objective = await quadratic({ dimension: P, condition: KAPPA });
    const { parameters } = await run(await plan('optimizer/nesterov', objective, params), 30, {
      every: 30,
    });
    const expected = accelerated(objective, 30, () => beta);
    expect(largestDifference(parameters[0].data, expected)).toBeLessThan(1e-13);
  });
});

describe('step sizes', () => {
  test('1/L follows the live weight of a squared ℓ2 term', async () => {
    const objective = await ridgeLogistic();
    const L = objective.constants.lipschitzGrad ?? NaN;
    const runPlan = await plan('optimizer/gradient-descent', objective);
    for (const lambda of [0.1, 1000]) {
      const { columns } = await run(runPlan, 50, { live: { 'l2.lambda': lambda } });
      expect(columns.stepSize[0]).toBeCloseTo(1 / (L + lambda), 14);
      expect(last(columns.objective)).toBeLessThanOrEqual(columns.objective[0]);
    }
  });

  test('power iteration finds L where it is not known, within its safety factor', async () => {
    const known = await quadratic({ dimension: 40, condition: 30 });
    const objective: ObjectiveValue = { ...known, constants: {} };
    const runPlan = await plan('optimizer/gradient-descent', objective);
    const { columns } = await run(runPlan, 300);
    const L = 1 / columns.stepSize[0];
    expect(L).toBeGreaterThan(1);
    expect(L).toBeLessThanOrEqual(1.1 * (1 + 1e-12));
    expect(columns.matvecs[0]).toBe(40);
    expect(columns.passes[0]).toBe(80);
    expect(runPlan.label).toContain('λmax at x₀');
    expect(runPlan.theory).toBeUndefined();
  });

  test('backtracking halves a step only when the quadratic upper bound fails', async () => {
    const objective = await leastSquares();
    const L = objective.constants.lipschitzGrad ?? NaN;
    const runPlan = await plan('optimizer/gradient-descent', objective, {
      step: 'backtracking',
      initialStep: 64,
    });
    const { columns } = await run(runPlan, 400);
    const { stepSize, iterations, gradients, values, objective: f } = columns;
    // Never below half of 1/L, even when rounding decides near the minimum.
    expect(Math.min(...stepSize)).toBeGreaterThan(0.5 / L);
    for (let k = 1; k < f.length; k++) {
      const refused = iterations[k] === iterations[k - 1];
      expect(stepSize[k]).toBe(refused ? stepSize[k - 1] / 2 : stepSize[k - 1]);
      if (refused) expect(f[k]).toBe(f[k - 1]);
      else expect(f[k]).toBeLessThanOrEqual(f[k - 1] * (1 + 1e-13));
    }
    const refusals = 400 - last(iterations);
    expect(refusals).toBe(Math.log2(64 / last(stepSize)));
    expect(last(gradients)).toBe(400);
    expect(last(values)).toBe(400);
    expect(last(columns.passes)).toBe(800);
  });

  test('a flat data term has no step 1/L', async () => {
    const known = await quadratic({});
    const flat: ObjectiveValue = { ...known, constants: { lipschitzGrad: 0 } };
    await expect(plan('optimizer/gradient-descent', flat)).rejects.toThrow(
      /expected a data term with curvature/,
    );
  });

  test('2/(L + μ) is refused where no strong convexity is known', async () => {
    await expect(
      plan('optimizer/gradient-descent', await ridgeLogistic(), { step: 'optimal' }),
    ).rejects.toThrow(/strong convexity μ > 0, got none. Use the step 1\/L/);
  });
});

describe('counts', () => {
  test('a proximal gradient step is one gradient, one prox, one pass', async () => {
    const { columns } = await run(await plan('optimizer/proximal-gradient', await lasso()), 7);
    expect(columns.iterations).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const name of ['gradients', 'prox', 'passes']) {
      expect(columns[name]).toEqual(columns.iterations);
    }
    expect(last(columns.values)).toBe(0);
  });

  test('restart by value costs a value a step and one at the start', async () => {
    const runPlan = await plan('optimizer/fista', await lasso(), { restart: 'value' });
    const { columns } = await run(runPlan, 5);
    expect(columns.values).toEqual([1, 2, 3, 4, 5, 6]);
    expect(columns.passes).toEqual([1, 3, 5, 7, 9, 11]);
  });

  test('with backtracking the value of the trial serves the restart as well', async () => {
    const runPlan = await plan('optimizer/fista', await lasso(), {
      restart: 'value',
      step: 'backtracking',
    });
    const { columns } = await run(runPlan, 5);
    expect(last(columns.values)).toBe(6);
  });

  test('gradient descent has no prox to count', async () => {
    const { columns } = await run(
      await plan('optimizer/gradient-descent', await leastSquares()),
      3,
    );
    expect(last(columns.prox)).toBe(0);
  });
});

describe('restarts', () => {
  test.each(['gradient', 'value'])('by %s turn ripples into a faster descent', async (restart) => {
    const objective = await quadratic({ dimension: 20, condition: 1000 });
    const { value } = await certified(objective);
    const final = async (kind: string) =>
      run(await plan('optimizer/fista', objective, { restart: kind }), 600);
    const [plain, restarted] = [await final('none'), await final(restart)];
    expect(last(restarted.columns.restarts)).toBeGreaterThan(1);
    expect(last(restarted.columns.objective) - value).toBeLessThan(
      1e-3 * (last(plain.columns.objective) - value),
    );
  });
});

describe('the residual', () => {
  test.each(['optimizer/proximal-gradient', 'optimizer/fista'])(
    'of %s is 0 at the minimum of a lasso and not before',
    async (type) => {
      const { columns } = await run(await plan(type, await lasso()), 3000, { every: 1000 });
      expect(columns.residual[0]).toBeGreaterThan(0.1);
      expect(last(columns.residual)).toBeLessThan(1e-13);
    },
  );

  test('of gradient descent is the norm of the gradient', async () => {
    const objective = await quadratic({ dimension: 6, condition: 5, basis: 'diagonal' });
    const { columns } = await run(await plan('optimizer/gradient-descent', objective), 1);
    // At x₀ = 0 the gradient is −b.
    const b = objective.data[1].data;
    expect(columns.residual[0]).toBeCloseTo(Math.hypot(...b), 13);
  });
});

describe('requirements', () => {
  const hinge = async () =>
    loss('loss/hinge', await model('model/linear', gaussianClasses(20, 3, 2, 1)));
  const twoTerms = async () =>
    loss('loss/squared-error', await model('model/linear', gaussianRegression(20, 3, 1)), [
      await l1(0.1),
      await regularizer('regularizer/elastic-net', {}, 'en'),
    ]);

  test.each([
    ['optimizer/gradient-descent', 'Gradient descent'],
    ['optimizer/nesterov', 'Nesterov'],
    ['optimizer/proximal-gradient', 'Proximal gradient'],
    ['optimizer/fista', 'FISTA'],
  ])('%s refuses the hinge loss for its kink', async (type, name) => {
    await expect(plan(type, await hinge())).rejects.toThrow(
      `${name} needs a smooth data term; the hinge loss has a kink at margin 1. Use`,
    );
  });

  test.each([
    [
      'optimizer/gradient-descent',
      /Gradient descent needs a smooth objective; 'ℓ1 norm' has a kink.*Use proximal gradient or FISTA/,
    ],
    ['optimizer/nesterov', /Nesterov needs a smooth objective; 'ℓ1 norm' has a kink.*Use FISTA/],
  ] as const)('%s refuses an ℓ1 norm', async (type, message) => {
    await expect(plan(type, await lasso())).rejects.toThrow(message);
  });

  test.each(['optimizer/proximal-gradient', 'optimizer/fista'])(
    '%s refuses two non-smooth terms, whose sum has no known prox',
    async (type) => {
      await expect(plan(type, await twoTerms())).rejects.toThrow(
        /got 'ℓ1 norm' and 'Elastic net', and the prox of a sum is not known/,
      );
    },
  );

  test.each(['optimizer/nesterov', 'optimizer/fista'])('%s refuses a network', async (type) => {
    await expect(plan(type, await mlp())).rejects.toThrow(
      /needs a convex objective; MLP 3-6-3 is not convex in its weights/,
    );
  });

  test('a refusal names the port it is about', async () => {
    await expect(plan('optimizer/fista', await hinge())).rejects.toMatchObject({
      code: 'requirement',
      port: 'objective',
    });
  });

  test('Nesterov with momentum from μ needs μ', async () => {
    await expect(
      plan('optimizer/nesterov', await ridgeLogistic(), { momentum: 'strong' }),
    ).rejects.toThrow(/expected known strong convexity/);
  });

  test('gradient descent on the smooth part of a lasso solves least squares, and says so', async () => {
    const composite = await lasso();
    const smooth = await loss(
      'loss/squared-error',
      await model('model/linear', gaussianRegression(30, 8, 3)),
    );
    const runPlan = await plan('optimizer/gradient-descent', composite, { smoothPartOnly: true });
    expect(runPlan.label).toContain('GD on the smooth part');
    expect(runPlan.theory).toBeUndefined();
    const { parameters, columns } = await run(runPlan, 3000, { every: 3000 });
    const { minimiser, value } = await certified(smooth);
    expect(distance(parameters, minimiser)).toBeLessThan(1e-10);
    // The curve shows the whole objective: f plus 0.2‖w‖₁.
    const l1Norm = Array.from(minimiser[0].data).reduce((s, v) => s + Math.abs(v), 0);
    expect(last(columns.objective)).toBeCloseTo(value + 0.2 * l1Norm, 9);
    expect(last(columns.dataTerm)).toBeCloseTo(value, 12);
  });
});

describe('on a network', () => {
  test.each([
    ['optimizer/gradient-descent', {}],
    ['optimizer/gradient-descent', { step: 'backtracking' }],
    ['optimizer/nesterov', { momentum: 'constant', beta: 0.9 }],
    ['optimizer/proximal-gradient', {}],
  ] as const)('%s %o lowers the loss and promises nothing', async (type, params) => {
    for (const activation of ['tanh', 'relu', 'sigmoid', 'softplus', 'gelu', 'sin']) {
      const runPlan: RunPlan = await plan(type, await mlp({ activation }), params);
      expect(runPlan.theory).toBeUndefined();
      const { columns } = await run(runPlan, 60, { every: 60 });
      expect(last(columns.objective)).toBeLessThan(columns.objective[0]);
    }
  });

  test.each([
    'glorot-uniform',
    'glorot-normal',
    'he-uniform',
    'he-normal',
    'lecun-uniform',
    'lecun-normal',
  ])('%s weights have the variance of its formula', async (initializer) => {
    const wide = gaussianRegression(4, 100, 1);
    const objective = await loss(
      'loss/squared-error',
      await model('model/mlp', wide, { widths: [300], initializer, initialScale: 2 }),
    );
    const { compiled } = await run(
      await plan('optimizer/gradient-descent', objective, { step: 'constant' }),
      0,
    );
    const [weights, bias] = compiled.x0;
    const variance = Array.from(weights.data).reduce((s, v) => s + v * v, 0) / 30_000;
    const expected =
      4 * { glorot: 2 / 400, he: 2 / 100, lecun: 1 / 100 }[initializer.split('-')[0] as 'he'];
    // 30,000 draws: the relative standard error of a Gaussian's variance is √(2/30000) = 0.8 %; five of them.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.041);
    expect(bias.data.every((v: number) => v === 0)).toBe(true);
  });
});

describe('repeatability', () => {
  test.each(['optimizer/gradient-descent', 'optimizer/nesterov', 'optimizer/proximal-gradient'])(
    '%s gives the same trajectory for the same seed, and another start for another',
    async (type) => {
      const params: Params = type === 'optimizer/nesterov' ? { momentum: 'constant' } : {};
      const runs = await Promise.all(
        [1, 1, 2].map(async (seed) => run(await plan(type, await mlp(), params), 20, { seed })),
      );
      expect(runs[0].columns.objective).toEqual(runs[1].columns.objective);
      expect(largestDifference(runs[0].parameters[0].data, runs[1].parameters[0].data)).toBe(0);
      expect(runs[0].columns.objective[0]).not.toBe(runs[2].columns.objective[0]);
    },
  );
});
