/** What part of a plane is shown, and which level sets. */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { Rectangle } from './heights.ts';
import type { Projection } from './plane.ts';

/** The shorter side of a rectangle with equal scales is at least this share of the longer. */
const LEAST_ASPECT = 0.5;
/** Bounds are multiples of this share of a power of two, so that a growing path rarely moves them. */
const GRAIN = 1 / 16;

/** The rectangle around the points with a margin on each side, as a share of its longer side. */
export function rectangleAround(
  points: readonly Pick<Projection, 's' | 't'>[],
  margin: number,
  equalScale: boolean,
): Rectangle {
  const range = (values: readonly number[]): [number, number] => {
    const finite = values.filter(Number.isFinite);
    return finite.length > 0
      ? [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))]
      : [0, 0];
  };
  const ranges = [range(points.map(({ s }) => s)), range(points.map(({ t }) => t))];
  const sizes = ranges.map(([low, high]) => high - low);
  const longest = Math.max(...sizes) || 1;
  const [s, t] = ranges.map(([low, high], i): [number, number] => {
    const own = sizes[i] || longest;
    const size = equalScale ? Math.max(sizes[i], LEAST_ASPECT * longest) : own;
    const extra = (size - sizes[i]) / 2 + margin * (equalScale ? longest : size);
    const grain = elementary.pow(2, Math.floor(elementary.log2(size + 2 * extra))) * GRAIN;
    return [Math.floor((low - extra) / grain) * grain, Math.ceil((high + extra) / grain) * grain];
  });
  return { s, t };
}

/** The share of the grid inside the innermost level set. */
const INNERMOST = 0.004;

/** So many heights at equal ratios, from the innermost to below the largest; none where all heights are equal. */
export function levelsOf(heights: ArrayLike<number>, count: number): number[] {
  const positive = Array.from(heights)
    .filter((h) => h > 0 && Number.isFinite(h))
    .sort((a, b) => a - b);
  const low = positive[Math.floor(INNERMOST * positive.length)];
  const high = positive.at(-1);
  if (low === undefined || high === undefined || !(high > low)) return [];
  return Array.from({ length: count }, (_, i) => low * elementary.pow(high / low, i / count));
}
