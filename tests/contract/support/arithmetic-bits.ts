/** SHA-256 of what float64 computes, elementary function by function and primitive by primitive. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as elementary from '../../../src/lib/numerics/elementary/index.ts';
import { executeSync } from '../../../src/lib/runtime/device/cpu64/index.ts';
import { hostKey, hostNormal, hostUniform } from '../../../src/lib/runtime/ir/random.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import type { HostArray, PrimitiveName } from '../../../src/lib/runtime/ir/types.ts';
import { primitiveFixtures } from '../primitive-fixtures.ts';

/** Odd sizes below and above the lengths at which kernels work by blocks. */
const SIZES = [7, 131];
const ARGUMENTS = 3000;

function hashOf(arrays: readonly HostArray['data'][]): string {
  const hash = sha256.create();
  for (const array of arrays)
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return bytesToHex(hash.digest()).slice(0, 16);
}

/** By name, to the first 16 digits. */
export function arithmeticBits(): Record<string, string> {
  const bits: Record<string, string> = {};
  // Of sizes 2⁻⁴⁰ to 2⁴⁰ and both signs, and in (0, 4).
  const [sizes, mantissas] = [1, 2].map((seed) => hostUniform(hostKey(seed), ARGUMENTS));
  const x = Float64Array.from(sizes, (u, i) => {
    const wide = (mantissas[i] - 0.5) * 2 * elementary.pow(2, Math.floor(80 * u) - 40);
    return i % 2 === 0 ? wide : 4 * mantissas[i];
  });
  for (const [name, f] of Object.entries(elementary)) {
    const values = x.map((v, i) => f(v, x[(i + 1) % ARGUMENTS]));
    // What NaN is stored as is left to the engine.
    bits[`elementary ${name}`] = hashOf([values.map((v) => (Number.isNaN(v) ? 0.5 : v))]);
  }
  bits['standard normal'] = hashOf([hostNormal(hostKey(3), ARGUMENTS)]);
  for (const name of Object.keys(primitiveFixtures) as PrimitiveName[]) {
    const results = SIZES.flatMap((size) =>
      primitiveFixtures[name](size).flatMap(({ apply, inputs }) =>
        executeSync(
          trace(
            (...values) => apply(values),
            inputs.map(({ shape, dtype }) => ({ shape, dtype })),
          ),
          inputs,
        ),
      ),
    );
    bits[name] = hashOf(results.map(({ data }) => data));
  }
  return bits;
}
