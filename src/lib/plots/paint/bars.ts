import type { BarsView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, padDomain, positioner } from '../axes.ts';
import { assignColors } from '../colors.ts';
import type { Theme } from '../theme.svelte.ts';
import { clipped, drawAxes, fitText, fontOf, type Box } from './frame.ts';

/** More names are drawn side by side without room for each; the names of the largest bars are written. */
const MOST_ROOMY = 100;
const MOST_NAMED = 12;
/** Bars below this share of the largest are not named. */
const NAMED_SHARE = 0.05;

/** Width in CSS pixels at which every name has room for its bars; more than the container means scrolling. */
export function barsWidth(view: BarsView, available: number): number {
  if (view.names.length > MOST_ROOMY) return available;
  const group = Math.max(26, 9 * view.series.length + 8);
  return Math.max(available, 60 + group * view.names.length);
}

/** Groups of consecutive names that share a place, where there are more names than places. */
export function buckets(names: number, places: number): { start: number; end: number }[] {
  const count = Math.max(1, Math.min(names, Math.floor(places)));
  return Array.from({ length: names === 0 ? 0 : count }, (_, i) => ({
    start: Math.floor((i * names) / count),
    end: Math.floor(((i + 1) * names) / count),
  }));
}

/** The value largest in size among a bucket, with its sign; null when none is finite. */
export function largest(values: ArrayLike<number>, start: number, end: number): number | null {
  let best: number | null = null;
  for (let i = start; i < end; i++) {
    const v = values[i];
    if (drawable(v) && (best === null || Math.abs(v) > Math.abs(best))) best = v;
  }
  return best;
}

export function barColors(view: BarsView, runs: ReadonlyMap<string, number>): number[] {
  return assignColors(
    view.series.map((s) => s.nodeId),
    runs,
  );
}

interface Bucket {
  readonly start: number;
  readonly end: number;
}

/** Size of the largest bar of any series at a name. */
function sizeAt({ series }: BarsView, i: number): number {
  return Math.max(
    0,
    ...series.map(({ values }) => (drawable(values[i]) ? Math.abs(values[i]) : 0)),
  );
}

/** The name of the largest bar among a bucket. */
function peak(view: BarsView, { start, end }: Bucket): number {
  let best = start;
  for (let i = start; i < end; i++) if (sizeAt(view, i) > sizeAt(view, best)) best = i;
  return best;
}

/** Places of the largest bars whose names do not meet: `slot` is the width of a place, `apart` that of a turned name. */
export function tallest(
  view: BarsView,
  groups: readonly Bucket[],
  slot: number,
  apart: number,
): number[] {
  const sizes = groups.map((group) => sizeAt(view, peak(view, group)));
  const least = NAMED_SHARE * Math.max(0, ...sizes);
  const chosen: number[] = [];
  for (const g of [...groups.keys()].sort((a, b) => sizes[b] - sizes[a])) {
    if (chosen.length === MOST_NAMED || sizes[g] <= least) break;
    if (chosen.every((other) => Math.abs(other - g) * slot >= apart)) chosen.push(g);
  }
  return chosen;
}

export function paintBars(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: BarsView,
  runs: ReadonlyMap<string, number>,
): void {
  const domain = extent(view.series.map((s) => s.values));
  if (!domain || view.names.length === 0) return;
  const colors = barColors(view, runs);
  const perBar = view.names.length > MOST_ROOMY ? 1 : box.compact ? 2 : 4;
  const groups = buckets(view.names.length, (box.width - 40) / (perBar * view.series.length + 1));
  const named = groups.length === view.names.length;
  const size = box.compact ? 9 : 11;
  context.font = fontOf(theme, size);
  const widest = Math.max(0, ...view.names.slice(0, 400).map((n) => context.measureText(n).width));
  const slot = (box.width - 50) / groups.length;
  const upright = named && slot >= widest + 4;
  const turned = named && !upright && slot >= size + 2 && !box.compact;
  const sparse = !upright && !turned && !box.compact;
  const strip = upright ? size + 8 : turned || sparse ? Math.min(widest, 70) + 10 : 0;

  const frame = drawAxes(context, { ...box, height: box.height - strip }, theme, {
    xDomain: [0, groups.length],
    yDomain: padDomain([Math.min(0, domain[0]), Math.max(0, domain[1])]),
    xLabel: '',
    yLabel: '',
    noXTicks: true,
  });
  const place = positioner([0, groups.length], frame.left, frame.right);
  const zero = frame.y(0);
  clipped(context, frame, () => {
    groups.forEach(({ start, end }, g) => {
      const a = place(g);
      const gap = Math.min(6, (place(g + 1) - a) * 0.15);
      const width = (place(g + 1) - a - 2 * gap) / view.series.length;
      view.series.forEach((series, s) => {
        const value = largest(series.values, start, end);
        if (value === null) return;
        const to = frame.y(value);
        context.fillStyle = theme.series[colors[s] % theme.series.length];
        context.fillRect(
          a + gap + s * width,
          Math.min(zero, to),
          Math.max(0.75, width - (width > 4 ? 1 : 0)),
          Math.max(Math.abs(to - zero), value === 0 ? 0 : 0.75),
        );
      });
    });
  });
  context.strokeStyle = theme.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(frame.left, Math.round(zero) + 0.5);
  context.lineTo(frame.right, Math.round(zero) + 0.5);
  context.stroke();
  context.fillStyle = theme.muted;
  context.font = fontOf(theme, size);
  const written = strip === 0 ? [] : sparse ? tallest(view, groups, slot, size + 2) : groups.keys();
  for (const g of written) {
    const middle = (place(g) + place(g + 1)) / 2;
    if (upright) {
      context.textAlign = 'center';
      context.textBaseline = 'top';
      context.fillText(view.names[g], middle, frame.bottom + 6);
    } else {
      context.save();
      context.translate(middle, frame.bottom + 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      context.fillText(fitText(context, view.names[sparse ? peak(view, groups[g]) : g], 70), 0, 0);
      context.restore();
    }
  }
}
