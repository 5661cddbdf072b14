/**
 * Total variation of a signal [n] or an image [H, W].
 *
 *   signal: λ Σ |x_{i+1} − x_i|;   image: λ Σ √((x_{i+1,j} − x_ij)² + (x_{i,j+1} − x_ij)²), isotropic
 *
 * It is g(Kx) with K the differences of neighbours; the prox of g shortens each difference, or each pair of them, by sλ.
 * Domain: λ ≥ 0 (live). Rudin, Osher & Fatemi 1992; prox of g: Parikh & Boyd 2014, sections 6.5.1 and 6.5.2.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { totalVariation } from '../shared/operators/total-variation.ts';

export default defineNode({
  type: 'regularizer/total-variation',
  version: 1,
  family: 'regularizer',
  title: 'Total variation',
  summary: 'Adds λ times the sum of all jumps between neighbours: flat pieces with sharp edges.',
  formula: String.raw`g(x) = \lambda \sum_i |x_{i+1} - x_i|, \qquad \lambda \sum_{ij} \lVert (\nabla x)_{ij} \rVert_2`,
  description: [
    'For signals and images only: weights of a model have no neighbours. In two dimensions it is isotropic, the sum over pixels of the length of the gradient.',
    'The prox of the whole is not known in closed form; ADMM and Chambolle–Pock take the differences and the norm apart.',
  ],
  keywords: ['tv', 'rof', 'edges', 'fused lasso', 'denoising', 'deblurring', 'inpainting'],
  references: [
    {
      text: 'Rudin, Osher & Fatemi, Nonlinear total variation based noise removal algorithms (1992).',
      url: 'https://doi.org/10.1016/0167-2789(92)90242-F',
    },
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), section 6.5.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
  ],
  params: {
    lambda: {
      kind: 'number',
      label: 'λ',
      help: 'Weight of the total variation.',
      default: 0.05,
      min: 0,
      max: 1e6,
      scale: 'log',
      live: true,
    },
  },
  inputs: [],
  outputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  evaluate: (context) => ({ outputs: { regularizer: totalVariation(context.live('lambda')) } }),
  migrations: {},
  fixtures: {
    valid: [{}, { lambda: 0 }, { lambda: 2.5 }],
    invalid: [
      { params: { lambda: -0.1 }, message: /λ.*expected a number in \[0, 1000000\], got -0.1/ },
    ],
  },
});
