import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'Two moons by straight paths: OT-Flow';
const explanation = [
  'Many velocity fields carry a Gaussian to the same density. OT-Flow prefers the one of least work: it adds $\\lambda\\,\\frac1N\\sum_i\\int_0^1\\frac12\\lVert v_\\theta(z_i(t), t)\\rVert^2\\,\\mathrm dt$ to $-\\frac1N\\sum_i\\log p_\\theta(x_i)$. By Benamou and Brenier the field of least kinetic energy between two densities is that of optimal transport, along which every point moves on a straight line at constant speed.',
  'Both flows start at the same weights and see the same batches; one has $\\lambda = 0.3$, the other none. Compare the trajectories.',
  'The checks: the mean transport cost is at most 0.45 with the term and at least 0.6 without, and the negative log-likelihood of new points stays below 1.4 nats (a Gaussian fitted to the moons has 1.91). Try: move $\\lambda$ while it runs.',
];

const steps = {
  stepSize: 0.03,
  batchSize: 128,
  beta2: 0.99,
  maxSteps: 160,
  schedule: 'cosine',
  horizon: 160,
} as const;
const moons = { noise: 0.1 };

export const moonsTransportFlow: Template = {
  id: 'moons-transport-flow',
  title,
  summary: 'A flow to two moons with and without the cost of transport: straight paths or winding.',
  explanation,
  references: [
    {
      text: 'Onken, Wu Fung, Li, Ruthotto, OT-Flow, AAAI 2021, equations (5) and (6)',
      url: 'https://arxiv.org/abs/2006.00104',
    },
    {
      text: 'Benamou, Brenier, A computational fluid mechanics solution to the Monge–Kantorovich mass transfer problem, Numer. Math. 84, 2000',
      url: 'https://doi.org/10.1007/s002110050002',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'data', type: 'data/two-moons', params: { ...moons, samples: 400 } },
        {
          id: 'fresh',
          type: 'data/two-moons',
          label: 'New points',
          params: { ...moons, samples: 1000, seed: 1 },
        },
      ],
      [{ id: 'flow', type: 'model/cnf', params: { widths: [32], steps: 5 } }],
      [
        {
          id: 'transport',
          type: 'loss/density-likelihood',
          label: 'With transport cost',
          params: { transportCost: true, lambda: 0.3 },
        },
        { id: 'plain', type: 'loss/density-likelihood', label: 'Likelihood alone' },
      ],
      [
        { id: 'ot', type: 'optimizer/adam', label: 'OT-Flow', params: steps },
        { id: 'free', type: 'optimizer/adam', label: 'Likelihood alone', params: steps },
      ],
      [
        { id: 'ot-paths', type: 'view/trajectories', label: 'Paths of OT-Flow' },
        { id: 'free-paths', type: 'view/trajectories', label: 'Paths without the cost' },
        {
          id: 'ot-cost',
          type: 'check/density-measure',
          label: 'Transport cost of OT-Flow',
          params: { measure: 'transport' },
        },
        {
          id: 'free-cost',
          type: 'check/density-measure',
          label: 'Transport cost without',
          params: { measure: 'transport' },
        },
        {
          id: 'likelihood',
          type: 'check/density-measure',
          label: 'Likelihood of new points',
          params: { measure: 'nll' },
        },
      ],
      [
        { id: 'density', type: 'view/density', label: 'Density of OT-Flow' },
        { id: 'curves', type: 'view/loss-curves' },
        {
          id: 'ot-check',
          type: 'check/compare',
          label: 'Little work',
          params: { label: 'Transport cost with λ', relation: 'atMost', expected: 0.45 },
        },
        {
          id: 'free-check',
          type: 'check/compare',
          label: 'More work',
          params: { label: 'Transport cost without λ', relation: 'atLeast', expected: 0.6 },
        },
        {
          id: 'likelihood-check',
          type: 'check/compare',
          label: 'Still a good fit',
          params: { label: 'Negative log-likelihood', relation: 'atMost', expected: 1.4 },
        },
      ],
    ],
    wires: [
      'data.dataset > flow.data',
      'flow.model > transport.model',
      'flow.model > plain.model',
      'transport.objective > ot.objective',
      'plain.objective > free.objective',
      'ot.run > ot-paths.run',
      'free.run > free-paths.run',
      'ot.run > density.run',
      'ot.run > curves.runs',
      'free.run > curves.runs',
      'ot.run > ot-cost.run',
      'free.run > free-cost.run',
      'ot.run > likelihood.run',
      'fresh.dataset > likelihood.dataset',
      'ot-cost.value > ot-check.value',
      'free-cost.value > free-check.value',
      'likelihood.value > likelihood-check.value',
    ],
  }),
};
