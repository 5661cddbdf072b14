/** (a − b) in units in the last place of b; 0 for equal numbers, also infinite ones. */
export function ulpsBetween(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  return (a - b) / ulp(b);
}

/** The distance of neighbouring float64 numbers at x. */
function ulp(x: number): number {
  let unit = Number.MIN_VALUE;
  if (Math.abs(x) < 2 ** -1021) return unit;
  unit = 2 ** -52;
  let size = Math.abs(x);
  while (size >= 2) [size, unit] = [size / 2, unit * 2];
  while (size < 1) [size, unit] = [size * 2, unit / 2];
  return unit;
}
