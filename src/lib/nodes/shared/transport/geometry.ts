import { hostFloat } from '../../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../../runtime/ir/random.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';

/** Over all pairs, twice the sum of the variances. */
export function meanSquaredDistance({ data, shape: [N, D] }: HostArray): number {
  let total = 0;
  for (let d = 0; d < D; d++) {
    let mean = 0;
    for (let i = 0; i < N; i++) mean += data[i * D + d] / N;
    for (let i = 0; i < N; i++) total += (2 * (data[i * D + d] - mean) ** 2) / N;
  }
  return total;
}

/** float [D, L], columns uniform on the sphere; the one direction there is for D = 1. */
export function unitDirections(D: number, L: number, key: readonly [number, number]): HostArray {
  if (D === 1) return hostFloat(Float64Array.of(1), [1, 1]);
  const draws = hostNormal(hostFoldIn(key, 0), D * L);
  const out = new Float64Array(D * L);
  for (let l = 0; l < L; l++) {
    let squares = 0;
    for (let d = 0; d < D; d++) squares += draws[d * L + l] ** 2;
    for (let d = 0; d < D; d++) out[d * L + l] = draws[d * L + l] / Math.sqrt(squares);
  }
  return hostFloat(out, [D, L]);
}
