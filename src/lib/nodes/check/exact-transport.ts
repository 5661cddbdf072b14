import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { Evaluation } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import { featureCount } from '../shared/dataset.ts';
import { networkSimplexPivots } from '../../runtime/ir/transport/network-simplex.ts';
import { brief } from '../shared/format.ts';
import {
  cloudParams,
  clouds,
  costMatrix,
  planTable,
  planView,
  requireSize,
} from '../shared/transport/clouds.ts';
import { transportOnLine } from '../shared/transport/one-dimensional.ts';
import { paced } from '../shared/transport/paced.ts';

const MOST = 500;
const WHERE = 'Exact transport';

/**
 * Kantorovich's problem between two clouds of n and m points, solved exactly in float64 by the network simplex; on the line
 * with more points than that takes, by sorting. Domain: n, m ≤ 500 in the plane and above.
 */
export default defineNode({
  type: 'check/exact-transport',
  version: 1,
  family: 'check',
  title: WHERE,
  summary: 'The cheapest way to carry one cloud of points to another, with its plan.',
  formula: String.raw`\min_{P \ge 0} \textstyle\sum_{ij} P_{ij}\, \lVert x_i - y_j \rVert^p \quad \text{with} \quad P \mathbf 1 = a,\; P^\top \mathbf 1 = b`,
  description: [
    'The network simplex ends at a vertex: at most n + m − 1 pairs carry mass. The duality gap is the difference to a feasible dual solution, so it bounds the error of the cost. The distance W_p is the p-th root of the cost.',
    'In the plane the plan is drawn as lines, and the panel moves the mass along them (displacement interpolation).',
    'On the line mass moves in sorted order, for any number of points; only the cost is given. Automatic sorts beyond 500 points, and solves the linear program otherwise.',
  ],
  keywords: ['kantorovich', 'wasserstein', 'earth mover', 'optimal transport', 'emd', 'assignment'],
  references: [
    {
      text: 'Peyré, Cuturi, Computational Optimal Transport (2019), equation (2.11) and section 3.5',
      url: 'https://arxiv.org/abs/1803.00567',
    },
    {
      text: 'McCann, A convexity principle for interacting gases (1997), for displacement interpolation',
      url: 'https://doi.org/10.1006/aima.1997.1634',
    },
  ],
  params: {
    method: {
      kind: 'choice',
      label: 'Method',
      help: 'Sorting needs points on the line.',
      default: 'automatic',
      options: [
        { value: 'automatic', label: 'automatic' },
        { value: 'program', label: 'network simplex' },
        { value: 'sorting', label: 'sorting' },
      ],
    },
    ...cloudParams,
  },
  inputs: [
    { name: 'source', type: 'dataset', label: 'Source' },
    { name: 'target', type: 'dataset', label: 'Target' },
  ],
  outputs: [
    { name: 'cost', type: 'scalar', label: 'Cost' },
    { name: 'pairs', type: 'scalar', label: 'Pairs' },
    { name: 'gap', type: 'scalar', label: 'Duality gap' },
  ],
  async evaluate(context): Promise<Evaluation> {
    const { params } = context;
    const source = context.input('source', 'dataset');
    const target = context.input('target', 'dataset');
    const pair = clouds(WHERE, source, target, params);
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label,
      precision: 'float64',
      standing: pair.standing,
    });
    const name = `Transport cost, ${source.name} to ${target.name}`;
    const { a, b, p } = pair;
    const line = featureCount(source) === 1;
    if (params.method === 'sorting' && !line)
      throw new NodeError(
        'shape',
        `${WHERE} (method): expected points on the line to sort, got ${featureCount(source)} dimensions. Choose the network simplex.`,
        'method',
      );
    const large = params.method === 'automatic' && Math.max(a.length, b.length) > MOST;
    if (line && (params.method === 'sorting' || large)) {
      const [x, y] = [source, target].map(({ features }) => Float64Array.from(features.data));
      const { cost, pairs, dualityGap } = transportOnLine(x, y, a, b, p);
      return {
        outputs: {
          cost: scalar(cost, name),
          pairs: scalar(pairs, 'Pairs with mass'),
          gap: scalar(Math.abs(dualityGap), 'Duality gap of the plan'),
        },
        view: { kind: 'value', label: name, value: cost, precision: 'float64' },
        status: `${brief(cost)}, by sorting`,
      };
    }
    requireSize(WHERE, pair, MOST, 'Take fewer samples, or use entropic transport.');
    const result = await paced(
      networkSimplexPivots(a, b, costMatrix(pair)),
      context.signal,
      // The number of pivots is not known beforehand; most problems end before ten for each point.
      (pivots) =>
        context.progress(pivots / (pivots + 10 * (a.length + b.length)), `${pivots} pivots`),
    );
    const pairs = result.plan.reduce((count, mass) => count + (mass > 0 ? 1 : 0), 0);
    return {
      outputs: {
        cost: scalar(result.cost, name),
        pairs: scalar(pairs, 'Pairs with mass'),
        gap: scalar(Math.abs(result.dualityGap), 'Duality gap of the plan'),
      },
      view: planView(pair, result, params.show),
      table: () => planTable(result),
      status: `cost ${brief(result.cost)}, ${pairs} pairs`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { power: '1', show: 'matrix' }],
    invalid: [{ params: { power: '3' }, message: /Cost.*'2'/ }],
  },
});
