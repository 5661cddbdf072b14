/** tfjs as its guide writes a training loop: variables, `variableGrads`, an update, all inside `tidy`. */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { initialWeights, points } from '../../tests/contract/support/mlp-step.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import { timed } from './contestant.ts';
import type { Contestant, Trainer } from './contestant.ts';

async function prepare(backend: 'webgpu' | 'wasm', stepSize: number): Promise<Trainer> {
  // The core alone registers no gradients.
  const tf = await import('@tensorflow/tfjs');
  if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  else {
    await import('@tensorflow/tfjs-backend-wasm');
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  await tf.setBackend(backend);
  const tensor = (host: HostArray): Tensor =>
    tf.tensor(Float32Array.from(host.data), [...host.shape]);
  const weights = initialWeights().map((host) => tf.variable(tensor(host)));
  const data = points();
  const [x, y] = [tensor(data.x), tensor(data.y)];
  const loss = (): Scalar => {
    const [w1, b1, w2, b2, w3, b3] = weights;
    const h1 = tf.tanh(tf.add(tf.matMul(x, w1), b1));
    const h2 = tf.tanh(tf.add(tf.matMul(h1, w2), b2));
    return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(h2, w3), b3), y))) as Scalar;
  };
  const step = (): void => {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(loss);
      for (const w of weights) w.assign(tf.sub(w, tf.mul(grads[w.name], stepSize)) as Variable);
    });
  };
  return {
    train: (count) =>
      timed(
        () => {
          for (let i = 0; i < count; i += 1) step();
        },
        () => weights[5].data(),
      ),
    loss: async () => {
      step();
      const value = tf.tidy(loss);
      const [number] = await value.data();
      value.dispose();
      return number;
    },
    dispose: () => tf.dispose([...weights, x, y]),
  };
}

/** On its own GPUDevice with its own defaults; must be prepared before our WebGPU device takes the backend's name. */
export const tfjsWebGpu: Contestant = {
  name: 'tfjs webgpu, eager',
  form: 'tf.variableGrads and assign, inside tidy',
  prepare: (stepSize) => prepare('webgpu', stepSize),
};

export const tfjsWasm: Contestant = {
  name: 'tfjs wasm',
  form: 'tf.variableGrads and assign, inside tidy, one thread',
  prepare: (stepSize) => prepare('wasm', stepSize),
};
