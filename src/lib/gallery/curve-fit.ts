import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A network fits a noisy curve';
const explanation = [
  'The data are 200 points of $y = \\sin 2\\pi x + 0.1\\,\\varepsilon$. A network $z = W_3\\tanh(W_2\\tanh(W_1 x + b_1) + b_2) + b_3$ minimises $\\frac1{2N}\\sum_i(z(x_i) - y_i)^2$ with Adam, whose step falls to zero along a cosine.',
  'The objective cannot fall much below $\\frac12\\sigma^2 = 0.005$ without fitting noise. What counts is the distance to the curve itself: the second data node draws new points without noise.',
  'The check says that the root mean square error on those is at most 0.06, well below the noise. Try: more noise, fewer points or a wider network, and watch it fit the noise instead.',
];

export const curveFit: Template = {
  id: 'curve-fit',
  title,
  summary: 'A multilayer perceptron learns a sine from noisy samples, judged by the curve itself.',
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
        { id: 'curve', type: 'data/curve', params: { samples: 200, noise: 0.1 } },
        {
          id: 'truth',
          type: 'data/curve',
          label: 'The curve itself',
          params: { samples: 500, noise: 0, seed: 1 },
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
          label: 'Distance to the curve',
          params: { measure: 'rmse' },
        },
      ],
      [
        {
          id: 'error-check',
          type: 'check/compare',
          label: 'The curve is found',
          params: { label: 'RMSE to the curve ≤ 0.06', relation: 'atMost', expected: 0.06 },
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
      'truth.dataset > error.dataset',
      'error.value > error-check.value',
    ],
  }),
};
