/** The constants L and μ of losses of linear models, at the sizes and scales where a careless product is no number. */
import { describe, expect, test } from 'vitest';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import { designCurvature } from '../../src/lib/nodes/loss/curvature.ts';
import { denseOperator } from '../../src/lib/nodes/shared/operators/dense.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import { dataset, definitionOf, model, values } from './support/problems.ts';

const never = new AbortController().signal;
const pacer = () => createPacer(never);
const gaussian = (n: number, d: number, scale = 1) =>
  hostFloat(
    hostNormal(hostKey(n + d), n * d).map((x) => x * scale),
    [n, d],
  );

describe('the curvature of a design matrix', () => {
  test.each([
    [30, 4],
    [4, 30],
  ])('of %i × %i numbers grows with their square, over all of float64', async (n, d) => {
    const plain = await designCurvature(gaussian(n, d), false, pacer());
    if (!plain) throw new Error('it is small');
    expect(plain.upper).toBeGreaterThan(0);
    for (const scale of [2 ** -500, 2 ** 500]) {
      const scaled = await designCurvature(gaussian(n, d, scale), false, pacer());
      expect(scaled).toEqual({
        lower: plain.lower * scale * scale,
        upper: plain.upper * scale * scale,
      });
    }
  });

  test('ends where squares underflow or overflow', async () => {
    for (const bias of [false, true]) {
      for (const scale of [1e-170, 1e-300, 1e-320, 1e160, 1e300]) {
        for (const [n, d] of [
          [8, 3],
          [3, 8],
        ]) {
          const found = await designCurvature(gaussian(n, d, scale), bias, pacer());
          const upper = found?.upper ?? NaN;
          expect(upper).toBeGreaterThanOrEqual(0);
          if (scale > 1) expect(upper).toBe(Infinity);
          else if (bias) expect(upper).toBeCloseTo(1, 5);
          else expect(upper).toBe(0);
        }
      }
    }
  });
});

describe('a wide lasso', () => {
  test('says how far it is before its constants are known, and stops when it is no longer wanted', async () => {
    const [n, d] = [400, 800];
    const data = dataset(gaussian(n, d), values(Array(n).fill(1)));
    const wired = await model('model/linear', data);
    const reports: string[] = [];
    const squares = definitionOf('loss/squared-error');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      await evaluateNode(squares, {
        inputs: { model: wired },
        progress: (fraction, text) => {
          expect(fraction).toBeGreaterThanOrEqual(0);
          expect(fraction).toBeLessThanOrEqual(1);
          reports.push(text ?? '');
        },
      });
    } finally {
      clearInterval(timer);
    }
    expect(reports.length).toBeGreaterThan(0);
    expect(new Set(reports)).toEqual(new Set(['bounding the curvature']));
    // Other work had its turn, about every 20 ms.
    expect(turns).toBeGreaterThan(3);
    const stop = new AbortController();
    const stopped = evaluateNode(squares, { inputs: { model: wired }, signal: stop.signal });
    stop.abort(new Error('no longer wanted'));
    await expect(stopped).rejects.toThrow('no longer wanted');
  });
});

describe('a matrix operator', () => {
  const dense = (entries: ArrayLike<number>, rows: number, columns: number) =>
    denseOperator('matrix', hostFloat(entries, [rows, columns]), [columns], pacer());

  test('with entries whose squares overflow is refused by name', async () => {
    await expect(dense([1e200, 2, 3, 4e200], 2, 2)).rejects.toThrow(
      /Matrix \(table\): expected entries whose squares sum to a float64 number, got 4e\+200 in row 2, column 2: the entries are too large\. Divide them/,
    );
    await expect(dense([1, -Number.MAX_VALUE, 1], 1, 3)).rejects.toThrow(/row 1, column 2/);
    await expect(dense([1, NaN, 1], 1, 3)).rejects.toThrow(/too large|got NaN/);
  });

  test('with small entries keeps its bounds and its pseudoinverse', async () => {
    const entries = hostNormal(hostKey(3), 12);
    const plain = await dense(entries, 3, 4);
    for (const scale of [2 ** -600, 2 ** -900, 2 ** 400]) {
      const scaled = await dense(
        entries.map((x) => x * scale),
        3,
        4,
      );
      expect(scaled.norm).toBe(plain.norm * scale);
      expect(scaled.pseudoInverse === undefined).toBe(plain.pseudoInverse === undefined);
    }
    const zeros = await dense(new Float64Array(6), 2, 3);
    expect(zeros.norm).toBe(0);
  });
});
