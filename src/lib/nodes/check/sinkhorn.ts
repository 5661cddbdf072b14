import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { ViewData } from '../../runtime/graph/view-data.ts';
import { brief } from '../shared/format.ts';
import {
  cloudParams,
  clouds,
  costMatrix,
  planTable,
  planView,
  requireSize,
} from '../shared/transport/clouds.ts';
import { asymptoticRate, measuredRate } from '../shared/transport/contraction.ts';
import { paced } from '../shared/transport/paced.ts';
import { sinkhornIterations } from '../shared/transport/sinkhorn.ts';

const MOST = 1000;
const WHERE = 'Sinkhorn transport';

/**
 * Entropic transport between two clouds, in the log domain and float64. Domain: ε > 0, as a share of the mean cost or in its unit;
 * n, m ≤ 1000. The plan shown has the exact marginals (rounded by algorithm 2 of Altschuler, Weed and Rigollet 2017).
 */
export default defineNode({
  type: 'check/sinkhorn',
  version: 1,
  family: 'check',
  title: WHERE,
  summary: 'Entropic transport between two clouds of points, with its plan and certificate.',
  formula: String.raw`\min_{P \mathbf 1 = a,\, P^\top \mathbf 1 = b} \langle P, C \rangle + \varepsilon\, \mathrm{KL}(P \,\Vert\, a \otimes b), \qquad P_{ij} = a_i b_j\, e^{(f_i + g_j - C_{ij})/\varepsilon}`,
  description: [
    'Cost is that of the plan without entropy, which tends to the exact cost from above as ε falls. Value is the regularized minimum from the dual. The dual gap is primal minus dual at a plan with exact marginals, so it bounds the error of the value.',
    'At the target ε the marginal error falls linearly, in each iteration by a factor that tends to σ₂², the square of the second singular value of P_ij / √(a_i b_j). The rate is the mean factor of the last ten iterations.',
    'ε starts at the cost scale and is halved to its target. Iterations end when the marginal error is at most the tolerance, or at the limit: the status then says so, and the gap how far it is.',
  ],
  keywords: ['entropic', 'regularized', 'optimal transport', 'cuturi', 'wasserstein', 'log domain'],
  references: [
    {
      text: 'Cuturi, Sinkhorn distances: lightspeed computation of optimal transport (2013)',
      url: 'https://arxiv.org/abs/1306.0895',
    },
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), section 4.4 (log domain)',
      url: 'https://arxiv.org/abs/1803.00567',
    },
    {
      text: 'Knight, The Sinkhorn–Knopp algorithm: convergence and applications (2008), theorem 4.1, for the linear rate',
      url: 'https://doi.org/10.1137/060659624',
    },
    {
      text: 'Altschuler, Weed, Rigollet, Near-linear time approximation algorithms for optimal transport via Sinkhorn iteration (2017), algorithm 2',
      url: 'https://arxiv.org/abs/1705.09634',
    },
  ],
  params: {
    entropicReg: {
      kind: 'number',
      label: 'ε',
      default: 0.05,
      min: 0,
      max: 1e9,
      exclusiveMin: true,
      scale: 'log',
    },
    unit: {
      kind: 'choice',
      label: 'Unit of ε',
      default: 'mean',
      options: [
        { value: 'mean', label: 'mean cost' },
        { value: 'absolute', label: 'that of the cost' },
      ],
    },
    tolerance: {
      kind: 'number',
      label: 'Tolerance',
      help: 'Of the marginal error in ℓ1.',
      default: 1e-7,
      min: 1e-13,
      max: 0.1,
      scale: 'log',
    },
    maxIterations: {
      kind: 'integer',
      label: 'Most iterations',
      default: 2000,
      min: 1,
      max: 100_000,
      scale: 'log',
    },
    ...cloudParams,
    show: {
      ...cloudParams.show,
      options: [...cloudParams.show.options, { value: 'error', label: 'marginal error' }],
    },
  },
  inputs: [
    { name: 'source', type: 'dataset', label: 'Source' },
    { name: 'target', type: 'dataset', label: 'Target' },
  ],
  outputs: [
    { name: 'cost', type: 'scalar', label: 'Cost' },
    { name: 'value', type: 'scalar', label: 'Value' },
    { name: 'gap', type: 'scalar', label: 'Dual gap' },
    { name: 'error', type: 'scalar', label: 'Marginal error' },
    { name: 'rate', type: 'scalar', label: 'Rate' },
    { name: 'theory', type: 'scalar', label: 'σ₂²' },
  ],
  async evaluate(context) {
    const { params } = context;
    const source = context.input('source', 'dataset');
    const target = context.input('target', 'dataset');
    const pair = clouds(WHERE, source, target, params);
    requireSize(WHERE, pair, MOST, 'Take fewer samples.');
    const cost = costMatrix(pair);
    const meanCost = cost.reduce((sum, c) => sum + c, 0) / cost.length;
    // Clouds that are one and the same point have no scale, and any ε gives the same plan.
    const unit = params.unit === 'mean' && meanCost > 0 ? meanCost : 1;
    const { tolerance, maxIterations } = params;
    const work = sinkhornIterations(pair.a, pair.b, cost, params.entropicReg * unit, {
      tolerance,
      maxIterations,
    });
    const result = await paced(work, context.signal, ({ iterations, error }) =>
      context.progress(
        iterations / maxIterations,
        `${iterations} iterations, marginal error ${brief(error)}`,
      ),
    );
    const theory = await paced(asymptoticRate(result.plan, pair.a, pair.b), context.signal);
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label,
      precision: 'float64',
      standing: pair.standing,
    });
    const ended = result.converged ? '' : ' at the limit,';
    const notes = result.converged
      ? []
      : [
          {
            text: `Stopped at the limit of ${maxIterations} iterations with the marginal error ${brief(result.marginalError)}, above the tolerance ${brief(tolerance)}. Raise the limit, or ε.`,
          },
        ];
    return {
      outputs: {
        cost: scalar(result.cost, 'Cost of the entropic plan'),
        value: scalar(result.value, 'Entropic transport'),
        gap: scalar(result.dualityGap, 'Dual gap'),
        error: scalar(result.marginalError, 'Marginal error'),
        rate: scalar(measuredRate(result.errors), 'Rate of Sinkhorn’s iterations'),
        theory: scalar(theory, 'Second singular value squared'),
      },
      view:
        params.show === 'error'
          ? errorView(result.errors, theory)
          : planView(pair, result, params.show),
      table: () => planTable(result),
      status: `cost ${brief(result.cost)},${ended} ${result.iterations} iterations, gap ${brief(result.dualityGap)}`,
      notes,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { show: 'error' },
      { entropicReg: 0.5, unit: 'absolute', show: 'matrix', power: '1' },
    ],
    invalid: [
      { params: { entropicReg: 0 }, message: /ε.*got 0/ },
      { params: { entropicReg: -0.1 }, message: /ε.*got -0\.1/ },
    ],
  },
});

/** The logarithm of the marginal error by iteration, and the slope of theory through the last. */
function errorView(errors: readonly number[], theory: number): ViewData {
  // An error of exactly 0, which has no logarithm, ends the iterations.
  const measured = Float64Array.from(
    errors.filter((error) => error > 0),
    elementary.log10,
  );
  const iterations = measured.map((_, k) => k + 1);
  const last = measured.length - 1;
  const line = iterations.map((_, k) => measured[last] + (k - last) * elementary.log10(theory));
  return {
    kind: 'line',
    xLabel: 'iteration at ε',
    yLabel: 'log₁₀ of the marginal error',
    points: [],
    lines: [
      { x: iterations, y: measured, label: 'measured' },
      ...(theory > 0 ? [{ x: iterations, y: line, label: 'σ₂² per iteration', dashed: true }] : []),
    ],
  };
}
