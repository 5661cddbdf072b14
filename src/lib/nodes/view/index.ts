import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import adjointError from './adjoint-error.ts';
import coefficients from './coefficients.ts';
import comparison from './comparison.ts';
import confusionMatrix from './confusion-matrix.ts';
import decisionRegions from './decision-regions.ts';
import density from './density.ts';
import gradientNorms from './gradient-norms.ts';
import integratorOrders from './integrator-orders.ts';
import kernelMatrix from './kernel-matrix.ts';
import lassoPath from './lasso-path.ts';
import layerTrajectories from './layer-trajectories.ts';
import levelSets from './level-sets.ts';
import lossCurves from './loss-curves.ts';
import oscillatorEnergy from './oscillator-energy.ts';
import predictions from './predictions.ts';
import problem from './problem.ts';
import prox from './prox.ts';
import reconstruction from './reconstruction.ts';
import samples from './samples.ts';
import spectrum from './spectrum.ts';
import trajectories from './trajectories.ts';
import transportPlan from './transport-plan.ts';
import value from './value.ts';

/** Every view node, by file name. */
export const viewNodes: readonly NodeDefinition[] = [
  adjointError,
  coefficients,
  comparison,
  confusionMatrix,
  decisionRegions,
  density,
  gradientNorms,
  integratorOrders,
  kernelMatrix,
  lassoPath,
  layerTrajectories,
  levelSets,
  lossCurves,
  oscillatorEnergy,
  predictions,
  problem,
  prox,
  reconstruction,
  samples,
  spectrum,
  trajectories,
  transportPlan,
  value,
];
