/** Pictures of a regularizer's prox: curves for one number, moved points and level sets for two. */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { LiveNumbers, RegularizerValue } from '../../runtime/graph/ports.ts';
import type { FieldView, LineView, TrajectoriesView } from '../../runtime/graph/view-data.ts';
import { hostedRegularizer } from './hosted-regularizer.ts';
import type { HostedRegularizer } from './hosted-regularizer.ts';
import { norm } from '../../numerics/linear-algebra.ts';

/** Rounding of a projection, relative to the range of the picture. */
const ON_SET = 1e-12;

export interface Lens {
  readonly live: LiveNumbers;
  readonly stepSize: number;
  /** Axes are from −reach to reach. */
  readonly reach: number;
}

const grid = (count: number, reach: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => reach * ((2 * i) / (count - 1) - 1));

/** e(v) = min_u g(u) + ‖u − v‖²/(2s), by the prox u. */
function envelope(
  g: HostedRegularizer,
  v: Float64Array,
  u: Float64Array,
  stepSize: number,
): number {
  return g.value(u) + norm(v.map((x, i) => x - u[i])) ** 2 / (2 * stepSize);
}

/** Titles, numbered where two are the same. */
function labels(regularizers: readonly RegularizerValue[]): string[] {
  return regularizers.map(({ title }, i) => {
    const same = regularizers.filter((other) => other.title === title);
    return same.length === 1 ? title : `${title} ${same.indexOf(regularizers[i]) + 1}`;
  });
}

export type Curves = 'all' | 'prox' | 'envelope';

/** Samples of a curve. */
const CURVE = 241;

/** Of one number: prox maps, and g (dashed) with its Moreau envelope. g of a constraint is drawn where it is 0. */
export function proxCurves(
  regularizers: readonly RegularizerValue[],
  { live, stepSize, reach }: Lens,
  curves: Curves,
): LineView {
  const names = labels(regularizers);
  const x = grid(CURVE, reach);
  const lines = regularizers.flatMap((regularizer, r): LineView['lines'] => {
    const g = hostedRegularizer(regularizer, live, [1]);
    const at = Array.from(x, (v) => Float64Array.of(v));
    const moved = at.map((v) => g.prox(v, stepSize));
    const name = names.length === 1 && curves !== 'prox' ? '' : `${names[r]}: `;
    const inside = at.filter((v) => g.distance(v) <= ON_SET * reach);
    return [
      ...(curves === 'envelope'
        ? []
        : [
            {
              x,
              y: Float64Array.from(moved, ([u]) => u),
              label: curves === 'prox' ? names[r] : `${name}prox`,
            },
          ]),
      ...(curves === 'prox'
        ? []
        : [
            {
              x,
              y: Float64Array.from(at, (v, i) => envelope(g, v, moved[i], stepSize)),
              label: `${name}envelope`,
            },
            {
              x: Float64Array.from(inside, ([v]) => v),
              y: Float64Array.from(inside, g.value),
              label: `${name}g`,
              dashed: true,
            },
          ]),
    ];
  });
  const yLabel =
    curves === 'prox' ? 'prox(v)' : curves === 'envelope' ? 'g, envelope' : 'prox, g, envelope';
  return { kind: 'line', xLabel: 'v', yLabel, points: [], lines };
}

export type Plane = 'vector' | 'matrix';

/** The pairs (x, y) as arrays: a vector, or the matrix [[x, y], [y, x]], whose singular values are |x + y| and |x − y|. */
function onPlane(regularizer: RegularizerValue, live: LiveNumbers, plane: Plane) {
  const g = hostedRegularizer(regularizer, live, plane === 'matrix' ? [2, 2] : [2]);
  return {
    g,
    array: (x: number, y: number) =>
      plane === 'matrix' ? Float64Array.of(x, y, y, x) : Float64Array.of(x, y),
    pair(u: Float64Array): readonly [number, number] {
      const size = 1e-9 * (1 + norm(u));
      if (plane === 'matrix' && (Math.abs(u[3] - u[0]) > size || Math.abs(u[2] - u[1]) > size)) {
        throw new NodeError(
          'plane',
          `Proximal operator (plane): expected a regularizer whose prox keeps matrices [[x, y], [y, x]], got ${regularizer.title}. Show vectors instead.`,
          'regularizers',
        );
      }
      return [u[0], u[1]];
    },
  };
}

/**
 * The points of a grid on their way t ↦ prox_{tg}(v), 0 ≤ t ≤ s. The prox of a constraint is the same for every t, and its way the straight
 * one to the projection.
 */
export function proxPaths(
  regularizer: RegularizerValue,
  { live, stepSize, reach }: Lens,
  plane: Plane,
  side: number,
  frames: number,
): TrajectoriesView {
  const { g, array, pair } = onPlane(regularizer, live, plane);
  const axis = grid(side, reach);
  const points = side * side;
  const x = new Float64Array(frames * points);
  const y = new Float64Array(frames * points);
  for (let i = 0; i < points; i++) {
    const start = [axis[i % side], axis[Math.floor(i / side)]] as const;
    const v = array(...start);
    const end = pair(g.prox(v, stepSize));
    for (let f = 0; f < frames; f++) {
      const share = f / (frames - 1);
      const at = regularizer.constraint
        ? start.map((from, k) => from + share * (end[k] - from))
        : share === 0
          ? start
          : pair(g.prox(v, share * stepSize));
      x[f * points + i] = at[0];
      y[f * points + i] = at[1];
    }
  }
  return {
    kind: 'trajectories',
    frames,
    points,
    times: Float64Array.from({ length: frames }, (_, f) => (stepSize * f) / (frames - 1)),
    x,
    y,
    xLabel: 'x',
    yLabel: 'y',
    precision: 'float64',
  };
}

/** Level sets of the Moreau envelope with the points that the prox moves a grid to. */
export function proxField(
  regularizer: RegularizerValue,
  { live, stepSize, reach }: Lens,
  plane: Plane,
  side: number,
): FieldView {
  const { g, array, pair } = onPlane(regularizer, live, plane);
  const cells = grid(FIELD, reach);
  const values = Float32Array.from({ length: FIELD * FIELD }, (_, k) => {
    const v = array(cells[k % FIELD], cells[Math.floor(k / FIELD)]);
    return envelope(g, v, g.prox(v, stepSize), stepSize);
  });
  const axis = grid(side, reach);
  const moved = Array.from({ length: side * side }, (_, i) =>
    pair(g.prox(array(axis[i % side], axis[Math.floor(i / side)]), stepSize)),
  );
  return {
    kind: 'field',
    columns: FIELD,
    rows: FIELD,
    xRange: [-reach, reach],
    yRange: [-reach, reach],
    values,
    equalScale: true,
    classes: [],
    points: {
      kind: 'scatter',
      x: Float64Array.from(moved, ([u]) => u),
      y: Float64Array.from(moved, ([, u]) => u),
      xLabel: 'x',
      yLabel: 'y',
    },
    precision: 'float64',
  };
}

/** Cells along each side of a field. */
const FIELD = 49;
