/** Domains, ticks and positions of plot axes. Never throws: values that are not finite are left out. */
import { formatNumber, powerOfTen } from './format.ts';

export type Domain = readonly [low: number, high: number];

/** Beyond this size differences overflow and ticks make no sense; such values count as not drawable. */
const DRAWABLE = 1e150;

export function drawable(x: number | null | undefined): x is number {
  return typeof x === 'number' && Math.abs(x) <= DRAWABLE;
}

/** Smallest and largest drawable value (positive ones only for a logarithmic axis); null when there is none. */
export function extent(
  lists: Iterable<ArrayLike<number | null | undefined>>,
  positive = false,
): Domain | null {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const x = list[i];
      if (!drawable(x) || (positive && x <= 0)) continue;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return low <= high ? [low, high] : null;
}

/** Widens a domain by a fraction of its length on both sides; a single point gets room around it. */
export function padDomain([low, high]: Domain, fraction = 0.05): Domain {
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.1;
    return [low - room, high + room];
  }
  const room = (high - low) * fraction;
  return [low - room, high + room];
}

/** The same in the exponent, for positive domains. */
export function padLogDomain([low, high]: Domain, fraction = 0.05): Domain {
  const [a, b] = padDomain([Math.log10(low), Math.log10(high)], fraction);
  return low === high ? [low / 3, high * 3] : [10 ** a, 10 ** b];
}

/** At most about `count` round numbers (1, 2 or 5 times a power of ten) inside the domain. */
export function linearTicks([low, high]: Domain, count = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(low) ? [low] : [];
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = rough / power;
  // The nearest of 1, 2, 5 and 10 in the logarithm.
  const step = power * (unit > 7.07 ? 10 : unit > 3.16 ? 5 : unit > 1.41 ? 2 : 1);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks: number[] = [];
  for (let i = first; i <= last && ticks.length < 100; i++) {
    // Multiplying a rounded step keeps 0.3 from becoming 0.30000000000000004.
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten inside the domain, thinned to `count`; 1-2-5 multiples when less than two decades are seen. */
export function logTicks([low, high]: Domain, count = 5): number[] {
  if (!(low > 0) || !(high > low)) return [];
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) {
    const ticks: number[] = [];
    for (let e = first - 1; e <= last + 1; e++)
      for (const m of [1, 2, 5]) {
        const t = Number(`${m}e${e}`);
        if (t >= low && t <= high) ticks.push(t);
      }
    return ticks.length >= 2 ? ticks : linearTicks([low, high], count).filter((t) => t > 0);
  }
  const stride = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, count)));
  const ticks: number[] = [];
  for (let e = Math.ceil(first / stride) * stride; e <= last; e += stride)
    ticks.push(Number(`1e${e}`));
  return ticks;
}

/** Text of a tick: as many digits as tell neighbours apart. */
export function tickLabel(tick: number, ticks: readonly number[], log = false): string {
  if (log) {
    const exponent = Math.log10(tick);
    if (Math.abs(exponent - Math.round(exponent)) < 1e-9) {
      const e = Math.round(exponent);
      return e >= -2 && e <= 3 ? formatNumber(tick) : powerOfTen(e);
    }
    return formatNumber(tick, 3);
  }
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(tick);
  const size = Math.max(...ticks.map(Math.abs), 0);
  const digits = step > 0 && size > 0 ? Math.floor(Math.log10(size / step) + 1e-9) + 2 : 3;
  return formatNumber(tick, Math.min(Math.max(digits, 2), 12));
}

/** Maps a domain linearly (or by its logarithm) onto pixels. */
export function positioner(
  [low, high]: Domain,
  from: number,
  to: number,
  log = false,
): (x: number) => number {
  const f = log ? Math.log10 : (x: number) => x;
  const a = f(low);
  const span = f(high) - a || 1;
  return (x) => from + ((f(x) - a) / span) * (to - from);
}
