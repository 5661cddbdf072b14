/**
 * The kernel matrix K = (k(x_i, x_j)) of the samples of a kernel machine, in colours: float64 [N, N].
 *
 * Beyond 300 samples, 300 of them are shown, evenly spread over the chosen order.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { spread } from '../shared/heatmap-view.ts';
import { kernelEffort, kernelRows } from '../shared/kernel/gram.ts';
import { createPacer } from '../../numerics/pacer.ts';

/** Samples that are drawn at most: more cells than that are smaller than the pixels of a panel. */
const MOST = 300;

export default defineNode({
  type: 'view/kernel-matrix',
  version: 1,
  family: 'view',
  title: 'Kernel matrix',
  summary: 'The kernel of every pair of samples, as a matrix in colours.',
  formula: String.raw`K_{ij} = k(x_i, x_j)`,
  description: [
    'Sorted by class, a kernel that tells classes apart shows blocks; sorted by a feature, a local kernel shows a band whose width is the bandwidth.',
  ],
  keywords: ['gram matrix', 'heat map', 'similarity', 'kernel ridge', 'blocks'],
  references: [
    {
      text: 'Schölkopf & Smola, Learning with Kernels (2002), definition 2.3 (Gram matrix).',
      url: 'https://mitpress.mit.edu/9780262536578/',
    },
  ],
  params: {
    order: {
      kind: 'choice',
      label: 'Samples sorted by',
      default: 'target',
      options: [
        { value: 'target', label: 'target' },
        { value: 'feature', label: 'first feature' },
        { value: 'none', label: 'nothing: as they are' },
      ],
    },
  },
  inputs: [{ name: 'model', type: 'model', label: 'Kernel model' }],
  outputs: [],
  async evaluate({ params, input, signal, reserve }) {
    const model = input('model', 'model');
    if (!model.kernel)
      throw new NodeError(
        'kernel',
        `Kernel matrix (model): expected a kernel machine, got '${model.title}'. Wire a Kernel ridge model.`,
        'model',
      );
    const { indices, by } = sortedSamples(model.dataset, params.order);
    const N = indices.length;
    const chosen = spread(N, MOST).map((k) => indices[k]);
    const drawn = chosen.length;
    reserve({
      bytes: 8 * drawn * N,
      ...kernelEffort(model, drawn),
      remedy: 'Take fewer samples, with Train/test split.',
    });
    const rows = await kernelRows(model, chosen, createPacer(signal));
    const values = Float64Array.from(
      { length: drawn * drawn },
      (_, k) => rows[Math.floor(k / drawn) * N + chosen[k % drawn]],
    );
    const label = `sample${by === '' ? '' : `, sorted by ${by}`}`;
    const part = drawn < N ? `, ${drawn} × ${drawn} of them drawn` : '';
    return {
      view: {
        kind: 'heatmap',
        rows: drawn,
        columns: drawn,
        values,
        rowLabel: label,
        columnLabel: label,
        ...(drawn < N && { of: [N, N] as const }),
        precision: 'float64',
      },
      status: `${N} × ${N}${part}${by === '' ? '' : `, sorted by ${by}`}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { order: 'feature' }, { order: 'none' }],
    invalid: [{ params: { order: 'size' }, message: /sorted by.*expected one of 'target'/ }],
  },
});

/** Indices of the samples in an order, ties as they were, and what it goes by. */
function sortedSamples(
  { features, featureNames, targets }: DatasetValue,
  order: string,
): { indices: readonly number[]; by: string } {
  const [N, D] = features.shape;
  const indices = Array.from({ length: N }, (_, i) => i);
  const sorted = (key: (i: number) => number) => indices.sort((i, j) => key(i) - key(j) || i - j);
  if (order === 'feature' && D > 0)
    return { indices: sorted((i) => features.data[i * D]), by: featureNames[0] };
  if (order === 'target' && targets.kind === 'labels')
    return { indices: sorted((i) => targets.labels.data[i]), by: targets.name };
  if (order === 'target' && targets.kind === 'values')
    return { indices: sorted((i) => targets.values.data[i]), by: targets.name };
  return { indices, by: '' };
}
