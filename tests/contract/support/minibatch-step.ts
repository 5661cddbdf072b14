/** Minibatch gradient descent on least squares, with the indices of each batch drawn on the device. */
import type { StepperSpec } from '../../../src/lib/runtime/device/device.ts';
import { hostFloat, hostInt, zerosHost } from '../../../src/lib/runtime/ir/host.ts';
import { batchIndices } from '../../../src/lib/nodes/optimizer/minibatch.ts';
import { add, div, gather, matmul, mul, sub, sum } from '../../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostNormal } from '../../../src/lib/runtime/ir/random.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../../src/lib/runtime/ir/types.ts';

const N = 96;
const D = 5;
const BATCH = 16;

export const SAMPLINGS = ['epochs', 'replacement'] as const;

/** State: [weights, step, key, indices of the last batch]. */
export function minibatchSpec(sampling: (typeof SAMPLINGS)[number] = 'epochs'): {
  readonly spec: StepperSpec;
  readonly indicesOf: (state: readonly HostArray[]) => ArrayLike<number>;
} {
  const x = hostFloat(hostNormal(hostKey(5), N * D).map(Math.fround), [N, D]);
  const y = hostFloat(hostNormal(hostKey(6), N).map(Math.fround), [N, 1]);
  const state = [
    zerosHost([D, 1]),
    zerosHost([], 'int'),
    hostInt([...hostKey(9)]),
    zerosHost([BATCH], 'int'),
  ];
  const types = [...state, x, y, { shape: [], dtype: 'float' } as const];
  const residual = (w: Value, xs: Value, ys: Value): Value => sub(matmul(xs, w), ys);
  const step = trace((w, count, key, _last, xs, ys, rate) => {
    const indices = batchIndices({ batchSize: BATCH, sampling }, N, key, count);
    const [bx, by] = [gather(xs, indices), gather(ys, indices)];
    const gradient = div(matmul(bx, residual(w, bx, by), { transposeA: true }), BATCH);
    return [sub(w, mul(rate, gradient)), add(count, 1), key, indices];
  }, types);
  const metrics = trace((w, _count, _key, _last, xs, ys) => {
    const r = residual(w, xs, ys);
    return [sum(mul(r, r))];
  }, types);
  return {
    spec: { step, metrics, state, data: [x, y], live: [0.05] },
    indicesOf: (values) => values[3].data,
  };
}
