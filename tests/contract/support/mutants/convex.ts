/** Wrong things in experiments with smooth and non-smooth convex problems. */
import type { ObjectiveValue } from '../../../../src/lib/runtime/graph/ports.ts';
import { div, mul } from '../../../../src/lib/runtime/ir/ops.ts';
import { after, objective, regularizer } from './kinds.ts';
import type { Mutants } from './kinds.ts';

/** A step of five times 1/L. */
const smallerL = ({ constants }: ObjectiveValue) => ({
  constants: { ...constants, lipschitzGrad: (constants.lipschitzGrad ?? NaN) / 5 },
});
const largerMu = ({ constants }: ObjectiveValue) => ({
  constants: { ...constants, strongConvexity: 10 * (constants.strongConvexity ?? NaN) },
});

export const convex: Mutants = {
  'low-rank': [
    {
      wrong: 'two steps',
      params: after(2, 'small', 'large', 'beyond'),
      fails: ['optimality-check'],
    },
    {
      wrong: 'random weights as they began',
      params: { model: { initialScale: 1 }, ...after(2, 'small', 'large', 'beyond') },
      fails: ['small-check', 'beyond-check'],
    },
    {
      wrong: 'λ beyond the bound',
      params: { 'large-norm': { lambda: 0.3 }, ...after(30, 'small', 'large') },
      fails: ['large-check'],
      slow: true,
    },
    {
      wrong: 'pixels of another scale',
      params: { scale: { method: 'variance' }, ...after(1, 'small', 'large', 'beyond') },
      fails: ['above-check'],
    },
    {
      wrong: 'centred pixels of norm 1',
      params: { scale: { method: 'norm' }, ...after(1, 'small', 'large', 'beyond') },
      fails: ['below-check'],
    },
  ],
  'hinge-refusal': [
    {
      wrong: 'twenty steps',
      params: after(20, 'sgd', 'smooth'),
      fails: ['sgd-gap-check', 'smooth-gap-check'],
    },
    {
      wrong: 'clouds nearer than the claim is about',
      params: { clouds: { separation: 2.5 }, fresh: { separation: 2.5 } },
      fails: ['sgd-check', 'smooth-check'],
    },
    { wrong: 'one step', params: after(1, 'sgd'), fails: ['sgd-gap-check'] },
  ],
  'gauss-newton': [
    {
      wrong: 'gradient descent with exact data',
      types: { gn: 'optimizer/gradient-descent' },
      params: { gn: { step: 'constant', stepSize: 0.5, maxSteps: 30 } },
      fails: ['gn-check', 'gn-error-check'],
    },
    {
      wrong: 'Newton with noisy data',
      types: { 'noisy-gn': 'optimizer/newton' },
      params: { 'noisy-gn': { maxSteps: 30, tolerance: 1e-14 } },
      fails: ['noisy-order-check'],
    },
    {
      wrong: 'two steps',
      params: after(2, 'noisy-lm', 'gn'),
      fails: ['agree-check', 'gn-error-check'],
    },
    {
      wrong: 'another noise than the claim is about',
      params: { noisy: { noise: 0.1 } },
      fails: ['noise-check'],
    },
  ],
  'convergence-orders': [
    {
      wrong: 'methods exchanged',
      types: {
        'ista-quadratic': 'optimizer/fista',
        'fista-quadratic': 'optimizer/proximal-gradient',
      },
      params: {
        'ista-quadratic': { maxSteps: 1000, tolerance: 0, restart: 'none' },
        'fista-quadratic': { maxSteps: 1000, tolerance: 0 },
        ...after(1, 'ista-lasso', 'fista-lasso'),
      },
      fails: ['ista-order-check', 'fista-order-check'],
    },
    {
      wrong: 'an L that is too small',
      nodes: { 'loss/squared-error': objective(smallerL) },
      params: after(10, 'ista-quadratic', 'fista-quadratic', 'ista-lasso', 'fista-lasso'),
      fails: ['ista-bound-check', 'fista-bound-check'],
    },
  ],
  'lasso-corner': [
    {
      wrong: 'twenty steps',
      params: after(20, 'ista', 'fista'),
      fails: ['ista-check', 'fista-check'],
    },
  ],
  'lasso-diabetes': [
    { wrong: 'twenty steps', params: after(20, 'fista'), fails: ['gap-check', 'distance-check'] },
    {
      wrong: 'an L that is too small',
      nodes: { 'loss/squared-error': objective(smallerL) },
      fails: ['bound-check'],
    },
  ],
  'lasso-path': [
    {
      wrong: 'straight lines between twenty solutions',
      params: { path: { values: 20 } },
      fails: ['path-check'],
    },
    {
      wrong: 'five steps',
      params: after(5, 'run-1', 'run-2', 'run-3', 'run-4'),
      fails: ['runs-check'],
    },
    {
      wrong: 'the norm itself in the place of its dual',
      nodes: {
        'regularizer/l1-norm': regularizer(({ norm }) => ({
          norm: norm && {
            ...norm,
            dual: async ([y]) => Array.from(y.data).reduce((total, v) => total + Math.abs(v), 0),
          },
        })),
      },
      fails: ['largest-check'],
    },
  ],
  'lasso-splitting': [
    {
      wrong: 'ten steps',
      params: after(10, 'ista', 'fista', 'admm', 'dr', 'cp'),
      fails: ['ista-check', 'fista-check', 'admm-check', 'dr-check', 'cp-check'],
    },
  ],
  'level-sets': [
    { wrong: 'another step', params: { gd: { step: 'lipschitz' } }, fails: ['gd-check'] },
    { wrong: 'no momentum', params: { ball: { momentum: 0 } }, fails: ['ball-check'] },
    { wrong: 'one step', params: after(1, 'cg'), fails: ['cg-check'] },
    {
      wrong: 'a step of descent',
      types: { newton: 'optimizer/gradient-descent' },
      params: { newton: { maxSteps: 1 } },
      fails: ['newton-check'],
    },
    {
      wrong: 'a μ that is too large',
      nodes: { 'loss/quadratic': objective(largerMu) },
      fails: ['nesterov-check'],
    },
  ],
  'newton-race': [
    {
      wrong: 'gradient descent',
      types: { newton: 'optimizer/gradient-descent' },
      params: { newton: { maxSteps: 10 } },
      fails: ['residual-check'],
    },
    { wrong: 'three steps', params: after(3, 'lbfgs'), fails: ['gap-check'] },
  ],
  'nonnegative-least-squares': [
    {
      wrong: 'two steps',
      params: after(2, 'fista', 'dual'),
      fails: ['value-check', 'mapping-check', 'limit-check'],
    },
    {
      wrong: 'no projection',
      nodes: { 'regularizer/nonnegativity': regularizer(() => ({ prox: (v) => [...v] })) },
      fails: ['inside-check', 'limit-check'],
    },
  ],
  'prox-gallery': [
    {
      wrong: 'proxes of half the step',
      nodes: Object.fromEntries(
        ['l1-norm', 'l2-norm', 'group-lasso', 'nuclear-norm'].map((kind) => [
          `regularizer/${kind}`,
          regularizer(({ prox }) => ({ prox: (v, s, live) => prox(v, div(s, 2), live) })),
        ]),
      ),
      fails: ['l1-distance', 'l2-distance', 'group-distance', 'nuclear-distance'],
    },
    {
      wrong: 'twice the prox',
      nodes: Object.fromEntries(
        ['l2-norm', 'nuclear-norm', 'simplex', 'box'].map((kind) => [
          `regularizer/${kind}`,
          regularizer(({ prox }) => ({
            prox: (v, s, live) => prox(v, s, live).map((part) => mul(2, part)),
          })),
        ]),
      ),
      fails: [
        'simplex-distance',
        'box-distance',
        'l2-expansion',
        'nuclear-expansion',
        'simplex-expansion',
      ],
    },
  ],
  'quadratic-rates': [
    {
      wrong: 'a μ that is too large',
      nodes: { 'loss/quadratic': objective(largerMu) },
      params: after(1000, 'gd', 'optimal', 'nesterov'),
      fails: ['gd-check', 'optimal-check', 'nesterov-check'],
    },
    { wrong: 'fifty steps', params: after(50, 'gd', 'optimal', 'nesterov'), fails: ['gap-check'] },
  ],
  'sparse-recovery': [
    {
      wrong: 'hardly a penalty, judged on the data it was fitted to',
      params: { l1: { lambda: 1e-4 } },
      wires: ['split.train > error.dataset'],
      fails: ['error-check'],
      slow: true,
    },
    {
      wrong: 'a penalty that leaves nothing',
      params: { l1: { lambda: 100 } },
      fails: ['paired-check'],
    },
    { wrong: 'five steps', params: after(5, 'fista'), fails: ['gap-check'] },
    {
      wrong: 'descent in the place of a direct solver',
      types: { dense: 'optimizer/gradient-descent' },
      params: { dense: { maxSteps: 5 } },
      fails: ['dense-gap-check'],
    },
  ],
};
