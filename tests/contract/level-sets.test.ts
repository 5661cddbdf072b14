import { describe, expect, it } from 'vitest';
import levelSets from '../../src/lib/nodes/view/level-sets.ts';
import linear from '../../src/lib/nodes/model/linear.ts';
import squaredError from '../../src/lib/nodes/loss/squared-error.ts';
import l1Norm from '../../src/lib/nodes/regularizer/l1-norm.ts';
import { levelsOf, rectangleAround } from '../../src/lib/nodes/shared/level-sets/frame.ts';
import {
  planeThroughEnds,
  principalPlane,
  project,
  unknownNames,
} from '../../src/lib/nodes/shared/level-sets/plane.ts';
import type { Plane } from '../../src/lib/nodes/shared/level-sets/plane.ts';
import { createPacer } from '../../src/lib/numerics/pacer.ts';
import type { ParamValue } from '../../src/lib/runtime/graph/document.ts';
import type {
  Certificate,
  DatasetValue,
  ObjectiveValue,
  RegularizerValue,
} from '../../src/lib/runtime/graph/ports.ts';
import type { LevelSetsView } from '../../src/lib/runtime/graph/view-data.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { abs, add, constant, maximum, mul, sub, sum, zeros } from '../../src/lib/runtime/ir/ops.ts';
import type { RunStatus, RunValue } from '../../src/lib/runtime/run/run-value.ts';
import reference from '../reference/principal_plane.json' with { type: 'json' };
import { evaluateNode, output } from './support/evaluate-node.ts';
import { known, oneSegment } from './support/history.ts';

/** ½ Σ cᵢ xᵢ² of one variable x [n]. */
function quadratic(curvatures: readonly number[]): ObjectiveValue {
  const c = hostFloat([...curvatures]);
  const value: ObjectiveValue['value'] = ([x], [weights]) => mul(sum(mul(weights, mul(x, x))), 0.5);
  return {
    kind: 'objective',
    title: 'test quadratic',
    formula: 'f',
    variables: [{ name: 'x', shape: [curvatures.length] }],
    penalized: [true],
    init: () => [zeros([curvatures.length])],
    data: [c],
    samples: null,
    smooth: { yes: true },
    convex: true,
    value,
    dataTerm: value,
    terms: [],
    smoothTerms: [],
    live: [],
    constants: {},
  };
}

interface RunOptions {
  readonly nodeId?: string;
  readonly status?: RunStatus;
  readonly minimiser?: readonly number[];
}

function runAlong(
  objective: ObjectiveValue,
  iterates: readonly (readonly number[])[],
  { nodeId = 'r', status = 'maxSteps', minimiser }: RunOptions = {},
): RunValue {
  const at = (x: readonly number[]) => [hostFloat([...x])];
  const certificate: Certificate | null = minimiser
    ? { value: 0, gap: 0, method: 'closed form', precision: 'float64', minimiser: at(minimiser) }
    : null;
  return {
    kind: 'run',
    nodeId,
    plan: {
      kind: 'plan',
      label: `method ${nodeId}`,
      remedy: 'Lower the step size.',
      objective,
      live: [],
      init: (x0) => [...x0],
      step: (state) => [...state],
      parameters: (state) => [...state],
      counters: () => {
        throw new Error('not called here');
      },
      maxSteps: 10,
      tolerance: 0,
    },
    status,
    message: '',
    step: iterates.length - 1,
    parameters: at(iterates[iterates.length - 1]),
    initialParameters: at(iterates[0]),
    series: {},
    path: { steps: iterates.map((_, k) => k), iterates: Float64Array.from(iterates.flat()) },
    device: 'cpu64',
    precision: 'float64',
    ...oneSegment(known(certificate)),
  };
}

async function view(
  runs: readonly RunValue[],
  params: Readonly<Record<string, ParamValue>> = {},
  liveValues: Readonly<Record<string, number>> = {},
): Promise<LevelSetsView> {
  const call = { inputs: { runs }, params: { resolution: 33, ...params }, liveValues };
  const shown = (await evaluateNode(levelSets, call)).view;
  if (shown?.kind !== 'level-sets') throw new Error(`expected level sets, got ${shown?.kind}`);
  return shown;
}

/** Each grid point with its height. */
function cells({ columns, rows, xRange, yRange, heights, reference: { value } }: LevelSetsView) {
  return Array.from(heights, (height, i) => ({
    x: xRange[0] + ((xRange[1] - xRange[0]) * (i % columns)) / (columns - 1),
    y: yRange[0] + ((yRange[1] - yRange[0]) * Math.floor(i / columns)) / (rows - 1),
    f: value + height,
  }));
}

/** Heights are sent in float32: half a unit in the last place of 24 bits. */
const FLOAT32 = 2 ** -23;

describe('level sets', () => {
  const f = quadratic([1, 10]);
  const zigzag = [
    [2, 1],
    [1, -0.8],
    [0.5, 0.6],
  ];

  it('are of the objective in the plane of both unknowns, above f* where it is certified', async () => {
    const shown = await view([runAlong(f, zigzag, { minimiser: [0, 0] })]);
    expect(shown.reference).toEqual({ value: 0, label: 'f*' });
    expect([shown.xLabel, shown.yLabel]).toEqual(['x[1]', 'x[2]']);
    for (const { x, y, f: height } of cells(shown)) {
      const exact = (x * x + 10 * y * y) / 2;
      expect(Math.abs(height - exact)).toBeLessThanOrEqual(FLOAT32 * (1 + exact));
    }
    const [path] = shown.paths;
    expect([...path.x]).toEqual([2, 1, 0.5]);
    expect([...path.y]).toEqual([1, -0.8, 0.6]);
    expect([...path.off]).toEqual([0, 0, 0]);
    expect(path.steps).toEqual([0, 1, 2]);
    expect(shown.minimiser).toEqual({ x: 0, y: 0, off: 0 });
  });

  it('count from the least value shown where f* is not known', async () => {
    const shown = await view([runAlong(f, zigzag)]);
    const least = Math.min(...cells(shown).map((cell) => cell.f));
    expect(shown.reference.label).toBe('least value shown');
    expect(shown.reference.value).toBeCloseTo(least, 12);
    expect(Math.min(...shown.heights)).toBe(0);
  });

  it('contain every path and the minimiser with room around, at scales that are alike', async () => {
    const shown = await view([runAlong(f, zigzag, { minimiser: [0, 0] })], { margin: 0.2 });
    expect(shown.xRange[0]).toBeLessThanOrEqual(-0.4);
    expect(shown.xRange[1]).toBeGreaterThanOrEqual(2.4);
    expect(shown.yRange[0]).toBeLessThanOrEqual(-0.8 - 0.4);
    expect(shown.yRange[1]).toBeGreaterThanOrEqual(1 + 0.4);
  });

  it('follow the run before its first step and between recorded ones', async () => {
    const idle = {
      ...runAlong(f, zigzag),
      path: { steps: [], iterates: new Float64Array(0) },
      step: 0,
    };
    expect((await view([{ ...idle, parameters: idle.initialParameters }])).paths[0].steps).toEqual([
      0,
    ]);
    const ahead = { ...runAlong(f, zigzag), step: 7, parameters: [hostFloat([0.1, 0.2])] };
    const [path] = (await view([ahead])).paths;
    expect(path.steps).toEqual([0, 1, 2, 7]);
    expect([path.x[3], path.y[3]]).toEqual([0.1, 0.2]);
  });

  it('are not moved by a run that diverged', async () => {
    const good = runAlong(f, zigzag, { minimiser: [0, 0] });
    const lost = runAlong(
      f,
      [
        [2, 1],
        [1e6, 1e9],
      ],
      { nodeId: 'd', status: 'diverged' },
    );
    const [alone, both] = [await view([good]), await view([lost, good])];
    expect(both.xRange).toEqual(alone.xRange);
    expect(both.yRange).toEqual(alone.yRange);
  });

  it('include the terms, at the value of λ that the run was made with', async () => {
    const data: DatasetValue = {
      kind: 'dataset',
      name: 'plane',
      features: hostFloat([1, 0, 0, 1, 2, 2, -1, -3], [4, 2]),
      featureNames: ['u', 'v'],
      targets: { kind: 'values', name: 'y', values: hostFloat([1, 2, 3, 4]) },
    };
    const model = output(
      await evaluateNode(linear, { inputs: { data }, params: { bias: false } }),
      'model',
      'model',
    );
    const l1 = output(
      await evaluateNode(l1Norm, { nodeId: 'l1' }),
      'regularizer',
      'regularizer' as never,
    ) as RegularizerValue;
    const lasso = output(
      await evaluateNode(squaredError, { inputs: { model, regularizer: [l1] } }),
      'objective',
      'objective',
    );
    const run = {
      ...runAlong(lasso, [
        [1, 1],
        [0, 0],
      ]),
      parameters: [hostFloat([0, 0], [2, 1])],
      initialParameters: [hostFloat([1, 1], [2, 1])],
    };
    for (const lambda of [0, 2]) {
      const live = { 'l1.lambda': lambda };
      const segments = run.segments.map((segment) => ({ ...segment, live }));
      const shown = await view([{ ...run, segments }], {}, live);
      expect(shown.xLabel).toBe('weights[1]');
      for (const { x, y, f: height } of cells(shown)) {
        const residuals = [x - 1, y - 2, 2 * x + 2 * y - 3, -x - 3 * y - 4];
        const fit = residuals.reduce((total, r) => total + r * r, 0) / 8;
        const exact = fit + lambda * (Math.abs(x) + Math.abs(y));
        expect(Math.abs(height - exact)).toBeLessThanOrEqual(FLOAT32 * (1 + exact));
      }
    }
  });

  const constrained = (distance: NonNullable<RegularizerValue['constraint']>['distance']) => ({
    ...f,
    terms: [
      {
        kind: 'regularizer' as const,
        title: 'set',
        formula: 'C',
        convex: true,
        smooth: false,
        live: [],
        constraint: { distance },
        value: () => constant(hostFloat([0], [])),
        prox: (v: readonly import('../../src/lib/runtime/ir/types.ts').Value[]) => [...v],
      },
    ],
  });

  it('stay blank outside the set of a constraint', async () => {
    const half = constrained(([x]) => maximum(sum(mul(x, constant(hostFloat([-1, 0])))), 0));
    const shown = await view([runAlong(half, zigzag)], { margin: 1 });
    expect(shown.xRange[0]).toBeLessThan(0);
    for (const { x, f: height } of cells(shown)) expect(Number.isNaN(height)).toBe(x < -1e-8);
  });

  it('are drawn all over where the set has no interior', async () => {
    const line = constrained(([x]) => abs(sub(add(sum(x), 0), Math.SQRT2)));
    const shown = await view([runAlong(line, zigzag)]);
    expect(shown.heights.some(Number.isNaN)).toBe(false);
  });
});

describe('slices', () => {
  const f = quadratic([1, 4, 9]);
  const path = [
    [3, 2, 1],
    [2, -1, 0.5],
    [1, 0.5, 0],
  ];

  it('along two unknowns keep the others at the minimiser, and say how far paths are from there', async () => {
    const shown = await view([runAlong(f, path, { minimiser: [0, 0, 0.25] })], {
      first: 'x[3]',
      second: ' x[ 1 ] ',
    });
    expect([shown.xLabel, shown.yLabel]).toEqual(['x[3]', 'x[1]']);
    expect([...shown.paths[0].x]).toEqual([1, 0.5, 0]);
    expect([...shown.paths[0].y]).toEqual([3, 2, 1]);
    expect([...shown.paths[0].off]).toEqual([2, 1, 0.5]);
    for (const { x, y, f: height } of cells(shown)) {
      const exact = (y * y + 9 * x * x) / 2;
      expect(Math.abs(height - exact)).toBeLessThanOrEqual(FLOAT32 * (1 + exact));
    }
  });

  it('through start and end contain both, and the iterate farthest from the line between them', async () => {
    const shown = await view([runAlong(f, path)], { plane: 'ends' });
    const [{ x, y, off }] = shown.paths;
    // Rounding of vectors of length 4.
    for (const distance of off) expect(distance).toBeLessThan(1e-15 * 8);
    expect([x[0], y[0], y[2]].map((value) => Math.abs(value) < 1e-15)).toEqual([true, true, true]);
    expect(x[2]).toBeCloseTo(Math.hypot(2, 1.5, 1), 12);
  });

  it('are refused with the unknowns there are, for runs on two objectives, or without a plane', async () => {
    const run = runAlong(f, path);
    const refused = (runs: readonly RunValue[], params: Record<string, ParamValue>, why: RegExp) =>
      expect(view(runs, params)).rejects.toThrow(why);
    await refused([run], { first: 'w[1]' }, /unknowns x\[1\], x\[2\], x\[3\], got "w\[1\]"/);
    await refused([run], { first: 'x[2]', second: 'x[2]' }, /another unknown than x\[2\]/);
    await refused([run, runAlong(quadratic([1, 2, 3]), path)], {}, /on one objective, got "test/);
    await refused([runAlong(quadratic([1]), [[1], [0]])], {}, /at least 2 unknowns, got 1/);
    await refused([{ ...run, path: undefined }], {}, /at most 512 unknowns, got 3/);
  });

  it('end when they are no longer wanted', async () => {
    const abort = new AbortController();
    const call = {
      inputs: {
        runs: [
          runAlong(quadratic([1, 7]), [
            [1, 1],
            [0, 0],
          ]),
        ],
      },
      params: { resolution: 256 },
      signal: abort.signal,
    };
    const evaluation = evaluateNode(levelSets, call);
    setTimeout(() => abort.abort(new Error('changed')), 0);
    await expect(evaluation).rejects.toThrow('changed');
  });
});

describe('planes', () => {
  const projector = ({ u, v }: Plane) =>
    Array.from(u, (_, i) => Array.from(u, (_, j) => u[i] * u[j] + v[i] * v[j]));

  const pacer = createPacer(new AbortController().signal);

  it('of the principal components agree with the singular vectors of numpy', async () => {
    const points = reference.points.map((point) => Float64Array.from(point));
    const plane = await principalPlane(points[points.length - 1], points, pacer);
    // The iteration ends at a change of 1e-12; as (σ₃/σ₂)² = 0.86, at most six times that is still to come, besides rounding.
    projector(plane).forEach((row, i) =>
      row.forEach((entry, j) =>
        expect(Math.abs(entry - reference.projector[i][j])).toBeLessThan(1e-11),
      ),
    );
    points.forEach((point, k) =>
      expect(Math.abs(project(plane, point).off - reference.distances[k])).toBeLessThan(1e-10),
    );
  });

  it('are orthonormal, also where all iterates are on a line or nothing has moved', async () => {
    const start = Float64Array.of(1, 2, 3, 4);
    const end = Float64Array.of(0, 0, 1, 1);
    const onLine = [start, start.map((x, i) => (x + end[i]) / 2), end];
    for (const plane of [
      planeThroughEnds(start, end, onLine),
      planeThroughEnds(start, start, [start]),
      await principalPlane(end, onLine, pacer),
      await principalPlane(start, [start], pacer),
    ]) {
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, x, i) => s + x * b[i], 0);
      expect(dot(plane.u, plane.u)).toBeCloseTo(1, 14);
      expect(dot(plane.v, plane.v)).toBeCloseTo(1, 14);
      expect(dot(plane.u, plane.v)).toBeCloseTo(0, 14);
    }
  });

  it('name unknowns by variable and index, without axes of one entry', () => {
    expect(
      unknownNames([
        { name: 'W', shape: [2, 3] },
        { name: 'w', shape: [2, 1] },
        { name: 'b', shape: [1] },
      ]),
    ).toEqual([
      'W[1, 1]',
      'W[1, 2]',
      'W[1, 3]',
      'W[2, 1]',
      'W[2, 2]',
      'W[2, 3]',
      'w[1]',
      'w[2]',
      'b',
    ]);
  });
});

describe('the frame', () => {
  it('moves only now and then while a path grows', () => {
    const seen = new Set<string>();
    for (let k = 0; k <= 1000; k++) {
      const points = [
        { s: 0, t: 0 },
        { s: 1 + k / 1000, t: 0.5 },
      ];
      seen.add(JSON.stringify(rectangleAround(points, 0.2, true)));
    }
    expect(seen.size).toBeLessThan(40);
  });

  it('has room around a single point, and leaves out what is not finite', () => {
    for (const points of [
      [{ s: 3, t: -2 }],
      [
        { s: 3, t: -2 },
        { s: NaN, t: Infinity },
      ],
      [],
    ]) {
      const { s, t } = rectangleAround(points, 0.2, true);
      expect(s[1] - s[0]).toBeGreaterThan(0.5);
      expect(t[1] - t[0]).toBeGreaterThan(0.5);
    }
  });

  it('has levels at equal ratios within the heights, none on flat ground', () => {
    const heights = Float64Array.from({ length: 1000 }, (_, i) => (i / 10) ** 2);
    const levels = levelsOf([...heights, NaN, Infinity], 10);
    expect(levels).toHaveLength(10);
    levels
      .slice(1)
      .forEach((level, i) => expect(level / levels[i]).toBeCloseTo(levels[1] / levels[0], 9));
    expect(levels[0]).toBeGreaterThan(0);
    expect(levels[9]).toBeLessThan(99.9 ** 2);
    expect(levelsOf([1, 1, 1], 10)).toEqual([]);
    expect(levelsOf([0, NaN], 10)).toEqual([]);
  });
});
