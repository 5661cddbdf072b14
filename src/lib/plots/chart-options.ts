/** How uPlot draws a picture of curves: our ranges and ticks, so that no input makes it search for its own. */
import type uPlot from 'uplot';
import { linearTicks, logTicks, tickLabel, type Domain } from './axes.ts';
import type { ChangeMark, CurvePicture } from './curves.ts';
import type { Theme } from './theme.svelte.ts';

export interface ChartStyle {
  readonly theme: Theme;
  readonly compact: boolean;
  /** Colour index by node id. */
  readonly runs: ReadonlyMap<string, number>;
}

const FALLBACK: Domain = [0, 1];
const LOG_FALLBACK: Domain = [0.1, 1];

export function curveColor(style: ChartStyle, nodeId: string): string {
  return style.theme.series[(style.runs.get(nodeId) ?? 0) % style.theme.series.length];
}

/** Everything that needs a new chart when it changes; data and domains do not. */
export function structureKey(picture: CurvePicture): string {
  return JSON.stringify([
    picture.logX,
    picture.logY,
    picture.xLabel,
    picture.yLabel,
    picture.curves.map((c) => [c.nodeId, c.theory]),
  ]);
}

/** What is in sight; read at each redraw, so that growing domains need no new chart. */
export interface Sight {
  readonly x: Domain | null;
  readonly y: Domain | null;
}

export function chartOptions(
  first: CurvePicture,
  sight: () => Sight,
  style: ChartStyle,
  size: { width: number; height: number },
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const { theme, compact } = style;
  const font = `${compact ? 9 : 11}px ${theme.font}`;
  const ticks =
    (scale: 'x' | 'y', log: boolean) =>
    (self: uPlot): number[] => {
      const { min, max } = self.scales[scale];
      if (min == null || max == null) return [];
      const pixels = (scale === 'x' ? self.bbox.width : self.bbox.height) / devicePixelRatio;
      const count = Math.max(3, Math.floor(pixels / (scale === 'x' ? 80 : 40)));
      return log ? logTicks([min, max], count) : linearTicks([min, max], count);
    };
  const labels =
    (log: boolean) =>
    (_: uPlot, splits: number[]): string[] =>
      splits.map((tick) => tickLabel(tick, splits, log));
  const axis = (scale: 'x' | 'y', log: boolean, label: string): uPlot.Axis => ({
    scale,
    stroke: theme.muted,
    font,
    labelFont: `12px ${theme.font}`,
    label: compact ? undefined : label,
    labelSize: 18,
    labelGap: 0,
    gap: 4,
    size: (self, values) => {
      if (scale === 'x') return compact ? 16 : 24;
      self.ctx.font = `${(compact ? 9 : 11) * devicePixelRatio}px ${theme.font}`;
      const widths = (values ?? []).map((v) => self.ctx.measureText(v).width / devicePixelRatio);
      return Math.ceil(Math.max(18, ...widths)) + (compact ? 6 : 12);
    },
    splits: ticks(scale, log),
    values: labels(log),
    filter: (_, splits) => splits,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    border: { show: !compact, stroke: theme.grid, width: 1 },
  });
  const range =
    (domain: () => Domain | null, log: boolean): uPlot.Range.Function =>
    () => {
      const [low, high] = domain() ?? (log ? LOG_FALLBACK : FALLBACK);
      return [low, high];
    };
  return {
    ...size,
    padding: compact ? [4, 12, 0, 0] : [8, 14, 0, 0],
    legend: { show: false },
    cursor: compact
      ? { show: false }
      : {
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
          y: false,
        },
    select: { show: !compact, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, distr: first.logX ? 3 : 1, range: range(() => sight().x, first.logX) },
      y: { distr: first.logY ? 3 : 1, range: range(() => sight().y, first.logY) },
    },
    axes: [axis('x', first.logX, first.xLabel), axis('y', first.logY, first.yLabel)],
    series: [
      {},
      ...first.curves.map((curve): uPlot.Series => ({
        label: curve.label,
        stroke: curveColor(style, curve.nodeId),
        width: curve.theory ? 1.25 : compact ? 1.5 : 2,
        dash: curve.theory ? [6, 5] : undefined,
        // A run that has one point only would otherwise not be seen.
        points: { show: (self, i) => countTo(self.data[i], 2) === 1, size: 6 },
        spanGaps: false,
        pxAlign: 0,
      })),
    ],
    hooks,
  };
}

function countTo(list: ArrayLike<number | null | undefined>, most: number): number {
  let count = 0;
  for (let i = 0; i < list.length && count < most; i++) if (typeof list[i] === 'number') count++;
  return count;
}

/** Thin lines where runs were changed, each with what changed. Drawn over the curves, in the colour of the run. */
export function drawMarks(
  self: uPlot,
  marks: readonly ChangeMark[],
  style: ChartStyle,
  visible: ReadonlySet<string> | null,
): void {
  const { ctx, bbox } = self;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${10 * pixel}px ${style.theme.font}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineWidth = pixel;
  ctx.setLineDash([2 * pixel, 2 * pixel]);
  let free = -Infinity;
  let line = 0;
  for (const { nodeId, x, label } of marks) {
    if (visible !== null && !visible.has(nodeId)) continue;
    const left = Math.round(self.valToPos(x, 'x', true));
    ctx.strokeStyle = curveColor(style, nodeId);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    if (style.compact) continue;
    // Labels of neighbouring changes stand below one another, as far as three.
    line = left < free ? line + 1 : 0;
    if (line > 2) continue;
    ctx.fillStyle = style.theme.muted;
    const width = ctx.measureText(label).width;
    const room = bbox.left + bbox.width - left;
    const at = width + 4 * pixel > room ? left - width - 4 * pixel : left + 4 * pixel;
    ctx.fillText(label, at, bbox.top + (2 + 13 * line) * pixel);
    free = left + width + 8 * pixel;
  }
  ctx.restore();
}
