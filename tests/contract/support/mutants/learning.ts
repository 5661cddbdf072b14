/** Wrong things in experiments with kernels and networks. */
import { after } from './kinds.ts';
import type { Mutants } from './kinds.ts';

export const learning: Mutants = {
  'curve-fit': [
    {
      wrong: 'no hidden layer',
      params: { model: { widths: [] } },
      fails: ['error-check', 'objective-check'],
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['error-check', 'objective-check'] },
  ],
  'digits-conv-resnet': [
    { wrong: 'no convolutions', types: { model: 'model/linear' }, fails: ['paired-check'] },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['paired-check'], slow: true },
    {
      wrong: 'a poor line',
      params: { ...after(1, 'adam'), ...after(3, 'lbfgs') },
      fails: ['gap-check'],
      slow: true,
    },
  ],
  'digits-mlp': [
    {
      wrong: 'no hidden layer',
      params: { model: { widths: [] } },
      fails: ['paired-check'],
      slow: true,
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['paired-check'] },
    { wrong: 'a poor line', params: after(5, 'lbfgs'), fails: ['gap-check'] },
  ],
  'iris-softmax': [
    {
      wrong: 'twenty steps',
      params: after(20, 'fista', 'one-fista'),
      fails: ['gap-check', 'one-gap-check'],
    },
    {
      wrong: 'no more than the baseline sees',
      params: { table: { features: 'sepal_width_cm' } },
      fails: ['paired-check'],
    },
  ],
  'kernel-bandwidth': [
    {
      wrong: 'the wide bandwidth',
      params: { 'model-good': { bandwidth: 3 } },
      fails: ['check-good', 'check-wide', 'check-narrow'],
    },
    {
      wrong: 'the tight bandwidth',
      params: { 'model-good': { bandwidth: 0.05 } },
      fails: ['check-tight'],
    },
    { wrong: 'ten steps', params: after(10, 'cg'), fails: ['check-distance'] },
    {
      wrong: 'another λ of the other solver',
      params: { 'model-tight': { lambda: 1e-9 } },
      fails: ['check-distance'],
    },
  ],
  'kernel-moons': [
    { wrong: 'one step', params: after(1, 'newton'), fails: ['gap-check'] },
    {
      wrong: 'a linear kernel',
      params: { model: { kernel: 'polynomial', degree: 1, offset: 1, bandwidth: 1 } },
      fails: ['paired-check'],
    },
    { wrong: 'a very wide kernel', params: { model: { bandwidth: 50 } }, fails: ['paired-check'] },
  ],
  'kernel-spectrum': [
    {
      wrong: 'random places',
      params: { curve: { places: 'random' } },
      fails: ['determinant', 'dimension', 'condition'],
    },
    {
      wrong: 'another bandwidth',
      params: { laplace: { bandwidth: 0.21 } },
      fails: ['determinant', 'dimension', 'condition'],
    },
    {
      wrong: 'kernels exchanged',
      params: { laplace: { kernel: 'gaussian' }, gaussian: { kernel: 'laplace' } },
      fails: ['smoother', 'determinant'],
    },
    {
      wrong: 'a constant term in the kernel',
      params: { linear: { offset: 1 } },
      fails: ['rank', 'duality'],
    },
    {
      wrong: 'another λ on one side',
      params: { primal: { lambda: 1.001e-3 } },
      fails: ['duality'],
    },
  ],
  'two-moons': [
    {
      wrong: 'one hidden unit',
      params: { model: { widths: [1] } },
      fails: ['adam-check', 'sgd-check'],
    },
    {
      wrong: 'one step',
      params: after(1, 'adam', 'sgd', 'lbfgs'),
      fails: ['adam-check', 'sgd-check', 'gap-check'],
    },
  ],
  'resnet-moons': [
    {
      wrong: 'networks exchanged',
      params: {
        resnet: { residual: false },
        plain: { residual: true },
        ...after(1, 'resnet-adam', 'plain-adam'),
      },
      fails: ['resnet-check', 'plain-check', 'paired-check'],
    },
    {
      wrong: 'large weights',
      params: {
        resnet: { initialScale: 8, activation: 'relu' },
        ...after(1, 'resnet-adam', 'plain-adam'),
      },
      fails: ['resnet-growth'],
    },
  ],
  'resnet-spirals': [
    {
      wrong: 'one step',
      params: { ...after(1, 'resnet-adam', 'plain-adam'), ...after(2, 'lbfgs') },
      fails: ['plain-check', 'line-check', 'gap-check'],
    },
  ],
};
