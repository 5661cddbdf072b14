/**
 * Certificates of linear regressions against minima in exact rational arithmetic (tests/reference/certificates.py): whatever the table, the true
 * minimum lies in [value − gap, value], and a minimiser is given only where it is the only one.
 */
import { describe, expect, test } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { Certificate } from '../../src/lib/runtime/graph/ports.ts';
import reference from '../reference/certificates.json';
import { dataset, liveOf, loss, model, regularizer, values } from './support/problems.ts';

type Case = (typeof reference.cases)[number];
type Minimum = Case['minima'][number];

async function certificateOf(table: Case, { penalty, lambda }: Minimum): Promise<Certificate> {
  const n = table.features.length;
  const features = hostFloat(table.features.flat(), [n, table.features[0].length]);
  const data = dataset(features, values(table.targets));
  const terms =
    penalty === 'none'
      ? []
      : [
          await regularizer(
            penalty === 'l1' ? 'regularizer/l1-norm' : 'regularizer/squared-l2',
            { lambda },
            'reg',
          ),
        ];
  const objective = await loss(
    'loss/squared-error',
    await model('model/linear', data, { bias: table.bias }),
    terms,
  );
  if (!objective.certify) throw new Error('expected a certificate');
  return objective.certify(liveOf(objective.live), new AbortController().signal);
}

/** value − f*, for an f* given as two numbers that sum to it; exact where the two are near. */
const above = (value: number, [high, low]: readonly number[]): number => value - high - low;

describe.each(reference.cases)('$name', (table) => {
  test.each(table.minima)('with penalty $penalty, λ = $lambda', async (minimum) => {
    const certificate = await certificateOf(table, minimum);
    const { value, gap, minimiser, minimiserError = NaN } = certificate;
    const excess = above(value, minimum.minimum);
    expect(excess).toBeGreaterThanOrEqual(0);
    expect(excess).toBeLessThanOrEqual(gap);
    // Rounding of the value to float64, or what double-double leaves where weights of 10¹⁵ cancel, and of a sum of squares that is 0.
    const n = table.targets.length;
    const scale = table.targets.reduce((sum, y) => sum + (y * y) / (2 * n), 0);
    expect(gap).toBeLessThanOrEqual(1e-12 * value + 1e-17 * scale);
    if (minimiser) {
      expect(minimum.minimiser, 'a minimiser of several').not.toBeNull();
      const found = minimiser.flatMap(({ data }) => Array.from(data));
      const largest = Math.max(...found.map(Math.abs));
      expect(minimiserError).toBeLessThanOrEqual(1e-6 * largest);
      found.forEach((x, j) => {
        const true_ = minimum.minimiser?.[j] ?? NaN;
        expect(Math.abs(x - true_)).toBeLessThanOrEqual(
          minimiserError + Math.abs(true_) * 2 ** -52,
        );
      });
    }
  });
});
