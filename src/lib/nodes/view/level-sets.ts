import { sizeOf } from '../../runtime/ir/shape.ts';
import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ObjectiveValue } from '../../runtime/graph/ports.ts';
import type { LevelSetsView, PlanePath } from '../../runtime/graph/view-data.ts';
import { liveRefsOf } from '../../runtime/run/compile-plan.ts';
import { certificateOf } from '../../runtime/run/run-value.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { brief } from '../shared/format.ts';
import { hasEnded, remarkOf, standingOf } from '../shared/standing.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { levelsOf, rectangleAround } from '../shared/level-sets/frame.ts';
import { affordableSide, heights, heightProgram } from '../shared/level-sets/heights.ts';
import {
  coordinatePlane,
  flat,
  planeThroughEnds,
  principalPlane,
  project,
  unknownNames,
} from '../shared/level-sets/plane.ts';
import type { Plane } from '../shared/level-sets/plane.ts';

/** Floating point operations a grid may cost while a run goes on: some tenths of a second. */
const AFFORDABLE_WHILE_RUNNING = 1e8;

/** Level sets of the objective in a plane, with the paths of the runs over them. */
export default defineNode({
  type: 'view/level-sets',
  version: 1,
  family: 'view',
  title: 'Level sets and paths',
  summary: 'Level sets of the objective in a plane, with the ways of the optimizers over them.',
  formula: String.raw`\{(s, t) : f(o + s\,u + t\,v) = c\},\qquad (\langle x_k - o, u\rangle,\ \langle x_k - o, v\rangle)`,
  description: [
    'The objective with all its terms is evaluated on a grid in float64, whatever the device of the runs. Levels are at equal ratios above f*, where it is known and the minimiser lies in the plane, else above the least value on the grid. Where a constraint is violated nothing is drawn.',
    'Two unknowns have one plane, and the picture is exact. Of more the plane is a slice: along two of the unknowns, the others as at the minimiser, or as at the end of the first run where that is not known; through the start, the end of the first run and the iterate farthest from the line between them; or that nearest to all iterates, through the end of the first run. Paths are projected onto it at right angles, so that away from the plane a path may cross level sets although f falls along it. How far the iterates are from the plane is stated.',
    'The iterates at all measured steps are kept for up to 16 unknowns, 16 for each doubling of the step count for up to 512.',
  ],
  keywords: ['contour', 'landscape', 'trajectory', 'path', 'slice', 'surface', '2d', 'race'],
  references: [
    {
      text: 'Li, Xu, Taylor, Studer & Goldstein, Visualizing the Loss Landscape of Neural Nets, NeurIPS 2018, section 7',
      url: 'https://arxiv.org/abs/1712.09913',
    },
    {
      text: 'Goodfellow, Vinyals & Saxe, Qualitatively Characterizing Neural Network Optimization Problems, ICLR 2015',
      url: 'https://arxiv.org/abs/1412.6544',
    },
  ],
  params: {
    plane: {
      kind: 'choice',
      label: 'Plane',
      default: 'coordinates',
      options: [
        { value: 'coordinates', label: 'two unknowns' },
        { value: 'ends', label: 'through start and end' },
        { value: 'principal', label: 'principal components of the paths' },
      ],
    },
    first: {
      kind: 'text',
      label: 'Unknown to the right',
      help: 'By name and index, e.g. x[1] or W[2, 1]. Empty: the first.',
      default: '',
      maxLength: 64,
      visibleWhen: { param: 'plane', in: ['coordinates'] },
    },
    second: {
      kind: 'text',
      label: 'Unknown upwards',
      help: 'Empty: the second.',
      default: '',
      maxLength: 64,
      visibleWhen: { param: 'plane', in: ['coordinates'] },
    },
    levels: { kind: 'integer', label: 'Levels', default: 14, min: 2, max: 40 },
    resolution: {
      kind: 'integer',
      label: 'Grid resolution',
      help: 'Points along each side. While a run goes on fewer may be taken.',
      default: 72,
      min: 16,
      max: 256,
    },
    margin: {
      kind: 'number',
      label: 'Margin around the paths',
      help: 'As a share of the longer side.',
      default: 0.2,
      min: 0,
      max: 10,
    },
    equalScale: {
      kind: 'boolean',
      label: 'Equal scales',
      help: 'Right angles look right.',
      default: true,
    },
  },
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  async evaluate(context) {
    const { params, cpu64, signal, reserve } = context;
    const runs = context.list('runs', 'run');
    const objective = commonObjective(runs);
    const unknowns = objective.variables.reduce((total, { shape }) => total + sizeOf(shape), 0);
    // Names, iterates and directions.
    const bytes = 100 * unknowns * (1 + runs.length);
    reserve({
      bytes,
      flops: 100 * unknowns,
      remedy: 'Use fewer unknowns, or the curves of the runs.',
    });
    const names = unknownNames(objective.variables);
    const tracks = runs.map((run) => trackOf(run, names.length));
    const lead = Math.max(
      0,
      runs.findIndex((run) => !isLost(run)),
    );
    // The picture is of the values that its paths were made with, also where the graph has others by now.
    const { live } = runs[lead].segments[runs[lead].segments.length - 1];
    const found = certificateOf(runs[lead]);
    const minimiser = found?.minimiser ? flat(found.minimiser) : null;
    const chosen = await choosePlane(params, names, tracks, lead, minimiser, createPacer(signal));

    const paths = runs.map((run, r): PlanePath => {
      const points = tracks[r].points.map((x) => project(chosen.plane, x));
      return {
        nodeId: run.nodeId,
        label: run.plan.label,
        precision: run.precision,
        steps: tracks[r].steps,
        x: Float64Array.from(points, ({ s }) => s),
        y: Float64Array.from(points, ({ t }) => t),
        off: Float64Array.from(points, ({ off }) => off),
      };
    });
    const target = minimiser && project(chosen.plane, minimiser);
    // A run that diverged leaves every picture; it is drawn as far as that reaches.
    const counted = paths.filter((_, r) => !isLost(runs[r]) || (runs.every(isLost) && !target));
    const start = project(chosen.plane, tracks[0].points[0]);
    const points = counted.flatMap(({ x, y }) => Array.from(x, (s, i) => ({ s, t: y[i] })));
    const rectangle = rectangleAround(
      [start, ...points, ...(target ? [target] : [])],
      params.margin,
      params.equalScale,
    );
    const going = runs.some(({ status }) => status === 'running');
    const side = going
      ? affordableSide(objective, AFFORDABLE_WHILE_RUNNING, params.resolution)
      : params.resolution;
    reserve({
      program: heightProgram(objective),
      times: side * side,
      bytes: 40 * side * side,
      remedy: 'Lower the grid resolution.',
    });
    const values = await heights({
      cpu64,
      objective,
      live,
      signal,
      plane: chosen.plane,
      rectangle,
      side,
    });
    const size = elementary.hypot(rectangle.s[1] - rectangle.s[0], rectangle.t[1] - rectangle.t[0]);
    const exact = found && target !== null && target.off <= 1e-9 * size;
    const least = values.reduce((a, b) => (b < a ? b : a), Infinity);
    const reference = exact
      ? { value: found.value, label: 'f*' }
      : { value: least, label: 'least value shown' };
    const above = values.map((f) => f - reference.value);
    const view: LevelSetsView = {
      kind: 'level-sets',
      columns: side,
      rows: side,
      xRange: rectangle.s,
      yRange: rectangle.t,
      xLabel: chosen.labels[0],
      yLabel: chosen.labels[1],
      heights: Float32Array.from(above),
      reference,
      levels: levelsOf(above, params.levels),
      equalScale: params.equalScale,
      paths,
      minimiser: target && { x: target.s, y: target.t, off: target.off },
      precision: 'float64',
    };
    return {
      view,
      status: [statusOf(names.length, paths), valuesOf(runs, lead)].filter(Boolean).join('; '),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { plane: 'ends', resolution: 16 }, { plane: 'principal', equalScale: false }],
    invalid: [
      { params: { resolution: 8 }, message: /\[16, 256\], got 8/ },
      { params: { levels: 1 }, message: /\[2, 40\], got 1/ },
      { params: { plane: 'random' }, message: /Plane.*expected one of 'coordinates'/ },
    ],
  },
});

/** Its iterates no longer say where anything is. */
function isLost({ status }: RunValue): boolean {
  return status === 'diverged' || status === 'nonfinite';
}

/** What to say of live values: that those of the picture are not the graph's, or that some paths are of others. */
function valuesOf(runs: readonly RunValue[], lead: number): string {
  const keys = liveRefsOf(runs[lead].plan.objective).map(({ key }) => key);
  const of = (run: RunValue) => run.segments.map(({ live }) => keys.map((key) => live[key]).join());
  const present = of(runs[lead]).at(-1);
  if (hasEnded(runs[lead]) && runs[lead].standing === 'outdated')
    return `outdated, ${remarkOf(standingOf(runs[lead]))}`;
  return runs.some((run) => of(run).some((values) => values !== present))
    ? 'parts of the paths were made with other live values than the level sets shown'
    : '';
}

function commonObjective(runs: readonly RunValue[]): ObjectiveValue {
  const { objective } = runs[0].plan;
  for (const { plan } of runs) {
    if (plan.objective === objective) continue;
    throw new NodeError(
      'objective',
      `Level sets (runs): expected runs on one objective, got "${objective.title}" and "${plan.objective.title}". Use one view for each.`,
      'runs',
    );
  }
  return objective;
}

interface Track {
  readonly steps: readonly number[];
  readonly points: readonly Float64Array[];
}

/** The recorded iterates, from the first to the present one. */
function trackOf(run: RunValue, unknowns: number): Track {
  const { path, plan } = run;
  if (unknowns < 2) {
    throw new NodeError(
      'unknowns',
      `Level sets (runs): expected at least 2 unknowns, got ${unknowns} in "${plan.objective.title}". Use loss curves.`,
      'runs',
    );
  }
  if (path === undefined) {
    throw new NodeError(
      'unknowns',
      `Level sets (runs): expected at most 512 unknowns, got ${unknowns} in "${plan.objective.title}": of more the path is not kept. Use a smaller model, or loss curves.`,
      'runs',
    );
  }
  const steps = [...path.steps];
  const points = steps.map((_, i): Float64Array =>
    path.iterates.slice(i * unknowns, (i + 1) * unknowns),
  );
  if (steps[0] !== 0) {
    steps.unshift(0);
    points.unshift(flat(run.initialParameters));
  }
  if (run.step > (steps.at(-1) ?? 0)) {
    steps.push(run.step);
    points.push(flat(run.parameters));
  }
  return { steps, points };
}

async function choosePlane(
  params: { readonly plane: string; readonly first: string; readonly second: string },
  names: readonly string[],
  tracks: readonly Track[],
  lead: number,
  minimiser: Float64Array | null,
  pacer: Pacer,
): Promise<{ readonly plane: Plane; readonly labels: readonly [string, string] }> {
  const end = tracks[lead].points.at(-1) ?? tracks[lead].points[0];
  switch (params.plane) {
    case 'ends': {
      const points = tracks.flatMap((track) => track.points);
      return {
        plane: planeThroughEnds(tracks[lead].points[0], end, points),
        labels: ['from start to end', 'across'],
      };
    }
    case 'principal':
      return {
        plane: await principalPlane(
          end,
          tracks.flatMap((track) => track.points),
          pacer,
        ),
        labels: ['first principal direction', 'second principal direction'],
      };
    default: {
      const first = unknownAt(params.first, names, 0, 'first');
      const second = unknownAt(params.second, names, first === 0 ? 1 : 0, 'second');
      if (first === second) {
        throw new NodeError(
          'unknown',
          `Level sets (second): expected another unknown than ${names[first]}, got the same. Name two.`,
          'second',
        );
      }
      return {
        plane: coordinatePlane(minimiser ?? end, first, second),
        labels: [names[first], names[second]],
      };
    }
  }
}

function unknownAt(
  text: string,
  names: readonly string[],
  otherwise: number,
  param: string,
): number {
  const bare = (name: string): string => name.replace(/\s/g, '');
  if (bare(text) === '') return otherwise;
  const at = names.findIndex((name) => bare(name) === bare(text));
  if (at >= 0) return at;
  throw new NodeError(
    'unknown',
    `Level sets (${param}): expected one of the unknowns ${names.slice(0, 4).join(', ')}${names.length > 4 ? `, … ${names.at(-1)}` : ''}, got "${text}". Write the name with its index.`,
    param,
  );
}

function statusOf(unknowns: number, paths: readonly PlanePath[]): string {
  const farthest = paths.reduce((most, { off }) => off.reduce((a, b) => Math.max(a, b), most), 0);
  return unknowns === 2
    ? 'both unknowns (float64)'
    : `up to ${brief(farthest)} off the plane (float64)`;
}
