import { adjointOrders } from './adjoint-orders.ts';
import { curveFit } from './curve-fit.ts';
import { digitsMlp } from './digits-mlp.ts';
import { eightGaussiansFlow } from './eight-gaussians-flow.ts';
import { hingeRefusal } from './hinge-refusal.ts';
import { irisSoftmax } from './iris-softmax.ts';
import { kernelBandwidth } from './kernel-bandwidth.ts';
import { kernelMoons } from './kernel-moons.ts';
import { kantorovich } from './kantorovich.ts';
import { lassoDiabetes } from './lasso-diabetes.ts';
import { lassoSplitting } from './lasso-splitting.ts';
import { moonsTransportFlow } from './moons-transport-flow.ts';
import { newtonRace } from './newton-race.ts';
import { quadraticRates } from './quadratic-rates.ts';
import { resnetMoons } from './resnet-moons.ts';
import { resnetOde } from './resnet-ode.ts';
import { sinkhornGenerator } from './sinkhorn-generator.ts';
import { sinkhornLimit } from './sinkhorn-limit.ts';
import { sparseRecovery } from './sparse-recovery.ts';
import type { Template } from './template.ts';
import { tvImage } from './tv-image.ts';
import { tvSignal } from './tv-signal.ts';
import { twoMoons } from './two-moons.ts';

export type { Template } from './template.ts';

/** In the order of the page: from convex problems with certificates to networks. */
export const templates: readonly Template[] = [
  lassoDiabetes,
  quadraticRates,
  newtonRace,
  kernelBandwidth,
  kernelMoons,
  twoMoons,
  irisSoftmax,
  digitsMlp,
  curveFit,
  resnetMoons,
  resnetOde,
  sparseRecovery,
  lassoSplitting,
  tvSignal,
  tvImage,
  eightGaussiansFlow,
  moonsTransportFlow,
  adjointOrders,
  kantorovich,
  sinkhornLimit,
  sinkhornGenerator,
  hingeRefusal,
];
