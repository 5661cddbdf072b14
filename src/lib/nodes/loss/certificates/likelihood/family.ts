/**
 * Likelihoods of one sample as functions of its C logits, in float64 and in balls.
 *
 * Categorical: loss log Σ_k exp(z_k) − z_y over K = C + 1 classes, the last with logit 0; curvature W = Σ_k p_k (e_k − p)(e_k − p)ᵀ.
 * Poisson: loss exp(z) − yz, C = 1; curvature exp(z).
 * Along a line the third derivative of either is at most ρ times the second, ρ the largest change of a difference of two logits, or of the logit
 * (generalised self-concordance; Bach 2010, Self-concordant analysis for logistic regression, lemma 1 and section 4).
 */
import { add, divide, exactly, multiply, subtract } from '../../../../numerics/ball.ts';
import type { Ball } from '../../../../numerics/ball.ts';
import { exp, log } from '../../../../numerics/ball-elementary.ts';
import * as elementary from '../../../../numerics/elementary/index.ts';

export interface Family {
  /** C. */
  readonly logits: number;
  /** Rows b with W = Σ b bᵀ. */
  readonly rows: number;
  /** ρ is this times the largest change of one logit, at most. */
  readonly spread: number;
  /** The loss; its gradient into `slope` [C], the rows b into `roots` [rows, C], entries to 2⁻⁴⁸ and the error of the logits. */
  evaluate(i: number, z: Float64Array, slope: Float64Array, roots: Float64Array): number;
  exactly(i: number, z: readonly Ball[]): { loss: Ball; slope: Ball[] };
}

/** `labels` of 0 … K − 1. */
export function categorical(labels: ArrayLike<number>, K: number): Family {
  const C = K - 1;
  const probs = new Float64Array(K);
  return {
    logits: C,
    rows: K,
    spread: 2,
    evaluate(i, z, slope, roots) {
      let top = 0;
      for (let c = 0; c < C; c++) top = Math.max(top, z[c]);
      let mass = 0;
      for (let k = 0; k < K; k++) mass += probs[k] = elementary.exp((k < C ? z[k] : 0) - top);
      for (let k = 0; k < K; k++) probs[k] /= mass;
      const y = labels[i];
      for (let c = 0; c < C; c++) slope[c] = probs[c] - (c === y ? 1 : 0);
      for (let k = 0; k < K; k++) {
        const root = Math.sqrt(probs[k]);
        for (let c = 0; c < C; c++) {
          let rest = -probs[c];
          // 1 − p without cancellation.
          if (c === k) {
            rest = 0;
            for (let other = 0; other < K; other++) if (other !== k) rest += probs[other];
          }
          roots[k * C + c] = root * rest;
        }
      }
      let others = 0;
      const own = y < C ? z[y] : 0;
      for (let k = 0; k < K; k++) {
        if (k !== y) others += elementary.exp((k < C ? z[k] : 0) - own);
      }
      return elementary.log1p(others);
    },
    exactly(i, z) {
      const all = [...z, exactly(0)];
      const top = all.reduce((most, v) => (v.hi > most.hi ? v : most));
      const powers = all.map((v) => exp(subtract(v, top)));
      const mass = powers.reduce(add);
      const loss = subtract(add(top, log(mass)), all[labels[i]]);
      const slope = z.map((_, c) => {
        const p = divide(powers[c], mass);
        return c === labels[i] ? subtract(p, exactly(1)) : p;
      });
      return { loss, slope };
    },
  };
}

export function poisson(counts: ArrayLike<number>): Family {
  return {
    logits: 1,
    rows: 1,
    spread: 1,
    evaluate(i, z, slope, roots) {
      const rate = elementary.exp(z[0]);
      slope[0] = rate - counts[i];
      roots[0] = Math.sqrt(rate);
      return rate - counts[i] * z[0];
    },
    exactly(i, [z]) {
      const rate = exp(z);
      const y = exactly(counts[i]);
      return { loss: subtract(rate, multiply(y, z)), slope: [subtract(rate, y)] };
    },
  };
}
