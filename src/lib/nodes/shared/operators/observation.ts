import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { DatasetValue, LinearOperator } from '../../../runtime/graph/ports.ts';
import { hostFloat } from '../../../runtime/ir/host.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { identityOperator } from './identity.ts';
import { requireFinite } from './signal.ts';

/** K and b of a signal or image; the identity and the noisy values where nothing else was observed. */
export function observationOf(
  dataset: DatasetValue,
  where: string,
): { operator: LinearOperator; values: HostArray } {
  const { observation, targets, grid } = dataset;
  if (observation) {
    requireFinite(observation.values, `${where} (data)`, dataset.name, 'data');
    return observation;
  }
  if (grid === undefined || targets.kind !== 'values') {
    throw new NodeError(
      'shape',
      `${where} (data): expected an observation, or a signal or image with noise, got '${dataset.name}'. Wire an observation node.`,
      'data',
    );
  }
  const values = hostFloat(targets.values.data, grid.shape);
  requireFinite(values, `${where} (data)`, dataset.name, 'data');
  return { operator: identityOperator(grid.shape), values };
}
