import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'A gallery of proximal operators';
const explanation = [
  'The proximal operator $\\operatorname{prox}_{sg}(v) = \\arg\\min_u g(u) + \\frac1{2s}\\lVert u-v\\rVert^2$ trades a small $g$ against staying near $v$. For a constraint, $g = \\iota_C$ is $0$ on the set and $\\infty$ outside, and the prox is the projection on $C$. The minimum itself, the [Moreau envelope](https://doi.org/10.24033/bsmf.1625) $e_s(v)$, is smooth with gradient $(v - \\operatorname{prox}_{sg}(v))/s$ and has the minimisers of $g$.',
  'On the line: the prox of $\\lambda|v|$ is soft thresholding, its envelope the Huber function; beside it four maps, of which two have a stretch of exact zeros, one only shrinks and one stops at bounds. In the plane, a grid on its way: the $\\ell_2$ norm draws all points straight to the origin, where a disc of radius $s\\lambda$ ends; the simplex collects them on a segment and its ends. The nuclear norm, $\\lambda\\sum_i\\sigma_i$, acts on the matrices $\\begin{pmatrix} x & y \\\\ y & x \\end{pmatrix}$ as an $\\ell_1$ norm of $|x+y|$ and $|x-y|$: many points end on the diagonals, where the rank is 1.',
  'The checks measure each prox without trusting it. The ellipsoid method knows only $g$ and its subgradients and bounds the minimum from below; by strong convexity the prox is then within $\\sqrt{2(F(u)-F^*)}$ of the true one, here within $10^{-5}\\lVert v\\rVert$. And every prox is firmly nonexpansive, $\\lVert p-q\\rVert^2 \\le \\langle p-q, v-w\\rangle$. Try: move $\\lambda$, and watch pictures and checks follow.',
];

const kinds = [
  { id: 'l1', type: 'l1-norm', params: { lambda: 1 }, name: 'ℓ1 norm' },
  { id: 'l2', type: 'l2-norm', params: { lambda: 1 }, name: 'ℓ2 norm' },
  {
    id: 'group',
    type: 'group-lasso',
    params: { lambda: 0.7, groups: 'blocks', size: 2 },
    name: 'Group lasso',
  },
  { id: 'nuclear', type: 'nuclear-norm', params: { lambda: 1 }, name: 'Nuclear norm' },
  { id: 'simplex', type: 'simplex', params: { total: 2 }, name: 'Simplex' },
  { id: 'box', type: 'box', params: { lower: -0.5, upper: 1 }, name: 'Box' },
] as const;
const contracting = kinds.filter(({ id }) => ['l2', 'nuclear', 'simplex'].includes(id));

export const proxGallery: Template = {
  id: 'prox-gallery',
  title,
  summary:
    'What penalties and constraints do to a point, drawn, and each prox measured against an oracle.',
  rows: ['prox-gallery'],
  lesson: { course: 'mathematics-of-ia', lecture: 2 },
  explanation,
  references: [
    {
      text: 'Parikh & Boyd, Proximal Algorithms, Foundations and Trends in Optimization 1 (2014)',
      url: 'https://web.stanford.edu/~boyd/papers/prox_algs.html',
    },
    {
      text: 'Moreau, Proximité et dualité dans un espace hilbertien, Bull. Soc. Math. France 93 (1965)',
      url: 'https://doi.org/10.24033/bsmf.1625',
    },
    {
      text: 'Bland, Goldfarb & Todd, The ellipsoid method: a survey, Operations Research 29 (1981)',
      url: 'https://doi.org/10.1287/opre.29.6.1039',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        ...kinds.map(({ id, type, params }) => ({ id, type: `regularizer/${type}`, params })),
        { id: 'ridge', type: 'regularizer/squared-l2', params: { lambda: 1 } },
        { id: 'elastic', type: 'regularizer/elastic-net', params: { lambda: 1, l1Ratio: 0.5 } },
      ],
      [
        { id: 'line', type: 'view/prox', label: 'Soft threshold and Huber function' },
        { id: 'maps', type: 'view/prox', label: 'Four maps', params: { curves: 'prox' } },
        {
          id: 'disc',
          type: 'view/prox',
          label: 'ℓ2 norm: to the origin',
          params: { show: 'paths' },
        },
      ],
      [
        {
          id: 'rank',
          type: 'view/prox',
          label: 'Nuclear norm: to rank 1',
          params: { show: 'paths', plane: 'matrix' },
        },
        {
          id: 'sides',
          type: 'view/prox',
          label: 'Simplex: a projection',
          params: { show: 'paths' },
        },
        {
          id: 'envelope',
          type: 'view/prox',
          label: 'Envelope of the ℓ1 norm',
          params: { show: 'field', side: 15 },
        },
      ],
      kinds.slice(0, 3).map(measured),
      kinds.slice(3).map(measured),
      kinds.slice(0, 3).map(right),
      kinds.slice(3).map(right),
      contracting.map(contracts),
    ],
    wires: [
      'l1.regularizer > line.regularizers',
      'l1.regularizer > maps.regularizers',
      'elastic.regularizer > maps.regularizers',
      'ridge.regularizer > maps.regularizers',
      'box.regularizer > maps.regularizers',
      'simplex.regularizer > sides.regularizers',
      'l2.regularizer > disc.regularizers',
      'nuclear.regularizer > rank.regularizers',
      'l1.regularizer > envelope.regularizers',
      ...kinds.flatMap(({ id }) => [
        `${id}.regularizer > ${id}-measured.regularizer`,
        `${id}-measured.distance > ${id}-distance.value`,
      ]),
      ...contracting.map(({ id }) => `${id}-measured.expansion > ${id}-expansion.value`),
    ],
  }),
};

function measured({ id, name }: (typeof kinds)[number]) {
  return {
    id: `${id}-measured`,
    type: 'check/prox',
    label: `${name}, measured`,
    params: { shape: id === 'nuclear' ? [2, 2] : [4], points: 5 },
  };
}

function right({ id, name }: (typeof kinds)[number]) {
  return {
    id: `${id}-distance`,
    type: 'check/compare',
    label: `${name} is right`,
    params: {
      label: `${name}: within 1e-5 ‖v‖ of the true prox`,
      relation: 'atMost',
      expected: 1e-5,
    },
  };
}

function contracts({ id, name }: (typeof kinds)[number]) {
  return {
    id: `${id}-expansion`,
    type: 'check/compare',
    label: `${name} contracts`,
    params: { label: `${name}: firmly nonexpansive`, relation: 'atMost', expected: 1e-13 },
  };
}
