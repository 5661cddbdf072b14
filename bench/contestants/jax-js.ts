/** jax-js on WebGPU: the whole update under `jit`. */
import { blockUntilReady, defaultDevice, init, jit, numpy as np, valueAndGrad } from '@jax-js/jax';
import { initialWeights, points } from '../../tests/contract/support/mlp-step.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { timed } from './contestant.ts';
import type { Contestant } from './contestant.ts';

type Weights = np.Array[];

/** Arrays move into the operation that uses them; `.ref` keeps one for another use. */
function loss(weights: Weights, x: np.Array, y: np.Array): np.Array {
  const [w1, b1, w2, b2, w3, b3] = weights;
  const h1 = np.tanh(np.matmul(x, w1).add(b1));
  const h2 = np.tanh(np.matmul(h1, w2).add(b2));
  return np.mean(np.square(np.matmul(h2, w3).add(b3).sub(y)));
}

export const jaxJs: Contestant = {
  name: 'jax-js webgpu',
  form: 'jit of valueAndGrad and the update',
  prepare: async (stepSize) => {
    const devices = await init('webgpu');
    if (!devices.includes('webgpu')) throw new Error('jax-js: expected a WebGPU device, got none');
    defaultDevice('webgpu');
    const array = (host: HostArray): np.Array =>
      np.array(Float32Array.from(host.data), { shape: [...host.shape] });
    let weights = initialWeights().map(array);
    const data = points();
    const [x, y] = [array(data.x), array(data.y)];
    const update = jit((ws: Weights, xs: np.Array, ys: np.Array): Weights => {
      const [value, gradient] = valueAndGrad(loss)(
        ws.map((w) => w.ref),
        xs,
        ys,
      );
      value.dispose();
      return ws.map((w, i) => w.sub(gradient[i].mul(stepSize)));
    });
    const evaluate = jit(loss);
    const step = (): void => {
      weights = update(weights, x.ref, y.ref);
    };
    return {
      train: (count) =>
        timed(
          () => {
            for (let i = 0; i < count; i += 1) step();
          },
          () => blockUntilReady(weights),
        ),
      loss: async () => {
        step();
        const value = evaluate(
          weights.map((w) => w.ref),
          x.ref,
          y.ref,
        );
        return (await value.data())[0];
      },
      dispose: () => {
        for (const array of [...weights, x, y]) array.dispose();
      },
    };
  },
};
