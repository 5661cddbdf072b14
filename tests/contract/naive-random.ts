/** The integer functions of randomness once more, on unsigned big integers: an oracle for 32-bit arithmetic. */

/** Threefry-2x32-20 with unsigned big integers. */
export function threefry(key: readonly number[], counter: readonly number[]): [bigint, bigint] {
  const word = (x: bigint) => BigInt.asUintN(32, x);
  const k = key.map((x) => word(BigInt(x)));
  k.push(k[0] ^ k[1] ^ 0x1bd11bdan);
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  let [x, y] = [word(BigInt(counter[0]) + k[0]), word(BigInt(counter[1]) + k[1])];
  for (let round = 0; round < 20; round++) {
    x = word(x + y);
    const r = rotations[round % 8];
    y = (word(y << r) | (y >> (32n - r))) ^ x;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x = word(x + k[s % 3]);
      y = word(y + k[(s + 1) % 3] + BigInt(s));
    }
  }
  return [x, y];
}

function murmurMix(h: bigint): bigint {
  const word = (x: bigint) => BigInt.asUintN(32, x);
  let x = h;
  x = word((x ^ (x >> 16n)) * 0x85ebca6bn);
  x = word((x ^ (x >> 13n)) * 0xc2b2ae35n);
  return x ^ (x >> 16n);
}

export function permuted(key: readonly number[], position: number, n: number): number {
  const bits = Math.max(1, Math.ceil(Math.log2(n)));
  const half = BigInt(Math.ceil(bits / 2));
  const mask = (1n << half) - 1n;
  let x = BigInt(position);
  do {
    let [left, right] = [x >> half, x & mask];
    for (let r = 0; r < 8; r++) {
      const [roundKey] = threefry(key, [r, 1]);
      const mixed = murmurMix(BigInt.asUintN(32, right + roundKey));
      [left, right] = [right, left ^ (mixed & mask)];
    }
    x = (left << half) | right;
  } while (x >= BigInt(n));
  return Number(x);
}
