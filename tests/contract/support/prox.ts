/** Points and small vector algebra for tests of proximal operators. */
import type { NodeDefinition } from '../../../src/lib/runtime/graph/node-definition.ts';
import type { ParamValue } from '../../../src/lib/runtime/graph/document.ts';
import {
  hostFoldIn,
  hostKey,
  hostNormal,
  hostUniform,
} from '../../../src/lib/runtime/ir/random.ts';
import { hostedRegularizer } from '../../../src/lib/nodes/shared/hosted-regularizer.ts';
import { liveOf, regularizer } from './problems.ts';

export const dot = (x: Float64Array, y: Float64Array) => x.reduce((s, v, i) => s + v * y[i], 0);
export const minus = (x: Float64Array, y: Float64Array) => x.map((v, i) => v - y[i]);

/** Points from 1e-3 to 1e2 in size, with exact zeros among their entries. */
export function points(seed: number, count: number, n: number): Float64Array[] {
  return Array.from({ length: count }, (_, k) => {
    const key = hostFoldIn(hostKey(seed), k);
    const size = 10 ** (5 * hostUniform(key, 1)[0] - 3);
    const x = hostNormal(hostFoldIn(key, 1), n).map((v) => v * size);
    x[k % n] = 0;
    return x;
  });
}

/** Accepted parameter sets: the fixtures, and two ordinary weights where there is one. */
export function parameterSets(definition: NodeDefinition): Readonly<Record<string, ParamValue>>[] {
  const { valid } = definition.fixtures;
  return 'lambda' in definition.params ? [...valid, { lambda: 0.3 }, { lambda: 3 }] : [...valid];
}

/** The functions of a regularizer node on arrays of one shape. */
export async function hosted(
  type: string,
  params: Readonly<Record<string, ParamValue>>,
  shape: readonly number[],
) {
  const g = await regularizer(type, params);
  return { g, live: liveOf(g.live), ...hostedRegularizer(g, liveOf(g.live), shape) };
}
