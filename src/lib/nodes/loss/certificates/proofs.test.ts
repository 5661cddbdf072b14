/** The proofs at points that are no minimisers: what they say of f* holds there too, so it does not rest on how a point was found. */
import { describe, expect, test } from 'vitest';
import { createPacer } from '../../../numerics/pacer.ts';
import { entry, vectorFrom } from '../../../numerics/double-double-vector.ts';
import type { DoubleDoubleVector } from '../../../numerics/double-double-vector.ts';
import { lower, upper } from '../../../numerics/ball.ts';
import regressions from '../../../../../tests/reference/certificates.json';
import likelihoods from '../../../../../tests/reference/likelihood_minima.json';
import { proveElasticNet } from './elastic-net-proof.ts';
import { preconditionAt } from './least-squares-solution.ts';
import { categorical, poisson } from './likelihood/family.ts';
import { newton } from './likelihood/newton.ts';
import { atWeights, proveLikelihood, weightsOf } from './likelihood/proof.ts';
import { certificateOf } from './proof.ts';
import { regressionProblem } from './regression-problem.ts';
import type { RegressionResult } from './regression-problem.ts';
import { residualAt } from './residual.ts';
import { smoothRegression } from './smooth-regression.ts';

const pacer = createPacer(new AbortController().signal);
const noise = (k: number) => ((k * 0.6180339887498949 + 0.3) % 1) - 0.5;

describe('regressions', () => {
  test('at zero and at points near a minimiser, the dual value is below f*', async () => {
    let proofs = 0;
    for (const table of regressions.cases) {
      for (const { penalty, lambda, minimum, minimiser } of table.minima) {
        if (penalty === 'l2' || table.name.includes('150')) continue;
        const [n, d] = [table.features.length, table.features[0].length];
        const weights = { l1: penalty === 'l1' ? lambda : 0, l2: 0 };
        const problem = await regressionProblem(
          table.features.flat(),
          n,
          d,
          table.targets,
          weights,
          table.bias,
          0,
          pacer,
        );
        const size = problem.columns.length;
        for (const share of [0, 0.5, 1 - 1e-6, 1 - 1e-12]) {
          const w = new Float64Array(size);
          minimiser?.forEach((v, j) => {
            w[j] = share * v * 2 ** (problem.exponents[j] - problem.targetExponent);
          });
          const point = vectorFrom(w);
          const residual = await residualAt(problem, point, pacer);
          const active = [...w.keys()].filter((j) => w[j] !== 0);
          const always = table.bias ? [size - 1] : [];
          const list = [...new Set([...always, ...active])];
          const preconditioner = await preconditionAt(problem, list, pacer);
          if (!preconditioner || preconditioner.kept.length < list.length) continue;
          const places = preconditioner.kept.map((k) => list[k]);
          const tight = { places, preconditioner, spans: false };
          const proof = await proveElasticNet(problem, point, residual, tight, pacer);
          const scale = 4 ** -problem.targetExponent;
          expect(lower(proof.value) - proof.gap).toBeLessThanOrEqual(
            minimum[0] * scale * (1 + 1e-15),
          );
          expect(upper(proof.value)).toBeGreaterThanOrEqual(minimum[0] * scale * (1 - 1e-15));
          if (Number.isFinite(proof.gap)) proofs++;
          proof.errors?.forEach((error, j) => {
            const want =
              (minimiser?.[j] ?? NaN) * 2 ** (problem.exponents[j] - problem.targetExponent);
            expect(Math.abs(w[j] - want)).toBeLessThanOrEqual(error + Math.abs(want) * 2e-16);
          });
        }
      }
    }
    expect(proofs).toBeGreaterThan(200);
  });

  test('columns that depend on each other but for 1e-30 in one row are not called dependent', async () => {
    const x = [1, 1, 2, 2, -1, -1, 3, 3, 0, 1e-30];
    const y = [1, 2.5, -1, 2, 7];
    const problem = await regressionProblem(x, 5, 2, y, { l1: 0, l2: 0 }, false, 0, pacer);
    // The second less the first column fits the last row alone: f* is what the first leaves of the others.
    const [xy, xx] = [1 + 5 + 1 + 6, 15];
    const minimum = (1 + 6.25 + 1 + 4 - xy ** 2 / xx) / 10;
    const found = await smoothRegression(problem, pacer).catch((error: unknown) => error);
    if (found instanceof Error) {
      expect(found).toMatchObject({ code: 'no-certificate' });
    } else {
      const { value, gap } = certificateOf((found as RegressionResult).bounds, '');
      expect(value).toBeGreaterThanOrEqual(minimum * (1 - 1e-15));
      expect(value - gap).toBeLessThanOrEqual(minimum * (1 + 1e-15));
    }
  });
});

describe('likelihoods', () => {
  test('at points near a minimiser, the bound is below f* and the minimiser within the errors', async () => {
    let proofs = 0;
    let telling = 0;
    for (const table of likelihoods.cases) {
      const [n, d] = [table.features.length, table.features[0].length];
      for (const { lambda, minimum, minimiser } of table.minima) {
        if (!minimiser || table.classes > 2 || table.name.includes('150')) continue;
        const weights = { l1: 0, l2: lambda };
        const zeros = new Float64Array(n);
        const x = table.features.flat();
        const design = await regressionProblem(x, n, d, zeros, weights, table.bias, 0, pacer);
        const outcomes = table.outcomes.map((y) => (table.loss === 'counts' ? y : 1 - y));
        const family = table.loss === 'counts' ? poisson(outcomes) : categorical(outcomes, 2);
        const problem = { design, family, classes: null };
        const list = [...design.columns.keys()];
        const basis = await preconditionAt(design, list, pacer);
        if (!basis) throw new Error('expected independent columns');
        const kept = basis.kept;
        const start = new Float64Array(kept.length);
        const best = (await newton(problem, basis, start, () => false, pacer)).gamma;
        for (const off of [1e-10, 1e-4, 1e-2, 0.1]) {
          const gamma = best.map((v, k) => v + off * noise(k) * (1 + Math.abs(v)));
          const theta: readonly DoubleDoubleVector[] = weightsOf(problem, basis, gamma);
          const at = await atWeights(problem, theta, pacer);
          const proof = await proveLikelihood(problem, basis, theta, at, pacer);
          if (!proof) continue;
          proofs++;
          const rounding = 1e-15 * Math.max(1, Math.abs(minimum[0]));
          expect(lower(proof.value) - proof.gap).toBeLessThanOrEqual(minimum[0] + rounding);
          expect(upper(proof.value)).toBeGreaterThanOrEqual(minimum[0] - rounding);
          if (proof.value.hi - minimum[0] > 1e-9) telling++;
          minimiser.forEach((want, j) => {
            const found = entry(theta[0], j).hi * 2 ** -design.exponents[j];
            const error = proof.errors[j] * 2 ** -design.exponents[j];
            expect(Math.abs(found - want)).toBeLessThanOrEqual(error + 1e-15 * Math.abs(want));
          });
        }
      }
    }
    expect(proofs).toBeGreaterThan(30);
    // Where f − f* is far above rounding, so that a bound of 0 would be found out.
    expect(telling).toBeGreaterThan(5);
  });
});
