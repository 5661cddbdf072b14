import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import blur from './blur.ts';
import cosine from './cosine.ts';
import gradient from './gradient.ts';
import mask from './mask.ts';
import matrix from './matrix.ts';

export const operatorNodes: readonly NodeDefinition[] = [blur, cosine, gradient, mask, matrix];
