/**
 * Certificates of classifiers and of regressions of counts against minima in 60 digits (tests/reference/likelihood_minima.py): the true minimum, or
 * infimum, lies in [value − gap, value], and it is said whether weights reach it.
 */
import { describe, expect, test } from 'vitest';
import type { Certificate } from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import reference from '../reference/likelihood_minima.json';
import { dataset, labels, liveOf, loss, model, regularizer, values } from './support/problems.ts';

type Case = (typeof reference.cases)[number];

async function certificateOf(table: Case, lambda: number): Promise<Certificate> {
  const features = hostFloat(table.features.flat(), [
    table.features.length,
    table.features[0].length,
  ]);
  const counted = table.loss === 'counts';
  const targets = counted ? values(table.outcomes) : labels(table.outcomes, table.classes);
  const data = dataset(features, targets);
  const terms = lambda > 0 ? [await regularizer('regularizer/squared-l2', { lambda })] : [];
  const objective = await loss(
    counted ? 'loss/poisson' : 'loss/softmax-cross-entropy',
    await model('model/linear', data, { bias: table.bias }),
    terms,
  );
  if (!objective.certify) throw new Error('expected a certificate');
  return objective.certify(liveOf(objective.live), new AbortController().signal);
}

describe.each(reference.cases)('$name', (table) => {
  test.each(table.minima)('with λ = $lambda', async (minimum) => {
    const certificate = await certificateOf(table, minimum.lambda);
    const { value, gap, minimiser, minimiserError = NaN, attained = true, reason } = certificate;
    const [high, low] = minimum.minimum;
    const excess = value - high - low;
    expect(excess).toBeGreaterThanOrEqual(0);
    expect(excess).toBeLessThanOrEqual(gap);
    // Logits have errors of some 1e-16 in the basis of the columns; f is of order one, counts larger.
    expect(gap).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(value)));
    expect(attained).toBe(minimum.attained);
    expect(reason === undefined).toBe(minimum.attained);
    expect(minimiser === undefined).toBe(!minimum.minimiser);
    if (!minimiser || !minimum.minimiser) return;
    const found = minimiser.flatMap(({ data }) => Array.from(data));
    const want = minimum.minimiser;
    expect(minimiserError).toBeLessThanOrEqual(1e-6 * Math.max(...found.map(Math.abs)));
    found.forEach((x, j) => {
      expect(Math.abs(x - want[j])).toBeLessThanOrEqual(minimiserError + Math.abs(want[j]) * 2e-16);
    });
  });
});
