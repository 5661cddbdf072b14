import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import linear from './linear.ts';
import mlp from './mlp.ts';

export const modelNodes: readonly NodeDefinition[] = [linear, mlp];
