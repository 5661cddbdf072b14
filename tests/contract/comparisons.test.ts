/** Nodes that compare runs and put numbers together for a check. */
import { describe, expect, test } from 'vitest';
import { pairedScores } from '../../src/lib/nodes/shared/paired-scores.ts';
import { gradientOperator } from '../../src/lib/nodes/shared/operators/gradient.ts';
import type {
  DatasetValue,
  LinearOperator,
  PortValue,
  ScalarValue,
} from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { neg } from '../../src/lib/runtime/ir/ops.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import { oneSegment } from './support/history.ts';
import {
  dataset,
  definitionOf,
  gaussianRegression,
  labels,
  loss,
  model,
  plan,
  regularizer,
  run,
} from './support/problems.ts';

describe('paired scores', () => {
  test('are McNemar’s for errors of classification', () => {
    // A alone wrong at 2 places, B alone at 7, both at 1, neither at 10.
    const a = Float64Array.from({ length: 20 }, (_, i) => (i < 2 || i === 9 ? 1 : 0));
    const b = Float64Array.from({ length: 20 }, (_, i) => ((i >= 2 && i < 9) || i === 9 ? 1 : 0));
    const { meanA, meanB, advantage, z } = pairedScores(a, b);
    expect([meanA, meanB]).toEqual([3 / 20, 8 / 20]);
    expect(advantage).toBeCloseTo(5 / 20, 15);
    expect(z).toBeCloseTo((7 - 2) / Math.sqrt(7 + 2), 14);
    expect(pairedScores(b, a).z).toBeCloseTo(-5 / 3, 14);
  });

  test('find no advantage of a method over itself, and stay below √N for one that is always right', () => {
    const wrong = new Float64Array(25).fill(1);
    expect(pairedScores(wrong, wrong).z).toBe(0);
    expect(pairedScores(new Float64Array(25), wrong).z).toBeCloseTo(5, 14);
    expect(pairedScores(Float64Array.of(NaN, 0), Float64Array.of(1, 1)).z).toBeNaN();
    // Two runs stopped near one minimiser: as close to each other everywhere, and A nearer to the truth everywhere.
    const near = Float64Array.from({ length: 200 }, (_, i) => 0.01 + (i % 7));
    expect(
      pairedScores(
        near,
        near.map((v) => v + 1e-6),
      ).z,
    ).toBe(0);
    expect(
      pairedScores(
        near,
        near.map((v) => 1.1 * v),
      ).z,
    ).toBeGreaterThan(2);
  });
});

describe('arithmetic', () => {
  const scalar = (value: number, more: Partial<ScalarValue> = {}): ScalarValue => ({
    kind: 'scalar',
    value,
    label: 'a number',
    precision: 'float64',
    ...more,
  });
  const compute = async (params: object, m: ScalarValue, n?: ScalarValue) => {
    const inputs: Record<string, PortValue> = { m, ...(n && { n }) };
    const { outputs } = await evaluateNode(definitionOf('check/arithmetic'), {
      params: params as never,
      inputs,
    });
    return outputs?.value as ScalarValue;
  };

  test.each([
    ['sum', 2 * 3 - 5 * 4 + 7],
    ['product', 2 * 3 * 4 + 7],
    ['ratio', (2 * 3) / 4 + 7],
  ])('%s of two numbers', async (operation, expected) => {
    const params = { operation, alpha: 2, beta: -5, gamma: 7 };
    expect((await compute(params, scalar(3), scalar(4))).value).toBe(expected);
  });

  test('scales and shifts one number', async () => {
    expect((await compute({ alpha: 2, gamma: 1 }, scalar(3))).value).toBe(7);
    expect((await compute({ operation: 'ratio', alpha: 2, gamma: 1 }, scalar(3))).value).toBe(7);
  });

  test('is as final and as precise as the worse of the two', async () => {
    const coarse = scalar(1, { precision: 'float32' });
    expect((await compute({}, scalar(1), coarse)).precision).toBe('float32');
    const waiting = scalar(NaN, { standing: { state: 'pending', reason: 'waits for the run' } });
    expect((await compute({}, scalar(1), waiting)).standing?.state).toBe('pending');
    const former = scalar(2, { standing: { state: 'outdated', reason: 'measured with λ = 5.' } });
    expect((await compute({}, waiting, former)).standing).toBe(former.standing);
    expect((await compute({}, scalar(1), scalar(2))).standing?.state).toBe('final');
    const alarm = 'below the certified minimum';
    expect((await compute({}, scalar(1, { alarm }), scalar(2))).alarm).toBe(alarm);
  });
});

describe('group classes', () => {
  test('maps each class to its group, with the features as they are', async () => {
    const data = dataset(hostFloat([1, 2, 3, 4], [4, 1]), labels([2, 0, 1, 2], 3));
    const { outputs } = await evaluateNode(definitionOf('data/group-classes'), {
      params: { groups: 'middle: c1; rest: c2, c0;' },
      inputs: { dataset: data },
    });
    const { features, targets } = outputs?.dataset as DatasetValue;
    expect(features).toBe(data.features);
    expect(targets).toMatchObject({ kind: 'labels', classes: ['middle', 'rest'] });
    expect(targets.kind === 'labels' && [...targets.labels.data]).toEqual([1, 1, 0, 1]);
  });
});

describe('known densities of generated data', () => {
  test.each([
    ['data/eight-gaussians', { radius: 2, spread: 0.3 }],
    ['data/eight-gaussians', { radius: 0.5, spread: 0.5 }],
    ['data/two-moons', { noise: 0.1 }],
    ['data/two-moons', { noise: 0.4 }],
    ['data/checkerboard', { halfBoard: 2, extent: 2 }],
    ['data/checkerboard', { halfBoard: 3, extent: 1 }],
  ])('%s %o has mass 1, and more of it where its samples are', async (type, params) => {
    const { outputs } = await evaluateNode(definitionOf(type), {
      params: { ...params, samples: 1000 },
    });
    const { features, logDensity } = outputs?.dataset as DatasetValue;
    const density = (points: ArrayLike<number>) =>
      Float64Array.from(logDensity!(points), (v) => Math.exp(v));
    const [side, width] = [180, 9];
    const grid = Float64Array.from({ length: 2 * side * side }, (_, k) => {
      const cell = Math.floor(k / 2);
      const place = k % 2 === 0 ? cell % side : Math.floor(cell / side);
      return -width / 2 + ((place + 0.5) * width) / side;
    });
    const values = density(grid);
    const mass = values.reduce((sum, p) => sum + p, 0) * (width / side) ** 2;
    expect(Math.abs(mass - 1)).toBeLessThan(type === 'data/checkerboard' ? 0.06 : 1e-5);
    // E p(x) is the integral of p².
    const squares = values.reduce((sum, p) => sum + p * p, 0) * (width / side) ** 2;
    const at = density(features.data);
    const mean = at.reduce((sum, p) => sum + p, 0) / at.length;
    const spread = at.reduce((sum, p) => sum + (p - mean) ** 2, 0) / at.length;
    expect(Math.abs(mean - squares)).toBeLessThan(4 * Math.sqrt(spread / at.length) + 0.06 * mean);
  });

  test('end with the features they are of', async () => {
    const { outputs } = await evaluateNode(definitionOf('data/two-moons'), {});
    const data = outputs?.dataset as DatasetValue;
    const scaled = await evaluateNode(definitionOf('data/standardize'), { inputs: { data } });
    expect((scaled.outputs?.data as DatasetValue).logDensity).toBeUndefined();
  });
});

describe('the adjoint test', () => {
  const measure = async (change: Partial<LinearOperator>) => {
    const operator = { ...gradientOperator([12, 9]), ...change };
    const { outputs } = await evaluateNode(definitionOf('check/adjoint'), {
      inputs: { operator: { kind: 'operator', operator } },
    });
    return {
      difference: (outputs?.difference as ScalarValue).value,
      share: (outputs?.share as ScalarValue).value,
    };
  };

  test('passes differences, whose norm is just below √8', async () => {
    const { difference, share } = await measure({});
    expect(difference).toBeLessThan(1e-15);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThanOrEqual(1);
  });

  test('finds an adjoint of the wrong sign, and a norm that is too small', async () => {
    const right = gradientOperator([12, 9]);
    const { difference } = await measure({ adjoint: (y) => neg(right.adjoint(y)) });
    expect(difference).toBeGreaterThan(1e-3);
    expect((await measure({ norm: 1 })).share).toBeGreaterThan(2);
  });
});

describe('optimality', () => {
  const lasso = async (lambda: number) => {
    const linear = await model('model/linear', gaussianRegression(40, 8, 3), { bias: false });
    return loss('loss/squared-error', linear, [
      await regularizer('regularizer/l1-norm', { lambda }, 'l1'),
    ]);
  };
  const measure = async (lambda: number, steps: number) => {
    const objective = await lasso(lambda);
    const optimizer = await plan('optimizer/fista', objective);
    const { parameters, columns } = await run(optimizer, steps, { every: steps });
    const value = {
      kind: 'run',
      plan: optimizer,
      status: 'maxSteps',
      parameters,
      precision: 'float64',
      ...oneSegment({ state: 'none' }, { 'l1.lambda': lambda }),
    } as unknown as PortValue;
    const { outputs } = await evaluateNode(definitionOf('check/optimality'), {
      inputs: { run: value },
      // Changed since: the numbers stay those of the run.
      liveValues: { 'l1.lambda': 7 * lambda },
    });
    const certified = await objective.certify!({ 'l1.lambda': lambda }, AbortSignal.timeout(1e4));
    const of = (name: string) => (outputs?.[name] as ScalarValue).value;
    return {
      bound: of('bound'),
      critical: of('critical'),
      excess: columns.objective[columns.objective.length - 1] - certified.value,
    };
  };

  test('bounds f − f* of a lasso on the way to its certified minimum', async () => {
    for (const steps of [3, 10, 30]) {
      const { bound, excess } = await measure(0.1, steps);
      expect(bound).toBeGreaterThanOrEqual(excess);
    }
    const { bound, excess } = await measure(0.1, 400);
    expect(bound).toBeGreaterThanOrEqual(excess - 1e-15);
    expect(bound).toBeLessThan(1e-12);
  });

  test('knows from which λ on nothing is chosen', async () => {
    const { critical } = await measure(0.1, 3);
    const { features, targets } = gaussianRegression(40, 8, 3);
    const y = targets.kind === 'values' ? targets.values.data : [];
    const products = Array.from({ length: 8 }, (_, j) =>
      Math.abs(Array.from(y, (v, i) => v * features.data[8 * i + j]).reduce((a, b) => a + b) / 40),
    );
    expect(critical).toBeCloseTo(Math.max(...products), 13);
    expect((await measure(critical * 1.001, 400)).bound).toBeLessThan(1e-12);
  });
});
