import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { Table, TableColumn } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, Indicator, Targets } from '../../runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { describeSize } from '../shared/dataset.ts';
import { previewDataset } from '../shared/preview.ts';

/** Numbers in the feature matrix; a column of texts counts once per category. */
const MAX_NUMBERS = 20_000_000;
/** More classes than this in a numeric target are taken for measurements wired as classes by mistake. */
const MAX_CLASSES = 256;

/**
 * A table of real data as features [N, D] and a target.
 * A categorical feature with M categories becomes M columns of 0 and 1 (one-hot), so D counts those.
 */
export default defineNode({
  type: 'data/table',
  version: 1,
  family: 'data',
  title: 'Table',
  summary: 'Features and a target from a table: shipped, or a CSV file of your own.',
  formula: String.raw`X\in\mathbb R^{N\times D},\quad y\in\mathbb R^N\ \text{or}\ \{1,\dots,K\}^N`,
  description: [
    'The target is the last column unless another is chosen. A column of texts becomes classes; a numeric one becomes values unless "classes" is chosen, as for the digits 0 to 9.',
    'A feature column of texts becomes one column of 0 and 1 per category.',
  ],
  keywords: ['csv', 'file', 'diabetes', 'iris', 'digits', 'data', 'upload'],
  references: [
    {
      text: 'Diabetes: Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression, Ann. Statist. 32(2), 2004',
      url: 'https://doi.org/10.1214/009053604000000067',
    },
    {
      text: 'Iris: Fisher, The Use of Multiple Measurements in Taxonomic Problems, Ann. Eugenics 7(2), 1936; UCI',
      url: 'https://doi.org/10.24432/C56C76',
    },
    {
      text: 'Digits: Alpaydin, Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998',
      url: 'https://doi.org/10.24432/C50P49',
    },
  ],
  params: {
    table: { kind: 'table', label: 'Table', default: { source: 'builtin', name: 'diabetes' } },
    target: {
      kind: 'column',
      label: 'Target column',
      help: 'The last column, unless another is chosen.',
      default: '',
      table: 'table',
    },
    targetKind: {
      kind: 'choice',
      label: 'Target is',
      default: 'auto',
      options: [
        { value: 'auto', label: 'classes if text, else values' },
        { value: 'values', label: 'values' },
        { value: 'classes', label: 'classes' },
        { value: 'none', label: 'absent: every column is a feature' },
      ],
    },
    features: {
      kind: 'text',
      label: 'Feature columns',
      help: 'Names separated by semicolons; empty means all except the target.',
      default: '',
      maxLength: 10_000,
    },
  },
  inputs: [],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Dataset' }],
  async evaluate({ params, table: load, reserve }) {
    const table = await load(params.table);
    const target =
      params.targetKind === 'none'
        ? null
        : params.target === ''
          ? table.columns[table.columns.length - 1]
          : findColumn(table, params.target, 'target');
    const encoded = chosenFeatures(table, params.features, target).flatMap(encodeFeature);
    const width = encoded.length;
    if (table.rows * width > MAX_NUMBERS) {
      throw new NodeError(
        'too-large',
        `Table (features): expected at most ${MAX_NUMBERS} numbers, got ${table.rows} × ${width} = ${table.rows * width} with a column for each category. Leave out columns of texts with many categories.`,
        'features',
      );
    }
    const cells = table.rows * width;
    const remedy = 'Leave out columns, or rows of the file.';
    reserve({ bytes: 8 * cells, flops: 20 * cells, remedy });
    const x = new Float64Array(cells);
    encoded.forEach(({ value }, j) => {
      for (let i = 0; i < table.rows; i++) x[i * width + j] = value(i);
    });
    const dataset: DatasetValue = {
      kind: 'dataset',
      name: table.name,
      features: hostFloat(x, [table.rows, width]),
      featureNames: encoded.map((feature) => feature.name),
      ...(encoded.some(({ indicator }) => indicator) && {
        indicators: encoded.map(({ indicator }) => indicator),
      }),
      targets: target === null ? { kind: 'none' } : targetsOf(target, params.targetKind),
    };
    return { outputs: { dataset }, view: previewDataset(dataset), status: describeSize(dataset) };
  },
  migrations: {},
  fixtures: {
    valid: [
      { table: { source: 'builtin', name: 'iris' } },
      { table: { source: 'builtin', name: 'digits' }, targetKind: 'classes' },
      { target: 'bmi', features: 'age; bp' },
      { targetKind: 'none' },
    ],
    invalid: [
      { params: { target: 'weight' }, message: /expected one of the columns .*age.*got "weight"/ },
      { params: { features: 'age; height' }, message: /\(features\).*got "height"/ },
      { params: { features: 'progression' }, message: /\(features\).*the target, "progression"/ },
      {
        params: { table: { source: 'builtin', name: 'iris' }, targetKind: 'values' },
        message: /\(target\): expected a numeric column, got the texts of "species"/,
      },
    ],
  },
});

function findColumn(table: Table, name: string, param: string): TableColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new NodeError(
    'column',
    `Table (${param}): expected one of the columns ${list(table.columns.map((c) => c.name))} of ${table.name}, got "${name}". Choose a column of this table.`,
    param,
  );
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown}, … (${names.length})` : shown;
}

function chosenFeatures(table: Table, text: string, target: TableColumn | null): TableColumn[] {
  const names = text
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const columns =
    names.length === 0
      ? table.columns.filter((column) => column !== target)
      : [...new Set(names)].map((name) => findColumn(table, name, 'features'));
  if (target !== null && columns.includes(target)) {
    throw new NodeError(
      'target-among-features',
      `Table (features): expected columns other than the target, got the target, "${target.name}". Remove it from the features, or choose another target.`,
      'features',
    );
  }
  if (columns.length === 0) {
    throw new NodeError(
      'no-features',
      `Table (features): expected at least one feature column, got ${table.name} with the target alone. Choose "absent" as the target, or another table.`,
      'features',
    );
  }
  return columns;
}

interface EncodedFeature {
  readonly name: string;
  readonly indicator: Indicator | null;
  value(row: number): number;
}

function encodeFeature(column: TableColumn): EncodedFeature[] {
  if (column.kind === 'numeric') {
    return [{ name: column.name, indicator: null, value: (row) => column.values[row] }];
  }
  return column.categories.map((category, code) => ({
    name: `${column.name} = ${category}`,
    indicator: { column: column.name, category },
    value: (row) => (column.codes[row] === code ? 1 : 0),
  }));
}

function targetsOf(column: TableColumn, kind: string): Targets {
  const { name } = column;
  if (column.kind === 'categorical') {
    if (kind === 'values') {
      throw new NodeError(
        'target-kind',
        `Table (target): expected a numeric column, got the texts of "${name}". Choose "classes", or a numeric column.`,
        'target',
      );
    }
    const { codes, categories } = column;
    return { kind: 'labels', name, labels: hostInt(codes), classes: categories };
  }
  if (kind !== 'classes') return { kind: 'values', name, values: hostFloat(column.values) };
  const distinct = [...new Set(column.values)].sort((a, b) => a - b);
  if (distinct.length > MAX_CLASSES) {
    throw new NodeError(
      'target-kind',
      `Table (target): expected at most ${MAX_CLASSES} classes, got ${distinct.length} distinct numbers in "${name}". Choose "values", or another column.`,
      'target',
    );
  }
  const codes = new Map(distinct.map((value, code) => [value, code]));
  return {
    kind: 'labels',
    name,
    labels: hostInt(Array.from(column.values, (value) => codes.get(value) ?? -1)),
    classes: distinct.map(String),
  };
}
