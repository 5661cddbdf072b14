/** ADMM, Douglas–Rachford and Chambolle–Pock meet ISTA and FISTA at certified minimisers. */
import { describe, expect, test } from 'vitest';
import { denoisingCertificate } from '../../src/lib/nodes/loss/certificates/tv-denoising.ts';
import { gradientOperator } from '../../src/lib/nodes/shared/operators/gradient.ts';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { dot } from '../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import {
  definitionOf,
  gaussianClasses,
  gaussianRegression,
  largestDifference,
  last,
  liveOf,
  loss,
  model,
  noisySignal,
  plan,
  quadratic,
  regularizer,
  run,
} from './support/problems.ts';

const METHODS = [
  ['optimizer/proximal-gradient', {}],
  ['optimizer/fista', {}],
  ['optimizer/admm', {}],
  ['optimizer/admm', { relaxation: 1, balancing: false, innerSteps: 2 }],
  ['optimizer/douglas-rachford', {}],
  ['optimizer/chambolle-pock', {}],
  ['optimizer/chambolle-pock', { ratio: 4, innerSteps: 3 }],
] as const;

const lasso = async () =>
  loss('loss/squared-error', await model('model/linear', gaussianRegression(30, 8, 3)), [
    await regularizer('regularizer/l1-norm', { lambda: 0.2 }, 'l1'),
  ]);

describe('on one lasso', () => {
  test.each(METHODS)('%s %o reaches the certified minimiser to 1e-8', async (type, params) => {
    const objective = await lasso();
    const signal = new AbortController().signal;
    const certificate = await objective.certify?.(liveOf(objective.live), signal);
    if (!certificate?.minimiser) throw new Error('the lasso has a certificate');
    const { parameters, columns } = await run(await plan(type, objective, params), 1500);
    certificate.minimiser.forEach(({ data }, i) =>
      expect(largestDifference(parameters[i].data, data)).toBeLessThan(1e-8),
    );
    expect(Math.abs(last(columns.objective) - certificate.value)).toBeLessThan(1e-12);
    expect(last(columns.residual)).toBeLessThan(1e-9);
  });
});

describe('total-variation denoising of a signal', () => {
  const signalOf = (n: number) => {
    const observed = noisySignal(n);
    return evaluateNode(definitionOf('loss/tv-denoising'), {
      inputs: { data: observed },
      params: { lambda: 0.7 },
      nodeId: 'tv',
    }).then((evaluation) => output(evaluation, 'objective', 'objective'));
  };

  test.each([1e-3, 0.1, 0.7, 5, 1e3])(
    'has a taut string without a duality gap, λ = %d',
    async (lambda) => {
      for (const n of [1, 2, 3, 50, 400]) {
        const y = hostNormal(hostKey(n), n).map((e, i) => e + 2 * Math.floor((5 * i) / n));
        const { signal } = new AbortController();
        const { value, gap } = await denoisingCertificate(y, [n], lambda, signal);
        // Both bounds are rounded outwards to float64, by less than 2⁻⁵¹ each.
        expect(gap).toBeLessThanOrEqual(2 ** -50 * value + 1e-29 * n);
      }
    },
  );

  test.each([
    ['optimizer/admm', {}],
    ['optimizer/admm', { relaxation: 1, balancing: false, rho: 3 }],
    ['optimizer/chambolle-pock', { innerSteps: 1 }],
  ] as const)('%s %o reaches the taut string to 1e-8', async (type, params) => {
    const objective = await signalOf(60);
    const live = liveOf(objective.live);
    const certificate = await objective.certify?.(live, new AbortController().signal);
    const minimiser = certificate?.minimiser?.[0].data ?? [];
    const { parameters, columns } = await run(await plan(type, objective, params), 3000);
    expect(largestDifference(parameters[0].data, minimiser)).toBeLessThan(1e-8);
    expect(Math.abs(last(columns.objective) - (certificate?.value ?? NaN))).toBeLessThan(1e-10);
  });

  test.each([
    'optimizer/fista',
    'optimizer/proximal-gradient',
    'optimizer/douglas-rachford',
    'optimizer/gradient-descent',
    'optimizer/nesterov',
  ])('%s is refused, for the prox of ‖Kx‖₁ is not known', async (type) => {
    await expect(plan(type, await signalOf(20))).rejects.toThrow(/Use ADMM or Chambolle–Pock/);
  });
});

describe('total-variation denoising of an image', () => {
  test('is certified to 1e-7, and ADMM meets the certified image', async () => {
    const phantom = await evaluateNode(definitionOf('data/image-phantom'), {
      params: { size: 12, image: 'shapes' },
    });
    const evaluation = await evaluateNode(definitionOf('loss/tv-denoising'), {
      inputs: { data: output(phantom, 'dataset', 'dataset') },
      params: { lambda: 0.1 },
    });
    const objective = output(evaluation, 'objective', 'objective');
    const signal = new AbortController().signal;
    const certificate = await objective.certify?.(liveOf(objective.live), signal);
    if (!certificate?.minimiser) throw new Error('an image has a certificate');
    expect(certificate.gap).toBeLessThanOrEqual(1e-7);
    const { parameters, columns } = await run(await plan('optimizer/admm', objective), 2000);
    expect(Math.abs(last(columns.objective) - certificate.value)).toBeLessThan(2e-7);
    // Strong convexity: ½‖x − x*‖² is at most the two gaps.
    expect(largestDifference(parameters[0].data, certificate.minimiser[0].data)).toBeLessThan(1e-3);
  });
});

describe('the gradient operator', () => {
  test.each([[[2]], [[17]], [[2, 2]], [[5, 9]]])('of %j has the adjoint it states', (shape) => {
    const K = gradientOperator(shape);
    const point = (size: readonly number[], seed: number) =>
      hostFloat(
        hostNormal(
          hostKey(seed),
          size.reduce((a, b) => a * b, 1),
        ),
        size,
      );
    const inputs = [point(K.input, 1), point(K.output, 2)];
    const program = trace((x, y) => [dot(K.apply(x), y), dot(x, K.adjoint(y))], inputs);
    const [left, right] = executeSync(program, inputs).map(({ data }) => data[0]);
    expect(Math.abs(left - right)).toBeLessThan(1e-12);
  });
});

describe('the splitting methods refuse', () => {
  const SPLITTING = ['optimizer/admm', 'optimizer/douglas-rachford', 'optimizer/chambolle-pock'];
  test.each(SPLITTING)('%s a smooth part that is not quadratic', async (type) => {
    const objective = await loss(
      'loss/logistic',
      await model('model/linear', gaussianClasses(40, 4, 2, 2)),
      [await regularizer('regularizer/l1-norm', { lambda: 0.01 })],
    );
    await expect(plan(type, objective)).rejects.toThrow(/must be quadratic/);
  });
  test.each(SPLITTING)('%s an objective with nothing to split', async (type) => {
    await expect(plan(type, await quadratic())).rejects.toThrow(/Wire a regularizer/);
  });
});
