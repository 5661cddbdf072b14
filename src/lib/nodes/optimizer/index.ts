import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import adam from './adam.ts';
import adamw from './adamw.ts';
import admm from './admm.ts';
import chambollePock from './chambolle-pock.ts';
import conjugateGradient from './conjugate-gradient.ts';
import direct from './direct.ts';
import douglasRachford from './douglas-rachford.ts';
import fista from './fista.ts';
import gaussNewton from './gauss-newton.ts';
import gradientDescent from './gradient-descent.ts';
import lBfgs from './l-bfgs.ts';
import nesterov from './nesterov.ts';
import newton from './newton.ts';
import proximalGradient from './proximal-gradient.ts';
import sgd from './sgd.ts';

export const optimizerNodes: readonly NodeDefinition[] = [
  adam,
  adamw,
  admm,
  chambollePock,
  conjugateGradient,
  direct,
  douglasRachford,
  fista,
  gaussNewton,
  gradientDescent,
  lBfgs,
  nesterov,
  newton,
  proximalGradient,
  sgd,
];
