/**
 * Random keys of a graph, all functions of its seed. Runs share the key of the initial parameters and that of the
 * minibatches, so racers start at the same weights and see the same batches (common random numbers).
 */
import { hostFoldIn, hostKey } from '../ir/random.ts';

export type HostKey = readonly [number, number];

const NODE = 0;
const INITIAL = 1;
const BATCHES = 2;

/** For the data and splits a node draws; `nodeSeed` is its own `seed` parameter, 0 without one. */
export function nodeKey(seed: number, nodeSeed: number): HostKey {
  return hostFoldIn(hostFoldIn(hostKey(seed), NODE), nodeSeed);
}

/** For `objective.init`. */
export function initialKey(seed: number): HostKey {
  return hostFoldIn(hostKey(seed), INITIAL);
}

/** For `plan.init`: minibatches and other randomness of an iteration. */
export function batchKey(seed: number): HostKey {
  return hostFoldIn(hostKey(seed), BATCHES);
}
