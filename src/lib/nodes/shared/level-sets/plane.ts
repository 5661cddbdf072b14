/** Two-dimensional slices of the space of all unknowns of an objective, as one flat vector. */
import type { VariableSpec } from '../../../runtime/graph/ports.ts';
import type { HostArray } from '../../../runtime/ir/types.ts';
import { inner, norm } from '../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../numerics/pacer.ts';

/** The points `origin + s·u + t·v` with u and v orthonormal. */
export interface Plane {
  readonly origin: Float64Array;
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/** Coordinates of the nearest point of a plane, and how far away it is. */
export interface Projection {
  readonly s: number;
  readonly t: number;
  readonly off: number;
}

export function project({ origin, u, v }: Plane, x: ArrayLike<number>): Projection {
  const rest = difference(x, origin);
  const [s, t] = [inner(rest, u), inner(rest, v)];
  return { s, t, off: norm(rest.map((r, i) => r - s * u[i] - t * v[i])) };
}

export function flat(arrays: readonly HostArray[]): Float64Array {
  return Float64Array.from(arrays.flatMap(({ data }) => [...data]));
}

/** `x[1]`, `W[2, 1]` or `b` for each unknown in order; axes of one entry have no index. */
export function unknownNames(variables: readonly VariableSpec[]): string[] {
  return variables.flatMap(({ name, shape }) => {
    const axes = shape.filter((length) => length !== 1);
    const count = axes.reduce((product, length) => product * length, 1);
    return Array.from({ length: count }, (_, i) => {
      let rest = i;
      const index = axes.toReversed().map((length) => {
        const at = (rest % length) + 1;
        rest = Math.floor(rest / length);
        return at;
      });
      return axes.length === 0 ? name : `${name}[${index.toReversed().join(', ')}]`;
    });
  });
}

/** The plane of two unknowns; the others stay as they are in `through`. */
export function coordinatePlane(through: Float64Array, first: number, second: number): Plane {
  const origin = through.slice();
  origin[first] = 0;
  origin[second] = 0;
  const axis = (at: number): Float64Array =>
    Float64Array.from({ length: origin.length }, (_, i) => (i === at ? 1 : 0));
  return { origin, u: axis(first), v: axis(second) };
}

/** Through `start` and `end`, with u from one to the other, and the point farthest from the line through them. */
export function planeThroughEnds(
  start: Float64Array,
  end: Float64Array,
  points: readonly Float64Array[],
): Plane {
  const u = unit(difference(end, start)) ?? anyOrthogonal([], start.length);
  let v: Float64Array | null = null;
  let farthest = 0;
  for (const point of points) {
    const rest = without(difference(point, start), u);
    const distance = norm(rest);
    if (distance > farthest) [farthest, v] = [distance, rest];
  }
  return { origin: start, u, v: clean(v, u) };
}

const ITERATIONS = 500;
const SETTLED = 1e-12;

/**
 * Through `origin`, with the least sum of squared distances to the points: the span of the two leading right singular vectors of the differences
 * to `origin` (without centring, so that the plane contains it), by subspace iteration.
 * Li, Xu, Taylor, Studer & Goldstein 2018, section 7, where `origin` is the last iterate.
 */
export async function principalPlane(
  origin: Float64Array,
  points: readonly Float64Array[],
  pacer: Pacer,
): Promise<Plane> {
  const rows = points.map((point) => difference(point, origin));
  const image = (direction: Float64Array): Float64Array => {
    const sum = new Float64Array(origin.length);
    for (const row of rows) {
      const weight = inner(row, direction);
      for (let i = 0; i < sum.length; i++) sum[i] += weight * row[i];
    }
    return sum;
  };
  const longest = rows.reduce<Float64Array | null>(
    (best, row) => (best === null || norm(row) > norm(best) ? row : best),
    null,
  );
  let u = (longest && unit(longest)) ?? anyOrthogonal([], origin.length);
  let v = clean(farthestFrom(u, rows), u);
  for (let k = 0; k < ITERATIONS; k++) {
    const nextU = unit(image(u)) ?? u;
    const nextV = unit(without(image(v), nextU)) ?? clean(v, nextU);
    const moved = norm(difference(nextU, u)) + norm(difference(nextV, v));
    [u, v] = [nextU, nextV];
    if (moved < SETTLED) break;
    if (pacer.due()) await pacer.pause();
  }
  // The signs are free: towards the first point, so that every path begins on the same side.
  const first = rows[0];
  const towards = (d: Float64Array): Float64Array =>
    first && inner(first, d) < 0 ? d.map((x) => -x) : d;
  return { origin, u: towards(u), v: towards(clean(v, u)) };
}

function farthestFrom(u: Float64Array, rows: readonly Float64Array[]): Float64Array | null {
  let best: Float64Array | null = null;
  let farthest = 0;
  for (const row of rows) {
    const rest = without(row, u);
    const distance = norm(rest);
    if (distance > farthest) [farthest, best] = [distance, rest];
  }
  return best;
}

/** A unit vector orthogonal to u, along `v` where that has such a part. */
function clean(v: Float64Array | null, u: Float64Array): Float64Array {
  const once = v && unit(without(v, u));
  // Twice, for orthogonality to rounding.
  return (once && unit(without(once, u))) ?? anyOrthogonal([u], u.length);
}

/** The coordinate axis least along the given directions, made orthogonal to them. */
function anyOrthogonal(directions: readonly Float64Array[], length: number): Float64Array {
  let at = 0;
  let least = Infinity;
  for (let i = 0; i < length; i++) {
    const along = directions.reduce((sum, d) => sum + d[i] ** 2, 0);
    if (along < least) [least, at] = [along, i];
  }
  const axis = new Float64Array(length);
  axis[at] = 1;
  const rest = directions.reduce(without, axis);
  return unit(rest) ?? axis;
}

function difference(a: ArrayLike<number>, b: Float64Array): Float64Array {
  return b.map((value, i) => a[i] - value);
}

function without(x: Float64Array, u: Float64Array): Float64Array {
  const along = inner(x, u);
  return x.map((value, i) => value - along * u[i]);
}

/** Null for a vector that is zero or not finite. */
function unit(x: Float64Array): Float64Array | null {
  const length = norm(x);
  return length > 0 && Number.isFinite(length) ? x.map((value) => value / length) : null;
}
