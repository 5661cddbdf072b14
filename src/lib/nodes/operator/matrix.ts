/**
 * A dense matrix, random or from a table.
 *
 *   Kx ∈ ℝ^P,   K_ij ~ N(0, 1/P) independent
 *
 * Images are taken row by row. Domain: P ≥ 1, at most two million entries. Foucart & Rauhut 2013, section 9.1.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { EvaluateContext, ParamTable, Table } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { OperatorValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostNormal } from '../../runtime/ir/random.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { brief } from '../shared/format.ts';
import { heatmapView } from '../shared/heatmap-view.ts';
import { denseOperator, requireCells } from '../shared/operators/dense.ts';
import { requireFinite, requireSignal } from '../shared/operators/signal.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { DRAW_FLOPS, seedParam } from '../shared/seed.ts';
import { OPERATOR_OUTPUTS, SIGNAL_INPUTS } from './ports.ts';

export default defineNode({
  type: 'operator/matrix',
  version: 1,
  family: 'operator',
  title: 'Matrix',
  summary:
    'P linear measurements of a signal or image: random Gaussian ones, or a matrix of yours.',
  formula: String.raw`K \in \mathbb R^{P \times N}, \qquad K_{ij} \sim \mathcal N(0, 1/P)`,
  description: [
    'With variance 1/P the columns have length about 1, and ‖K‖ is about 1 + √(N/P). Bounds of its singular values are proven by factorizations in float64.',
    'A table gives K as it stands: P rows, and as many columns of numbers as the signal has samples. Pixels of an image are taken row by row.',
  ],
  keywords: ['random', 'gaussian', 'measurements', 'compressed sensing', 'dense', 'table'],
  references: [
    {
      text: 'Foucart & Rauhut, A Mathematical Introduction to Compressive Sensing (2013), section 9.1.',
      url: 'https://doi.org/10.1007/978-0-8176-4948-7',
    },
  ],
  params: {
    source: {
      kind: 'choice',
      label: 'Entries',
      default: 'gaussian',
      options: [
        { value: 'gaussian', label: 'Gaussian, variance 1/P' },
        { value: 'table', label: 'from a table' },
      ],
    },
    rows: {
      kind: 'integer',
      label: 'Measurements P',
      default: 100,
      min: 1,
      max: 100_000,
      scale: 'log',
      visibleWhen: { param: 'source', in: ['gaussian'] },
    },
    table: {
      kind: 'table',
      label: 'Table',
      default: { source: 'builtin', name: 'diabetes' },
      visibleWhen: { param: 'source', in: ['table'] },
    },
    seed: { ...seedParam, visibleWhen: { param: 'source', in: ['gaussian'] } },
  },
  inputs: SIGNAL_INPUTS,
  outputs: OPERATOR_OUTPUTS,
  async evaluate(context) {
    const { params, signal } = context;
    const { shape, size } = requireSignal(context.input('data', 'dataset'), 'Matrix');
    // A copy, its transpose, and a Gram matrix that is factorized some ten times for proven bounds.
    const announce = (rows: number) => {
      const order = Math.min(rows, size);
      context.reserve({
        bytes: 8 * (3 * rows * size + 3 * order * order),
        kept: true,
        flops: rows * size * (DRAW_FLOPS + order) + 8 * order * order * order,
        remedy: 'Take fewer rows, or an operator without a matrix.',
      });
    };
    const matrix =
      params.source === 'gaussian'
        ? gaussian(context.key, params.rows, size, announce)
        : tabulated(await context.table(params.table), size, announce);
    const pacer = createPacer(signal, (fraction) =>
      context.progress(fraction, 'bounding the singular values'),
    );
    const operator = await denseOperator('matrix', matrix, shape, pacer);
    const [rows] = matrix.shape;
    const value: OperatorValue = { kind: 'operator', operator };
    return {
      outputs: { operator: value },
      view: heatmapView(matrix.data, rows, size, {
        rowLabel: 'measurement',
        columnLabel: 'unknown',
      }),
      status: `${rows} × ${size}, ‖K‖ = ${brief(operator.norm)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { rows: 1 }, { rows: 12, seed: 3 }],
    invalid: [
      { params: { rows: 0 }, message: /Measurements P.*expected an integer in \[1, 100000\]/ },
      {
        params: { rows: 100_000 },
        message: /at most 2000000 entries, got 100000 × 24 = 2400000 \(20 MB\)/,
      },
      {
        params: { source: 'table' },
        message: /expected 24 columns, one for each sample, got 11 in diabetes/,
      },
    ],
  },
});

function gaussian(
  key: EvaluateContext<ParamTable>['key'],
  rows: number,
  columns: number,
  announce: (rows: number) => void,
): HostArray {
  requireCells(rows, columns, 'Matrix (rows)');
  announce(rows);
  const scale = 1 / Math.sqrt(rows);
  return hostFloat(
    hostNormal(key, rows * columns).map((x) => x * scale),
    [rows, columns],
  );
}

function tabulated(
  { name, rows, columns }: Table,
  size: number,
  announce: (rows: number) => void,
): HostArray {
  if (columns.length !== size) {
    throw new NodeError(
      'shape',
      `Matrix (table): expected ${size} columns, one for each sample, got ${columns.length} in ${name}. Choose a matrix made for this signal.`,
      'table',
    );
  }
  requireCells(rows, size, 'Matrix (table)');
  announce(rows);
  const data = new Float64Array(rows * size);
  columns.forEach((column, j) => {
    if (column.kind !== 'numeric') {
      throw new NodeError(
        'column',
        `Matrix (table): expected columns of numbers, got texts in "${column.name}". Leave that column out.`,
        'table',
      );
    }
    for (let i = 0; i < rows; i++) data[i * size + j] = column.values[i];
  });
  const matrix = hostFloat(data, [rows, size]);
  requireFinite(matrix, 'Matrix (table)', name, 'table');
  return matrix;
}
