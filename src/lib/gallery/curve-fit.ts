import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A network fits a noisy curve';
const explanation = [
  'The data are 400 points of $y = \\sin 2\\pi x + 0.1\\,\\varepsilon$. A network $z = W_3\\tanh(W_2\\tanh(W_1 x + b_1) + b_2) + b_3$ minimises $\\frac1{2N}\\sum_i(z(x_i) - y_i)^2$ with Adam, whose step falls to zero along a cosine.',
  'No function predicts new noisy points with a root mean square error below $\\sigma = 0.1$ on average, and only $\\sin 2\\pi x$ itself reaches it. The squared errors of the sine are $\\sigma^2\\varepsilon^2$, so over $n$ points their mean is $\\sigma^2$ with a standard error of $\\sigma^2\\sqrt{2/n}$. The training objective, half a mean of squares, should be $\\frac12\\sigma^2$ in the same way: above it, the curve is not found; far below it, noise was fitted.',
  'The checks are two-sided: on 500 new points the error is $\\sigma$ within four standard errors, $4\\sigma/\\sqrt{2 \\cdot 500}$; on the 400 points seen, the objective is $\\frac12\\sigma^2$ within four of its own. A wrong curve adds its squared distance to the first: at most 0.05 can hide. Try: no hidden layer; fewer points and a wider network, which fits the noise instead.',
];

const SIGMA = 0.1;
const SEEN = 400;
const FRESH = 500;

export const curveFit: Template = {
  id: 'curve-fit',
  title,
  summary:
    'A multilayer perceptron learns a sine from noisy samples, judged by the noise that nothing can predict.',
  rows: ['mlp-1d'],
  lesson: { course: 'mathematics-of-ia', lecture: 5 },
  explanation,
  references: [
    {
      text: 'Cybenko, Approximation by Superpositions of a Sigmoidal Function, Math. Control Signals Syst. 2, 1989',
      url: 'https://doi.org/10.1007/BF02551274',
    },
    {
      text: 'Loshchilov, Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017 (the cosine schedule)',
      url: 'https://arxiv.org/abs/1608.03983',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'auto',
    columns: [
      [
        { id: 'curve', type: 'data/curve', params: { samples: SEEN, noise: SIGMA } },
        {
          id: 'fresh',
          type: 'data/curve',
          label: 'New points',
          params: { samples: FRESH, noise: SIGMA, seed: 1 },
        },
      ],
      [{ id: 'model', type: 'model/mlp', params: { widths: [24, 24] } }],
      [{ id: 'loss', type: 'loss/squared-error' }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Adam',
          params: {
            stepSize: 0.02,
            batchSize: 0,
            maxSteps: 2000,
            schedule: 'cosine',
            horizon: 2000,
          },
        },
      ],
      [
        { id: 'predictions', type: 'view/predictions' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'error',
          type: 'check/measure',
          label: 'Error on new points',
          params: { measure: 'rmse' },
        },
        { id: 'objective', type: 'check/measure', label: 'Objective' },
      ],
      [
        {
          id: 'error-check',
          type: 'check/compare',
          label: 'The curve is found',
          params: {
            label: 'RMSE on new points is σ, within four standard errors',
            expected: SIGMA,
            absoluteTolerance: (4 * SIGMA) / Math.sqrt(2 * FRESH),
          },
        },
        {
          id: 'objective-check',
          type: 'check/compare',
          label: 'Noise is left',
          params: {
            label: 'Objective is σ²/2, within four standard errors',
            expected: SIGMA ** 2 / 2,
            absoluteTolerance: 4 * (SIGMA ** 2 / 2) * Math.sqrt(2 / SEEN),
          },
        },
      ],
    ],
    wires: [
      'curve.dataset > model.data',
      'model.model > loss.model',
      'loss.objective > adam.objective',
      'adam.run > predictions.run',
      'adam.run > curves.runs',
      'adam.run > error.run',
      'fresh.dataset > error.dataset',
      'adam.run > objective.run',
      'objective.value > objective-check.value',
      'error.value > error-check.value',
    ],
  }),
};
