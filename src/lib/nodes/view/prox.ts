import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { RegularizerValue } from '../../runtime/graph/ports.ts';
import { brief } from '../shared/format.ts';
import { proxCurves, proxField, proxPaths } from '../shared/prox-pictures.ts';
import type { Curves, Plane } from '../shared/prox-pictures.ts';

/** What the prox of a regularizer does to a number or to the points of a plane. Follows live weights. */
export default defineNode({
  type: 'view/prox',
  version: 1,
  family: 'view',
  title: 'Proximal operator',
  summary: 'A regularizer, its Moreau envelope and its prox, on the line or in the plane.',
  formula: String.raw`\operatorname{prox}_{sg}(v) = \operatorname*{arg\,min}_u g(u) + \tfrac{1}{2s} \lVert u - v \rVert^2, \qquad e_s(v) = \min_u g(u) + \tfrac{1}{2s} \lVert u - v \rVert^2`,
  description: [
    'On the line: the prox as a function of v, g dashed, and the envelope, a smooth function below g whose gradient (v − prox(v))/s is 1/s-Lipschitz; it has the minimisers of g and touches it there. A constraint is drawn where it holds.',
    'In the plane: the way of the points of a grid as the step grows from 0 to s (for a constraint, straight to the projection), or the level sets of the envelope with the points where a grid goes. Where many points end together the solutions of problems with this regularizer like to be.',
    'Matrices are [[x, y], [y, x]], with singular values |x + y| and |x − y|: the nuclear norm acts on these two as the ℓ1 norm acts on x and y.',
  ],
  keywords: [
    'moreau envelope',
    'soft threshold',
    'projection',
    'shrinkage',
    'penalty',
    'constraint',
  ],
  references: [
    {
      text: 'Parikh & Boyd, Proximal Algorithms (2014), sections 1.1 and 3.1, figure 1.1.',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
    {
      text: 'Moreau, Proximité et dualité dans un espace hilbertien (1965).',
      url: 'https://doi.org/10.24033/bsmf.1625',
    },
  ],
  params: {
    show: {
      kind: 'choice',
      label: 'Show',
      default: 'line',
      options: [
        { value: 'line', label: 'curves of one number' },
        { value: 'paths', label: 'paths in the plane' },
        { value: 'field', label: 'envelope in the plane' },
      ],
    },
    curves: {
      kind: 'choice',
      label: 'Curves',
      default: 'all',
      options: [
        { value: 'all', label: 'prox, g and envelope' },
        { value: 'prox', label: 'prox' },
        { value: 'envelope', label: 'g and envelope' },
      ],
      visibleWhen: { param: 'show', in: ['line'] },
    },
    plane: {
      kind: 'choice',
      label: 'Points are',
      default: 'vector',
      options: [
        { value: 'vector', label: 'vectors (x, y)' },
        { value: 'matrix', label: 'matrices [[x, y], [y, x]]' },
      ],
      visibleWhen: { param: 'show', in: ['paths', 'field'] },
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
    reach: {
      kind: 'number',
      label: 'Reach',
      help: 'Axes are from minus this to this.',
      default: 3,
      min: 0,
      exclusiveMin: true,
      max: 1e6,
      scale: 'log',
    },
    side: {
      kind: 'integer',
      label: 'Points along a side',
      default: 13,
      min: 2,
      max: 41,
      visibleWhen: { param: 'show', in: ['paths', 'field'] },
    },
  },
  inputs: [{ name: 'regularizers', type: 'regularizer', label: 'Regularizers', many: true }],
  outputs: [],
  evaluate({ params, list, liveValues }) {
    const regularizers = list('regularizers', 'regularizer');
    for (const regularizer of regularizers) requireOwnProx(regularizer);
    const { show, stepSize, reach, side } = params;
    const lens = { live: liveValues, stepSize, reach };
    const status = `s = ${brief(stepSize)}`;
    if (show === 'line') {
      return { view: proxCurves(regularizers, lens, params.curves as Curves), status };
    }
    if (regularizers.length !== 1) {
      throw new NodeError(
        'count',
        `Proximal operator (regularizers): expected one for a picture of the plane, got ${regularizers.length}. Use a view for each, or curves of one number.`,
        'regularizers',
      );
    }
    const plane = params.plane as Plane;
    const [regularizer] = regularizers;
    return {
      view:
        show === 'paths'
          ? proxPaths(regularizer, lens, plane, side, FRAMES)
          : proxField(regularizer, lens, plane, side),
      status,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { curves: 'prox' }, { show: 'paths', side: 3 }, { show: 'field', plane: 'matrix' }],
    invalid: [
      { params: { stepSize: 0 }, message: /Step s.*expected a number > 0 and ≤ 1000000, got 0/ },
      { params: { show: 'surface' }, message: /Show.*expected one of 'line'/ },
    ],
  },
});

const FRAMES = 33;

/** A penalty g(Kx) gives the prox of g alone, which says nothing of x. */
export function requireOwnProx(regularizer: RegularizerValue): void {
  if (regularizer.operatorOf === undefined) return;
  throw new NodeError(
    'no-prox',
    `Proximal operator (regularizers): expected a regularizer with a known prox, got '${regularizer.title}', which acts on Kx. Take the ℓ1 or ℓ2 norm, which it applies to Kx.`,
    'regularizers',
  );
}
