import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import adam from './adam.ts';
import fista from './fista.ts';
import gradientDescent from './gradient-descent.ts';
import nesterov from './nesterov.ts';
import proximalGradient from './proximal-gradient.ts';
import sgd from './sgd.ts';

export const optimizerNodes: readonly NodeDefinition[] = [
  adam,
  fista,
  gradientDescent,
  nesterov,
  proximalGradient,
  sgd,
];
