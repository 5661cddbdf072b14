import { expect, test } from 'vitest';
import type { RunCurve } from '../runtime/graph/view-data.ts';
import { certified } from './fixtures.ts';
import {
  align,
  columnOf,
  DEFAULT_OPTIONS,
  picture,
  resolution,
  runOrder,
  smooth,
  SUBOPTIMALITY,
  suggestedOptions,
  toggleIsolated,
  valueAt,
  xChoices,
  yChoices,
  yDomain,
} from './curves.ts';

function run(patch: Partial<RunCurve> = {}): RunCurve {
  return {
    nodeId: 'n1',
    label: 'gd',
    status: 'maxSteps',
    message: '',
    device: 'cpu64',
    precision: 'float64',
    series: {
      step: [0, 1, 2, 3],
      iterations: [0, 1, 2, 3],
      gradients: [0, 2, 4, 6],
      prox: [0, 0, 0, 0],
      seconds: [0, 0.1, 0.2, 0.3],
      objective: [8, 4, 2, 1],
    },
    segments: [{ from: 0, fStar: null }],
    theory: null,
    ...patch,
  };
}
const semilog = { ...DEFAULT_OPTIONS, scale: 'semilog', y: SUBOPTIMALITY } as const;

test('offers the axes on which something happens and the quantities that were measured', () => {
  const runs = [run(), run({ nodeId: 'n2', series: { ...run().series, stepSize: [1, 1, 1, 1] } })];
  expect(xChoices(runs).map((c) => c.key)).toEqual(['iterations', 'gradients', 'seconds']);
  expect(yChoices(runs).map((c) => c.key)).toEqual(['objective', 'stepSize']);
  expect(yChoices(runs)[1].label).toBe('step size');
  const known = run({ segments: certified(1, 0, 'closed form') });
  expect(yChoices([known]).map((c) => c.key)).toContain(SUBOPTIMALITY);
});

test('raises f − f* to the resolution of the certificate, and says so', () => {
  const segments = certified(1, 1e-3, 'duality gap');
  const raised = run({ segments });
  expect(resolution({ value: 1, gap: 1e-3, method: '', rounding: 0 }, 'float64')).toBe(1e-3);
  expect(columnOf(raised, SUBOPTIMALITY)).toMatchObject({ values: [7, 3, 1, 1e-3], clipped: 1 });
  const drawn = picture([raised], semilog);
  expect(drawn.curves[0].y.at(-1)).toBe(1e-3);
  expect(drawn.notes.join()).toContain('values below the resolution of f*, drawn at 0.001: 1 of');
});

test('the resolution of a float32 run is coarser than that of a float64 one', () => {
  const fStar = { value: 100, gap: 0, method: 'closed form', rounding: 0 };
  expect(resolution(fStar, 'float32')).toBeCloseTo(2.384e-5, 8);
  expect(resolution(fStar, 'float64')).toBeCloseTo(4.44e-14, 16);
});

test('counts of oracle calls that stand still keep the last value at each place', () => {
  const backtracking = run({
    series: { iterations: [0, 1, 2, 3], gradients: [0, 1, 1, 2], objective: [8, 4, 3, 2] },
  });
  const [curve] = picture([backtracking], { ...DEFAULT_OPTIONS, x: 'gradients' }).curves;
  expect(curve.x).toEqual([0, 1, 2]);
  expect(curve.y).toEqual([8, 3, 2]);
});

test('leaves out what a logarithmic axis cannot hold, and says so', () => {
  const drawn = picture([run({ series: { iterations: [0, 1, 2], objective: [3, 0, 1] } })], {
    ...DEFAULT_OPTIONS,
    scale: 'loglog',
  });
  expect(drawn.curves[0].x).toEqual([1, 2]);
  expect(drawn.curves[0].y).toEqual([null, 1]);
  expect(drawn.notes).toHaveLength(2);
  expect(drawn.xDomain).toEqual([1, 2]);
});

test('draws the bound where f − f* is drawn, on any x axis, and not beyond the run', () => {
  const theory = { label: '1/k', iterations: [1, 2, 3, 4], bound: [8, 4, 2, 1] };
  const segments = certified(1, 0, 'closed form');
  const bounded = run({ theory, segments });
  const byGradients = picture([bounded], { ...semilog, x: 'gradients' }).curves[1];
  expect(byGradients.theory).toBe(true);
  expect(byGradients.x).toEqual([2, 4, 6]);
  expect(byGradients.y).toEqual([8, 4, 2]);
  expect(picture([bounded], { ...DEFAULT_OPTIONS, y: 'objective' }).curves[1].y).toEqual([9, 5, 3]);
  expect(picture([bounded], { ...semilog, theory: false }).curves).toHaveLength(1);
  expect(picture([run({ theory })], semilog).curves).toHaveLength(1);
});

test('a diverging run does not flatten the others on a linear axis', () => {
  const wild = run({
    nodeId: 'n2',
    status: 'diverged',
    series: { iterations: [0, 1, 2], objective: [8, 1e5, 1e9] },
  });
  const both = picture([run(), wild], DEFAULT_OPTIONS);
  expect(both.yDomain?.[1]).toBeLessThan(10);
  expect(picture([wild], DEFAULT_OPTIONS).yDomain?.[1]).toBeGreaterThan(1e9);
});

test('a bound below what the runs reach does not stretch a logarithmic axis', () => {
  const theory = { label: 'linear', iterations: [0, 1, 2, 3], bound: [100, 1, 1e-30, 1e-60] };
  const segments = certified(0, 0, 'closed form');
  const [low, high] = picture([run({ theory, segments })], semilog).yDomain ?? [0, 0];
  expect(low).toBeGreaterThan(0.5);
  expect(high).toBeGreaterThan(100);
});

test('the vertical range follows the window of x', () => {
  const { curves } = picture([run()], DEFAULT_OPTIONS);
  expect(yDomain(curves, false, [2, 3])?.[1]).toBeLessThan(3);
});

test('curves with nothing finite give no domain', () => {
  const empty = picture(
    [run({ series: {} }), run({ series: { iterations: [0], objective: [NaN] } })],
    DEFAULT_OPTIONS,
  );
  expect(empty.yDomain).toBeNull();
  expect(picture([], DEFAULT_OPTIONS)).toMatchObject({ curves: [], xDomain: null, yDomain: null });
});

test('aligning joins the x of all runs and leaves undefined, not null, between points', () => {
  const base = { nodeId: '', label: '', theory: false, diverged: false };
  const data = align([
    { ...base, x: [0, 2], y: [1, null] },
    { ...base, x: [1, 2], y: [5, 6] },
  ]);
  expect(data).toEqual([
    [0, 1, 2],
    [1, undefined, null],
    [undefined, 5, 6],
  ]);
});

test('the value at x is that of the last point to its left, and none outside the run', () => {
  const [curve] = picture([run()], DEFAULT_OPTIONS).curves;
  expect(valueAt(curve, 1.9)).toBe(4);
  expect(valueAt(curve, 3)).toBe(1);
  expect(valueAt(curve, 3.1)).toBeNull();
  expect(valueAt(curve, -1)).toBeNull();
});

test('smoothing keeps constants, keeps gaps, and starts unbiased', () => {
  smooth([2, 2, null, 2], 0.9).forEach((v, i) => {
    if (i === 2) expect(v).toBeNull();
    else expect(v).toBeCloseTo(2, 12);
  });
  expect(smooth([5, 0], 0.5)[0]).toBe(5);
});

test('a run keeps its colour when others are added behind it', () => {
  const before = runOrder(['n10', 'n2', 'n2', 'n1']);
  expect([...before]).toEqual([
    ['n10', 0],
    ['n2', 1],
    ['n1', 2],
  ]);
  const after = runOrder(['n10', 'n2', 'n1', 'a']);
  for (const [id, colour] of before) expect(after.get(id)).toBe(colour);
});

test('suggests f − f* on a logarithmic axis where all runs have a certificate', () => {
  const segments = certified(1, 0, 'closed form');
  expect(suggestedOptions([run({ segments })])).toMatchObject({
    y: SUBOPTIMALITY,
    scale: 'semilog',
  });
  expect(suggestedOptions([run(), run({ segments })])).toMatchObject({ y: 'objective' });
  expect(suggestedOptions([])).toEqual(DEFAULT_OPTIONS);
});

test('a click isolates a run and a second shows all; with a modifier runs come and go', () => {
  const all = ['a', 'b', 'c'];
  const one = toggleIsolated(null, all, 'b', false);
  expect([...(one ?? [])]).toEqual(['b']);
  expect(toggleIsolated(one, all, 'b', false)).toBeNull();
  const two = toggleIsolated(null, all, 'b', true);
  expect([...(two ?? [])]).toEqual(['a', 'c']);
  expect(toggleIsolated(two, all, 'b', true)).toBeNull();
  expect(toggleIsolated(one, all, 'b', true)).toBeNull();
});

test('a run that was changed is measured against the f* of each stretch, with a mark at the change', () => {
  const fStar = { value: 1, gap: 0, method: 'closed form', rounding: 1e-12 };
  const changed = run({
    segments: [
      { from: 0, fStar },
      { from: 1, fStar: { ...fStar, value: 0.5 }, change: 'λ 5 → 20' },
    ],
    noTheory: 'a bound holds for one set of values from the start. Rewind and run',
  });
  // The row at the change was measured with the former values.
  expect(columnOf(changed, SUBOPTIMALITY).values).toEqual([7, 3, 1.5, 0.5]);
  const drawn = picture([changed], { ...semilog, x: 'gradients' });
  expect(drawn.marks).toEqual([{ nodeId: 'n1', x: 2, label: 'λ 5 → 20' }]);
  expect(drawn.notes.join()).toContain('no bound, a bound holds for one set of values');
});

test('a part without f* has a gap there, and its reason', () => {
  const fStar = { value: 1, gap: 0, method: 'closed form', rounding: 1e-12 };
  const half = run({
    segments: [
      { from: 0, fStar: null, reason: 'the Gram matrix is singular' },
      { from: 2, fStar, change: 'λ 0 → 1' },
    ],
  });
  expect(
    columnOf({ ...half, series: { ...half.series, objective: [8, 4, 2, 1.5] } }, SUBOPTIMALITY)
      .values,
  ).toEqual([null, null, null, 0.5]);
  expect(picture([half], semilog).notes.join()).toContain(
    'f* is not known for a part of its steps, so f − f* cannot be drawn (the Gram matrix is singular)',
  );
});

test('rows below the certified minimum are not drawn as small numbers, but are an alarm', () => {
  const below = run({
    segments: certified(3, 1e-3, 'wrong'),
    alarm: 'below the certified minimum: f − f* = −2 < −0.001',
  });
  expect(columnOf(below, SUBOPTIMALITY).values).toEqual([5, 1, null, null]);
  expect(picture([below], semilog).alarms).toEqual([
    'gd: below the certified minimum: f − f* = −2 < −0.001',
  ]);
});

test('rows better than optimal outside the constraints are left out with how far outside', () => {
  const outside = run({
    segments: certified(3, 1e-3, 'closed form'),
    series: { ...run().series, infeasibility: [0, 0, 0.25, 0.5] },
  });
  const drawn = picture([outside], semilog);
  expect(drawn.curves[0].y).toEqual([5, 1, null, null]);
  expect(drawn.notes.join()).toContain(
    '2 values better than optimal are not drawn, for they are infeasible by up to 0.5',
  );
  expect(drawn.alarms).toEqual([]);
});
