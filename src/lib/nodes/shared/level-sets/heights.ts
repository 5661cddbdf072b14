/** The values of an objective on a grid in a plane, in float64 and in slices of time. */
import type { Device } from '../../../runtime/device/device.ts';
import type { ObjectiveValue } from '../../../runtime/graph/ports.ts';
import { estimate } from '../../../runtime/ir/estimate.ts';
import { hostFloat, hostInt } from '../../../runtime/ir/host.ts';
import { add, cast, floorDiv, mod, mul, reshape, slice } from '../../../runtime/ir/ops.ts';
import { sizeOf } from '../../../runtime/ir/shape.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { ArrayType, Program, Value } from '../../../runtime/ir/types.ts';
import { infeasibility, liveRefsOf, totalObjective } from '../../../runtime/run/compile-plan.ts';
import { simplify } from '../../../runtime/transform/index.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import type { Plane } from './plane.ts';

/** A rectangle in the coordinates of a plane. */
export interface Rectangle {
  readonly s: readonly [number, number];
  readonly t: readonly [number, number];
}

const INDEX: ArrayType = { shape: [], dtype: 'int' };
const SCALAR: ArrayType = { shape: [], dtype: 'float' };
/** Columns, corner and spacing of a grid. */
const GRID: ArrayType = { shape: [5], dtype: 'float' };

/** A stepper walks over the grid: its state is the index of a point, its metrics the values there. */
interface Walk {
  /** (index, data, origin, u, v, grid, live) → index + 1. */
  readonly step: Program;
  /** From the same: the objective, and where there are constraints the distance to their sets. */
  readonly metrics: Program;
  readonly liveKeys: readonly string[];
  readonly flops: number;
}
const walks = new WeakMap<ObjectiveValue, Walk>();

function walkOf(objective: ObjectiveValue): Walk {
  let walk = walks.get(objective);
  if (!walk) walks.set(objective, (walk = makeWalk(objective)));
  return walk;
}

function makeWalk(objective: ObjectiveValue): Walk {
  const { variables, data } = objective;
  const liveKeys = liveRefsOf(objective).map(({ key }) => key);
  const n = variables.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const vector: ArrayType = { shape: [n], dtype: 'float' };
  const types = [INDEX, ...data, vector, vector, vector, GRID, ...liveKeys.map(() => SCALAR)];
  const metrics = trace((index, ...rest) => {
    const arrays = rest.slice(0, data.length);
    const [origin, u, v, grid, ...values] = rest.slice(data.length);
    const live = Object.fromEntries(liveKeys.map((key, i) => [key, values[i]]));
    const [columns, s0, t0, ds, dt] = [0, 1, 2, 3, 4].map((i) =>
      reshape(slice(grid, [i], [1]), []),
    );
    const width = cast(columns, 'int');
    const s = add(s0, mul(ds, cast(mod(index, width), 'float')));
    const t = add(t0, mul(dt, cast(floorDiv(index, width), 'float')));
    const x = variablesOf(objective, add(origin, add(mul(u, s), mul(v, t))));
    const outside = infeasibility(objective, x, live);
    const value = totalObjective(objective, x, arrays, live);
    return outside ? [value, outside] : [value];
  }, types);
  const step = trace((index) => [add(index, 1)], types);
  return { step, metrics: simplify(metrics), liveKeys, flops: estimate(metrics).flops };
}

function variablesOf({ variables }: ObjectiveValue, x: Value): Value[] {
  let at = 0;
  return variables.map(({ shape }) => {
    const size = sizeOf(shape);
    const part = reshape(slice(x, [at], [size]), shape);
    at += size;
    return part;
  });
}

/** What is executed for each point of a grid. */
export function heightProgram(objective: ObjectiveValue): Program {
  return walkOf(objective).metrics;
}

/** Points along a side of a grid that costs at most so many floating point operations, within [16, most]. */
export function affordableSide(objective: ObjectiveValue, flops: number, most: number): number {
  const side = Math.floor(Math.sqrt(flops / Math.max(1, walkOf(objective).flops)));
  return Math.min(most, Math.max(16, side));
}

/** A constraint counts as met within this distance, relative to the size of the rectangle. */
const ON_THE_SET = 1e-9;
const SLICE_MS = 15;

interface Request {
  readonly cpu64: Device;
  readonly objective: ObjectiveValue;
  readonly live: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
  readonly plane: Plane;
  readonly rectangle: Rectangle;
  /** Points along each side. */
  readonly side: number;
}

/** The last grids of each objective: while a run goes on its path is drawn over the same one again and again. */
const KEPT = 4;
const kept = new WeakMap<ObjectiveValue, Map<string, Float64Array>>();

/** The objective on the grid, t by t; NaN outside the sets of constraints, unless no point lies inside. */
export async function heights(request: Request): Promise<Float64Array> {
  const { objective, plane, rectangle, side, live } = request;
  const values = walkOf(objective).liveKeys.map((key) => live[key]);
  const key = [plane.origin, plane.u, plane.v, rectangle.s, rectangle.t, side, values].join(';');
  let grids = kept.get(objective);
  if (!grids) kept.set(objective, (grids = new Map()));
  const known = grids.get(key);
  if (known) return known;
  const computed = await compute(request, values);
  grids.set(key, computed);
  for (const old of grids.keys()) {
    if (grids.size <= KEPT) break;
    grids.delete(old);
  }
  return computed;
}

async function compute(request: Request, live: readonly number[]): Promise<Float64Array> {
  const { cpu64, objective, signal, plane, rectangle, side } = request;
  const { step, metrics } = walkOf(objective);
  const [ds, dt] = [rectangle.s, rectangle.t].map(([low, high]) => (high - low) / (side - 1));
  const grid = hostFloat([side, rectangle.s[0], rectangle.t[0], ds, dt]);
  const stepper = await cpu64.createStepper({
    step,
    metrics,
    state: [hostInt([0], [])],
    data: [...objective.data, ...[plane.origin, plane.u, plane.v].map((x) => hostFloat(x)), grid],
    live,
  });
  const pacer = createPacer(signal);
  const rows: number[] = [];
  const width = metrics.outputs.length;
  const count = side * side;
  let most = 8;
  try {
    // Ends after count calls: each gives at least one row.
    while (rows.length < count * width) {
      const started = performance.now();
      // The first call measures the initial state besides.
      const steps = Math.min(most, count - Math.max(1, rows.length / width));
      const { values } = await stepper.advance(steps, 1);
      for (const value of values) rows.push(value);
      const spent = Math.max(performance.now() - started, 0.05);
      most = Math.max(1, Math.floor((steps * SLICE_MS) / spent));
      if (pacer.due()) await pacer.pause();
    }
  } finally {
    stepper.dispose();
  }
  const totals = Float64Array.from({ length: count }, (_, i) => rows[i * width]);
  if (width === 1) return totals;
  const near = ON_THE_SET * Math.max(ds, dt) * side;
  const inside = totals.map((f, i) => (rows[i * width + 1] <= near ? f : NaN));
  // A set without interior, as an affine one, meets no grid.
  return inside.some((f) => !Number.isNaN(f)) ? inside : totals;
}
