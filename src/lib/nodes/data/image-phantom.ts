/**
 * A test image with noise, made of ellipses, simple shapes, texture or bars: b = x + σ ε, x [n, n] in [0, 1].
 *
 * The Shepp–Logan phantom is a sum of ten ellipses in the square [−1, 1]² with the higher contrasts of Toft; a pixel has the value at its
 * centre, row 0 at the top. Features [n², 2] are column and row; ε ~ N(0, 1).
 */
import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { noisyImage } from '../shared/image-data.ts';
import { seedParam } from '../shared/seed.ts';

type Ellipse = readonly [
  value: number,
  halfWidth: number,
  halfHeight: number,
  x: number,
  y: number,
  degrees: number,
];

/** Toft 1996, table B.3: contrast, semi-axes, centre, rotation. */
const SHEPP_LOGAN: readonly Ellipse[] = [
  [1, 0.69, 0.92, 0, 0, 0],
  [-0.8, 0.6624, 0.874, 0, -0.0184, 0],
  [-0.2, 0.11, 0.31, 0.22, 0, -18],
  [-0.2, 0.16, 0.41, -0.22, 0, 18],
  [0.1, 0.21, 0.25, 0, 0.35, 0],
  [0.1, 0.046, 0.046, 0, 0.1, 0],
  [0.1, 0.046, 0.046, 0, -0.1, 0],
  [0.1, 0.046, 0.023, -0.08, -0.605, 0],
  [0.1, 0.023, 0.023, 0, -0.606, 0],
  [0.1, 0.023, 0.046, 0.06, -0.605, 0],
];

function sheppLogan(x: number, y: number): number {
  let total = 0;
  for (const [value, a, b, cx, cy, degrees] of SHEPP_LOGAN) {
    const angle = (degrees * Math.PI) / 180;
    const [dx, dy] = [x - cx, y - cy];
    const u = (dx * elementary.cos(angle) + dy * elementary.sin(angle)) / a;
    const v = (dy * elementary.cos(angle) - dx * elementary.sin(angle)) / b;
    if (u * u + v * v <= 1) total += value;
  }
  // Contrasts that cancel leave a rounding error below zero.
  return Math.min(Math.max(total, 0), 1);
}

/** A bright square, a grey disc over its corner, a dark background. */
function shapes(x: number, y: number): number {
  if ((x - 0.35) ** 2 + (y + 0.3) ** 2 <= 0.2) return 0.5;
  return Math.abs(x + 0.2) <= 0.5 && Math.abs(y - 0.2) <= 0.5 ? 1 : 0.1;
}

/** A smooth ramp below a checkerboard of 8 × 4 fields: what total variation flattens, and what it keeps. */
function texture(x: number, y: number): number {
  if (y < 0) return (x + 1) / 2;
  return (Math.floor(4 * (x + 1)) + Math.floor(4 * y)) % 2 === 0 ? 0.2 : 0.9;
}

/** Four rows of upright bars, each row twice as fine as the one above, on a dark page with margins. */
function bars(x: number, y: number): number {
  const row = Math.floor(2 * (1 - y));
  const inside = Math.abs(x) <= 0.9 && Math.abs(2 * (1 - y) - row - 0.5) <= 0.4;
  const place = Math.floor(((x + 0.9) / 1.8) * (elementary.pow(2, row + 2) - 1));
  return inside && place % 2 === 0 ? 1 : 0.1;
}

const IMAGES: Readonly<Record<string, { label: string; at: (x: number, y: number) => number }>> = {
  'shepp-logan': { label: 'Shepp–Logan', at: sheppLogan },
  shapes: { label: 'Shapes', at: shapes },
  texture: { label: 'Ramp and checkerboard', at: texture },
  bars: { label: 'Bars', at: bars },
};

export default defineNode({
  type: 'data/image-phantom',
  version: 1,
  family: 'data',
  title: 'Image phantom',
  summary: 'A test image of ellipses, shapes, texture or bars, seen through noise.',
  formula: String.raw`b = x + \sigma\,\varepsilon,\qquad x \in [0,1]^{n\times n},\quad \varepsilon_{ij}\sim\mathcal N(0,1)`,
  keywords: ['image', 'shepp-logan', 'denoising', 'tomography', 'total variation'],
  references: [
    {
      text: 'Shepp & Logan, The Fourier reconstruction of a head section, IEEE Trans. Nucl. Sci. 21(3), 1974',
      url: 'https://doi.org/10.1109/TNS.1974.6499235',
    },
    {
      text: 'Toft, The Radon Transform: Theory and Implementation, 1996, appendix B.3 (contrasts)',
    },
  ],
  params: {
    image: {
      kind: 'choice',
      label: 'Image',
      default: 'shepp-logan',
      options: [
        { value: 'shepp-logan', label: 'Shepp–Logan' },
        { value: 'shapes', label: 'shapes' },
        { value: 'texture', label: 'ramp and checkerboard' },
        { value: 'bars', label: 'bars of four widths' },
      ],
    },
    size: { kind: 'integer', label: 'Pixels a side n', default: 64, min: 2, max: 512 },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 100 },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Image' }],
  evaluate({ params, key }) {
    const { size: n, noise } = params;
    const { label, at } = IMAGES[params.image];
    const place = (i: number) => (2 * i + 1) / n - 1;
    const truth = Float64Array.from({ length: n * n }, (_, i) =>
      at(place(i % n), -place(Math.floor(i / n))),
    );
    return noisyImage(label, truth, [n, n], noise, key);
  },
  migrations: {},
  fixtures: {
    valid: [
      { size: 16 },
      { size: 12, image: 'texture' },
      { size: 12, image: 'bars' },
      { size: 9, image: 'shapes', noise: 0, seed: 3 },
    ],
    invalid: [
      { params: { size: 1024 }, message: /expected an integer in \[2, 512\], got 1024/ },
      { params: { image: 'lena' }, message: /Image.*expected one of 'shepp-logan'/ },
    ],
  },
});
