/** Two datasets as weighted clouds with their cost matrix, and a coupling of them as something to look at. */
import type { NodeTable } from '../../../runtime/graph/node-table.ts';
import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { ParamSpec } from '../../../runtime/graph/node-definition.ts';
import type { DatasetValue, Standing } from '../../../runtime/graph/ports.ts';
import type { ViewData } from '../../../runtime/graph/view-data.ts';
import { inNamedOrder } from '../align.ts';
import { featureCount, sampleCount, takeRows } from '../dataset.ts';
import { scatter } from '../preview.ts';
import { worstOf } from '../standing.ts';
import type { TransportPlan } from '../../../runtime/ir/transport/measures.ts';

export const cloudParams = {
  power: {
    kind: 'choice',
    label: 'Cost',
    default: '2',
    options: [
      { value: '2', label: 'squared distance' },
      { value: '1', label: 'distance' },
    ],
  },
  weights: {
    kind: 'choice',
    label: 'Weights',
    default: 'uniform',
    options: [
      { value: 'uniform', label: 'equal' },
      { value: 'targets', label: 'target values' },
    ],
  },
  normalise: {
    kind: 'boolean',
    label: 'Normalise weights',
    help: 'Divides the weights of each cloud by their sum; otherwise they must sum to 1.',
    default: false,
    visibleWhen: { param: 'weights', in: ['targets'] },
  },
  show: {
    kind: 'choice',
    label: 'Show',
    help: 'Lines need points in the plane; others are shown as a matrix.',
    default: 'lines',
    options: [
      { value: 'lines', label: 'lines between points' },
      { value: 'matrix', label: 'matrix' },
    ],
  },
} as const satisfies Readonly<Record<string, ParamSpec>>;

export interface CloudParams {
  readonly power: string;
  readonly weights: string;
  readonly normalise: boolean;
  readonly show: string;
}

export interface Clouds {
  readonly source: DatasetValue;
  readonly target: DatasetValue;
  /** float [n], float [m], each sums to 1. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly p: number;
  /** Of the runs that make the clouds. */
  readonly standing: Standing;
}

/** How far a sum of weights may be from 1: what six printed digits leave of each of some hundred. */
const SUM_TOLERANCE = 1e-6;

/** Checks dimensions, coordinates and weights; `where` names the node. */
export function clouds(
  where: string,
  source: DatasetValue,
  given: DatasetValue,
  params: CloudParams,
): Clouds {
  const target = inNamedOrder(source.featureNames, given);
  if (featureCount(source) !== featureCount(target))
    throw new NodeError(
      'shape',
      `${where}: expected two clouds of the same dimension, got ${featureCount(source)} in "${source.name}" and ${featureCount(target)} in "${target.name}". Choose as many columns in both, or two samples of one dimension.`,
      'target',
    );
  for (const [port, data] of Object.entries({ source, target })) {
    if (sampleCount(data) === 0)
      throw new NodeError(
        'empty',
        `${where} (${port}): expected at least one point, got none in "${data.name}". Wire a dataset with samples.`,
        port,
      );
    const bad = data.features.data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new NodeError(
        'nonfinite',
        `${where} (${port}): expected finite coordinates, got ${data.features.data[bad]} at point ${Math.floor(bad / featureCount(data))} of "${data.name}". Remove points with missing coordinates.`,
        port,
      );
  }
  return {
    source,
    target,
    a: cloudWeights(`${where} (source)`, source, params),
    b: cloudWeights(`${where} (target)`, target, params),
    p: Number(params.power),
    standing: worstOf(source.standing, target.standing),
  };
}

/** Equal, or the target values; refused where they are no probabilities. */
export function cloudWeights(
  where: string,
  data: DatasetValue,
  params: Pick<CloudParams, 'weights' | 'normalise'>,
): Float64Array {
  const count = sampleCount(data);
  if (params.weights === 'uniform') return new Float64Array(count).fill(1 / count);
  if (data.targets.kind !== 'values')
    throw new NodeError(
      'targets',
      `${where}: expected target values as weights, got none in "${data.name}". Choose a numeric target column, or equal weights.`,
      'weights',
    );
  const weights = Float64Array.from(data.targets.values.data);
  const bad = weights.findIndex((w) => !(w >= 0 && w < Infinity));
  if (bad >= 0)
    throw new NodeError(
      'weights',
      `${where}: expected finite weights ≥ 0, got ${weights[bad]} at point ${bad}. Choose another target column.`,
      'weights',
    );
  const sum = weights.reduce((total, w) => total + w, 0);
  if (!(sum > 0) || (!params.normalise && Math.abs(sum - 1) > SUM_TOLERANCE))
    throw new NodeError(
      'weights',
      `${where}: expected weights that sum to 1, got ${sum}. Switch on Normalise weights, or choose another target column.`,
      'normalise',
    );
  return weights.map((w) => w / sum);
}

/** Refuses more points than the method can take; `remedy` says what else there is. */
export function requireSize(where: string, { a, b }: Clouds, most: number, remedy: string): void {
  if (a.length <= most && b.length <= most) return;
  throw new NodeError(
    'size',
    `${where}: expected at most ${most} × ${most} points, got ${a.length} × ${b.length}. ${remedy}`,
    'source',
  );
}

/** At most `most` points of each cloud, evenly over their order, with their weights divided by the sum. */
export function thinClouds(pair: Clouds, most: number): Clouds {
  const [sourceRows, targetRows] = [evenRows(pair.a, most), evenRows(pair.b, most)];
  return {
    ...pair,
    source: takeRows(pair.source, sourceRows, pair.source.name),
    target: takeRows(pair.target, targetRows, pair.target.name),
    a: weightsAt(pair.a, sourceRows),
    b: weightsAt(pair.b, targetRows),
  };
}

function evenRows({ length }: Float64Array, most: number): Int32Array {
  const count = Math.min(length, most);
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
}

function weightsAt(weights: Float64Array, rows: Int32Array): Float64Array {
  if (rows.length === weights.length) return weights;
  const taken = Float64Array.from(rows, (row) => weights[row]);
  const sum = taken.reduce((total, w) => total + w, 0);
  // Where all the mass lies between the rows, the rows stand for their neighbours.
  return sum > 0 ? taken.map((w) => w / sum) : taken.fill(1 / taken.length);
}

/** ‖x_i − y_j‖^p, float [n, m]. */
export function costMatrix({ source, target, p }: Clouds): Float64Array {
  const [n, D] = source.features.shape;
  const [m] = target.features.shape;
  const [x, y] = [source.features.data, target.features.data];
  const cost = new Float64Array(n * m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let squares = 0;
      for (let d = 0; d < D; d++) squares += (x[i * D + d] - y[j * D + d]) ** 2;
      cost[i * m + j] = p === 2 ? squares : Math.sqrt(squares);
    }
  return cost;
}

/** Lines beyond these would hide each other; the heaviest are drawn. */
const MOST_LINES = 1500;
/** Entries below this share of the heaviest are not drawn. */
const FAINT = 0.02;

/** The plan as its entries above 0: the point of the source, that of the target, and the mass between them. */
export function planTable({ plan, columns }: TransportPlan): NodeTable {
  const entries = [...plan.keys()].filter((k) => plan[k] > 0);
  return {
    columns: [
      { name: 'source', values: entries.map((k) => Math.floor(k / columns)) },
      { name: 'target', values: entries.map((k) => k % columns) },
      { name: 'mass', values: entries.map((k) => plan[k]) },
    ],
  };
}

/** In the plane, mass on its straight way from source to target (displacement interpolation, McCann 1997); else the matrix, on the line with points in order. */
export function planView(
  { source, target }: Clouds,
  { plan, rows, columns }: TransportPlan,
  show: string,
): ViewData {
  const heaviest = plan.reduce((most, mass) => Math.max(most, mass), 0);
  if (show === 'matrix' || featureCount(source) !== 2) {
    const [rowOrder, columnOrder] = [drawnOrder(source), drawnOrder(target)];
    const inOrder = featureCount(source) === 1 ? ', in order' : '';
    return {
      kind: 'heatmap',
      rows,
      columns,
      values: plan.map(
        (_, k) => plan[rowOrder[Math.floor(k / columns)] * columns + columnOrder[k % columns]],
      ),
      rowLabel: `point of ${source.name}${inOrder}`,
      columnLabel: `point of ${target.name}${inOrder}`,
      precision: 'float64',
    };
  }
  const pairs = [...plan.keys()]
    .filter((k) => plan[k] > FAINT * heaviest)
    .sort((k, l) => plan[l] - plan[k] || k - l)
    .slice(0, MOST_LINES);
  const [x, y] = [source.features.data, target.features.data];
  const ends = (d: number) =>
    Float64Array.from([
      ...pairs.map((k) => x[2 * Math.floor(k / columns) + d]),
      ...pairs.map((k) => y[2 * (k % columns) + d]),
    ]);
  return {
    kind: 'trajectories',
    frames: 2,
    points: pairs.length,
    times: Float64Array.of(0, 1),
    x: ends(0),
    y: ends(1),
    xLabel: source.featureNames[0],
    yLabel: source.featureNames[1],
    background: scatter(target, 0, 1),
    precision: 'float64',
  };
}

/** Rows of a matrix of points: sorted on the line, where the plan is then a staircase. */
function drawnOrder({ features }: DatasetValue): Int32Array {
  const [n, d] = features.shape;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  return d === 1 ? order.sort((i, j) => features.data[i] - features.data[j]) : order;
}
