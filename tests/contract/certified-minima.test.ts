/**
 * Certificates of linear regressions against minima in exact rational arithmetic (tests/reference/certificates.py): whatever the table, the true
 * minimum lies in [value − gap, value], and a minimiser is given only where it is the only one.
 */
import { describe, expect, test } from 'vitest';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { Certificate } from '../../src/lib/runtime/graph/ports.ts';
import { inner } from '../../src/lib/numerics/linear-algebra.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { spectralBounds } from '../../src/lib/numerics/spectral-bounds.ts';
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

const normOf = (x: readonly number[]): number => Math.hypot(...x);

/** Columns that depend on each other but for the rounding of their entries are independent by this part of their length. */
const LEAST = 2 ** -54;

/**
 * What rounding may leave of a gap, by the bounds of the proof.
 *
 * Both ends are rounded outwards to float64, by less than 2⁻⁵¹ each. The residual errs by E ≤ 16(d + 1)u²(‖y‖ + Σ|w_j|‖x_j‖), u = 2⁻⁵³ (residual.ts), where
 * weights of 10¹⁵ that cancel count; it moves ‖r‖²/(2N), ‖r‖² ≤ 2N·value, by E(2‖r‖ + E)/(2N) to either side. Slopes err by (4200 + N)u²‖x_j‖‖r‖
 * (double-double-vector.ts), which the least singular value σ of the columns at length 1 magnifies to a shift of θ by that part of ‖r‖ over σ, and the dual
 * value follows in proportion (elastic-net-proof.ts).
 */
async function limit(
  table: Case,
  minimiser: readonly number[] | null,
  value: number,
): Promise<number> {
  const n = table.targets.length;
  const d = table.features[0].length;
  const columns = Array.from({ length: d }, (_, j) => table.features.map((row) => row[j]));
  if (table.bias) columns.push(table.targets.map(() => 1));
  const unit = columns.map((x) => {
    const largest = Math.max(...x.map(Math.abs)) || 1;
    const scaled = x.map((v) => v / largest);
    const length = normOf(scaled) || 1;
    return Float64Array.from(scaled, (v) => v / length);
  });
  const product = Float64Array.from({ length: unit.length ** 2 }, (_, ij) =>
    inner(unit[Math.floor(ij / unit.length)], unit[ij % unit.length]),
  );
  const pacer = createPacer(new AbortController().signal);
  const { lower } = await spectralBounds(product, unit.length, pacer);
  const sigma = Math.max(LEAST, Math.sqrt(lower));
  const target = normOf(table.targets);
  // Without one minimiser, the weights of least norm are of no more than ‖y‖/σ.
  const size = columns.reduce(
    (sum, x, j) => sum + (minimiser ? Math.abs(minimiser[j]) * normOf(x) : target / sigma),
    0,
  );
  const E = 16 * (d + 1) * 2 ** -106 * (target + size);
  const r = Math.sqrt(2 * n) * Math.sqrt(value);
  const magnified = ((4200 + n) * 2 ** -106) / sigma;
  return (2 ** -50 + 2 * Math.sqrt(d + 1) * magnified) * value + (2 * E * (2 * r + 2 * E)) / n;
}

describe.each(reference.cases)('$name', (table) => {
  test.each(table.minima)('with penalty $penalty, λ = $lambda', async (minimum) => {
    const certificate = await certificateOf(table, minimum);
    const { value, gap, minimiser, minimiserError = NaN } = certificate;
    const excess = above(value, minimum.minimum);
    expect(excess).toBeGreaterThanOrEqual(0);
    expect(excess).toBeLessThanOrEqual(gap);
    expect(gap).toBeLessThanOrEqual(await limit(table, minimum.minimiser, value));
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
