/**
 * A picture of one's own with noise: b = x + σ ε, x [H, W] in [0, 1].
 *
 * The picture is kept as whole grey values g in 0 … 255, g = 0.2126 R + 0.7152 G + 0.0722 B of its encoded (not linearised) sRGB
 * components (the luma of Rec. 709), rounded; x = g / 255. Where its longest side has more pixels than asked for, each pixel of x is the
 * mean of those it covers. Features [H W, 2] are column and row, row 0 at the top; ε ~ N(0, 1).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { Table } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { areaAverage } from '../shared/area-average.ts';
import { noisyImage } from '../shared/image-data.ts';
import { seedParam } from '../shared/seed.ts';

const WHITE = 255;

export default defineNode({
  type: 'data/image',
  version: 1,
  family: 'data',
  title: 'Image',
  summary: 'A picture of your own in grey, seen through noise.',
  formula: String.raw`\begin{gathered} b = x + \sigma\,\varepsilon \\ x \in [0,1]^{H\times W},\quad \varepsilon_{ij}\sim\mathcal N(0,1) \end{gathered}`,
  description: [
    'A PNG, JPEG or WebP file of at most 2048 pixels a side and 4 million in all, chosen in the inspector or dropped on the canvas or on this card. It is decoded in the browser and goes nowhere else; it is saved and exported with the experiment. A link holds pictures of up to about 128 × 128 pixels; send larger ones as a file.',
    'Colours become grey by the luma of Rec. 709, 0.2126 R + 0.7152 G + 0.0722 B of the encoded components: gamma is left as it is. Transparent pixels are laid on white. Grey is kept in 256 steps and divided by 255.',
    'A picture with more pixels on its longest side than asked for is reduced by averaging areas; a smaller one stays as it is.',
  ],
  keywords: ['picture', 'photo', 'png', 'jpeg', 'webp', 'file', 'upload', 'denoising'],
  references: [
    {
      text: 'ITU-R BT.709-6, Parameter values for the HDTV standards, 2015, item 3.2 (luma)',
      url: 'https://www.itu.int/rec/R-REC-BT.709-6-201506-I',
    },
  ],
  params: {
    picture: { kind: 'picture', label: 'Picture', default: '' },
    size: {
      kind: 'integer',
      label: 'Longest side',
      help: 'Larger pictures are reduced to it by averaging areas.',
      default: 96,
      min: 2,
      max: 512,
      unit: 'pixels',
    },
    noise: { kind: 'number', label: 'Noise σ', default: 0.1, min: 0, max: 100 },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Image' }],
  async evaluate({ params, key, table: load }) {
    if (params.picture === '')
      throw new NodeError(
        'waiting',
        'Choose a PNG, JPEG or WebP picture in the inspector, or drop one here.',
        'picture',
      );
    const picture = await load(params.picture);
    const [rows, columns] = [picture.rows, picture.columns.length];
    const scale = Math.min(1, params.size / Math.max(rows, columns));
    const height = Math.max(1, Math.round(scale * rows));
    const width = Math.max(1, Math.round(scale * columns));
    const truth = areaAverage(greyValues(picture), [rows, columns], [height, width]).map(
      (value) => value / WHITE,
    );
    const evaluation = noisyImage(picture.name, truth, [height, width], params.noise, key);
    return scale < 1
      ? { ...evaluation, status: `${evaluation.status}, reduced from ${rows} × ${columns}` }
      : evaluation;
  },
  migrations: {},
  fixtures: {
    // Any table of grey values is a picture.
    valid: [{ picture: { source: 'builtin', name: 'digits' }, size: 64, noise: 0, seed: 3 }],
    invalid: [
      { params: {}, message: /Choose a PNG, JPEG or WebP picture/ },
      { params: { picture: 'photo.png' }, message: /Picture.*expected a picture/ },
      { params: { size: 1024 }, message: /expected an integer in \[2, 512\], got 1024/ },
      {
        params: { picture: { source: 'builtin', name: 'iris' } },
        message: /expected grey values in \[0, 255\], got "setosa" in row 1, column 5/,
      },
      {
        params: { picture: { source: 'builtin', name: 'diabetes' } },
        message: /expected grey values in \[0, 255\], got 264 in row 73, column 5 of diabetes/,
      },
    ],
  },
});

/** Float [rows, columns]. */
function greyValues({ rows, columns, name }: Table): Float64Array {
  const grey = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) {
      const value =
        column.kind === 'numeric' ? column.values[i] : column.categories[column.codes[i]];
      if (typeof value === 'string' || !(value >= 0 && value <= WHITE))
        throw new NodeError(
          'picture',
          `Image (picture): expected grey values in [0, ${WHITE}], got ${JSON.stringify(value)} in row ${i + 1}, column ${j + 1} of ${name}. Choose the picture again.`,
          'picture',
        );
      grey[i * columns.length + j] = value;
    }
  });
  return grey;
}
