/** A number in four significant digits, as people write it: 0.9722, 1.234e-10, 152.1. */
export function brief(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'unknown' : x > 0 ? '∞' : '−∞';
  return String(Number(x.toPrecision(4)));
}

/** 0.9722 → "97.22 %". */
export function percent(x: number): string {
  return Number.isFinite(x) ? `${(100 * x).toFixed(2)} %` : 'unknown';
}
