import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A flow learns eight Gaussians';
const explanation = [
  'A continuous normalizing flow carries standard normal points along $\\dot z = v_\\theta(z, t)$ and so becomes a density: by the instantaneous change of variables $\\log p_\\theta(x) = \\log\\mathcal N(z(0)) - \\int_0^1 \\nabla\\!\\cdot v_\\theta\\,\\mathrm dt$, where $z(0)$ is found by solving backwards from $x$. Here $v_\\theta$ has 32 hidden units, six Runge–Kutta steps, and an exact trace.',
  'Maximum likelihood minimises $-\\frac1N\\sum_i\\log p_\\theta(x_i)$. No density can do better on average than the entropy of the data, $\\log 8 + \\log(2\\pi e\\,\\sigma^2) = 1.698$ nats for $\\sigma = 0.2$. The gradient is that of the steps that were taken, checked against differences elsewhere.',
  'Two numbers are measured by the adaptive method of Dormand and Prince in float64, independent of the steps of the training. One is $\\int p_\\theta = 1$ to $10^{-3}$. The other is the excess of $-\\log p_\\theta$ over $-\\log p$ of the true density on 2000 points drawn anew, on average $\\mathrm{KL}(p\\,\\Vert\\,p_\\theta)$. A maximum likelihood fit of $P$ parameters to $N$ points of a density of its family has an expected divergence of $\\frac{P}{2N}$ ([Akaike](https://doi.org/10.1109/TAC.1974.1100705)), here $\\frac{194}{1000}$: the price of learning $P$ numbers from $N$ points. That is an average and no bound, and the measure that the flow is held to: it may not be worse, nor better than the truth itself, whose excess is $0$, by more than four standard errors. Press play in the panel of the trajectories. Try: a third of the steps; a table of your own points.',
];

const STEPS = 300;
const WIDTH = 32;
const SAMPLES = 500;
/** Two coordinates and the time to the hidden units, and those to a velocity. */
const PARAMETERS = (3 + 1) * WIDTH + (WIDTH + 1) * 2;

export const eightGaussiansFlow: Template = {
  id: 'eight-gaussians-flow',
  title,
  summary:
    'Maximum likelihood pulls a Gaussian apart into eight, as near to the true density as the data allow.',
  rows: ['cnf'],
  lesson: { course: 'numerical-methods', lecture: 10 },
  explanation,
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, theorem 1',
      url: 'https://arxiv.org/abs/1806.07366',
    },
    {
      text: 'Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, section 4.1',
      url: 'https://arxiv.org/abs/1810.01367',
    },
    {
      text: 'Akaike, A New Look at the Statistical Model Identification, IEEE Trans. Automat. Control 19, 1974',
      url: 'https://doi.org/10.1109/TAC.1974.1100705',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/eight-gaussians', params: { samples: SAMPLES } },
        {
          id: 'fresh',
          type: 'data/eight-gaussians',
          label: 'New points',
          params: { samples: 2000, seed: 1 },
        },
      ],
      [{ id: 'flow', type: 'model/cnf', params: { widths: [WIDTH], steps: 6 } }],
      [{ id: 'loss', type: 'loss/density-likelihood' }],
      [
        {
          id: 'adam',
          type: 'optimizer/adam',
          label: 'Adam',
          params: {
            stepSize: 0.03,
            batchSize: 64,
            beta2: 0.99,
            maxSteps: STEPS,
            schedule: 'cosine',
            horizon: STEPS,
          },
        },
      ],
      [
        { id: 'density', type: 'view/density' },
        { id: 'trajectories', type: 'view/trajectories' },
        {
          id: 'excess',
          type: 'check/density-measure',
          label: 'Excess on new points',
          params: { measure: 'excess' },
        },
        {
          id: 'mass',
          type: 'check/density-measure',
          label: 'Integral of the density',
          params: { measure: 'mass', resolution: 81 },
        },
      ],
      [
        { id: 'samples', type: 'view/samples' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'excess-check',
          type: 'check/compare',
          label: 'As near as data allow',
          params: {
            label: 'Divergence from the true density ≤ P/2N',
            relation: 'atMost',
            expected: PARAMETERS / (2 * SAMPLES),
          },
        },
        {
          id: 'floor-check',
          type: 'check/compare',
          label: 'Not beyond the truth',
          params: {
            label: 'Divergence ≥ 0, within four standard errors',
            relation: 'atLeast',
            factor: -4,
          },
        },
        {
          id: 'mass-check',
          type: 'check/compare',
          label: 'A density',
          params: { label: '∫ p = 1', expected: 1, absoluteTolerance: 1e-3 },
        },
      ],
    ],
    wires: [
      'data.dataset > flow.data',
      'flow.model > loss.model',
      'loss.objective > adam.objective',
      'adam.run > density.run',
      'adam.run > trajectories.run',
      'adam.run > samples.run',
      'adam.run > curves.runs',
      'adam.run > excess.run',
      'fresh.dataset > excess.dataset',
      'adam.run > mass.run',
      'excess.value > excess-check.value',
      'excess.value > floor-check.value',
      'excess.error > floor-check.expected',
      'mass.value > mass-check.value',
    ],
  }),
};
