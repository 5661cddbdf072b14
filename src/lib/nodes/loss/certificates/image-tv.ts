/**
 * min_x ½‖x − b‖² + λ Σ ‖(Kx)_ij‖₂ for an image [H, W] through its dual, max ½‖b‖² − ½‖b − Kᵀp‖² over ‖p_ij‖ ≤ λ, by the fast gradient
 * projection with restarts by gradient; x = b − Kᵀp. ‖K‖² ≤ 8. Beck & Teboulle 2009 (IEEE TIP 18), algorithm FGP.
 *
 * It begins at the least p with Kᵀp = b − mean, which is the solution where λ is so large that x is constant.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import { vectorFrom } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import type { Pacer } from '../../../numerics/pacer.ts';
import { divergencePotential } from './poisson.ts';
import type { Field, TotalVariationProblem } from './tv-proof.ts';

export interface ImageSolution {
  readonly x: DoubleDoubleVector;
  readonly field: Field;
  /** ω ≤ λ of the field. */
  readonly weight: number;
}

const MOST_STEPS = 20_000;
const CHECK_EVERY = 50;
/** Of F, and of values of at most 1: far below what a picture shows. */
const RELATIVE = 1e-7;
const ABSOLUTE = 1e-8;

/** A point and a field in float64; nothing of them is trusted. */
export async function imageSolution(
  { height, width, y, lambda }: TotalVariationProblem,
  pacer: Pacer,
): Promise<ImageSolution> {
  const n = height * width;
  // No p of use is longer than the sum of values of at most 1 in size.
  const weight = Math.min(lambda, n);
  // Total variation does not see a constant, which would cost digits.
  const [low, high] = y.reduce(
    ([a, z], v) => [Math.min(a, v), Math.max(z, v)],
    [Infinity, -Infinity],
  );
  const middle = low / 2 + high / 2;
  const { x, down, right } = await fastGradientProjection(
    y.map((v) => v - middle),
    height,
    width,
    weight,
    pacer,
  );
  const share = (p: Float64Array): DoubleDoubleVector =>
    vectorFrom(weight > 0 ? p.map((v) => v / weight) : p);
  return {
    x: vectorFrom(x.map((v) => v + middle)),
    field: { down: share(down), right: share(right) },
    weight,
  };
}

interface Iterate {
  readonly x: Float64Array;
  readonly down: Float64Array;
  readonly right: Float64Array;
}

async function fastGradientProjection(
  b: Float64Array,
  height: number,
  width: number,
  lambda: number,
  pacer: Pacer,
): Promise<Iterate> {
  const n = height * width;
  let [down, right]: [Float64Array, Float64Array] = start(b, height, width, lambda);
  let nextDown: Float64Array = new Float64Array(n);
  let nextRight: Float64Array = new Float64Array(n);
  const aheadDown = down.slice();
  const aheadRight = right.slice();
  const x = new Float64Array(n);
  let t = 1;
  let first = Infinity;
  // Ends at the first check after MOST_STEPS.
  for (let k = 0; ; k++) {
    if (k % CHECK_EVERY === 0) {
      primal(b, down, right, height, width, x);
      const { value, gap } = measure(b, x, height, width, lambda);
      const tolerance = Math.min(ABSOLUTE, RELATIVE * value);
      if (gap <= tolerance || k >= MOST_STEPS) return { x, down, right };
      first = Math.min(first, gap);
      // Digits gained of those wanted.
      pacer.progress(
        Math.min(0.99, elementary.log(first / gap) / elementary.log(first / tolerance)),
      );
    }
    primal(b, aheadDown, aheadRight, height, width, x);
    let uphill = 0;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const c = i * width + j;
        const u = aheadDown[c] + (i + 1 < height ? (x[c + width] - x[c]) / 8 : 0);
        const v = aheadRight[c] + (j + 1 < width ? (x[c + 1] - x[c]) / 8 : 0);
        // Math.hypot guards against overflow, which values near 1 do not need, and takes ten times as long.
        const length = Math.sqrt(u * u + v * v);
        const shrink = length > lambda ? lambda / length : 1;
        nextDown[c] = u * shrink;
        nextRight[c] = v * shrink;
        uphill +=
          (aheadDown[c] - nextDown[c]) * (nextDown[c] - down[c]) +
          (aheadRight[c] - nextRight[c]) * (nextRight[c] - right[c]);
      }
    }
    const grown = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const beta = uphill > 0 ? 0 : (t - 1) / grown;
    for (let c = 0; c < n; c++) {
      aheadDown[c] = nextDown[c] + beta * (nextDown[c] - down[c]);
      aheadRight[c] = nextRight[c] + beta * (nextRight[c] - right[c]);
    }
    [down, nextDown] = [nextDown, down];
    [right, nextRight] = [nextRight, right];
    t = grown;
    if (pacer.due()) await pacer.pause();
  }
}

/** The least p with Kᵀp = b − mean, shortened to λ. */
function start(
  b: Float64Array,
  height: number,
  width: number,
  lambda: number,
): [Float64Array, Float64Array] {
  const n = height * width;
  const mean = b.reduce((sum, v) => sum + v, 0) / n;
  const w = divergencePotential(
    b.map((v) => v - mean),
    [height, width],
  );
  const down = new Float64Array(n);
  const right = new Float64Array(n);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      const u = i + 1 < height ? w[c + width] - w[c] : 0;
      const v = j + 1 < width ? w[c + 1] - w[c] : 0;
      const length = Math.sqrt(u * u + v * v);
      const shrink = length > lambda ? lambda / length : 1;
      down[c] = u * shrink;
      right[c] = v * shrink;
    }
  }
  return [down, right];
}

/** b − Kᵀp into x. */
function primal(
  b: ArrayLike<number>,
  down: Float64Array,
  right: Float64Array,
  height: number,
  width: number,
  x: Float64Array,
): void {
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      x[c] = b[c] + down[c] + right[c];
      if (i > 0) x[c] -= down[c - width];
      if (j > 0) x[c] -= right[c - 1];
    }
  }
}

/** The primal value, and its distance to the dual value of the p with x = b − Kᵀp. */
function measure(
  b: ArrayLike<number>,
  x: Float64Array,
  height: number,
  width: number,
  lambda: number,
): { value: number; gap: number } {
  let value = 0;
  let dual = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const c = i * width + j;
      const u = i + 1 < height ? x[c + width] - x[c] : 0;
      const v = j + 1 < width ? x[c + 1] - x[c] : 0;
      value += (x[c] - b[c]) ** 2 / 2 + lambda * Math.sqrt(u * u + v * v);
      dual += (b[c] ** 2 - x[c] ** 2) / 2;
    }
  }
  return { value, gap: Math.max(0, value - dual) };
}
