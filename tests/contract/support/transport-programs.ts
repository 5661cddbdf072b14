/** The traced distances with their gradients, as programs that any device may run, and how far float32 may be from float64. */
import { expect } from 'vitest';
import { executeSync } from '../../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat, hostScalar } from '../../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../../src/lib/runtime/ir/random.ts';
import { constant } from '../../../src/lib/runtime/ir/ops.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Program, Value } from '../../../src/lib/runtime/ir/types.ts';
import { valueAndGrad } from '../../../src/lib/runtime/transform/index.ts';
import type { Cloud } from '../../../src/lib/nodes/shared/transport/cloud.ts';
import {
  entropicTransport,
  sinkhornDivergence,
} from '../../../src/lib/nodes/shared/transport/divergence.ts';
import { exactDistance } from '../../../src/lib/nodes/shared/transport/exact-distance.ts';
import { slicedDistance } from '../../../src/lib/nodes/shared/transport/sliced-distance.ts';
import { toFloat32 } from './device-agreement.ts';

type Execute = (program: Program, inputs: readonly HostArray[]) => Promise<HostArray[]>;

const [N, M, D] = [24, 17, 2];
/** Mean squared distance of two points of the data. */
const SCALE = 4;
const directions = hostFloat([1, 0, 0.6, 0, 1, 0.8], [2, 3]);

const regularized =
  (f: typeof sinkhornDivergence, entropicReg: number, steps: number) => (x: Cloud, y: Cloud) =>
    f(x, y, constant(hostScalar(entropicReg)), SCALE, steps);

export const DISTANCES: Readonly<Record<string, (x: Cloud, y: Cloud) => Value>> = {
  'Sinkhorn divergence, ε = 0.1': regularized(sinkhornDivergence, 0.1, 60),
  'Sinkhorn divergence, ε = 1e-4': regularized(sinkhornDivergence, 1e-4, 20),
  'entropic, ε = 0.1': regularized(entropicTransport, 0.1, 60),
  sliced: (x, y) => slicedDistance(x, y, constant(directions)),
};
/** Not on a GPU. */
export const EXACT: Readonly<Record<string, (x: Cloud, y: Cloud) => Value>> = {
  exact: exactDistance,
};

const softmax = (draws: Float64Array) => {
  const powers = draws.map((z) => Math.exp(0.3 * z));
  return powers.map((p) => p / powers.reduce((a, b) => a + b, 0));
};

/** Value and gradients in points and weights, clouds `apart` along the first axis. */
export async function checkDistance(
  f: (x: Cloud, y: Cloud) => Value,
  apart: number,
  execute: Execute,
): Promise<void> {
  const inputs = [
    hostFloat(hostNormal(hostKey(1), N * D), [N, D]),
    hostFloat(softmax(hostNormal(hostKey(2), N))),
    hostFloat(
      hostNormal(hostKey(3), M * D).map((z, k) => 1.4 * z + (k % D === 0 ? apart : 0)),
      [M, D],
    ),
    hostFloat(softmax(hostNormal(hostKey(4), M))),
  ].map(toFloat32);
  const program = trace((x, a, y, b) => {
    const at = ([points, weights]: readonly Value[]) =>
      f({ points, weights }, { points: y, weights: b });
    const [value, gradients] = valueAndGrad(at)([x, a]);
    return [value, ...gradients];
  }, inputs);
  const expected = executeSync(program, inputs);
  const got = await execute(program, inputs);
  // Squared distances are rounded to 2⁻²⁴ of themselves, and the divergence is a difference of such means.
  const size = apart ** 2 + 4 * SCALE;
  expected.forEach((want, k) => {
    const names = ['value', 'gradient in points', 'gradient in weights'];
    got[k].data.forEach((x, i) => {
      expect(Number.isFinite(x), `${names[k]} ${i}: ${x}`).toBe(true);
      expect(Math.abs(x - want.data[i]), `${names[k]} ${i}`).toBeLessThan(1e-5 * size);
    });
  });
}
