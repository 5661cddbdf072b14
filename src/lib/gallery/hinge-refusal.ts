import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Why FISTA refuses the hinge loss';
const explanation = [
  'The support vector machine minimises $\\frac1N\\sum_i\\max(0, 1 - s_i z_i) + \\frac\\lambda2\\lVert w\\rVert^2$ with $s_i = \\pm1$. The hinge has a kink at margin $s z = 1$, so there is no gradient there, and no Lipschitz constant $L$ for a step $1/L$: FISTA’s proof does not apply, and the node says so instead of running.',
  'SGD accepts it: at the kink any number between the two slopes, a subgradient, will do, if the step falls like $1/\\sqrt k$. The logistic loss is the smooth relative of the hinge; on it FISTA runs and reaches a certified optimum.',
  'Both minima are certified, that of the hinge by its dual, a quadratic program of multipliers $0 \\le \\alpha_i \\le 1/(N\\lambda)$ with $\\sum_i \\alpha_i s_i = 0$. The checks: SGD ends within a thousandth of $f^*$, though every step sees a tenth of the data, and FISTA within $10^{-10}$. Between centres $\\Delta = 3$ apart with $\\sigma = 1$ no classifier is right more often than $\\Phi(1.5) = 93.3\\,\\%$ on average; both lines must be, on 10,000 new points, within four standard errors $\\sqrt{p(1-p)/n}$, one percent in all.',
];

const FRESH = 10_000;
/** Φ(Δ/(2σ)) at Δ = 3 and σ = 1, from tables of the normal distribution. */
const BEST = 0.9331927987311419;
const LINES = [
  { id: 'sgd', name: 'Hinge' },
  { id: 'smooth', name: 'Logistic' },
] as const;

export const hingeRefusal: Template = {
  id: 'hinge-refusal',
  title,
  summary: 'A non-smooth loss, a method that declines it with the reason, and two ways out.',
  rows: ['subgradient', 'classification-tour'],
  lesson: { course: 'mathematics-of-ia', lecture: 3 },
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
          params: { samples: FRESH, seed: 1 },
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
            schedule: 'inverse',
            horizon: 50,
          },
        },
        {
          id: 'smooth',
          type: 'optimizer/fista',
          label: 'FISTA on the logistic loss',
          params: { maxSteps: 500, tolerance: 1e-9 },
        },
      ],
      [
        { id: 'curves', type: 'view/loss-curves' },
        { id: 'regions', type: 'view/decision-regions', label: 'Hinge' },
        {
          id: 'smooth-regions',
          type: 'view/decision-regions',
          label: 'Logistic',
        },
      ],
      LINES.flatMap(({ id, name }) => [
        {
          id: `${id}-accuracy`,
          type: 'check/measure',
          label: `${name}, new points`,
          params: { measure: 'accuracy' },
        },
        {
          id: `${id}-gap`,
          type: 'check/measure',
          label: `f − f*, ${name.toLowerCase()}`,
          params: { measure: 'suboptimality' },
        },
      ]),
      [
        {
          id: 'sgd-value',
          type: 'check/measure',
          label: 'f of SGD',
        },
      ],
      [
        {
          id: 'sgd-gap-check',
          type: 'check/compare',
          label: 'SGD comes near',
          params: {
            label: 'Hinge: f − f* ≤ 0.1 % of f',
            relation: 'atMost',
            factor: 0.001,
          },
        },
        {
          id: 'smooth-gap-check',
          type: 'check/compare',
          label: 'FISTA reaches f*',
          params: { label: 'Logistic: f = f*', absoluteTolerance: 1e-10 },
        },
        ...LINES.map(({ id, name }) => ({
          id: `${id}-check`,
          type: 'check/compare',
          label: `${name}: no line is better`,
          params: {
            label: `${name}: accuracy is Φ(1.5), within four standard errors`,
            expected: BEST,
            absoluteTolerance: 4 * Math.sqrt((BEST * (1 - BEST)) / FRESH),
          },
        })),
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
      ...LINES.flatMap(({ id }) => [
        `${id}.run > ${id}-accuracy.run`,
        `fresh.dataset > ${id}-accuracy.dataset`,
        `${id}-accuracy.value > ${id}-check.value`,
        `${id}.run > ${id}-gap.run`,
        `${id}-gap.value > ${id}-gap-check.value`,
      ]),
      'sgd.run > sgd-value.run',
      'sgd-value.value > sgd-gap-check.expected',
    ],
  }),
};
