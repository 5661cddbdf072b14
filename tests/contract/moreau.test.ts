/**
 * Moreau's identity prox(v, s; g) + s·prox(v/s, 1/s; g*) = v, with the prox of each conjugate g* written here: projections on the balls of dual
 * norms, and the prox of the support function of each constraint.
 */
import { describe, expect, test } from 'vitest';
import { hosted } from './support/prox.ts';
import type { ParamValue } from '../../src/lib/runtime/graph/document.ts';

type Vector = Float64Array;
/** prox(y, 1/s) of the conjugate. */
type ConjugateProx = (y: Vector, s: number) => Vector;

const length = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));

const onBall = (x: Vector, radius: number): Vector => {
  const size = length(x);
  return size <= radius ? x : x.map((v) => (v * radius) / size);
};

/** Bisection for the root of a falling function. */
function rootOf(f: (m: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let k = 0; k < 200; k++) {
    const m = (a + b) / 2;
    if (f(m) > 0) a = m;
    else b = m;
  }
  return (a + b) / 2;
}

/** The nearest 3 × 2 matrix of spectral norm at most `radius`, from the eigenvectors of its 2 × 2 Gram matrix. */
function onSpectralBall(x: Vector, radius: number): Vector {
  const column = (j: number) => [x[j], x[2 + j], x[4 + j]];
  const gram = (i: number, j: number) =>
    column(i).reduce((total, v, k) => total + v * column(j)[k], 0);
  const angle = Math.atan2(2 * gram(0, 1), gram(0, 0) - gram(1, 1)) / 2;
  const basis = [
    [Math.cos(angle), Math.sin(angle)],
    [-Math.sin(angle), Math.cos(angle)],
  ];
  const out = new Float64Array(6);
  for (const q of basis) {
    const image = [0, 1, 2].map((i) => x[2 * i] * q[0] + x[2 * i + 1] * q[1]);
    const kept = onBall(Float64Array.from(image), radius);
    kept.forEach((v, i) => {
      out[2 * i] += v * q[0];
      out[2 * i + 1] += v * q[1];
    });
  }
  return out;
}

interface Case {
  readonly name: string;
  readonly type: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly shape?: readonly number[];
  readonly conjugate: ConjugateProx;
}

const CASES: readonly Case[] = [
  {
    name: 'ℓ1 norm: projection on ‖·‖∞ ≤ λ',
    type: 'l1-norm',
    params: { lambda: 0.5 },
    conjugate: (y) => y.map((x) => Math.min(Math.max(x, -0.5), 0.5)),
  },
  {
    name: 'squared ℓ2 norm: conjugate ‖·‖²/(2λ)',
    type: 'squared-l2',
    params: { lambda: 0.5 },
    conjugate: (y, s) => y.map((x) => x / (1 + 1 / (s * 0.5))),
  },
  {
    name: 'elastic net: conjugate the squared distance to a box, over 2λ(1 − ρ)',
    type: 'elastic-net',
    params: { lambda: 0.8, l1Ratio: 0.6 },
    // max(|y| − l1, 0)²/(2 l2); its prox with step 1/s moves toward the box by 1/(1 + s l2) of the excess.
    conjugate: (y, s) =>
      y.map((x) => {
        const excess = Math.sign(x) * Math.max(Math.abs(x) - 0.48, 0);
        return x - excess / (1 + s * 0.8 * 0.4);
      }),
  },
  {
    name: 'ℓ2 norm: projection on ‖·‖₂ ≤ λ',
    type: 'l2-norm',
    params: { lambda: 0.5 },
    conjugate: (y) => onBall(y, 0.5),
  },
  {
    name: 'group lasso, blocks of 2, 2 and 1: a ball of radius λ√|G| for each',
    type: 'group-lasso',
    params: { lambda: 0.5, groups: 'blocks', size: 2 },
    conjugate: (y) =>
      Float64Array.of(
        ...onBall(y.slice(0, 2), 0.5 * Math.SQRT2),
        ...onBall(y.slice(2, 4), 0.5 * Math.SQRT2),
        ...onBall(y.slice(4), 0.5),
      ),
  },
  {
    name: 'group lasso, rows of 2: a ball of radius λ√2 for each',
    type: 'group-lasso',
    params: { lambda: 0.5 },
    shape: [3, 2],
    conjugate: (y) =>
      Float64Array.from([0, 2, 4].flatMap((i) => [...onBall(y.slice(i, i + 2), 0.5 * Math.SQRT2)])),
  },
  {
    name: 'nuclear norm: projection on spectral norm ≤ λ',
    type: 'nuclear-norm',
    params: { lambda: 0.5 },
    shape: [3, 2],
    conjugate: (y) => onSpectralBall(y, 0.5),
  },
  {
    name: 'box: prox of its support function Σ max(l y, u y)',
    type: 'box',
    params: { lower: -0.3, upper: 0.7 },
    conjugate: (y, s) =>
      y.map((x) => {
        if (x > 0.7 / s) return x - 0.7 / s;
        return x < -0.3 / s ? x + 0.3 / s : 0;
      }),
  },
  {
    name: 'nonnegativity: projection on y ≤ 0',
    type: 'nonnegativity',
    params: {},
    conjugate: (y) => y.map((x) => Math.min(x, 0)),
  },
  {
    name: 'simplex: prox of s max(y), which cuts at a level',
    type: 'simplex',
    params: { total: 1.5 },
    conjugate: (y, s) => {
      const above = (m: number) => y.reduce((total, x) => total + Math.max(x - m, 0), 0);
      const most = Math.max(...y);
      const level = rootOf((m) => above(m) - 1.5 / s, most - 1.5 / s, most);
      return y.map((x) => Math.min(x, level));
    },
  },
];

describe("Moreau's identity holds", () => {
  test.each(CASES)('for $name', async ({ type, params, shape, conjugate }) => {
    const v = Float64Array.of(-3, -0.4, 0, 0.1, 2, 2).slice(0, shape ? 6 : 5);
    const { prox } = await hosted(`regularizer/${type}`, params, shape ?? [5]);
    for (const s of [0.2, 1.5]) {
      const u = prox(v, s);
      const dual = conjugate(
        v.map((x) => x / s),
        s,
      );
      // Rounding of numbers below 5.
      v.forEach((x, i) => expect(u[i] + s * dual[i]).toBeCloseTo(x, 14));
    }
  });
});
