/** Refuses data whose numbers, or sums of their squares, are no float64 numbers; messages name the column, the row and the value. */
import { inner } from '../../numerics/linear-algebra.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import type { HostArray } from '../../runtime/ir/types.ts';

interface Column {
  readonly name: string;
  readonly rows: number;
  at(row: number): number;
  /** What to do with numbers that are rightly so large. */
  readonly remedy: string;
}

/** Features, then target values. */
function columnsOf({ features, featureNames, targets }: DatasetValue): Column[] {
  const [rows, width] = features.shape;
  const columns: Column[] = featureNames.map((name, j) => ({
    name,
    rows,
    at: (i) => features.data[i * width + j],
    remedy: 'put Standardize before the model',
  }));
  if (targets.kind === 'values') {
    const { data } = targets.values;
    columns.push({
      name: targets.name,
      rows: data.length,
      at: (i) => data[i],
      remedy: 'give the target in a larger unit',
    });
  }
  return columns;
}

/** 1.797e+308, with a minus sign and ∞ as people write them. */
function written(value: number): string {
  const size = Math.abs(value);
  const short = Number(size.toPrecision(4));
  // The largest number is rounded to none.
  const text = size === Infinity ? '∞' : short === Infinity ? size.toPrecision(4) : String(short);
  return Number.isNaN(value) ? 'NaN' : value < 0 ? `−${text}` : text;
}

/** Quickly: the squares of all features together, and those of all target values, are float64 numbers. */
function allSquare({ features, targets }: DatasetValue): boolean {
  const sum = ({ data }: HostArray): number => inner(data, data);
  return (
    Number.isFinite(sum(features)) &&
    (targets.kind !== 'values' || Number.isFinite(sum(targets.values)))
  );
}

/** Features and target values are finite. */
export function requireFiniteData(dataset: DatasetValue, where: string, port: string): void {
  if (allSquare(dataset)) return;
  for (const { name, rows, at } of columnsOf(dataset)) {
    for (let i = 0; i < rows; i++) {
      if (Number.isFinite(at(i))) continue;
      throw new NodeError(
        'not-finite',
        `${where}: expected finite numbers, got ${written(at(i))} in "${name}", row ${i + 1} of '${dataset.name}'. Remove that row, or leave the column out.`,
        port,
      );
    }
  }
}

/** Features and target values are finite, and so are the sums of their squares over each column, which every loss and solver takes. */
export function requireSquares(dataset: DatasetValue, where: string, port: string): void {
  if (allSquare(dataset)) return;
  requireFiniteData(dataset, where, port);
  for (const { name, rows, at, remedy } of columnsOf(dataset)) {
    let sum = 0;
    let most = 0;
    for (let i = 0; i < rows; i++) {
      sum += at(i) * at(i);
      if (Math.abs(at(i)) > Math.abs(at(most))) most = i;
    }
    if (Number.isFinite(sum)) continue;
    throw new NodeError(
      'too-large',
      `${where}: expected numbers whose squares sum to a float64 number, got ${written(at(most))} in "${name}", row ${most + 1} of '${dataset.name}', whose square overflows. If it marks what is missing, remove such rows or leave the column out; else ${remedy}.`,
      port,
    );
  }
}
