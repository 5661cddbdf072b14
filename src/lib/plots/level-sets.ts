/** What is read from a drawing of level sets, in words. */
import type { LevelSetsView } from '../runtime/graph/view-data.ts';
import { drawable } from './axes.ts';
import { formatNumber } from './format.ts';
import type { Placed } from './paint/level-sets.ts';

/** An iterate counts as pointed at within this many pixels. */
const REACH = 8;

/** The height between grid points, bilinear; NaN outside or next to a point without one. */
export function heightAt(view: LevelSetsView, x: number, y: number): number {
  const { columns, rows, xRange, yRange, heights } = view;
  const u = ((x - xRange[0]) / (xRange[1] - xRange[0])) * (columns - 1);
  const v = ((y - yRange[0]) / (yRange[1] - yRange[0])) * (rows - 1);
  if (!(u >= 0 && u <= columns - 1 && v >= 0 && v <= rows - 1)) return NaN;
  const [c, r] = [Math.min(Math.floor(u), columns - 2), Math.min(Math.floor(v), rows - 2)];
  const at = (i: number, j: number): number => heights[(r + j) * columns + c + i];
  const [p, q] = [u - c, v - r];
  return (1 - q) * ((1 - p) * at(0, 0) + p * at(1, 0)) + q * ((1 - p) * at(0, 1) + p * at(1, 1));
}

function where(view: LevelSetsView, x: number, y: number): string {
  return `${view.xLabel} = ${formatNumber(x)}, ${view.yLabel} = ${formatNumber(y)}`;
}

/** The iterate under the pointer, else the objective there. */
export function readAt(view: LevelSetsView, placed: Placed, px: number, py: number): string {
  let nearest = '';
  let least = REACH;
  for (const { label, steps, x, y, off } of view.paths)
    for (let i = 0; i < x.length; i++) {
      if (!drawable(x[i]) || !drawable(y[i])) continue;
      const distance = placed.distance(px, py, x[i], y[i]);
      if (distance >= least) continue;
      least = distance;
      const away = off[i] > 0 ? `, ${formatNumber(off[i], 2)} off the plane` : '';
      nearest = `${label}, step ${formatNumber(steps[i])}: ${where(view, x[i], y[i])}${away}`;
    }
  if (nearest) return nearest;
  const point = placed.at(px, py);
  if (!point) return summary(view);
  const height = heightAt(view, point.x, point.y);
  const { value, label } = view.reference;
  return Number.isNaN(height)
    ? `${where(view, point.x, point.y)}: outside the domain`
    : `${where(view, point.x, point.y)}: f ≈ ${formatNumber(value + height)}, ${formatNumber(height, 3)} above ${label === 'f*' ? label : `the ${label}`}`;
}

/** Levels and distances from the plane. */
export function summary({ reference, levels, paths, minimiser }: LevelSetsView): string {
  const ratio = levels.length > 1 ? levels[1] / levels[0] : NaN;
  const spacing = Number.isNaN(ratio)
    ? ''
    : `, levels ${formatNumber(ratio, 2)} times as high each`;
  const parts = [`${reference.label} = ${formatNumber(reference.value)}${spacing}`];
  const farthest = paths.reduce((most, { off }) => off.reduce((a, b) => Math.max(a, b), most), 0);
  if (farthest > 0) {
    const ends = paths.map(({ off }) => off.at(-1) ?? 0);
    parts.push(
      `iterates up to ${formatNumber(farthest, 2)} off the plane, the last up to ${formatNumber(Math.max(...ends), 2)}`,
    );
  }
  if (minimiser && minimiser.off > 0) parts.push(`the minimiser ${formatNumber(minimiser.off, 2)}`);
  return `${parts.join('; ')}.`;
}
