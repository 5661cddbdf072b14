import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import compare from './compare.ts';
import densityMeasure from './density-measure.ts';
import measure from './measure.ts';

/** Every check node, by file name. */
export const checkNodes: readonly NodeDefinition[] = [compare, densityMeasure, measure];
