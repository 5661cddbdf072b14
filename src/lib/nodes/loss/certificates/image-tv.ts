/**
 * min_x ½‖x − b‖² + λ Σ ‖(Kx)_ij‖₂ for an image [H, W] through its dual, max ½‖b‖² − ½‖b − Kᵀp‖² over ‖p_ij‖ ≤ λ, by the fast gradient
 * projection with restarts by gradient; x = b − Kᵀp. ‖K‖² ≤ 8. Beck & Teboulle 2009 (IEEE TIP 18), algorithm FGP.
 */
import type { Pacer } from '../../../numerics/pacer.ts';

export interface ImageSolution {
  readonly x: Float64Array;
  readonly value: number;
  readonly gap: number;
}

const MOST_STEPS = 20_000;
const CHECK_EVERY = 50;

export async function imageTotalVariation(
  b: ArrayLike<number>,
  height: number,
  width: number,
  lambda: number,
  tolerance: number,
  pacer: Pacer,
): Promise<ImageSolution> {
  const n = height * width;
  let down = new Float64Array(n);
  let right = new Float64Array(n);
  let nextDown = new Float64Array(n);
  let nextRight = new Float64Array(n);
  const aheadDown = new Float64Array(n);
  const aheadRight = new Float64Array(n);
  const x = new Float64Array(n);
  let t = 1;
  // Ends at the first check after MOST_STEPS.
  for (let k = 0; ; k++) {
    if (k % CHECK_EVERY === 0) {
      primal(b, down, right, height, width, x);
      const { value, gap } = measure(b, x, height, width, lambda);
      if (gap <= tolerance || k >= MOST_STEPS) return { x, value, gap };
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
