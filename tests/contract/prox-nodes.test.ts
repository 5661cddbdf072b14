/** The view of proximal operators and the node that measures them. */
import { describe, expect, it } from 'vitest';
import checkProx from '../../src/lib/nodes/check/prox.ts';
import { regularizerNodes } from '../../src/lib/nodes/regularizer/index.ts';
import viewProx from '../../src/lib/nodes/view/prox.ts';
import type { RegularizerValue } from '../../src/lib/runtime/graph/ports.ts';
import type {
  FieldView,
  LineView,
  TrajectoriesView,
} from '../../src/lib/runtime/graph/view-data.ts';
import { abs, clip, greater, mul, select, softThreshold } from '../../src/lib/runtime/ir/ops.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import type { NodeCall } from './support/evaluate-node.ts';
import { liveOf, regularizer } from './support/problems.ts';

const show = async (
  regularizers: readonly RegularizerValue[],
  params: NonNullable<NodeCall['params']>,
  liveValues = liveOf(regularizers.flatMap(({ live }) => live)),
) => (await evaluateNode(viewProx, { params, inputs: { regularizers }, liveValues })).view;

const lineOf = (view: LineView, label: string) => {
  const line = view.lines.find((candidate) => candidate.label === label);
  if (!line) throw new Error(`no line ${label} in ${view.lines.map((l) => l.label).join(', ')}`);
  return line;
};

describe('view of a prox', () => {
  it('draws soft thresholding and the Huber function for the ℓ1 norm', async () => {
    const g = await regularizer('regularizer/l1-norm', { lambda: 0.8 });
    const view = (await show([g], { stepSize: 2, reach: 4 })) as LineView;
    const [prox, envelope, own] = ['prox', 'envelope', 'g'].map((name) => lineOf(view, name));
    expect(prox.x[0]).toBe(-4);
    expect(prox.x.at(-1)).toBe(4);
    prox.x.forEach((x, i) => {
      const small = Math.abs(x) <= 1.6;
      expect(prox.y[i]).toBeCloseTo(small ? 0 : x - 1.6 * Math.sign(x), 14);
      expect(envelope.y[i]).toBeCloseTo(small ? x ** 2 / 4 : 0.8 * Math.abs(x) - 0.64, 13);
      expect(own.y[i]).toBeCloseTo(0.8 * Math.abs(x), 14);
    });
  });

  it('follows the present live weight, not that of the time the regularizer was made', async () => {
    const g = await regularizer('regularizer/l1-norm', { lambda: 0.8 });
    const view = (await show([g], { curves: 'prox' }, { 'reg.lambda': 0.1 })) as LineView;
    const { x, y } = lineOf(view, 'ℓ1 norm');
    expect(y.at(-1)).toBeCloseTo((x.at(-1) ?? NaN) - 0.1, 14);
  });

  it('draws a constraint where it holds, and half the squared distance over s as its envelope', async () => {
    const g = await regularizer('regularizer/box', { lower: -0.5, upper: 1 });
    const view = (await show([g], { stepSize: 0.5 })) as LineView;
    const own = lineOf(view, 'g');
    expect(Math.min(...own.x)).toBeCloseTo(-0.5, 12);
    expect(Math.max(...own.x)).toBeCloseTo(1, 12);
    expect(own.y.every((value) => value === 0)).toBe(true);
    const { x, y } = lineOf(view, 'envelope');
    x.forEach((v, i) => expect(y[i]).toBeCloseTo(Math.max(v - 1, -0.5 - v, 0) ** 2, 13));
  });

  it('names the curves of several regularizers, and numbers equal titles', async () => {
    const one = await regularizer('regularizer/l1-norm', { lambda: 1 }, 'a');
    const two = await regularizer('regularizer/l1-norm', { lambda: 2 }, 'b');
    const view = (await show([one, two], { curves: 'prox' })) as LineView;
    expect(view.lines.map(({ label }) => label)).toEqual(['ℓ1 norm 1', 'ℓ1 norm 2']);
  });

  it('leads a grid from its points to their prox, straight to the origin for the ℓ2 norm', async () => {
    const g = await regularizer('regularizer/l2-norm', { lambda: 1 });
    const view = (await show([g], { show: 'paths', side: 4, reach: 3 })) as TrajectoriesView;
    const { points, frames, x, y } = view;
    expect(points).toBe(16);
    for (let i = 0; i < points; i++) {
      const start = [-3 + 2 * (i % 4), -3 + 2 * Math.floor(i / 4)];
      expect(x[i]).toBeCloseTo(start[0], 14);
      expect(y[i]).toBeCloseTo(start[1], 14);
      for (let f = 0; f < frames; f++) {
        const length = Math.hypot(...start) - f / (frames - 1);
        expect(Math.hypot(x[f * points + i], y[f * points + i])).toBeCloseTo(length, 13);
        expect(x[f * points + i] * start[1]).toBeCloseTo(y[f * points + i] * start[0], 13);
      }
    }
  });

  it('shows the nuclear norm as an ℓ1 norm of x + y and x − y', async () => {
    const g = await regularizer('regularizer/nuclear-norm', { lambda: 1 });
    const params = { show: 'field', plane: 'matrix', side: 5, reach: 2 } as const;
    const { points, values } = (await show([g], params)) as FieldView;
    const soft = (v: number) => Math.sign(v) * Math.max(Math.abs(v) - 1, 0);
    points.x.forEach((x, i) => {
      const [a, b] = [-2 + (i % 5), -2 + Math.floor(i / 5)];
      expect(x + points.y[i]).toBeCloseTo(soft(a + b), 13);
      expect(x - points.y[i]).toBeCloseTo(soft(a - b), 13);
    });
    // At the corner (2, 2) the singular values are 4 and 0: Huber of 4 is 3.5.
    expect(values?.at(-1)).toBeCloseTo(3.5, 6);
  });

  it('refuses the plane for several, and a penalty that acts on Kx', async () => {
    const g = await regularizer('regularizer/l1-norm');
    await expect(show([g, g], { show: 'paths' })).rejects.toThrow(/expected one.*got 2/);
    const tv = await regularizer('regularizer/total-variation');
    await expect(show([tv], {})).rejects.toThrow(/got 'Total variation', which acts on Kx/);
    const blocks = await regularizer('regularizer/group-lasso', { groups: 'blocks', size: 3 });
    await expect(show([blocks], { show: 'paths', plane: 'matrix' })).rejects.toThrow(
      /keeps matrices \[\[x, y\], \[y, x\]\], got Group lasso/,
    );
  });
});

const measure = async (g: RegularizerValue, params: NonNullable<NodeCall['params']> = {}) => {
  const liveValues = liveOf(g.live);
  const evaluation = await evaluateNode(checkProx, {
    params: { points: 3, ...params },
    inputs: { regularizer: g },
    liveValues,
  });
  const [distance, advantage, expansion] = ['distance', 'advantage', 'expansion'].map(
    (name) => output(evaluation, name, 'scalar').value,
  );
  return { distance, advantage, expansion };
};

describe('measure of a prox', () => {
  const known = regularizerNodes.filter(({ type }) => type !== 'regularizer/total-variation');
  it.each(known.map(({ type }) => type))('finds that of %s right', async (type) => {
    const g = await regularizer(type);
    for (const shape of [[3], [2, 2]]) {
      const { distance, advantage, expansion } = await measure(g, { shape });
      // The root of the gap that the oracle ends at, 1e-13 of F, which is about ‖v‖² or 100 times that with the penalty of a constraint.
      expect(distance).toBeLessThan(1e-5);
      expect(advantage).toBeLessThan(1e-12);
      expect(expansion).toBeLessThan(1e-13);
    }
  });

  const l1 = (prox: RegularizerValue['prox']): Promise<RegularizerValue> =>
    regularizer('regularizer/l1-norm', { lambda: 1 }).then((g) => ({ ...g, prox }));

  it('sees a threshold that is a thousandth too large', async () => {
    const wrong = await l1((v, s) => v.map((x) => softThreshold(x, mul(1.001, s))));
    const { distance, advantage } = await measure(wrong);
    // Each of 4 entries beyond the threshold is off by 0.001, and ‖v‖ is about 4.
    expect(distance).toBeGreaterThan(1e-4);
    expect(distance).toBeLessThan(1e-2);
    expect(advantage).toBeGreaterThan(1e-9);
  });

  it('sees that hard thresholding is no prox of a convex function', async () => {
    const hard = await l1((v, s) => v.map((x) => select(greater(abs(x), s), x, 0)));
    expect((await measure(hard, { points: 10 })).expansion).toBeGreaterThan(0.01);
  });

  it('sees a projection on another set, and that nothing is projected', async () => {
    const box = await regularizer('regularizer/box');
    const smaller = { ...box, prox: (v) => v.map((x) => clip(x, -0.9, 0.9)) } as RegularizerValue;
    const larger = { ...box, prox: (v) => v.map((x) => clip(x, -1.1, 1.1)) } as RegularizerValue;
    const none = { ...box, prox: (v) => [...v] } as RegularizerValue;
    for (const wrong of [smaller, larger, none]) {
      const { distance, advantage } = await measure(wrong);
      expect(distance).toBeGreaterThan(0.01);
      expect(advantage).toBeGreaterThan(0.01);
    }
  });

  it('refuses shapes that are too large, with their size', async () => {
    const g = await regularizer('regularizer/l1-norm');
    await expect(measure(g, { shape: [3, 3] })).rejects.toThrow(/expected 1 to 8 entries, got 9/);
  });
});
