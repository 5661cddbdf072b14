/**
 * A convex quadratic with a chosen spectrum, without data.
 *
 *   f(x) = ½ xᵀA x − bᵀx,   A = Q diag(λ₁ … λ_p) Qᵀ,   λ_i from 1/κ to 1
 *
 * Shapes: x [p]. Domain: 1 ≤ p ≤ 512, 1 ≤ κ ≤ 1e8. The minimiser x* ~ N(0, I) is drawn first, and b = A x*; runs start at 0.
 * L = 1 and μ = 1/κ exactly. Eigenvalues are spaced evenly in λ or in log λ; Q is the identity or drawn uniformly from the
 * orthogonal group (QR of a Gaussian matrix; Mezzadri 2007, section 5).
 */
import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import {
  constant,
  dot,
  expandDims,
  matmul,
  mul,
  squeeze,
  sub,
  zeros,
} from '../../runtime/ir/ops.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { DRAW_FLOPS } from '../shared/seed.ts';
import { cholesky, inner, multiply, norm, solveCholesky } from '../../numerics/linear-algebra.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { quadraticCertificate } from './certificates/quadratic.ts';
import { LOSS_OUTPUTS } from './objective.ts';
import { quadraticSystem } from './quadratic-system.ts';

/** p numbers from 1/κ to 1; 1 alone for p = 1. */
export function eigenvalues(p: number, condition: number, spacing: string): Float64Array {
  return Float64Array.from({ length: p }, (_, i) => {
    const t = p === 1 ? 1 : i / (p - 1);
    return spacing === 'log'
      ? elementary.pow(condition, t - 1)
      : 1 / condition + t * (1 - 1 / condition);
  });
}

/** Orthonormal rows [p, p] by Gram–Schmidt, twice for orthogonality to rounding, of a Gaussian matrix. */
async function randomBasis(
  p: number,
  key: readonly [number, number],
  pacer: Pacer,
): Promise<Float64Array> {
  const q = Float64Array.from(hostNormal(key, p * p));
  for (let i = 0; i < p; i++) {
    const row = q.subarray(i * p, (i + 1) * p);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const earlier = q.subarray(k * p, (k + 1) * p);
        const overlap = inner(row, earlier);
        for (let j = 0; j < p; j++) row[j] -= overlap * earlier[j];
      }
    }
    const length = norm(row);
    for (let j = 0; j < p; j++) row[j] /= length;
    if (pacer.due()) await pacer.pause();
  }
  return q;
}

async function matrixOf(
  spectrum: Float64Array,
  basis: Float64Array | null,
  pacer: Pacer,
): Promise<Float64Array> {
  const p = spectrum.length;
  const a = new Float64Array(p * p);
  if (!basis) {
    spectrum.forEach((value, i) => (a[i * p + i] = value));
    return a;
  }
  for (let k = 0; k < p; k++) {
    for (let i = 0; i < p; i++) {
      const weight = spectrum[k] * basis[k * p + i];
      for (let j = 0; j <= i; j++) a[i * p + j] += weight * basis[k * p + j];
    }
    if (pacer.due()) await pacer.pause();
  }
  for (let i = 0; i < p; i++) for (let j = 0; j < i; j++) a[j * p + i] = a[i * p + j];
  return a;
}

export default defineNode({
  type: 'loss/quadratic',
  version: 1,
  family: 'loss',
  title: 'Quadratic',
  summary: 'A convex quadratic with a chosen condition number, to compare rates with theory.',
  formula: 'f(x) = \\tfrac{1}{2} x^\\top A x - b^\\top x, \\qquad \\kappa(A) = \\kappa',
  description: [
    'The eigenvalues of A run from 1/κ to 1, so L = 1 and μ = 1/κ are exact. The minimiser x* ~ N(0, I) is drawn from the seed of the graph and b = A x*; every run starts at 0, so ‖x₀ − x*‖ is about √p.',
    'In the diagonal basis the coordinates evolve independently, which makes slow directions easy to see.',
  ],
  keywords: ['condition number', 'ill-conditioned', 'test problem', 'rates', 'convex'],
  references: [
    {
      text: 'Nesterov, Introductory Lectures on Convex Optimization (2004), section 2.1.',
      url: 'https://doi.org/10.1007/978-1-4419-8853-9',
    },
    {
      text: 'Mezzadri, How to generate random matrices from the classical compact groups (2007), section 5.',
      url: 'https://arxiv.org/abs/math-ph/0609050',
    },
  ],
  params: {
    dimension: { kind: 'integer', label: 'Dimension p', default: 50, min: 1, max: 512 },
    condition: {
      kind: 'number',
      label: 'Condition number κ',
      default: 100,
      min: 1,
      max: 1e8,
      scale: 'log',
    },
    spacing: {
      kind: 'choice',
      label: 'Eigenvalues',
      default: 'log',
      options: [
        { value: 'log', label: 'even in log λ' },
        { value: 'linear', label: 'even in λ' },
      ],
    },
    basis: {
      kind: 'choice',
      label: 'Basis',
      default: 'random',
      options: [
        { value: 'random', label: 'random rotation' },
        { value: 'diagonal', label: 'diagonal' },
      ],
    },
  },
  inputs: [],
  outputs: LOSS_OUTPUTS,
  async evaluate(context) {
    const { dimension: p, spacing, basis } = context.params;
    // One eigenvalue has condition number 1, whatever was asked.
    const condition = p === 1 ? 1 : context.params.condition;
    const pacer = createPacer(context.signal);
    const flops = basis === 'random' ? DRAW_FLOPS * p * p + 5 * p * p * p : p * p;
    context.reserve({ bytes: 24 * p * p, flops, remedy: 'Take fewer dimensions.' });
    const rotation =
      basis === 'random' ? await randomBasis(p, hostFoldIn(context.key, 1), pacer) : null;
    const a = await matrixOf(eigenvalues(p, condition, spacing), rotation, pacer);
    const minimiser = hostNormal(hostFoldIn(context.key, 2), p);
    const b = multiply(a, p, p, minimiser);
    const value: ObjectiveValue['value'] = ([x], [matrix, linear]) => {
      const image = squeeze(matmul(matrix, expandDims(x, 1)), 1);
      return dot(x, sub(mul(image, 0.5), linear));
    };
    const formula = '\\min_x \\; \\tfrac{1}{2} x^\\top A x - b^\\top x';
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: `Quadratic, κ = ${condition}`,
      formula,
      variables: [{ name: 'x', shape: [p] }],
      penalized: [true],
      init: () => [zeros([p])],
      data: [hostFloat(a, [p, p]), hostFloat(b)],
      samples: null,
      smooth: { yes: true },
      convex: true,
      quadratic: true,
      value,
      terms: [],
      smoothTerms: [],
      live: [],
      dataTerm: value,
      constants: { lipschitzGrad: 1, strongConvexity: 1 / condition },
      linearSystem: {
        ...quadraticSystem([{ name: 'x', shape: [p] }], value),
        formula: 'A x = b',
        async factorize(signal, reserve) {
          const remedy = 'Take fewer dimensions.';
          reserve({ bytes: 8 * p * p, flops: p * p * p, remedy });
          const factor = await cholesky(a, p, 0, createPacer(signal));
          if (!factor) throw new Error('internal: a positive definite matrix has no factor.');
          const solution = hostFloat(Array.from(solveCholesky(factor, p, b)), [p]);
          return { method: 'Cholesky', solve: () => [constant(solution)] };
        },
      },
      certify: (_live, signal) => quadraticCertificate(a, b, minimiser, createPacer(signal)),
    };
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula,
        facts: [
          { label: 'Unknowns', value: String(p) },
          { label: 'L', value: '1' },
          { label: 'μ', value: String(Number((1 / condition).toPrecision(4))) },
        ],
      },
      status: `p = ${p}, κ = ${condition}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { dimension: 1, condition: 1 }, { spacing: 'linear', basis: 'diagonal' }],
    invalid: [
      { params: { condition: 0.5 }, message: /κ.*expected a number in \[1, 100000000\], got 0.5/ },
      { params: { dimension: 0 }, message: /expected an integer in \[1, 512\], got 0/ },
      { params: { dimension: 2.5 }, message: /expected an integer in \[1, 512\], got 2.5/ },
    ],
  },
});
