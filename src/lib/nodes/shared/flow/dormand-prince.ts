import * as elementary from '../../../numerics/elementary/index.ts';

/**
 * The method of Dormand and Prince of order 5 with an error estimate of order 4, in float64 on the host: steps as large as a tolerance allows.
 * Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, table II.5.2 (the method), section II.4 (first step), and
 * Solving Ordinary Differential Equations II, section IV.2 (the PI controller, with exponents 0.7/5 and 0.4/5).
 */
export type SolverFailure = 'step-underflow' | 'too-many-steps' | 'nonfinite-start';

/** Why an initial value problem could not be solved. */
export class SolverError extends Error {
  readonly code: SolverFailure;
  /** The time that was reached. */
  readonly time: number;

  constructor(code: SolverFailure, time: number, message: string) {
    super(message);
    this.name = 'SolverError';
    this.code = code;
    this.time = time;
  }
}

export interface AdaptiveOptions {
  readonly from: number;
  readonly to: number;
  /** A step is accepted when every component's error is at most absolute + relative · |y|. */
  readonly relativeTolerance: number;
  readonly absoluteTolerance: number;
  /** @default 10000 */
  readonly maxSteps?: number;
  /** Called before each step; may wait, or throw to stop. */
  readonly pause?: () => Promise<void>;
}

export interface AdaptiveSolution {
  readonly y: Float64Array;
  readonly accepted: number;
  readonly rejected: number;
  readonly evaluations: number;
}

const A: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
/** Difference of the weights of orders 5 and 4. */
const E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Solves dy/dt = f(t, y); `f` returns a fresh array. */
export async function dormandPrince(
  f: (t: number, y: Float64Array) => Float64Array,
  start: Float64Array,
  options: AdaptiveOptions,
): Promise<AdaptiveSolution> {
  const { from, to, relativeTolerance, absoluteTolerance, maxSteps = 10_000, pause } = options;
  const direction = Math.sign(to - from);
  const smallest = 16 * Number.EPSILON * Math.max(Math.abs(from), Math.abs(to));
  const counts = { accepted: 0, rejected: 0, evaluations: 1 };
  let t = from;
  let y = start;
  let slope = f(t, y);
  if (!y.every(Number.isFinite) || !slope.every(Number.isFinite)) {
    throw new SolverError(
      'nonfinite-start',
      t,
      `Dormand–Prince: expected finite values at the start t = ${from}, got NaN or ∞.`,
    );
  }
  let h = firstStep(slope, y, options);
  let lastError = 1e-4;
  // Ends after maxSteps, with an error.
  while (direction !== 0 && direction * (to - t) > 0) {
    await pause?.();
    if (counts.accepted + counts.rejected >= maxSteps) {
      throw new SolverError(
        'too-many-steps',
        t,
        `Dormand–Prince: expected to reach t = ${to} within ${maxSteps} steps, got to t = ${t}. Raise the tolerance.`,
      );
    }
    const reaches = h >= Math.abs(to - t);
    const step = reaches ? to - t : direction * h;
    const stages = [slope];
    let next = y;
    for (let s = 1; s < A.length; s++) {
      next = combine(y, stages, A[s], step);
      stages.push(f(t + C[s] * step, next));
    }
    counts.evaluations += A.length - 1;
    const error = errorNorm(stages, y, next, step, relativeTolerance, absoluteTolerance);
    if (error <= 1) {
      t = reaches ? to : t + step;
      y = next;
      slope = stages[stages.length - 1];
      counts.accepted++;
      const growth =
        0.9 * elementary.pow(Math.max(error, 1e-10), -0.7 / 5) * elementary.pow(lastError, 0.4 / 5);
      h = Math.abs(step) * Math.min(5, Math.max(0.2, growth));
      lastError = Math.max(error, 1e-4);
      continue;
    }
    counts.rejected++;
    // A step that left the finite numbers has no error estimate.
    h =
      Math.abs(step) *
      (Number.isFinite(error) ? Math.max(0.2, 0.9 * elementary.pow(error, -0.2)) : 0.1);
    if (h < smallest) {
      throw new SolverError(
        'step-underflow',
        t,
        `Dormand–Prince: expected a step above ${smallest.toPrecision(2)}, got ${h.toPrecision(2)} at t = ${t.toPrecision(6)}: the solution grows without bound there, or changes too fast for float64.`,
      );
    }
  }
  return { y, ...counts };
}

function combine(
  y: Float64Array,
  stages: readonly Float64Array[],
  weights: readonly number[],
  h: number,
): Float64Array {
  const out = y.slice();
  weights.forEach((weight, s) => {
    if (weight === 0) return;
    const slope = stages[s];
    for (let i = 0; i < out.length; i++) out[i] += h * weight * slope[i];
  });
  return out;
}

/** Largest error over tolerance; ∞ where a value is not finite. */
function errorNorm(
  stages: readonly Float64Array[],
  y: Float64Array,
  next: Float64Array,
  h: number,
  relative: number,
  absolute: number,
): number {
  let worst = 0;
  for (let i = 0; i < y.length; i++) {
    let error = 0;
    for (let s = 0; s < E.length; s++) error += E[s] * stages[s][i];
    const scaled =
      Math.abs(h * error) / (absolute + relative * Math.max(Math.abs(y[i]), Math.abs(next[i])));
    if (!(scaled < Infinity)) return Infinity;
    if (scaled > worst) worst = scaled;
  }
  return worst;
}

/** A hundredth of the time in which y changes by its own size. */
function firstStep(slope: Float64Array, y: Float64Array, options: AdaptiveOptions): number {
  const { from, to, relativeTolerance, absoluteTolerance } = options;
  let size = 0;
  let speed = 0;
  for (let i = 0; i < y.length; i++) {
    const scale = absoluteTolerance + relativeTolerance * Math.abs(y[i]);
    size = Math.max(size, Math.abs(y[i]) / scale);
    speed = Math.max(speed, Math.abs(slope[i]) / scale);
  }
  const span = Math.abs(to - from);
  const guess = size < 1e-5 || speed < 1e-5 ? 1e-6 : (0.01 * size) / speed;
  return Math.min(span, Math.max(guess, 1e-6 * span));
}
