import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import checkerboard from './checkerboard.ts';
import curve from './curve.ts';
import eightGaussians from './eight-gaussians.ts';
import gaussian from './gaussian.ts';
import gaussianClouds from './gaussian-clouds.ts';
import groupClasses from './group-classes.ts';
import image from './image.ts';
import imagePhantom from './image-phantom.ts';
import observation from './observation.ts';
import signal from './signal.ts';
import generated from './generated.ts';
import sparseRegression from './sparse-regression.ts';
import sparseSignal from './sparse-signal.ts';
import spirals from './spirals.ts';
import split from './split.ts';
import standardize from './standardize.ts';
import table from './table.ts';
import twoMoons from './two-moons.ts';

/** Every data node, by file name. */
export const dataNodes: readonly NodeDefinition[] = [
  checkerboard,
  curve,
  eightGaussians,
  gaussian,
  gaussianClouds,
  generated,
  groupClasses,
  image,
  imagePhantom,
  observation,
  signal,
  sparseRegression,
  sparseSignal,
  spirals,
  split,
  standardize,
  table,
  twoMoons,
];
