/** Nodes that compare runs and put numbers together for a check. */
import { describe, expect, test } from 'vitest';
import { pairedScores } from '../../src/lib/nodes/shared/paired-scores.ts';
import type { DatasetValue, PortValue, ScalarValue } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import { dataset, definitionOf, labels } from './support/problems.ts';

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
