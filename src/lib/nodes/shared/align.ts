/**
 * Brings one dataset into the form of another: features and classes are matched by name, texts by category, never by place.
 * What cannot be matched is refused by its name.
 */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, Indicator, Scaling, Targets } from '../../runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { featureCount, sampleCount } from './dataset.ts';

export interface Place {
  /** The node that asks, for messages. */
  readonly where: string;
  readonly port: string;
}

type Named = Pick<DatasetValue, 'name' | 'features' | 'featureNames'> & {
  readonly indicators?: DatasetValue['indicators'] | undefined;
};

/** How to fill one column of the result from row i of the data. */
type Source = (row: number) => number;

/**
 * `data` with the features of `own` in their order. A column of 0 and 1 for a category that `data` does not have is 0 there.
 * @throws NodeError 'features' when a feature or a category has no counterpart
 */
export function alignFeatures(own: Named, data: DatasetValue, place: Place): DatasetValue {
  const same = own.featureNames.join('\n') === data.featureNames.join('\n');
  if (same && own.featureNames.length === featureCount(data)) return data;
  const sources = new Sources(own, data);
  const columns = own.featureNames.map((name, j) => sources.take(name, own.indicators?.[j]));
  const missing = own.featureNames.filter((_, j) => columns[j] === null);
  const strange = sources.left();
  if (missing.length > 0 || strange.length > 0) {
    const differences = [
      ...(missing.length > 0 ? [`without ${list(missing)}`] : []),
      ...(strange.length > 0 ? [`with ${list(strange)}`] : []),
    ];
    throw new NodeError(
      'features',
      `${place.where} (${place.port}): expected the ${counted(own.featureNames.length)} of the training data "${own.name}", got "${data.name}" ${differences.join(' and ')}. Name the columns alike, and choose the same feature columns in both tables.`,
      place.port,
    );
  }
  const [rows, width] = [sampleCount(data), columns.length];
  const features = new Float64Array(rows * width);
  columns.forEach((source, j) => {
    for (let i = 0; i < rows; i++) features[i * width + j] = source?.(i) ?? 0;
  });
  // Those of data that were generated belong to the old order.
  const { trueCoefficients: _, indicators: __, logDensity: ___, ...rest } = data;
  return {
    ...rest,
    features: hostFloat(features, [rows, width]),
    featureNames: own.featureNames,
    ...(own.indicators && { indicators: own.indicators }),
  };
}

/** `data` with its features in the order of `names`, where those are the same names; else as it is. */
export function inNamedOrder(
  names: readonly string[] | undefined,
  data: DatasetValue,
): DatasetValue {
  const sorted = (list: readonly string[]) => [...list].sort().join('\n');
  if (!names || sorted(names) !== sorted(data.featureNames)) return data;
  const own = { ...data, featureNames: names, indicators: undefined };
  return alignFeatures(own, data, { where: 'internal', port: 'data' });
}

/** The columns of a dataset by name, each to be taken once. */
class Sources {
  private readonly byName = new Map<string, number[]>();
  private readonly data: DatasetValue;
  /** Text columns of either dataset, and the categories of each in the training data. */
  private readonly columns: ReadonlySet<string>;
  private readonly categories = new Map<string, Set<string>>();

  constructor(own: Named, data: DatasetValue) {
    this.data = data;
    data.featureNames.forEach((name, j) => {
      const places = this.byName.get(name);
      if (places) places.push(j);
      else this.byName.set(name, [j]);
    });
    this.columns = new Set(data.indicators?.flatMap((each) => (each ? [each.column] : [])));
    for (const each of own.indicators ?? []) {
      if (!each) continue;
      const known = this.categories.get(each.column);
      if (known) known.add(each.category);
      else this.categories.set(each.column, new Set([each.category]));
    }
  }

  /** Null where there is none. */
  take(name: string, indicator: Indicator | null | undefined): Source | null {
    const found = this.byName.get(name)?.shift();
    if (found !== undefined) return this.column(found);
    if (!indicator) return null;
    // The file has the column of texts, but no row of this category.
    if (this.columns.has(indicator.column)) return () => 0;
    // Texts such as 1, 2, crew in one file may be numbers in another that has no crew.
    const numbers = this.byName.get(indicator.column)?.[0];
    if (numbers === undefined || !this.allKnown(numbers, indicator.column)) return null;
    const value = this.column(numbers);
    return (row) => (String(value(row)) === indicator.category ? 1 : 0);
  }

  /** Names of the columns that were not taken. */
  left(): string[] {
    return [...this.byName].flatMap(([name, places]) =>
      places.length > 0 && !this.isKnownAsTexts(name, places[0]) ? [name] : [],
    );
  }

  private isKnownAsTexts(name: string, column: number): boolean {
    return this.categories.has(name) && this.allKnown(column, name);
  }

  private allKnown(column: number, name: string): boolean {
    const known = this.categories.get(name);
    const value = this.column(column);
    for (let i = 0; i < sampleCount(this.data); i++)
      if (!known?.has(String(value(i)))) return false;
    return true;
  }

  private column(j: number): Source {
    const { data } = this.data.features;
    const width = featureCount(this.data);
    return (row) => data[row * width + j];
  }
}

/**
 * `data` as the model of `own` takes it: the same features in the same order, scaled by the same numbers, and class indices that
 * mean the same classes. A class without samples may be missing.
 * @throws NodeError 'features', 'scaling' or 'targets' naming what differs
 */
export function alignTo(own: DatasetValue, data: DatasetValue, place: Place): DatasetValue {
  if (data === own) return own;
  const aligned = alignFeatures(own, data, place);
  requireSameScaling(own, data, place);
  return { ...aligned, targets: alignTargets(own, data, place) };
}

function requireSameScaling(own: DatasetValue, data: DatasetValue, place: Place): void {
  const [a, b] = [own.scalings ?? [], data.scalings ?? []];
  if (a.length === b.length && a.every((scaling, k) => sameScaling(scaling, b[k]))) return;
  const got =
    b.length === 0
      ? `"${data.name}", which are not scaled`
      : a.length === 0
        ? `"${data.name}", which are scaled while the training data are not`
        : `"${data.name}", scaled by other numbers`;
  throw new NodeError(
    'scaling',
    `${place.where} (${place.port}): expected data scaled by the same numbers as the training data "${own.name}", got ${got}. Wire them as test data into the node that standardizes the training data.`,
    place.port,
  );
}

function sameScaling(a: Scaling, b: Scaling): boolean {
  const same = (x: Float64Array, y: Float64Array) =>
    x.length === y.length && x.every((value, j) => value === y[j]);
  return a.center === b.center && same(a.shift, b.shift) && same(a.scale, b.scale);
}

function alignTargets(own: DatasetValue, data: DatasetValue, place: Place): Targets {
  const [a, b] = [own.targets, data.targets];
  if (a.kind !== b.kind) {
    const remedy =
      a.kind === 'labels' && b.kind === 'values'
        ? 'Choose "classes" as the target of its table.'
        : 'Choose the same kind of target in both tables.';
    throw new NodeError(
      'targets',
      `${place.where} (${place.port}): expected ${describeTargets(a)}, as in the training data "${own.name}", got ${describeTargets(b)} in "${data.name}". ${remedy}`,
      place.port,
    );
  }
  if (a.kind !== 'labels' || b.kind !== 'labels' || sameNames(a.classes, b.classes)) return b;
  const places = b.classes.map((name) => a.classes.indexOf(name));
  const used = new Set(Array.from(b.labels.data));
  const strangers = b.classes.filter((_, k) => places[k] < 0 && used.has(k));
  if (strangers.length > 0) {
    throw new NodeError(
      'targets',
      `${place.where} (${place.port}): expected ${describeTargets(a)}, as in the training data "${own.name}", got ${list(strangers)} besides in "${data.name}". Write the classes alike, or leave those rows out.`,
      place.port,
    );
  }
  return {
    ...b,
    labels: hostInt(Int32Array.from(b.labels.data, (label) => places[label])),
    classes: a.classes,
  };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, k) => name === b[k]);
}

export function describeTargets(targets: Targets): string {
  switch (targets.kind) {
    case 'none':
      return 'no target';
    case 'values':
      return 'target values';
    case 'labels':
      return `the classes ${list(targets.classes)}`;
  }
}

function counted(features: number): string {
  return features === 1 ? 'feature' : `${features} features`;
}

function list(names: readonly string[]): string {
  const shown = names
    .slice(0, 6)
    .map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name));
  return names.length > 6 ? `${shown.join(', ')}, … (${names.length})` : shown.join(', ');
}
