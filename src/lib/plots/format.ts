/** Numbers as a person reads them. Exports use plain JavaScript numbers instead. */

const MINUS = '−';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 10 to an integer power, e.g. 10⁻⁵. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[Number(d)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

function withMinus(text: string): string {
  return text.replace('-', MINUS);
}

/** Drops zeros after the decimal point: 1.500 → 1.5. */
function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Scientific notation with `digits` significant digits: 1.235×10⁻⁵. */
export function formatScientific(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return formatNumber(x);
  const [mantissa, exponent] = x.toExponential(Math.max(0, digits - 1)).split('e');
  return `${withMinus(trimZeros(mantissa))}×${powerOfTen(Number(exponent))}`;
}

/**
 * `digits` significant digits; scientific notation from 10⁶ up (integers from 10⁹) and below 10⁻³.
 * NaN reads "not a number", null "–".
 */
export function formatNumber(x: number | null | undefined, digits = 4): string {
  if (x === null || x === undefined) return '–';
  if (Number.isNaN(x)) return 'not a number';
  if (x === Infinity) return '∞';
  if (x === -Infinity) return `${MINUS}∞`;
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e9) return formatInteger(x);
  if (size >= 1e6 || size < 1e-3) return formatScientific(x, digits);
  // Rounding to significant digits may carry over: 999.96 → 1000.
  const rounded = Number(x.toPrecision(digits));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return withMinus(trimZeros(rounded.toFixed(Math.min(decimals, 20))));
}

/** An integer with thin spaces between groups of three from five digits up. */
export function formatInteger(x: number): string {
  const digits = Math.abs(Math.round(x)).toFixed(0);
  const grouped = digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return (x < 0 && digits !== '0' ? MINUS : '') + grouped;
}

/** A span of time given in seconds: 12 µs, 3.4 ms, 1.25 s, 2 min 05 s. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatNumber(seconds);
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${formatNumber(seconds * 1e6, 3)} µs`;
  if (size < 1) return `${formatNumber(seconds * 1e3, 3)} ms`;
  if (size < 60) return `${formatNumber(seconds, 3)} s`;
  const whole = Math.round(size);
  return `${seconds < 0 ? MINUS : ''}${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A number with its unit; seconds get a fitting prefix. */
export function formatQuantity(
  x: number | null | undefined,
  unit: string | undefined,
  digits = 4,
): string {
  if (x === null || x === undefined) return '–';
  if (unit === 's') return formatSeconds(x);
  if (unit === '%') return `${formatNumber(x, digits)} %`;
  return unit ? `${formatNumber(x, digits)} ${unit}` : formatNumber(x, digits);
}

/** The precision a number was computed in, as shown beside it. */
export function precisionLabel(precision: 'float64' | 'float32'): 'f64' | 'f32' {
  return precision === 'float64' ? 'f64' : 'f32';
}
