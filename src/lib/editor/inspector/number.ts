/** Reading and showing numbers in fields, and the mapping between a slider's track and its value. */
import type { ParamSpec } from '../../runtime/graph/node-definition.ts';

export type NumericSpec = Extract<ParamSpec, { kind: 'number' | 'integer' }>;

/** Positions of a slider from end to end. */
export const TRACK = 1000;

/** What a person typed as a number: 0.5, 1e-3, 1,5 (a decimal comma), 1/3; NaN otherwise. */
export function readNumber(text: string): number {
  const trimmed = text.trim().replace(/^([+-]?\d*),(\d+)$/, '$1.$2');
  const fraction = /^([+-]?[\d.]+)\s*\/\s*([\d.]+)$/.exec(trimmed);
  if (fraction) return Number(fraction[1]) / Number(fraction[2]);
  return trimmed === '' ? NaN : Number(trimmed);
}

/** The shortest text that reads back as the same number. */
export function showNumber(value: number): string {
  const magnitude = Math.abs(value);
  const long = Number.isInteger(value) ? 1e15 : 1e7;
  if (value !== 0 && (magnitude < 1e-4 || magnitude >= long))
    return value.toExponential().replace('e+', 'e');
  return String(value);
}

/** How far a logarithmic track reaches above the default: over twelve decades a pixel would be a fifth. */
const ABOVE = 1000;

/**
 * The ends of the track. A logarithmic one cannot begin at 0: it spans at least down to a hundredth of the default, and at most up to a
 * thousand times it. The field takes the whole range.
 */
export function trackRange(spec: NumericSpec): readonly [low: number, high: number] {
  if (spec.scale !== 'log') return [spec.min, spec.max];
  const from = spec.default > 0 ? spec.default : Math.min(1, spec.max);
  const high = Math.min(spec.max, ABOVE * from);
  return [spec.min > 0 ? spec.min : Math.min(from / 100, high / 1e6), high];
}

export function toTrack(spec: NumericSpec, value: number): number {
  const [low, high] = trackRange(spec);
  if (high <= low) return 0;
  const share =
    spec.scale === 'log'
      ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return Math.round(TRACK * Math.min(1, Math.max(0, share)));
}

/** Rounded to three digits on the way, so that a slider gives numbers one can read; its ends are exact. */
export function fromTrack(spec: NumericSpec, position: number): number {
  const [low, high] = trackRange(spec);
  if (position >= TRACK) return high;
  if (position <= 0) return spec.scale === 'log' && spec.min === 0 && !excludesMin(spec) ? 0 : low;
  const share = position / TRACK;
  const raw = spec.scale === 'log' ? low * (high / low) ** share : low + (high - low) * share;
  const value =
    spec.kind === 'integer'
      ? Math.round(raw)
      : spec.scale === 'log'
        ? Number(raw.toPrecision(3))
        : Number(raw.toPrecision(Math.max(3, digits(high - low) + 3)));
  return Math.min(spec.max, Math.max(spec.min, value));
}

/** The value some positions further; beyond the ends of the track by the same factor, within the range. */
export function stepped(spec: NumericSpec, value: number, by: number): number {
  const [low, high] = trackRange(spec);
  const outside = value > high || (value === high && by > 0);
  if (spec.scale !== 'log' || !outside) return fromTrack(spec, toTrack(spec, value) + by);
  const next = Number((value * (high / low) ** (by / TRACK)).toPrecision(3));
  return Math.min(spec.max, spec.kind === 'integer' ? Math.round(next) : next);
}

function excludesMin(spec: NumericSpec): boolean {
  return spec.kind === 'number' && spec.exclusiveMin === true;
}
function digits(x: number): number {
  return x > 0 ? Math.max(0, Math.floor(Math.log10(x))) : 0;
}

/** e.g. "0 < x ≤ 10" in the words of the field: "> 0, at most 10". */
export function rangeText(spec: NumericSpec): string {
  const low = excludesMin(spec) ? `> ${showNumber(spec.min)}` : `≥ ${showNumber(spec.min)}`;
  return `${low}, ≤ ${showNumber(spec.max)}`;
}

/** Integers separated by commas or spaces; null when one of them is not an integer. */
export function readIntegers(text: string): readonly number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const values = parts.map(Number);
  return values.every(Number.isInteger) ? values : null;
}
