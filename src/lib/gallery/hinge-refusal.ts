import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Why FISTA refuses the hinge loss';
const explanation = [
  'The support vector machine minimises $\\frac1N\\sum_i\\max(0, 1 - s_i z_i) + \\frac\\lambda2\\lVert w\\rVert^2$ with $s_i = \\pm1$. The hinge has a kink at margin $s z = 1$, so there is no gradient there, and no Lipschitz constant $L$ for a step $1/L$: FISTA’s proof does not apply, and the node says so instead of running.',
  'SGD accepts it: at the kink any number between the two slopes, a subgradient, will do, if the step falls like $1/\\sqrt k$. The logistic loss is the smooth relative of the hinge; on it FISTA runs and reaches a certified optimum.',
  'The checks say that both lines put at least 88 % of 500 new points on the right side. With centres 3 apart and $\\sigma = 1$ no classifier does better than $\\Phi(1.5) = 93.3\\,\\%$ on average, and the share of 500 points has a standard error of 1.1 %.',
];

export const hingeRefusal: Template = {
  id: 'hinge-refusal',
  title,
  summary: 'A non-smooth loss, a method that declines it with the reason, and two ways out.',
  explanation,
  references: [
    {
      text: 'Cortes, Vapnik, Support-Vector Networks, Mach. Learn. 20, 1995',
      url: 'https://doi.org/10.1007/BF00994018',
    },
    {
      text: 'Shalev-Shwartz, Singer, Srebro, Cotter, Pegasos: Primal Estimated Sub-Gradient Solver for SVM, Math. Program. 127, 2011',
      url: 'https://doi.org/10.1007/s10107-010-0420-4',
    },
  ],
  refusals: { fista: 'FISTA needs a smooth data term' },
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'clouds', type: 'data/gaussian-clouds', params: { samples: 300 } },
        {
          id: 'fresh',
          type: 'data/gaussian-clouds',
          label: 'New points',
          params: { samples: 500, seed: 1 },
        },
      ],
      [
        { id: 'model', type: 'model/linear' },
        { id: 'l2', type: 'regularizer/squared-l2', params: { lambda: 0.01 } },
      ],
      [
        { id: 'hinge', type: 'loss/hinge' },
        { id: 'logistic', type: 'loss/logistic' },
      ],
      [
        { id: 'fista', type: 'optimizer/fista', label: 'FISTA on the hinge' },
        {
          id: 'sgd',
          type: 'optimizer/sgd',
          label: 'SGD on the hinge',
          params: {
            stepSize: 0.5,
            batchSize: 30,
            maxSteps: 1500,
            schedule: 'inverse-sqrt',
            horizon: 50,
          },
        },
        {
          id: 'smooth',
          type: 'optimizer/fista',
          label: 'FISTA on the logistic loss',
          params: { maxSteps: 500, tolerance: 1e-10 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'regions', type: 'view/decision-regions', label: 'Hinge' },
        {
          id: 'accuracy',
          type: 'check/measure',
          label: 'Hinge, new points',
          params: { measure: 'accuracy' },
        },
        {
          id: 'smooth-accuracy',
          type: 'check/measure',
          label: 'Logistic, new points',
          params: { measure: 'accuracy' },
        },
      ],
      [{ id: 'smooth-regions', type: 'view/decision-regions', label: 'Logistic' }],
      [
        {
          id: 'accuracy-check',
          type: 'check/compare',
          label: 'SGD separates the clouds',
          params: { label: 'Hinge: accuracy ≥ 88 %', relation: 'atLeast', expected: 0.88 },
        },
        {
          id: 'smooth-check',
          type: 'check/compare',
          label: 'FISTA separates the clouds',
          params: { label: 'Logistic: accuracy ≥ 88 %', relation: 'atLeast', expected: 0.88 },
        },
      ],
    ],
    wires: [
      'clouds.dataset > model.data',
      'model.model > hinge.model',
      'l2.regularizer > hinge.regularizer',
      'model.model > logistic.model',
      'l2.regularizer > logistic.regularizer',
      'hinge.objective > fista.objective',
      'hinge.objective > sgd.objective',
      'logistic.objective > smooth.objective',
      'sgd.run > curves.runs',
      'fista.run > curves.runs',
      'smooth.run > curves.runs',
      'sgd.run > regions.run',
      'smooth.run > smooth-regions.run',
      'sgd.run > accuracy.run',
      'fresh.dataset > accuracy.dataset',
      'smooth.run > smooth-accuracy.run',
      'fresh.dataset > smooth-accuracy.dataset',
      'accuracy.value > accuracy-check.value',
      'smooth-accuracy.value > smooth-check.value',
    ],
  }),
};
