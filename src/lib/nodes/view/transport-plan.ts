import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { EvaluateContext, NodeNote, ParamTable } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { networkSimplexPivots } from '../../runtime/ir/transport/network-simplex.ts';
import type { TransportPlan } from '../../runtime/ir/transport/measures.ts';
import { brief } from '../shared/format.ts';
import {
  cloudParams,
  clouds,
  costMatrix,
  planTable,
  planView,
  thinClouds,
} from '../shared/transport/clouds.ts';
import type { Clouds } from '../shared/transport/clouds.ts';
import { paced } from '../shared/transport/paced.ts';
import { sinkhornIterations } from '../shared/transport/sinkhorn.ts';

const WHERE = 'Transport plan';
/** The network simplex takes a tenth of a second for it. */
const MOST_EXACT = 500;
/** While a run goes on, so that the plan follows it a few times a second. */
const LIVE = { points: 150, iterations: 100 };
const ITERATIONS = 2000;
const TOLERANCE = 1e-6;

/**
 * An optimal plan between two clouds as lines, with the displacement interpolation along them, or as a matrix; exact by the network simplex, or
 * entropic in the log domain, in float64. Domain: n, m ≤ 500 exact, ≤ 1000 entropic; larger clouds are thinned evenly.
 */
export default defineNode({
  type: 'view/transport-plan',
  version: 1,
  family: 'view',
  title: WHERE,
  summary:
    'How an optimal plan carries one cloud of points to another, also while one of them is trained.',
  formula: String.raw`x_{ij}(t) = (1 - t)\, x_i + t\, y_j \quad \text{with mass } P_{ij}`,
  description: [
    'In the plane each line is a pair that mass moves along; the panel plays the movement (displacement interpolation). The heaviest 1500 lines of at least 2 % of the heaviest are drawn. Other clouds are shown as a matrix.',
    'Clouds of more points than asked for are thinned evenly, and while a run goes on to 150 points, so that the picture keeps up with it; the status says so. For all points use the check nodes.',
  ],
  keywords: ['coupling', 'matching', 'wasserstein', 'displacement interpolation', 'sinkhorn'],
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), section 7.1 and remark 7.1 (displacement interpolation)',
      url: 'https://arxiv.org/abs/1803.00567',
    },
    {
      text: 'McCann, A convexity principle for interacting gases (1997)',
      url: 'https://doi.org/10.1006/aima.1997.1634',
    },
  ],
  params: {
    method: {
      kind: 'choice',
      label: 'Plan',
      default: 'exact',
      options: [
        { value: 'exact', label: 'exact' },
        { value: 'entropic', label: 'entropic' },
      ],
    },
    entropicReg: {
      kind: 'number',
      label: 'ε',
      help: 'In units of the mean cost.',
      default: 0.05,
      min: 1e-4,
      max: 100,
      scale: 'log',
      visibleWhen: { param: 'method', in: ['entropic'] },
    },
    points: {
      kind: 'integer',
      label: 'Most points',
      help: 'Of each cloud; more are thinned evenly. The exact plan takes 500.',
      default: 200,
      min: 1,
      max: 1000,
      scale: 'log',
    },
    ...cloudParams,
  },
  inputs: [
    { name: 'source', type: 'dataset', label: 'Source' },
    { name: 'target', type: 'dataset', label: 'Target' },
  ],
  outputs: [],
  async evaluate(context) {
    const { params } = context;
    const exact = params.method === 'exact';
    if (exact && params.points > MOST_EXACT)
      throw new NodeError(
        'size',
        `${WHERE} (points): expected at most ${MOST_EXACT} for the exact plan, got ${params.points}. Lower it, or choose the entropic plan.`,
        'points',
      );
    const all = clouds(
      WHERE,
      context.input('source', 'dataset'),
      context.input('target', 'dataset'),
      params,
    );
    const most =
      all.standing.state !== 'pending' ? params.points : Math.min(params.points, LIVE.points);
    const pair = thinClouds(all, most);
    const cost = costMatrix(pair);
    const { plan, note, notes } = exact
      ? await exactPlan(context, pair, cost)
      : await entropicPlan(context, pair, cost, params.entropicReg);
    return {
      view: planView(pair, plan, params.show),
      status: note + sizes(all, pair),
      notes,
      table: () => planTable(plan),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { method: 'entropic', entropicReg: 0.5, points: 1000 }, { show: 'matrix' }],
    invalid: [
      { params: { points: 0 }, message: /\[1, 1000\], got 0/ },
      { params: { entropicReg: 0 }, message: /ε.*got 0/ },
    ],
  },
});

type Context = Pick<EvaluateContext<ParamTable>, 'signal' | 'progress'>;
interface Drawn {
  readonly plan: TransportPlan;
  readonly note: string;
  readonly notes?: readonly NodeNote[];
}

async function exactPlan(
  { signal }: Context,
  { a, b }: Clouds,
  cost: Float64Array,
): Promise<Drawn> {
  const plan = await paced(networkSimplexPivots(a, b, cost), signal);
  return { plan, note: `exact, cost ${brief(plan.cost)}` };
}

async function entropicPlan(
  { signal, progress }: Context,
  { a, b, standing }: Clouds,
  cost: Float64Array,
  entropicReg: number,
): Promise<Drawn> {
  const mean = cost.reduce((sum, c) => sum + c, 0) / cost.length;
  const maxIterations = standing.state !== 'pending' ? ITERATIONS : LIVE.iterations;
  const work = sinkhornIterations(a, b, cost, entropicReg * (mean > 0 ? mean : 1), {
    tolerance: TOLERANCE,
    maxIterations,
  });
  const plan = await paced(work, signal, ({ iterations }) => progress(iterations / maxIterations));
  const reached = plan.converged ? '' : `, marginals within ${brief(plan.marginalError)}`;
  const notes =
    plan.converged || standing.state === 'pending'
      ? []
      : [
          {
            text: `Stopped at the limit of ${maxIterations} iterations with marginals within ${brief(plan.marginalError)} only. Raise ε, or draw fewer points.`,
          },
        ];
  return { plan, note: `entropic, cost ${brief(plan.cost)}${reached}`, notes };
}

function sizes(all: Clouds, { a, b }: Clouds): string {
  const thinned = a.length < all.a.length || b.length < all.b.length;
  if (!thinned) return `, ${a.length} × ${b.length} points`;
  const when = all.standing.state !== 'pending' ? '' : ' while the run goes on';
  return `, ${a.length} of ${all.a.length} × ${b.length} of ${all.b.length} points${when}`;
}
