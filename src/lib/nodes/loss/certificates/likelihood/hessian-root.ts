/** How far N is from the inverse transposed factor of the Hessian of a likelihood: ‖NᵀHN − I‖ from a root of H, all rounding included. */
import { normBound } from '../../../../numerics/double-double-vector.ts';
import { inner } from '../../../../numerics/linear-algebra.ts';
import type { Pacer } from '../../../../numerics/pacer.ts';
import type { Preconditioner } from '../preconditioner.ts';
import { metricRoot } from './problem.ts';
import type { LikelihoodProblem } from './problem.ts';

const U = 2 ** -53;

/** ‖Nᵀ H N − I‖ at most. */
export async function deviation(
  problem: LikelihoodProblem,
  { images, imageErrors }: Preconditioner,
  columns: readonly Float64Array[],
  logits: readonly Float64Array[],
  pacer: Pacer,
): Promise<number> {
  const { family, design } = problem;
  const { n } = design;
  const { logits: C, rows } = family;
  const width = images.length;
  const below = (images[0]?.length ?? n) - n;
  const slope = new Float64Array(C);
  const z = new Float64Array(C);
  // The rows b of each sample, one after the other, and the relative error of their entries.
  const roots = new Float64Array(n * rows * C);
  let sure = 0;
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < C; c++) {
      z[c] = logits[c][i];
      sure = Math.max(sure, Math.abs(z[c]));
    }
    family.evaluate(i, z, slope, roots.subarray(i * rows * C, (i + 1) * rows * C));
    if (pacer.due()) await pacer.pause();
  }
  const relative = (4 * sure + 64) * U;
  const scale = 1 / Math.sqrt(n);
  const roof = rows * n;
  const images2: Float64Array[] = [];
  const errors: number[] = [];
  for (const column of columns) {
    const out = new Float64Array(roof + below * C);
    const sums = Array.from({ length: C }, () => new Float64Array(n + below));
    const sizes = Array.from({ length: C }, () => new Float64Array(n + below));
    let off = 0;
    for (let m = 0; m < width; m++) {
      for (let c = 0; c < C; c++) {
        const s = column[m * C + c];
        if (s === 0) continue;
        const [v, into, size] = [images[m], sums[c], sizes[c]];
        for (let i = 0; i < n + below; i++) {
          into[i] += s * v[i];
          size[i] += Math.abs(s * v[i]);
        }
        off += Math.abs(s) * imageErrors[m];
      }
      if (pacer.due()) await pacer.pause();
    }
    let magnitudes = 0;
    for (let i = 0; i < n; i++) {
      for (let r = 0; r < rows; r++) {
        let value = 0;
        let size = 0;
        for (let c = 0; c < C; c++) {
          const root = roots[(i * rows + r) * C + c];
          value += root * sums[c][i];
          size += Math.abs(root) * sizes[c][i];
        }
        out[i * rows + r] = value * scale;
        magnitudes += (size * scale) ** 2;
      }
      if (pacer.due()) await pacer.pause();
    }
    const own = new Float64Array(C);
    for (let row = 0; row < below; row++) {
      let size = 0;
      for (let c = 0; c < C; c++) {
        own[c] = sums[c][n + row];
        size += sizes[c][n + row];
      }
      const rooted = metricRoot(problem, own);
      for (let c = 0; c < C; c++) out[roof + row * C + c] = rooted[c] * scale;
      magnitudes += C * (2 * size * scale) ** 2;
    }
    images2.push(out);
    // An error of V moves the root by at most itself times the length of the longest root of a W, or 1 for the penalty.
    errors.push(
      1.01 *
        ((relative + (2 * width * C + 40) * U) * Math.sqrt(magnitudes) +
          off * scale * longestRoot(roots, rows * C)),
    );
  }
  const lengths = images2.map(normBound);
  const gamma = 1.01 * (roof + below * C + 4) * U;
  const sums = new Float64Array(columns.length);
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b <= a; b++) {
      const d = Math.abs(inner(images2[a], images2[b]) - (a === b ? 1 : 0));
      const unsure =
        gamma * lengths[a] * lengths[b] +
        errors[a] * lengths[b] +
        lengths[a] * errors[b] +
        errors[a] * errors[b];
      sums[a] += d + unsure;
      if (b < a) sums[b] += d + unsure;
    }
    if (pacer.due()) await pacer.pause();
  }
  return 1.01 * sums.reduce((most, v) => Math.max(most, v), 0);
}

function longestRoot(roots: Float64Array, each: number): number {
  let most = 1;
  for (let start = 0; start < roots.length; start += each) {
    let square = 0;
    for (let k = start; k < start + each; k++) square += roots[k] * roots[k];
    most = Math.max(most, Math.sqrt(square));
  }
  return 1.01 * most;
}
