import * as elementary from '../../numerics/elementary/index.ts';

/** Share of equal labels. */
export function accuracy(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (predicted[i] === truth[i]) right++;
  return right / truth.length;
}

/** √(mean (ŷ − y)²). */
export function rootMeanSquareError(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
): number {
  return Math.sqrt(squares(predicted, truth) / truth.length);
}

/** R² = 1 − Σ(ŷ − y)² / Σ(y − ȳ)²: 1 is perfect, 0 as good as the mean, negative worse. NaN for constant y. */
export function determination(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  let mean = 0;
  for (let i = 0; i < truth.length; i++) mean += truth[i] / truth.length;
  let total = 0;
  for (let i = 0; i < truth.length; i++) total += (truth[i] - mean) ** 2;
  return total === 0 ? NaN : 1 - squares(predicted, truth) / total;
}

/** 10 log₁₀(range² / mean squared error) in decibels, the range that of the truth; ∞ for equal signals. */
export function peakSignalToNoise(estimate: ArrayLike<number>, truth: ArrayLike<number>): number {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < truth.length; i++) {
    low = Math.min(low, truth[i]);
    high = Math.max(high, truth[i]);
  }
  return 20 * elementary.log10((high - low) / rootMeanSquareError(estimate, truth));
}

function squares(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
