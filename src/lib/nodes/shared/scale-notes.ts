/** Notices features of very unequal scale, which slow every first-order method and lose digits in every other. */
import type { NodeNote } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { brief } from './format.ts';

/** Condition numbers from which a gradient method takes thousands of steps. */
const ILL_CONDITIONED = 1e4;

/**
 * A note when the columns of X, with one of ones where there is an intercept, have root mean squares so unequal that κ(XᵀX) is surely large: the
 * largest eigenvalue is at least the largest diagonal entry, the least at most the least one (Courant–Fischer), so
 * κ ≥ max rms² / min rms². Columns of zeros and data that were scaled already are left out.
 */
export function scaleNotes(
  dataset: DatasetValue,
  use: 'intercept' | 'products' | 'distances',
): readonly NodeNote[] {
  if (dataset.grid || dataset.scalings) return [];
  const { data, shape } = dataset.features;
  const [rows, width] = shape;
  const columns = Array.from({ length: width }, (_, j) => ({
    name: `“${dataset.featureNames[j]}”`,
    rms: rootMeanSquare(data, rows, width, j),
  })).filter(({ rms }) => rms > 0);
  if (use === 'intercept') columns.push({ name: 'the intercept', rms: 1 });
  if (columns.length < 2) return [];
  const largest = columns.reduce((a, b) => (b.rms > a.rms ? b : a));
  const least = columns.reduce((a, b) => (b.rms < a.rms ? b : a));
  const ratio = largest.rms / least.rms;
  const condition = ratio * ratio;
  if (!(condition >= ILL_CONDITIONED)) return [];
  const bound = Number.isFinite(condition) ? `κ(XᵀX) ≥ ${brief(condition)}` : 'XᵀX overflows';
  return [
    {
      text:
        use === 'distances'
          ? `The scale of ${largest.name} is ${brief(ratio)} times that of ${least.name}, which distances hardly see.`
          : `The scale of ${largest.name} is ${brief(ratio)} times that of ${least.name}, so ${bound}: gradient methods are slow, and digits are lost.`,
      insert: { type: 'data/standardize', port: 'data', label: 'Standardize' },
    },
  ];
}

/** Scaled by the largest entry, so that squares neither overflow nor vanish. */
function rootMeanSquare(
  data: ArrayLike<number>,
  rows: number,
  width: number,
  column: number,
): number {
  let most = 0;
  for (let i = 0; i < rows; i++) most = Math.max(most, Math.abs(data[i * width + column]));
  if (most === 0) return 0;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const share = data[i * width + column] / most;
    sum += share * share;
  }
  return most * Math.sqrt(sum / rows);
}
