/** SGD, Adam and AdamW: their recursions against plain code, their batches, schedules and limits. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ObjectiveValue } from '../../src/lib/runtime/graph/ports.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat, hostInt } from '../../src/lib/runtime/ir/host.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import { batchKey } from '../../src/lib/runtime/run/keys.ts';
import { batches } from '../../src/lib/nodes/optimizer/minibatch.ts';
import {
  dataset,
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
  values,
} from './support/problems.ts';

const regression = async (n = 40) =>
  loss('loss/squared-error', await model('model/linear', gaussianRegression(n, 5, 1)));

/** Gradient A x − b of a quadratic in plain code. */
function quadraticGradient(objective: ObjectiveValue, x: Float64Array): Float64Array {
  const [{ data: a }, { data: b }] = objective.data;
  const p = x.length;
  return x.map((_, i) => {
    let s = -b[i];
    for (let j = 0; j < p; j++) s += a[i * p + j] * x[j];
    return s;
  });
}

describe('SGD', () => {
  test.each([
    [0, false],
    [0.9, false],
    [0.9, true],
  ])('with momentum %d (Nesterov: %s) follows its recursion', async (momentum, nesterov) => {
    const objective = await quadratic({ dimension: 8, condition: 20 });
    const runPlan = await plan('optimizer/sgd', objective, {
      batchSize: 0,
      stepSize: 0.1,
      momentum,
      nesterov,
    });
    const { parameters } = await run(runPlan, 25, { every: 25 });
    let x = new Float64Array(8);
    let v = new Float64Array(8);
    for (let k = 0; k < 25; k++) {
      const g = quadraticGradient(objective, x);
      v = v.map((vi, i) => momentum * vi + g[i]);
      x = x.map((xi, i) => xi - 0.1 * (nesterov ? g[i] + momentum * v[i] : v[i]));
    }
    expect(largestDifference(parameters[0].data, x)).toBeLessThan(1e-13);
  });

  test('on all samples without momentum is gradient descent', async () => {
    const objective = await regression();
    const sgd = await run(await plan('optimizer/sgd', objective, { batchSize: 0 }), 30);
    const gd = await run(
      await plan('optimizer/gradient-descent', objective, { step: 'constant', stepSize: 0.1 }),
      30,
    );
    expect(distance(sgd.parameters, gd.parameters)).toBeLessThan(1e-14);
  });

  test('with a falling step converges to the least-squares solution', async () => {
    const objective = await regression(200);
    const best = await objective.certify?.({}, new AbortController().signal);
    if (!best) throw new Error('least squares has a certificate');
    const final = async (schedule: string) => {
      const params = { batchSize: 10, stepSize: 0.2, schedule, horizon: 200 };
      const { columns } = await run(await plan('optimizer/sgd', objective, params), 20_000, {
        every: 20_000,
      });
      return last(columns.objective) - best.value;
    };
    const [constant, inverse] = [await final('constant'), await final('inverse')];
    // The excess of a constant step is of order s·σ²; a step like 1/k removes it.
    expect(inverse).toBeLessThan(1e-5);
    expect(inverse).toBeLessThan(constant / 20);
  });

  test('takes a subgradient of the hinge loss and of an ℓ1 norm', async () => {
    const wired = await model('model/linear', gaussianClasses(60, 3, 2, 4));
    const objective = await loss('loss/hinge', wired, [
      await regularizer('regularizer/l1-norm', { lambda: 0.01 }, 'l1'),
    ]);
    const params = { batchSize: 0, stepSize: 0.5, schedule: 'inverse-sqrt', horizon: 10 };
    const { columns } = await run(await plan('optimizer/sgd', objective, params), 500);
    expect(last(columns.objective)).toBeLessThan(0.6 * columns.objective[0]);
  });
});

describe('the rate of SGD with a step s/√k on least squares', () => {
  const [N, B, size, K, seeds] = [64, 8, 0.5, 4000, 12];
  /** f(x_k) − f* over what it tends to with replacement, s_k/4 times the trace of the covariance of a batch gradient; one row for each seed. */
  const excess = async (sampling: string) => {
    const data = gaussianRegression(N, 4, 1);
    const objective = await loss('loss/squared-error', await model('model/linear', data));
    const best = await objective.certify?.({}, new AbortController().signal);
    if (!best?.minimiser) throw new Error('least squares has a minimiser');
    const [{ data: w }, { data: b }] = best.minimiser;
    if (data.targets.kind !== 'values') throw new Error('internal: regression without values');
    const y = data.targets.values.data;
    let trace = 0;
    for (let i = 0; i < N; i++) {
      const row = Array.from(data.features.data.slice(4 * i, 4 * i + 4));
      const residual = row.reduce((sum, x, j) => sum + x * w[j], b[0] - y[i]);
      const length = row.reduce((sum, x) => sum + x * x, 1);
      trace += (residual ** 2 * length) / N;
    }
    const params = {
      batchSize: B,
      sampling,
      stepSize: size,
      schedule: 'inverse-sqrt',
      horizon: 1,
    };
    const runPlan = await plan('optimizer/sgd', objective, params);
    const rows: number[][] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const { columns } = await run(runPlan, K, { seed });
      rows.push(
        columns.objective.map((f, k) => {
          const step = size / Math.sqrt(1 + k);
          return (f - best.value) / ((step * trace) / (4 * B));
        }),
      );
    }
    return rows;
  };
  const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
  /** Least-squares slope of log y over log k from k = 250, each octave with the same weight. */
  const order = (y: readonly number[]) => {
    let [weights, x, xx, z, xz] = [0, 0, 0, 0, 0];
    for (let k = 250; k < y.length; k++) {
      const [weight, a, c] = [1 / k, Math.log(k), Math.log(y[k])];
      weights += weight;
      x += weight * a;
      xx += weight * a * a;
      z += weight * c;
      xz += weight * a * c;
    }
    return -(weights * xz - x * z) / (weights * xx - x * x);
  };

  test('is ½ with replacement, with the constant of theory, over 12 seeds', async () => {
    const rows = await excess('replacement');
    const late = rows.map((row) => mean(row.slice(1000)));
    const spread = Math.sqrt(mean(late.map((x) => (x - mean(late)) ** 2)) / (seeds - 1));
    // Four standard errors, and the next term of the expansion in s_k ≈ 0.01, which is s_k tr(H)/2 ≈ 3 %.
    expect(Math.abs(mean(late) - 1)).toBeLessThan(4 * spread + 0.05);
    expect(spread).toBeLessThan(0.06);
    // The excess over c/√k stays: order ½ to what 12 seeds tell over four octaves.
    const ratio = rows[0].map((_, k) => mean(rows.map((row) => row[k])));
    expect(Math.abs(order(ratio))).toBeLessThan(0.1);
  });

  test('is better without replacement, where errors of an epoch cancel', async () => {
    const rows = await excess('epochs');
    const ratio = rows[0].map((_, k) => mean(rows.map((row) => row[k])));
    expect(mean(ratio.slice(1000))).toBeLessThan(0.1);
    expect(order(ratio)).toBeGreaterThan(0.3);
  });
});

describe('schedules', () => {
  test.each([
    ['constant', () => 1],
    ['inverse', (k: number) => 1 / (1 + k / 7)],
    ['inverse-sqrt', (k: number) => 1 / Math.sqrt(1 + k / 7)],
    ['cosine', (k: number) => (1 + Math.cos((Math.PI * Math.min(k, 7)) / 7)) / 2],
    ['step', (k: number) => 0.3 ** Math.floor(k / 7)],
  ] as const)('%s gives the step it says', async (schedule, factor) => {
    for (const type of ['optimizer/sgd', 'optimizer/adam', 'optimizer/adamw']) {
      const params = { batchSize: 0, stepSize: 0.05, schedule, horizon: 7, decay: 0.3 };
      const { columns } = await run(await plan(type, await quadratic({}), params), 20);
      columns.stepSize.forEach((s, k) => expect(s).toBeCloseTo(0.05 * factor(k), 15));
    }
  });
});

describe('Adam', () => {
  test.each([
    [0.9, 0.999],
    [0, 0],
    [0.5, 0.99],
  ])('with β₁ = %d, β₂ = %d follows algorithm 1', async (beta1, beta2) => {
    const objective = await quadratic({ dimension: 8, condition: 20 });
    const params = { batchSize: 0, stepSize: 0.03, beta1, beta2 };
    const { parameters } = await run(await plan('optimizer/adam', objective, params), 40, {
      every: 40,
    });
    let x = new Float64Array(8);
    let m = new Float64Array(8);
    let v = new Float64Array(8);
    for (let t = 1; t <= 40; t++) {
      const g = quadraticGradient(objective, x);
      m = m.map((mi, i) => beta1 * mi + (1 - beta1) * g[i]);
      v = v.map((vi, i) => beta2 * vi + (1 - beta2) * g[i] ** 2);
      x = x.map((xi, i) => {
        const mean = m[i] / (1 - beta1 ** t);
        const square = v[i] / (1 - beta2 ** t);
        return xi - (0.03 * mean) / (Math.sqrt(square) + 1e-8);
      });
    }
    // 1 − β₂^t through expm1 differs from the plain power by rounding, relative 1e-13 at t = 1.
    expect(largestDifference(parameters[0].data, x)).toBeLessThan(1e-12);
  });

  test('with batches and a falling step trains a network and fits least squares', async () => {
    const objective = await regression(200);
    const best = await objective.certify?.({}, new AbortController().signal);
    if (!best) throw new Error('least squares has a certificate');
    const params = { batchSize: 20, stepSize: 0.1, schedule: 'cosine', horizon: 2000 };
    const { columns } = await run(await plan('optimizer/adam', objective, params), 2000);
    expect(last(columns.objective) - best.value).toBeLessThan(1e-3);
  });
});

describe('AdamW', () => {
  const { adamw } = JSON.parse(
    readFileSync(new URL('../reference/optimizers.json', import.meta.url), 'utf8'),
  ) as {
    adamw: Readonly<Record<'stepSize' | 'weightDecay' | 'beta1' | 'beta2' | 'horizon', number>> & {
      features: number[][];
      targets: number[];
      trajectory: number[][];
    };
  };

  test('follows the recursion of numpy with a schedule, and does not decay the bias', async () => {
    const { features, targets, trajectory, ...rates } = adamw;
    const data = dataset(hostFloat(features.flat(), [targets.length, 3]), values(targets));
    const objective = await loss('loss/squared-error', await model('model/linear', data));
    const params = { ...rates, batchSize: 0, schedule: 'cosine' };
    const runPlan = await plan('optimizer/adamw', objective, params);
    for (const k of [1, 2, 5, 25]) {
      const { parameters } = await run(runPlan, k, { every: k });
      const got = parameters.flatMap(({ data: part }) => Array.from(part));
      // Entries are at most 1; the first step divides g by |g|, so its rounding does not grow.
      expect(largestDifference(got, trajectory[k - 1])).toBeLessThan(1e-14);
    }
  });

  test('without decay is Adam, and with it differs from a squared ℓ2 term', async () => {
    const objective = await regression();
    const params = { batchSize: 8, stepSize: 0.02 };
    const adam = await run(await plan('optimizer/adam', objective, params), 30);
    const none = await run(
      await plan('optimizer/adamw', objective, { ...params, weightDecay: 0 }),
      30,
    );
    expect(distance(adam.parameters, none.parameters)).toBe(0);
    const decayed = await run(
      await plan('optimizer/adamw', objective, { ...params, weightDecay: 0.5 }),
      30,
    );
    const penalised = await run(
      await plan(
        'optimizer/adam',
        await loss(
          'loss/squared-error',
          await model('model/linear', gaussianRegression(40, 5, 1)),
          [await regularizer('regularizer/squared-l2', { lambda: 0.5 }, 'l2')],
        ),
        params,
      ),
      30,
    );
    expect(distance(decayed.parameters, penalised.parameters)).toBeGreaterThan(1e-3);
    expect(last(decayed.columns.objective)).toBeGreaterThan(last(none.columns.objective));
  });
});

describe('minibatches', () => {
  const drawn = (
    n: number,
    size: number,
    step: number,
    seed = 0,
    sampling = 'epochs',
  ): number[] => {
    const objective = { samples: n } as ObjectiveValue;
    const draws = batches(objective, { batchSize: size, sampling }, 'test');
    const inputs = [
      hostInt(Array.from({ length: n }, (_, i) => i)),
      hostInt(batchKey(seed)),
      hostInt([step], []),
    ];
    const program = trace((rows, key, k) => draws.draw([rows], key, k), inputs);
    return Array.from(executeSync(program, inputs)[0].data);
  };

  test('visit each sample once an epoch, in another order each time', () => {
    const epoch = (e: number) => [0, 1, 2, 3].flatMap((k) => drawn(20, 5, 4 * e + k));
    for (const e of [0, 1, 2]) {
      expect(epoch(e).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }
    expect(epoch(0)).not.toEqual(epoch(1));
  });

  test('leave out what does not fill a batch, others each epoch', () => {
    const epoch = (e: number) => [0, 1, 2].flatMap((k) => drawn(20, 6, 3 * e + k));
    const missing = [0, 1, 2, 3, 4].map((e) => {
      const seen = new Set(epoch(e));
      expect(seen.size).toBe(18);
      return Array.from({ length: 20 }, (_, i) => i).filter((i) => !seen.has(i));
    });
    expect(new Set(missing.map(String)).size).toBeGreaterThan(1);
  });

  test('with replacement are independent uniform draws', () => {
    const [n, size, steps] = [7, 6, 2000];
    const all = Array.from({ length: steps }, (_, k) => drawn(n, size, k, 3, 'replacement'));
    const counts = new Float64Array(n);
    for (const i of all.flat()) counts[i]++;
    // χ² of 6 degrees of freedom: above 27.9 with probability 1e-4.
    const expected = (size * steps) / n;
    expect(counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0)).toBeLessThan(27.9);
    // A batch without a repetition has probability 7·6·5·4·3·2/7⁶ = 0.0428, and two of one epoch share what they like: four standard errors.
    const share = 5040 / 7 ** 6;
    const distinct = all.filter((batch) => new Set(batch).size === size).length / steps;
    expect(Math.abs(distinct - share)).toBeLessThan(4 * Math.sqrt(share / steps));
    const next = all.slice(1).filter((batch, k) => batch[0] === all[k][0]).length / steps;
    expect(Math.abs(next - 1 / n)).toBeLessThan(4 * Math.sqrt(1 / n / steps));
    expect(drawn(n, size, 5, 3, 'replacement')).toEqual(drawn(n, size, 5, 3, 'replacement'));
    expect(drawn(n, size, 5, 3, 'replacement')).not.toEqual(drawn(n, size, 5, 4, 'replacement'));
    // As many draws as samples are no full batch.
    expect(new Set(drawn(20, 20, 0, 0, 'replacement')).size).toBeLessThan(20);
  });

  test('are the same for every optimizer on one seed, and others for another seed', async () => {
    expect(drawn(20, 5, 3, 1)).toEqual(drawn(20, 5, 3, 1));
    expect(drawn(20, 5, 3, 1)).not.toEqual(drawn(20, 5, 3, 2));
    const objective = await regression();
    // Adam with β = 0 moves by the sign of the batch gradient: the signs are those SGD saw.
    const seed = 5;
    const sgd = await run(await plan('optimizer/sgd', objective, { batchSize: 8 }), 1, { seed });
    const adam = await run(
      await plan('optimizer/adam', objective, { batchSize: 8, beta1: 0, beta2: 0 }),
      1,
      { seed },
    );
    const signs = (x: typeof sgd) =>
      x.parameters.flatMap(({ data }) => Array.from(data, Math.sign));
    expect(signs(sgd)).toEqual(signs(adam));
  });

  test('count as their share of a pass', async () => {
    const params = { batchSize: 8 };
    const { columns } = await run(await plan('optimizer/sgd', await regression(), params), 10);
    expect(last(columns.gradients)).toBe(10);
    expect(last(columns.passes)).toBeCloseTo(2, 14);
  });

  test.each(['optimizer/sgd', 'optimizer/adam', 'optimizer/adamw'])(
    '%s repeats a run exactly',
    async (type) => {
      const objective = await regression();
      const runs = await Promise.all(
        [3, 3, 4].map(async (seed) =>
          run(await plan(type, objective, { batchSize: 8 }), 30, { seed }),
        ),
      );
      expect(runs[0].columns.objective).toEqual(runs[1].columns.objective);
      expect(runs[0].columns.objective).not.toEqual(runs[2].columns.objective);
    },
  );

  test.each(['optimizer/sgd', 'optimizer/adam', 'optimizer/adamw'])(
    '%s refuses more than there are',
    async (type) => {
      await expect(plan(type, await regression(), { batchSize: 41 })).rejects.toThrow(
        /expected at most 40 samples, got 41. Lower it/,
      );
      await expect(plan(type, await quadratic({}), { batchSize: 8 })).rejects.toThrow(
        /expected 0 for an objective that is not a mean over samples, got 8/,
      );
    },
  );

  test('live values of the plan are its own and those of the objective', async () => {
    const runPlan = await plan('optimizer/sgd', await regression(), { batchSize: 0 });
    expect(Object.keys(liveOf(runPlan.live))).toEqual(['opt.stepSize', 'opt.momentum']);
  });
});
