/**
 * Counter-based randomness: every number is a pure function of a key (int [2]) and a position. The host functions
 * draw the same bits as the traced ones.
 */
import * as elementary from '../../numerics/elementary/index.ts';
import { hostInt } from './host.ts';
import { add, cast, cos, log, mul, sqrt, sub } from './ops/elementwise.ts';
import { asValue, emitOne, type Operand } from './ops/operands.ts';
import { reshape, slice } from './ops/shape.ts';
import {
  feistelHalfBits,
  feistelKeys,
  fillRandomBits,
  permutePosition,
  threefry2x32,
} from './random-bits.ts';
import { constant } from './trace.ts';
import type { Shape, Value } from './types.ts';

/** A stream of random numbers on the host; `constant(hostInt(key))` is the same stream in a program. */
export type HostKey = readonly [number, number];

/** Uniform numbers have this many bits, so that float32 holds them exactly. */
const UNIFORM_BITS = 23;
/** `foldIn` moves the key by data·FOLD_STEP + FOLD_OFFSET (words wrap) and draws the new key from there. */
const FOLD_STEP: HostKey = [0x9e3779b9 | 0, 0x85ebca77 | 0];
const FOLD_OFFSET: HostKey = [0x3c6ef372, 0x2545f491];

/** Ints in [0, 2^bits), 1 ≤ bits ≤ 31; layout as in `fillRandomBits`. */
export const randomBits = (key: Value, shape: Shape, bits: number): Value =>
  emitOne('randomBits', { shape, bits }, key);

/** Uniform in (low, high): (b + ½)·2⁻²³ scaled, with b of 23 bits. */
export function uniform(key: Value, shape: Shape, low: Operand = 0, high: Operand = 1): Value {
  const unit = mul(add(cast(randomBits(key, shape, UNIFORM_BITS), 'float'), 0.5), 2 ** -23);
  if (low === 0 && high === 1) return unit;
  const width = typeof low === 'number' && typeof high === 'number' ? high - low : sub(high, low);
  return add(mul(unit, width), low);
}

/** Standard normal by Box–Muller: u = uniform(key, [2, …shape]), √(−2 log u₀)·cos(2π u₁). */
export function normal(key: Value, shape: Shape): Value {
  const u = uniform(key, [2, ...shape]);
  const half = (row: number) =>
    reshape(slice(u, [row, ...shape.map(() => 0)], [1, ...shape]), shape);
  return mul(sqrt(mul(log(half(0)), -2)), cos(mul(half(1), 2 * Math.PI)));
}

/** A key for an independent stream, a function of the key and an int scalar: two draws of 31 bits from the moved key. */
export function foldIn(key: Value, data: Operand): Value {
  const shift = mul(constant(hostInt(FOLD_STEP)), asValue('foldIn', data, 'int'));
  return randomBits(add(add(key, shift), constant(hostInt(FOLD_OFFSET))), [2], 31);
}

/** (key, positions int in [0, n)) → their images under a pseudorandom permutation of [0, n); see `permutePosition`. */
export const randomPermutation = (key: Value, positions: Value, n: number): Value =>
  emitOne('randomPermutation', { n }, key, positions);

/** The key of a seed: the Threefry block with counter (low, high word of the seed) under key (0, 0), 31 bits each. */
export function hostKey(seed: number): HostKey {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`hostKey(seed): expected a whole number ≥ 0 below 2^53, got ${seed}.`);
  }
  const block = new Int32Array(2);
  threefry2x32(0, 0, seed | 0, Math.floor(seed / 2 ** 32) | 0, block);
  return [block[0] >>> 1, block[1] >>> 1];
}

export function hostFoldIn(key: HostKey, data: number): HostKey {
  const word = (i: 0 | 1) => (key[i] + Math.imul(FOLD_STEP[i], data) + FOLD_OFFSET[i]) | 0;
  const [a, b] = hostBits([word(0), word(1)], 2, 31);
  return [a, b];
}

/** n ints in [0, 2^bits). */
export function hostBits(key: HostKey, n: number, bits: number): Int32Array {
  const out = new Int32Array(n);
  fillRandomBits(key[0], key[1], bits, out);
  return out;
}

/** n numbers in (0, 1), as `uniform(key, [n])`. */
export function hostUniform(key: HostKey, n: number): Float64Array {
  return Float64Array.from(hostBits(key, n, UNIFORM_BITS), (b) => (b + 0.5) * 2 ** -23);
}

/** n standard normal numbers, as `normal(key, [n])` in float64. */
export function hostNormal(key: HostKey, n: number): Float64Array {
  const u = hostUniform(key, 2 * n);
  return Float64Array.from(
    { length: n },
    (_, i) => Math.sqrt(elementary.log(u[i]) * -2) * elementary.cos(u[n + i] * (2 * Math.PI)),
  );
}

/** All images of a permutation of [0, n), as `randomPermutation(key, iota, n)`. */
export function hostPermutation(key: HostKey, n: number): Int32Array {
  const half = feistelHalfBits(n);
  const keys = feistelKeys(key[0], key[1]);
  return Int32Array.from({ length: n }, (_, i) => permutePosition(i, n, half, keys));
}
