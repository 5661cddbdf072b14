import {
  EXP,
  EXP_HIGH,
  EXP_LOW,
  EXPM1,
  STEP_HIGH,
  STEP_LOW,
  STEPS_PER_LN2,
} from './coefficients.ts';
import { powerOfTwo, scaled } from './words.ts';

const [E2, E3, E4, E5] = EXP;
const [M2, M3, M4, M5, M6, M7, M8, M9] = EXPM1;

/**
 * eˣ. x = (64e + i)·ln 2/64 + r with |r| ≤ ln 2/128 (Cody and Waite), eˣ = 2^e·2^(i/64)·eʳ, with 2^(i/64) from a table
 * in two parts. The largest error seen is 0.51 ulp.
 */
export function exp(x: number): number {
  if (x > -708 && x < 709) {
    const k = Math.floor(x * STEPS_PER_LN2 + 0.5) | 0;
    const r = x - k * STEP_HIGH - k * STEP_LOW;
    const square = r * r;
    const p = r + square * (E2 + r * E3 + square * (E4 + r * E5));
    const i = k & 63;
    return (EXP_HIGH[i] + (EXP_LOW[i] + EXP_HIGH[i] * p)) * powerOfTwo(k >> 6);
  }
  return expOfSum(x, 0);
}

/** e^(x + tail), for a tail below 2⁻⁴⁰·|x|, with results that overflow, vanish or lose digits below 2⁻¹⁰²². */
export function expOfSum(x: number, tail: number): number {
  if (!(x > -746)) return x !== x ? NaN : 0;
  if (x > 710) return Infinity;
  const k = Math.floor(x * STEPS_PER_LN2 + 0.5) | 0;
  const r = x - k * STEP_HIGH + (tail - k * STEP_LOW);
  const square = r * r;
  const p = r + square * (E2 + r * E3 + square * (E4 + r * E5));
  const i = k & 63;
  return scaled(EXP_HIGH[i] + (EXP_LOW[i] + EXP_HIGH[i] * p), k >> 6);
}

const LOW = new Float64Array(1);

/** eˣ in two parts, for |x| ≤ 100: the first is returned, the second is what `expLow` gives until the next call. */
export function expHigh(x: number): number {
  const k = Math.floor(x * STEPS_PER_LN2 + 0.5) | 0;
  const r = x - k * STEP_HIGH - k * STEP_LOW;
  const square = r * r;
  const p = r + square * (E2 + r * E3 + square * (E4 + r * E5));
  const i = k & 63;
  const rest = EXP_LOW[i] + EXP_HIGH[i] * p;
  const sum = EXP_HIGH[i] + rest;
  const scale = powerOfTwo(k >> 6);
  LOW[0] = (EXP_HIGH[i] - sum + rest) * scale;
  return sum * scale;
}

/** The second part of the last `expHigh`. */
export function expLow(): number {
  return LOW[0];
}

/** eˣ − 1, exact to an ulp also where eˣ is near 1. */
export function expm1(x: number): number {
  if (x > -0.0625 && x < 0.0625) {
    if (x === 0) return x;
    const square = x * x;
    const fourth = square * square;
    const q =
      M2 + x * M3 + square * (M4 + x * M5) + fourth * (M6 + x * M7 + square * (M8 + x * M9));
    return x + square * q;
  }
  if (x > -40 && x < 709) {
    const k = Math.floor(x * STEPS_PER_LN2 + 0.5) | 0;
    const r = x - k * STEP_HIGH - k * STEP_LOW;
    const square = r * r;
    const p = r + square * (E2 + r * E3 + square * (E4 + r * E5));
    const i = k & 63;
    const scale = powerOfTwo(k >> 6);
    const high = EXP_HIGH[i] * scale;
    const sum = high - 1;
    // The rounding of high − 1: one of the two is the larger.
    const lost = high > 1 ? high - sum - 1 : high - (sum + 1);
    return sum + (lost + (EXP_LOW[i] + EXP_HIGH[i] * p) * scale);
  }
  return x < 0 ? -1 : expOfSum(x, 0);
}
