import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { ProblemView } from '../../runtime/graph/view-data.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { brief } from '../shared/format.ts';
import { hostedRegularizer } from '../shared/hosted-regularizer.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { expansionOf, judgeProx } from '../shared/prox-judge.ts';
import { seedParam } from '../shared/seed.ts';
import { requireOwnProx } from '../view/prox.ts';

/** Unknowns up to which the ellipsoid method is a good oracle. */
const MOST = 8;

/**
 * How far the prox of a regularizer is from right, at random points in float64: against a minimum that is found without it, against
 * competitors, and against the inequality that every prox obeys.
 */
export default defineNode({
  type: 'check/prox',
  version: 1,
  family: 'check',
  title: 'Prox measured',
  summary: 'Measures how far a regularizer’s prox is from the minimum that defines it.',
  formula: String.raw`F(u) = s\,g(u) + \tfrac12 \lVert u - v \rVert^2, \qquad \lVert u - \operatorname{prox}_{sg}(v) \rVert \le \sqrt{2\,(F(u) - F^*)}`,
  description: [
    'Distance: a bound of how far the prox is from the true one, over the length of v. F* is bounded from below by the ellipsoid method, which calls values and subgradients of g but not its prox; F is strongly convex, so a small excess is a small distance. The bound ends near 1e-6, the root of the rounding of F.',
    'Advantage: by what share of F the best competitor is below the prox: points around it, and the best that the ellipsoid method met. Not above rounding if the prox is right.',
    'Expansion: the largest ‖p − q‖² − ⟨p − q, v − w⟩ over ‖v − w‖², with p and q the prox of v and w. Not above rounding, as every prox of a convex function is firmly nonexpansive.',
    'A constraint enters F as an exact penalty: a large multiple of its infeasibility, which is computed from its conditions and not from its projection.',
  ],
  keywords: ['proximal', 'verify', 'oracle', 'firmly nonexpansive', 'ellipsoid method', 'moreau'],
  references: [
    {
      text: 'Bauschke & Combettes, Convex Analysis and Monotone Operator Theory in Hilbert Spaces, 2nd ed. (2017), proposition 12.28.',
      url: 'https://doi.org/10.1007/978-3-319-48311-5',
    },
    {
      text: 'Bland, Goldfarb & Todd, The ellipsoid method: a survey, Operations Research 29 (1981).',
      url: 'https://doi.org/10.1287/opre.29.6.1039',
    },
  ],
  params: {
    shape: {
      kind: 'integers',
      label: 'Shape',
      help: `Of the random arrays: 4 for vectors, or 2, 2 for matrices; at most ${MOST} entries.`,
      default: [4],
      min: 1,
      max: MOST,
      maxLength: 3,
    },
    points: { kind: 'integer', label: 'Points', default: 6, min: 2, max: 100, scale: 'log' },
    size: {
      kind: 'number',
      label: 'Size',
      help: 'Standard deviation of the entries.',
      default: 2,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
    },
    stepSize: {
      kind: 'number',
      label: 'Step s',
      default: 1,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
    },
    seed: seedParam,
  },
  inputs: [{ name: 'regularizer', type: 'regularizer', label: 'Regularizer' }],
  outputs: [
    { name: 'distance', type: 'scalar', label: 'Distance' },
    { name: 'advantage', type: 'scalar', label: 'Advantage' },
    { name: 'expansion', type: 'scalar', label: 'Expansion' },
  ],
  async evaluate(context) {
    const { shape, points, size, stepSize } = context.params;
    const regularizer = context.input('regularizer', 'regularizer');
    requireOwnProx(regularizer);
    const count = shape.reduce((n, k) => n * k, 1);
    if (shape.length === 0 || count > MOST) {
      throw new NodeError(
        'size',
        `Prox measured (Shape): expected 1 to ${MOST} entries, got ${shape.length === 0 ? 'none' : count}. The ellipsoid method is slow in more dimensions.`,
        'shape',
      );
    }
    const g = hostedRegularizer(regularizer, context.liveValues, shape);
    const isConstraint = regularizer.constraint !== undefined;
    const pacer = createPacer(context.signal);
    let distance = 0;
    let advantage = -Infinity;
    const moves: { v: Float64Array; u: Float64Array }[] = [];
    for (let k = 0; k < points; k++) {
      const key = hostFoldIn(context.key, k);
      const v = hostNormal(key, count).map((x) => size * x);
      const judged = judgeProx(g, isConstraint, v, stepSize, hostFoldIn(key, 1));
      distance = Math.max(distance, judged.distance);
      advantage = Math.max(advantage, judged.advantage);
      moves.push({ v, u: judged.u });
      context.progress((k + 1) / points);
      if (pacer.due()) await pacer.pause();
    }
    const expansion = expansionOf(moves);
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${label}, ${regularizer.title}`,
      precision: 'float64',
    });
    const view: ProblemView = {
      kind: 'problem',
      formula: `g = ${regularizer.formula}`,
      facts: [
        { label: 'Points', value: `${points} of [${shape.join(', ')}]` },
        { label: 'Distance to the true prox', value: `≤ ${brief(distance)} ‖v‖` },
        { label: 'Best competitor beats it by', value: `${brief(advantage)} F` },
        { label: 'Expansion', value: brief(expansion) },
      ],
    };
    return {
      outputs: {
        distance: scalar(distance, 'Distance to the true prox'),
        advantage: scalar(advantage, 'Advantage of the best competitor'),
        expansion: scalar(expansion, 'Expansion'),
      },
      view,
      status: `within ${brief(distance)} ‖v‖ of the true prox`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { shape: [2, 2], points: 2 }, { stepSize: 0.1, size: 10 }],
    invalid: [
      { params: { shape: [0] }, message: /Shape/ },
      { params: { points: 1 }, message: /\[2, 100\], got 1/ },
    ],
  },
});
