import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostUniform } from '../../runtime/ir/random.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';
import { seedParam } from '../shared/seed.ts';

/**
 * Points uniform on every other square of a c × c board over [−a, a]², the square at the lower left among them. Features [N, 2].
 * The number c is even, so half of the area 4a² is covered and the entropy is log(2a²).
 */
export default defineNode({
  type: 'data/checkerboard',
  version: 1,
  family: 'data',
  title: 'Checkerboard',
  summary: 'Points uniform on every other square of a board: a density with sharp edges.',
  formula: String.raw`p(x) = \frac{1}{2a^2}\,\bigl[\,\lfloor \tfrac{c}{2a}(x_1+a)\rfloor + \lfloor \tfrac{c}{2a}(x_2+a)\rfloor \text{ even}\,\bigr],\quad x\in[-a,a)^2`,
  description: [
    'The entropy is log(2a²): no density has a smaller expected negative log-likelihood, and no continuous one reaches it. Points carry no target.',
  ],
  keywords: ['density', 'generative', 'toy', '2d', 'uniform', 'chess'],
  references: [
    {
      text: 'Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud, FFJORD, ICLR 2019, section 4.1 (the checkerboard)',
      url: 'https://arxiv.org/abs/1810.01367',
    },
  ],
  params: {
    samples: {
      kind: 'integer',
      label: 'Samples',
      default: 2000,
      min: 2,
      max: 100_000,
      scale: 'log',
    },
    halfBoard: {
      kind: 'integer',
      label: 'Half the squares along a side c/2',
      default: 2,
      min: 1,
      max: 8,
    },
    extent: {
      kind: 'number',
      label: 'Half width a',
      default: 2,
      min: 0,
      exclusiveMin: true,
      max: 100,
    },
    seed: seedParam,
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  evaluate({ params, key }) {
    const { samples, extent } = params;
    const side = 2 * params.halfBoard;
    const width = (2 * extent) / side;
    const u = hostUniform(hostFoldIn(key, 0), samples);
    const v = hostUniform(hostFoldIn(key, 1), samples);
    const pick = hostUniform(hostFoldIn(key, 2), samples);
    const x = new Float64Array(2 * samples);
    for (let i = 0; i < samples; i++) {
      const cell = Math.floor((pick[i] * side * side) / 2);
      const row = Math.floor(cell / (side / 2));
      const column = 2 * (cell % (side / 2)) + (row % 2);
      x[2 * i] = -extent + width * (column + u[i]);
      x[2 * i + 1] = -extent + width * (row + v[i]);
    }
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: 'Checkerboard',
      features: hostFloat(x, [samples, 2]),
      featureNames: ['x1', 'x2'],
      targets: { kind: 'none' },
      logDensity: (points) =>
        Float64Array.from({ length: points.length / 2 }, (_, i) => {
          const [row, column] = [points[2 * i + 1], points[2 * i]].map((v) =>
            Math.floor((v + extent) / width),
          );
          const onBoard = [row, column].every((place) => place >= 0 && place < side);
          return onBoard && (row + column) % 2 === 0
            ? -elementary.log(2 * extent * extent)
            : -Infinity;
        }),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [{ samples: 2 }, { samples: 500, halfBoard: 1, extent: 4, seed: 3 }],
    invalid: [
      { params: { halfBoard: 0 }, message: /\[1, 8\], got 0/ },
      { params: { extent: 0 }, message: /> 0 and ≤ 100, got 0/ },
    ],
  },
});
