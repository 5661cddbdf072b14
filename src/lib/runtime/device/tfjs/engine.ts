/**
 * The tfjs engine shared by the float32 devices. tfjs is large and is imported dynamically, so that only the worker that
 * executes on a float32 device loads it.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Dtype, HostArray } from '../../ir/types.ts';
import { toHost } from '../readback.ts';

export type Tf = typeof import('@tensorflow/tfjs-core');
export type BackendName = 'wasm' | 'webgpu';
export type TfDtype = 'float32' | 'int32' | 'bool';

export const TF_DTYPE: Readonly<Record<Dtype, TfDtype>> = {
  float: 'float32',
  int: 'int32',
  bool: 'bool',
};

export async function loadTf(): Promise<Tf> {
  return import('@tensorflow/tfjs-core');
}

/**
 * Runs synchronous tfjs code on one backend. Several devices may live in one process, and tfjs has one current backend;
 * `setBackend` acts before its first await when the backend is already initialised, so the switch is immediate.
 */
export function onBackend<T>(tf: Tf, name: BackendName, run: () => T): T {
  if (tf.getBackend() !== name) {
    void tf.setBackend(name);
    if (tf.getBackend() !== name)
      throw new Error(`internal: tfjs backend ${name} was expected to be initialised`);
  }
  return run();
}

export function upload(tf: Tf, host: HostArray): Tensor {
  const data = host.dtype === 'float' ? Float32Array.from(host.data) : host.data;
  return tf.tensor(data, [...host.shape], TF_DTYPE[host.dtype]);
}

export async function download(tensor: Tensor, dtype: Dtype): Promise<HostArray> {
  return toHost(await tensor.data(), tensor.shape, dtype);
}
