/** Paths of points up to a time, their heads, and what lies behind them. */
import type { TrajectoriesView } from '../../runtime/graph/view-data.ts';
import { drawable, extent, padDomain } from '../axes.ts';
import type { Theme } from '../theme.svelte.ts';
import { clipped, drawAxes, equalScaleBox, markerPath, type Box, type Frame } from './frame.ts';

export function isDrawableMotion(view: TrajectoriesView): boolean {
  return (
    view.frames >= 2 &&
    view.points >= 1 &&
    view.times.length >= view.frames &&
    view.x.length >= view.frames * view.points &&
    extent([view.x]) !== null &&
    extent([view.y]) !== null
  );
}

/** Where point i is at the fractional frame `at`, on the straight line between the frames around it. */
export function positionAt(view: TrajectoriesView, i: number, at: number): [number, number] {
  const before = Math.min(Math.floor(at), view.frames - 1);
  const after = Math.min(before + 1, view.frames - 1);
  const share = at - before;
  const [a, b] = [before * view.points + i, after * view.points + i];
  return [view.x[a] + share * (view.x[b] - view.x[a]), view.y[a] + share * (view.y[b] - view.y[a])];
}

/** @param at fractional frame between 0 and frames − 1 */
export function paintTrajectories(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  view: TrajectoriesView,
  at: number,
): void {
  const { background } = view;
  const x = extent(background ? [view.x, background.x] : [view.x]);
  const y = extent(background ? [view.y, background.y] : [view.y]);
  if (!x || !y) return;
  const drawn = equalScaleBox(box, padDomain(x), padDomain(y));
  context.translate((box.width - drawn.width) / 2, (box.height - drawn.height) / 2);
  const frame = drawAxes(context, drawn, theme, {
    xDomain: padDomain(x),
    yDomain: padDomain(y),
    xLabel: view.xLabel,
    yLabel: view.yLabel,
  });
  const small = box.compact ? 0.8 : 1;
  clipped(context, frame, () => {
    if (background) {
      context.fillStyle = theme.muted;
      context.globalAlpha = 0.35;
      dots(context, frame, background.x.length, 1.4 * small, (i) => [
        background.x[i],
        background.y[i],
      ]);
    }
    const groups = classCount(view);
    // Paths of several colours cover each other: only their last fifth is drawn.
    const from = groups > 1 ? Math.max(0, Math.floor(at - (view.frames - 1) / 5)) : 0;
    // Points on top of all paths; without classes the two have a colour each.
    for (let g = 0; g < groups; g++) {
      context.strokeStyle = theme.series[g % theme.series.length];
      context.globalAlpha = view.points > 150 ? 0.3 : 0.5;
      context.lineWidth = box.compact ? 0.8 : 1.2;
      paths(context, frame, view, at, g, from);
    }
    context.globalAlpha = 1;
    for (let g = 0; g < groups; g++) {
      context.fillStyle = theme.series[(view.labels ? g : 1) % theme.series.length];
      dots(context, frame, view.points, 2.6 * small, (i) => positionAt(view, i, at), {
        mark: view.labels ? g : 0,
        shown: (i) => isIn(view, i, g),
      });
    }
  });
}

/** Classes that points have, or one group of all. */
export function classCount(view: TrajectoriesView): number {
  return view.labels ? Math.max(1, view.classes?.length ?? 1) : 1;
}

function isIn(view: TrajectoriesView, i: number, group: number): boolean {
  return !view.labels || view.labels[i] === group;
}

function dots(
  context: CanvasRenderingContext2D,
  frame: Frame,
  count: number,
  radius: number,
  position: (i: number) => readonly [number, number],
  { mark, shown }: { mark: number; shown: (i: number) => boolean } = {
    mark: 0,
    shown: () => true,
  },
): void {
  context.beginPath();
  for (let i = 0; i < count; i++) {
    if (!shown(i)) continue;
    const [x, y] = position(i);
    if (drawable(x) && drawable(y)) markerPath(context, mark, frame.x(x), frame.y(y), radius);
  }
  context.fill();
}

function paths(
  context: CanvasRenderingContext2D,
  frame: Frame,
  view: TrajectoriesView,
  at: number,
  group: number,
  from: number,
): void {
  context.beginPath();
  for (let i = 0; i < view.points; i++) {
    if (!isIn(view, i, group)) continue;
    let down = false;
    const through = (x: number, y: number): void => {
      if (!drawable(x) || !drawable(y)) {
        down = false;
        return;
      }
      if (down) context.lineTo(frame.x(x), frame.y(y));
      else context.moveTo(frame.x(x), frame.y(y));
      down = true;
    };
    for (let f = from; f <= Math.floor(at); f++)
      through(view.x[f * view.points + i], view.y[f * view.points + i]);
    through(...positionAt(view, i, at));
  }
  context.stroke();
}
