/** The frame that canvas plots share: axes, ticks, markers. */
import { linearTicks, logTicks, positioner, tickLabel, type Domain } from '../axes.ts';
import type { Theme } from '../theme.svelte.ts';

export interface Box {
  readonly width: number;
  readonly height: number;
  /** Inside a node: smaller type, fewer ticks, no axis titles. */
  readonly compact: boolean;
}

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export interface AxesSpec {
  readonly xDomain: Domain;
  readonly yDomain: Domain;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The y axis is logarithmic; its domain is positive. @default false */
  readonly yLog?: boolean;
  /** Leaves out the numbers along x, for categories. */
  readonly noXTicks?: boolean;
}

/** Room for tick labels and titles, beside and below the frame. */
const MARGINS = { beside: 60, below: 40, compactBeside: 28, compactBelow: 22 } as const;

/** The largest box within a box in which a unit along x is about as long as one along y. */
export function equalScaleBox(box: Box, xDomain: Domain, yDomain: Domain): Box {
  const beside = box.compact ? MARGINS.compactBeside : MARGINS.beside;
  const below = box.compact ? MARGINS.compactBelow : MARGINS.below;
  const aspect = (xDomain[1] - xDomain[0]) / (yDomain[1] - yDomain[0]);
  if (!(aspect > 0.05 && aspect < 20)) return box;
  return {
    ...box,
    width: Math.min(box.width, (box.height - below) * aspect + beside),
    height: Math.min(box.height, (box.width - beside) / aspect + below),
  };
}

export type Paint = (context: CanvasRenderingContext2D, box: Box, theme: Theme) => void;

export function fontOf(theme: Theme, size: number, weight = 400): string {
  return `${weight} ${size}px ${theme.font}`;
}

/** Cuts a text to a width in pixels, with an ellipsis. */
export function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return length > 0 ? `${text.slice(0, length)}…` : '';
}

/** Draws grid, ticks and axis titles and says where values lie. */
export function drawAxes(
  context: CanvasRenderingContext2D,
  box: Box,
  theme: Theme,
  spec: AxesSpec,
): Frame {
  const size = box.compact ? 9 : 11;
  context.font = fontOf(theme, size);
  const ticks = spec.yLog ? logTicks : linearTicks;
  const yTicks = ticks(spec.yDomain, Math.max(3, Math.floor(box.height / 44)));
  const yTexts = yTicks.map((t) => tickLabel(t, yTicks, spec.yLog));
  const widest = Math.max(0, ...yTexts.map((t) => context.measureText(t).width));
  const titles = !box.compact;
  const left = Math.min(box.width / 2, widest + 10 + (titles && spec.yLabel ? 18 : 0));
  const bottom = Math.max(
    box.height / 2,
    box.height - (spec.noXTicks ? 4 : size + 8) - (titles && spec.xLabel ? 18 : 0),
  );
  const top = box.compact ? 5 : 8;
  const right = box.width - (box.compact ? 6 : 12);
  const x = positioner(spec.xDomain, left, right);
  const y = positioner(spec.yDomain, bottom, top, spec.yLog);

  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.fillStyle = theme.muted;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (let i = 0; i < yTicks.length; i++) {
    const at = Math.round(y(yTicks[i])) + 0.5;
    line(context, left, at, right, at);
    context.fillText(yTexts[i], left - 5, at);
  }
  if (!spec.noXTicks) {
    const count = Math.max(3, Math.floor((right - left) / 70));
    const xTicks = linearTicks(spec.xDomain, count);
    context.textBaseline = 'top';
    context.textAlign = 'center';
    for (const tick of xTicks) {
      const at = Math.round(x(tick)) + 0.5;
      line(context, at, top, at, bottom);
      const text = tickLabel(tick, xTicks);
      const half = context.measureText(text).width / 2;
      const inside = Math.min(Math.max(at, half), box.width - half);
      context.fillText(text, inside, bottom + 5);
    }
  }
  if (titles) {
    context.textBaseline = 'bottom';
    context.textAlign = 'center';
    if (spec.xLabel)
      context.fillText(
        fitText(context, spec.xLabel, right - left),
        (left + right) / 2,
        box.height - 2,
      );
    if (spec.yLabel) {
      context.save();
      context.translate(2, (top + bottom) / 2);
      context.rotate(-Math.PI / 2);
      context.textBaseline = 'top';
      context.fillText(fitText(context, spec.yLabel, bottom - top), 0, 0);
      context.restore();
    }
  }
  return { left, top, right, bottom, x, y };
}

export function line(
  context: CanvasRenderingContext2D,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** Restricts drawing to the inside of a frame. */
export function clipped(context: CanvasRenderingContext2D, frame: Frame, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  context.clip();
  draw();
  context.restore();
}

/** Adds a marker to the path; classes differ in shape as well as in colour. */
export function markerPath(
  context: CanvasRenderingContext2D,
  shape: number,
  x: number,
  y: number,
  r: number,
): void {
  switch (shape % 4) {
    case 0:
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
      break;
    case 1:
      context.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
      break;
    case 2:
      context.moveTo(x, y - 1.25 * r);
      context.lineTo(x + 1.15 * r, y + 0.8 * r);
      context.lineTo(x - 1.15 * r, y + 0.8 * r);
      context.closePath();
      break;
    default:
      context.moveTo(x, y - 1.3 * r);
      context.lineTo(x + 1.3 * r, y);
      context.lineTo(x, y + 1.3 * r);
      context.lineTo(x - 1.3 * r, y);
      context.closePath();
  }
}
