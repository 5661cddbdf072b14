import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import cnf from './cnf.ts';
import convResnet from './conv-resnet.ts';
import exponential from './exponential.ts';
import generator from './generator.ts';
import kernel from './kernel.ts';
import linear from './linear.ts';
import mlp from './mlp.ts';
import particles from './particles.ts';
import resnet from './resnet.ts';

export const modelNodes: readonly NodeDefinition[] = [
  cnf,
  convResnet,
  exponential,
  generator,
  kernel,
  linear,
  mlp,
  particles,
  resnet,
];
