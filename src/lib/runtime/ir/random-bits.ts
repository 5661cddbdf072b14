/**
 * The integer functions behind `randomBits` and `randomPermutation`. Every device computes exactly these.
 * All arithmetic is on 32-bit words: additions and products wrap, right shifts are logical.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: writes the two words of the block (c0, c1) under the key (k0, k1) to `out`.
 * Rounds are `x0 += x1; x1 = rotl(x1, R[round mod 8]) ^ x0`; after every fourth, key word number s is added as in the
 * paper, with k2 = k0 ^ k1 ^ 0x1bd11bda.
 * Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.3.
 */
export function threefry2x32(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  out: Int32Array | Uint32Array,
): void {
  const k2 = k0 ^ k1 ^ PARITY;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let group = 1; group <= 5; group++) {
    const first = group & 1 ? 0 : 4;
    for (let round = first; round < first + 4; round++) {
      const r = ROTATIONS[round];
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    const phase = group % 3;
    x0 = (x0 + (phase === 0 ? k0 : phase === 1 ? k1 : k2)) | 0;
    x1 = (x1 + (phase === 0 ? k1 : phase === 1 ? k2 : k0) + group) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

/**
 * Fills `out` with integers in [0, 2^bits). Element i (row-major) is word i & 1 (word 0 first) of the Threefry block
 * with counter (c0, c1) = (i >>> 1, 0), shifted right logically by 32 − bits.
 */
export function fillRandomBits(k0: number, k1: number, bits: number, out: Int32Array): void {
  const block = new Int32Array(2);
  const shift = 32 - bits;
  for (let i = 0; i < out.length; i += 2) {
    threefry2x32(k0, k1, i >>> 1, 0, block);
    out[i] = block[0] >>> shift;
    if (i + 1 < out.length) out[i + 1] = block[1] >>> shift;
  }
}

/** Rounds of the Feistel network of `randomPermutation`. */
export const FEISTEL_ROUNDS = 8;

/** Bits of each half of the Feistel network: half of ceil(log2 n) rounded up to even, at least 1. */
export function feistelHalfBits(n: number): number {
  const bits = n <= 2 ? 1 : 32 - Math.clz32(n - 1);
  return (bits + 1) >> 1;
}

/** Round keys: word 0 of the Threefry block with counter (r, 1), r = 0 … FEISTEL_ROUNDS − 1. */
export function feistelKeys(k0: number, k1: number): Int32Array {
  const keys = new Int32Array(FEISTEL_ROUNDS);
  const block = new Int32Array(2);
  for (let r = 0; r < FEISTEL_ROUNDS; r++) {
    threefry2x32(k0, k1, r, 1, block);
    keys[r] = block[0];
  }
  return keys;
}

/** The finalizer of MurmurHash3: a bijective mix of 32 bits. */
export function mix32(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/**
 * The image of `position` in [0, n) under the permutation of the round keys: a balanced Feistel network on
 * 2·half bits, applied again while the result is ≥ n (cycle walking).
 * With L the high and R the low half of the position, round r maps (L, R) to (R, L ^ (mix32(R + keys[r]) & mask)),
 * mask = 2^half − 1; after the last round the image is (L << half) | R.
 * Reference: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (cycle walking and Feistel).
 */
export function permutePosition(
  position: number,
  n: number,
  half: number,
  keys: Int32Array,
): number {
  const mask = (1 << half) - 1;
  let x = position;
  // Ends since the network permutes 2^(2·half) numbers: the cycle of a position below n comes back to one below n.
  do {
    let left = x >>> half;
    let right = x & mask;
    for (let r = 0; r < FEISTEL_ROUNDS; r++) {
      const next = left ^ (mix32((right + keys[r]) | 0) & mask);
      left = right;
      right = next;
    }
    x = (left << half) | right;
  } while (x >= n);
  return x;
}
