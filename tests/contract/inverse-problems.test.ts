/** Inverse problems: certificates bracket what other methods reach, and senseless input is refused with the reason. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type {
  DatasetValue,
  LinearOperator,
  ObjectiveValue,
  OperatorValue,
  RegularizerValue,
} from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { tautString } from '../../src/lib/nodes/loss/certificates/taut-string.ts';
import { hostOperator } from '../../src/lib/nodes/shared/operators/host.ts';
import { denseOperator } from '../../src/lib/nodes/shared/operators/dense.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import type { NodeCall } from './support/evaluate-node.ts';
import {
  definitionOf,
  distance,
  gaussianRegression,
  largestDifference,
  last,
  liveOf,
  loss,
  model,
  noisySignal,
  plan,
  regularizer,
  run,
} from './support/problems.ts';

const never = new AbortController().signal;

async function out<T>(type: string, name: string, call: NodeCall): Promise<T> {
  const value = (await evaluateNode(definitionOf(type), call)).outputs?.[name];
  if (value === undefined) throw new Error(`${type} gave no ${name}`);
  return value as T;
}

const phantom = (size: number) =>
  out<DatasetValue>('data/image-phantom', 'dataset', {
    params: { size, image: 'shapes', noise: 0 },
  });

async function observe(
  data: DatasetValue,
  type: string,
  params: NodeCall['params'],
  noise: number,
): Promise<DatasetValue> {
  const operator = await out<OperatorValue>(type, 'operator', { params, inputs: { data } });
  return out('data/observation', 'dataset', { params: { noise }, inputs: { data, operator } });
}

const inverse = (data: DatasetValue, penalties: readonly RegularizerValue[]) =>
  out<ObjectiveValue>('loss/inverse-problem', 'objective', {
    inputs: { data, regularizer: penalties },
  });

const certify = async (objective: ObjectiveValue) => {
  const certificate = await objective.certify?.(liveOf(objective.live), never);
  if (!certificate) throw new Error('expected a certificate');
  return certificate;
};

const PENALTIES = {
  l1: () => regularizer('regularizer/l1-norm', { lambda: 0.02 }, 'l1'),
  l2: () => regularizer('regularizer/squared-l2', { lambda: 0.1 }, 'l2'),
  tv: () => regularizer('regularizer/total-variation', { lambda: 0.03 }, 'tv'),
};
type Penalty = keyof typeof PENALTIES;

const SIGNAL = noisySignal(30);
const SEEN: readonly (readonly [string, () => Promise<DatasetValue>])[] = [
  ['a blurred image', async () => observe(await phantom(8), 'operator/blur', { sigma: 0.6 }, 0.02)],
  ['half an image', async () => observe(await phantom(8), 'operator/mask', { share: 0.6 }, 0.02)],
  ['a noisy image', () => phantom(8)],
  ['random measurements', () => observe(SIGNAL, 'operator/matrix', { rows: 20 }, 0.02)],
  ['frequencies', () => observe(SIGNAL, 'operator/cosine', { share: 0.7 }, 0.02)],
];
const SUMS: readonly (readonly Penalty[])[] = [
  ['l1'],
  ['l1', 'l2'],
  ['tv'],
  ['tv', 'l2'],
  ['tv', 'l1'],
];

describe.each(SEEN)('%s', (_, make) => {
  test.each(SUMS.map((sum) => [sum.join(' + '), sum] as const))(
    'with %s has a certified minimum that ADMM and Chambolle–Pock reach',
    async (__, sum) => {
      const penalties = await Promise.all(sum.map((name) => PENALTIES[name]()));
      const objective = await inverse(await make(), penalties);
      const { value, gap } = await certify(objective);
      expect(gap).toBeLessThan(1e-6 * value);
      for (const [type, params] of [
        ['optimizer/admm', { innerSteps: 20, balancing: false }],
        ['optimizer/chambolle-pock', { innerSteps: 10, ratio: 0.3 }],
      ] as const) {
        const { columns } = await run(await plan(type, objective, params), 2500, { every: 500 });
        const best = last(columns.objective);
        // Rounding of the sums above; from below nothing is known to be less than value − gap.
        expect(best).toBeGreaterThan(value - gap - 1e-12 * value);
        expect(best - value).toBeLessThan(1e-5 * value);
      }
    },
  );

  test('with a squared ℓ2 term is solved by conjugate gradients to the certified minimiser', async () => {
    const objective = await inverse(await make(), [await PENALTIES.l2()]);
    const { value, gap, minimiser } = await certify(objective);
    expect(gap).toBeLessThan(1e-14 * value);
    const { parameters, columns } = await run(
      await plan('optimizer/conjugate-gradient', objective),
      200,
    );
    expect(Math.abs(last(columns.objective) - value)).toBeLessThan(1e-13 * value);
    expect(largestDifference(parameters[0].data, minimiser?.[0].data ?? [])).toBeLessThan(1e-10);
  });
});

test('a minimiser is given where strong convexity shows it, not where a strong blur hides it', async () => {
  const tv = [await PENALTIES.tv()];
  const noisy = await certify(await inverse(await phantom(8), tv));
  expect(noisy.minimiser).toBeDefined();
  const blurred = await observe(await phantom(16), 'operator/blur', { sigma: 1.5 }, 0.02);
  const objective = await inverse(blurred, tv);
  expect(objective.constants.strongConvexity).toBeGreaterThan(0);
  const { minimiser, gap, value } = await certify(objective);
  expect(gap).toBeLessThan(1e-6 * value);
  expect(minimiser).toBeUndefined();
  // Without a penalty conjugate gradients end far from the one solution of Kx = b, and cannot know it.
  expect((await certify(await inverse(blurred, []))).minimiser).toBeUndefined();
});

test('FISTA reaches the certified lasso of random measurements, at the rate its constants promise', async () => {
  const data = await observe(SIGNAL, 'operator/matrix', { rows: 20 }, 0.02);
  const objective = await inverse(data, [await PENALTIES.l1()]);
  const certificate = await certify(objective);
  const runPlan = await plan('optimizer/fista', objective, { restart: 'none' });
  const { columns, compiled } = await run(runPlan, 2000);
  const start = distance(compiled.x0, certificate.minimiser ?? []);
  const live = liveOf([...objective.live, ...runPlan.live]);
  const gap = columns.objective.map((f) => f - certificate.value);
  columns.iterations.forEach((k, row) => {
    expect(gap[row]).toBeLessThanOrEqual(
      (runPlan.theory?.bound(k, start, gap[0], live) ?? NaN) + 1e-13,
    );
  });
  const restarted = await run(await plan('optimizer/fista', objective), 2000);
  expect(last(restarted.columns.objective) - certificate.value).toBeLessThan(1e-12);
});

describe('the accelerated Chambolle–Pock method', () => {
  test('falls as theorem 2 of Chambolle & Pock 2011 says: N²‖x_N − x*‖² ≤ C', async () => {
    const n = 60;
    const [lambda, ratio] = [0.7, 1];
    const data = noisySignal(n);
    const objective = await inverse(data, [
      await regularizer('regularizer/total-variation', { lambda }, 'tv'),
    ]);
    const b = data.targets.kind === 'values' ? data.targets.values.data : [];
    const solution = tautString(b, lambda);
    const { norm } = objective.composed?.[0].operator ?? { norm: NaN };
    // Kᵀy = b − x* gives y by summing up.
    let sum = 0;
    let dual = 0;
    for (let i = 0; i + 1 < n; i++) dual += (sum -= b[i] - solution[i]) ** 2;
    const tau = Math.sqrt((0.99 * ratio) / norm ** 2);
    const square0 = solution.reduce((s, v) => s + v ** 2, 0);
    const bound = square0 / tau ** 2 + norm ** 2 * dual;
    const runPlan = await plan('optimizer/chambolle-pock', objective, {
      accelerated: true,
      ratio,
      innerSteps: 1,
    });
    for (const N of [50, 200, 1000]) {
      const { parameters } = await run(runPlan, N);
      const square = solution.reduce((s, v, i) => s + (v - parameters[0].data[i]) ** 2, 0);
      // The theorem allows any factor above 1 from some N on.
      expect(N ** 2 * square).toBeLessThan(1.1 * bound);
    }
  });

  test('is refused where the data term is not strongly convex', async () => {
    const data = await observe(await phantom(8), 'operator/mask', {}, 0);
    const objective = await inverse(data, [await PENALTIES.tv()]);
    await expect(
      plan('optimizer/chambolle-pock', objective, { accelerated: true }),
    ).rejects.toThrow(/strongly convex smooth part/);
  });
});

interface Reference {
  readonly rows: number;
  readonly columns: number;
  readonly cases: readonly {
    readonly seed: number;
    readonly nonzeros: number;
    readonly value: number;
    readonly places: readonly number[];
    readonly entries: readonly number[];
    readonly error: number;
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/basis_pursuit.json', import.meta.url), 'utf8'),
) as Reference;

/** The problems of basis_pursuit.py, by the same generator. */
async function sparseProblem(seed: number, nonzeros: number): Promise<DatasetValue> {
  const { rows, columns } = reference;
  let state = seed;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const normal = () => {
    const u = uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniform());
  };
  const k = Float64Array.from({ length: rows * columns }, () => normal() / Math.sqrt(rows));
  const x = new Float64Array(columns);
  for (let placed = 0; placed < nonzeros;) {
    const place = Math.floor(uniform() * columns);
    const sign = uniform() < 0.5 ? 1 : -1;
    if (x[place] !== 0) continue;
    x[place] = sign;
    placed++;
  }
  const matrix = hostFloat(k, [rows, columns]);
  const operator = await denseOperator('matrix', matrix, [columns], createPacer(never));
  const signal = await out<DatasetValue>('data/sparse-signal', 'dataset', {
    params: { length: columns },
  });
  const truth = hostFloat(x);
  const b = hostOperator(operator).apply(x);
  return {
    ...signal,
    grid: { shape: [columns], truth },
    observation: { operator, values: hostFloat(b), shown: 'back-projection' },
  };
}

const pursuit = (data: DatasetValue) =>
  out<ObjectiveValue>('loss/basis-pursuit', 'objective', { inputs: { data } });

describe('basis pursuit', () => {
  const SPLITTING = [
    ['optimizer/douglas-rachford', {}],
    ['optimizer/admm', { rho: 3 }],
    ['optimizer/chambolle-pock', {}],
  ] as const;
  const [found, missed] = reference.cases;

  test.each(SPLITTING)('%s %o recovers 17 of 400 from 100 measurements', async (type, params) => {
    const data = await sparseProblem(found.seed, found.nonzeros);
    const { parameters, columns } = await run(await plan(type, await pursuit(data), params), 2000, {
      every: 100,
    });
    expect(largestDifference(parameters[0].data, data.grid?.truth.data ?? [])).toBeLessThan(1e-10);
    expect(last(columns.infeasibility)).toBeLessThan(1e-12);
    expect(last(columns.residual)).toBeLessThan(1e-10);
  });

  test.each([found, missed])(
    'is certified at the value of the linear program, S = $nonzeros',
    async (entry) => {
      const data = await sparseProblem(entry.seed, entry.nonzeros);
      const { value, gap, minimiser } = await certify(await pursuit(data));
      const expected = new Float64Array(reference.columns);
      entry.places.forEach((place, i) => (expected[place] = entry.entries[i]));
      // Systems of up to 100 equations with condition numbers of about 1e3.
      expect(Math.abs(value - entry.value)).toBeLessThan(1e-9);
      expect(gap).toBeLessThan(1e-11);
      expect(largestDifference(minimiser?.[0].data ?? [], expected)).toBeLessThan(1e-10);
    },
  );

  test('does not find 31 of 400, and neither does the linear program', async () => {
    const data = await sparseProblem(missed.seed, missed.nonzeros);
    const runPlan = await plan('optimizer/douglas-rachford', await pursuit(data), {
      stepSize: 0.03,
    });
    const { parameters, columns } = await run(runPlan, 3000, { every: 500 });
    expect(missed.error).toBeGreaterThan(0.5);
    expect(largestDifference(parameters[0].data, data.grid?.truth.data ?? [])).toBeGreaterThan(0.5);
    // The iterate is feasible, so its value is above; it has 100 nonzeros to find, and the first digits of the value do not need them.
    expect(last(columns.objective) - missed.value).toBeGreaterThan(-1e-9);
    expect(last(columns.objective) - missed.value).toBeLessThan(2e-3);
  });

  test('does not count a violated constraint as converged at the start', async () => {
    for (const [type, params] of SPLITTING) {
      const data = await sparseProblem(found.seed, found.nonzeros);
      const { columns } = await run(await plan(type, await pursuit(data), params), 1);
      expect(columns.residual[0]).toBeGreaterThan(0.1);
    }
  });

  test.each(['optimizer/fista', 'optimizer/proximal-gradient', 'optimizer/l-bfgs'])(
    '%s is refused: it has two non-smooth terms',
    async (type) => {
      const objective = await pursuit(await sparseProblem(found.seed, found.nonzeros));
      await expect(plan(type, objective)).rejects.toThrow(/Kx = b.*Use Douglas–Rachford, ADMM/);
    },
  );

  test('is refused for a blur, and for an observation that no signal has', async () => {
    const blurred = await observe(SIGNAL, 'operator/blur', {}, 0);
    await expect(pursuit(blurred)).rejects.toThrow(/pseudoinverse is known.*got the Gaussian blur/);
    const masked = await observe(SIGNAL, 'operator/mask', {}, 0);
    const values = hostFloat(Float64Array.from({ length: 30 }, () => 1));
    const observation = masked.observation && { ...masked.observation, values };
    await expect(pursuit({ ...masked, observation })).rejects.toThrow(/an observation b = Kx/);
  });
});

describe('refused with the reason', () => {
  test('an operator made for another image', async () => {
    const operator = await out<OperatorValue>('operator/blur', 'operator', {
      params: { sigma: 1 },
      inputs: { data: await phantom(8) },
    });
    const call = out('data/observation', 'dataset', {
      inputs: { data: await phantom(9), operator },
    });
    await expect(call).rejects.toThrow(
      /expected an operator for 9 × 9 \(Shapes\), got the Gaussian blur for 8 × 8/,
    );
  });

  test('a pixel that is not a number', async () => {
    const image = await phantom(8);
    const truth = hostFloat(Float64Array.from(image.grid?.truth.data ?? []), [8, 8]);
    truth.data[10] = NaN;
    const broken: DatasetValue = { ...image, grid: { shape: [8, 8], truth } };
    for (const type of ['operator/blur', 'operator/mask', 'operator/gradient', 'operator/matrix']) {
      await expect(out(type, 'operator', { inputs: { data: broken } })).rejects.toThrow(
        /expected finite values, got NaN at row 1, column 2 of 'Shapes'/,
      );
    }
    const observed = await observe(image, 'operator/blur', { sigma: 1 }, 0);
    const values = hostFloat(Float64Array.from(observed.observation?.values.data ?? []), [8, 8]);
    values.data[0] = Infinity;
    const observation = observed.observation && { ...observed.observation, values };
    await expect(inverse({ ...observed, observation }, [])).rejects.toThrow(
      /got Infinity at row 0/,
    );
  });

  test('a matrix that is too large, and a signal that is too long for a blur', async () => {
    const image = await phantom(64);
    await expect(
      out('operator/matrix', 'operator', { params: { rows: 1000 }, inputs: { data: image } }),
    ).rejects.toThrow(/at most 2000000 entries, got 1000 × 4096 = 4096000 \(33 MB\)/);
    const long = await out<DatasetValue>('data/signal', 'dataset', { params: { length: 5000 } });
    await expect(out('operator/blur', 'operator', { inputs: { data: long } })).rejects.toThrow(
      /at most 2048 places along each axis, got 5000/,
    );
  });

  test('data that are no signal or image', async () => {
    const table = gaussianRegression(10, 3, 1);
    await expect(out('operator/mask', 'operator', { inputs: { data: table } })).rejects.toThrow(
      /expected a signal or an image, got 'test'/,
    );
  });

  test('total variation of the weights of a model', async () => {
    const linear = await model('model/linear', gaussianRegression(10, 3, 1));
    await expect(loss('loss/squared-error', linear, [await PENALTIES.tv()])).rejects.toThrow(
      /penalties of weights, got 'Total variation', which compares the neighbours/,
    );
  });

  test.each(['optimizer/fista', 'optimizer/douglas-rachford'])(
    '%s on total variation',
    async (type) => {
      const objective = await inverse(await phantom(8), [await PENALTIES.tv()]);
      await expect(plan(type, objective)).rejects.toThrow(/Use ADMM or Chambolle–Pock/);
    },
  );
});

test('noise is only where something is observed', async () => {
  const data = await observe(await phantom(12), 'operator/mask', { share: 0.4 }, 0.5);
  const { operator, values } = data.observation as {
    operator: LinearOperator;
    values: { data: Float64Array };
  };
  const missing = [...(operator.support?.data ?? [])].map((kept, i) => [kept, values.data[i]]);
  for (const [kept, value] of missing) if (kept === 0) expect(Math.abs(value)).toBe(0);
  expect(missing.filter(([kept]) => kept === 1)).toHaveLength(58);
});
