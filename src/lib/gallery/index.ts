import { adjointOrders } from './adjoint-orders.ts';
import { basisPursuit } from './basis-pursuit.ts';
import { checkerboardFlow } from './checkerboard-flow.ts';
import { convergenceOrders } from './convergence-orders.ts';
import { curveFit } from './curve-fit.ts';
import { deblurring } from './deblurring.ts';
import { digitsConvResnet } from './digits-conv-resnet.ts';
import { digitsMlp } from './digits-mlp.ts';
import { eightGaussiansFlow } from './eight-gaussians-flow.ts';
import { gaussNewton } from './gauss-newton.ts';
import { hingeRefusal } from './hinge-refusal.ts';
import { inpainting } from './inpainting.ts';
import { irisSoftmax } from './iris-softmax.ts';
import { kernelBandwidth } from './kernel-bandwidth.ts';
import { kernelMoons } from './kernel-moons.ts';
import { kernelSpectrum } from './kernel-spectrum.ts';
import { kantorovich } from './kantorovich.ts';
import { lassoCorner } from './lasso-corner.ts';
import { lassoDiabetes } from './lasso-diabetes.ts';
import { lassoPath } from './lasso-path.ts';
import { lassoSplitting } from './lasso-splitting.ts';
import { levelSets } from './level-sets.ts';
import { lowRank } from './low-rank.ts';
import { moonsTransportFlow } from './moons-transport-flow.ts';
import { newtonRace } from './newton-race.ts';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.ts';
import { proxGallery } from './prox-gallery.ts';
import { quadraticRates } from './quadratic-rates.ts';
import { resnetMoons } from './resnet-moons.ts';
import { resnetOde } from './resnet-ode.ts';
import { resnetSpirals } from './resnet-spirals.ts';
import { sinkhornGenerator } from './sinkhorn-generator.ts';
import { sinkhornLimit } from './sinkhorn-limit.ts';
import { sparseRecovery } from './sparse-recovery.ts';
import type { Template } from './template.ts';
import { tvImage } from './tv-image.ts';
import { tvSignal } from './tv-signal.ts';
import { twoMoons } from './two-moons.ts';
import { wasserstein1d } from './wasserstein-1d.ts';
import { wassersteinFlow } from './wasserstein-flow.ts';

export type { Template } from './template.ts';

/** What experiments are about, from convex problems with certificates to networks and generators. */
export interface Topic {
  readonly id: string;
  readonly title: string;
  /** One sentence, plain text. */
  readonly summary: string;
  readonly templates: readonly Template[];
}

/** In the order of the page. */
export const topics: readonly Topic[] = [
  {
    id: 'smooth',
    title: 'Smooth optimization',
    summary: 'First and second order methods, with the rates that theory promises.',
    templates: [quadraticRates, levelSets, newtonRace, gaussNewton],
  },
  {
    id: 'non-smooth',
    title: 'Non-smooth optimization',
    summary: 'Sparsity, constraints and proximal methods, with certified minima.',
    templates: [
      proxGallery,
      lassoDiabetes,
      lassoPath,
      lassoCorner,
      sparseRecovery,
      lassoSplitting,
      nonnegativeLeastSquares,
      lowRank,
      convergenceOrders,
      hingeRefusal,
    ],
  },
  {
    id: 'inverse-problems',
    title: 'Signals and images',
    summary: 'Out of noise, blur and missing data, by penalties that keep edges.',
    templates: [tvSignal, tvImage, deblurring, inpainting, basisPursuit],
  },
  {
    id: 'kernels',
    title: 'Kernel methods',
    summary: 'Linear in a function space: exact solutions to compare with.',
    templates: [kernelBandwidth, kernelMoons, kernelSpectrum],
  },
  {
    id: 'networks',
    title: 'Networks',
    summary: 'Perceptrons and residual networks, and what their depth does.',
    templates: [
      twoMoons,
      irisSoftmax,
      digitsMlp,
      digitsConvResnet,
      curveFit,
      resnetMoons,
      resnetSpirals,
    ],
  },
  {
    id: 'flows',
    title: 'Equations and flows',
    summary: 'Networks as differential equations, and densities carried along them.',
    templates: [resnetOde, eightGaussiansFlow, checkerboardFlow, moonsTransportFlow, adjointOrders],
  },
  {
    id: 'transport',
    title: 'Optimal transport',
    summary: 'Exact and entropic plans between clouds, and generators trained by them.',
    templates: [wasserstein1d, kantorovich, sinkhornLimit, wassersteinFlow, sinkhornGenerator],
  },
];

export const templates: readonly Template[] = topics.flatMap((topic) => topic.templates);
