/** What is measured and shown of densities, on flows whose density is known in closed form. */
import { beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../src/lib/nodes/index.ts';
import type { ModelValue, ScalarValue } from '../../src/lib/runtime/graph/ports.ts';
import type {
  FieldView,
  ScatterView,
  TrajectoriesView,
} from '../../src/lib/runtime/graph/view-data.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import type { RunStatus, RunValue } from '../../src/lib/runtime/run/run-value.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import { oneSegment } from './support/history.ts';
import { dataset, loss, model, plan } from './support/problems.ts';

const POINTS = dataset(hostFloat([1, -2, 2, -2, 1, 0, -3, 1], [4, 2]), { kind: 'none' }, 'points');

const evaluate = (type: string, params: Record<string, number | string>, run: RunValue) => {
  const definition = registry.get(type);
  if (!definition) throw new Error(`no node ${type}`);
  return evaluateNode(definition, { params, inputs: { run } });
};

async function runOf(
  of: ModelValue,
  parameters: HostArray[],
  status: RunStatus = 'maxSteps',
): Promise<RunValue> {
  const objective = await loss('loss/density-likelihood', of);
  return {
    kind: 'run',
    nodeId: 'run',
    plan: await plan('optimizer/adam', objective, { batchSize: 0 }),
    status,
    message: '',
    step: 1,
    parameters,
    initialParameters: parameters,
    series: { step: [1], objective: [1] },
    device: 'cpu64',
    precision: 'float64',
    ...oneSegment(),
  };
}

/** v(z, t) = (1, −2): a flow to N((1, −2), I). */
const shifting = (of: ModelValue): HostArray[] =>
  of.parameters.map(({ name, shape }) =>
    name === 'bias2'
      ? hostFloat([1, -2])
      : hostFloat(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape),
  );

let flow: ModelValue;
let shift: RunValue;
beforeAll(async () => {
  flow = await model('model/cnf', POINTS, { widths: [3], steps: 2 });
  shift = await runOf(flow, shifting(flow));
});

const measure = async (
  params: Record<string, number | string>,
  run = shift,
): Promise<ScalarValue> =>
  output(await evaluate('check/density-measure', params, run), 'value', 'scalar');

describe('density measure', () => {
  // Squared distances of the points to (1, −2): 0, 1, 4, 25.
  const exact = Math.log(2 * Math.PI) + 30 / 8;

  it.each(['adaptive', 'model'])(
    'gives the likelihood of a Gaussian by the %s solver',
    async (solver) => {
      expect((await measure({ measure: 'nll', solver })).value).toBeCloseTo(exact, 12);
    },
  );

  it('integrates the density to one over a box that holds it, and to less over a smaller one', async () => {
    const wide = await measure({ measure: 'mass', margin: 2, resolution: 81 });
    expect(Math.abs(wide.value - 1)).toBeLessThan(1e-6);
    // The range [−3, 2] × [−2, 1] holds Φ(1) − Φ(−4) along x and Φ(3) − Φ(0) along y.
    const narrow = await measure({ measure: 'mass', margin: 0, resolution: 301 });
    expect(narrow.value).toBeCloseTo((0.841345 - 0.000032) * (0.99865 - 0.5), 4);
  });

  it('gives the work of the paths, ½‖v‖²', async () => {
    expect((await measure({ measure: 'transport' })).value).toBeCloseTo(2.5, 12);
  });

  it('waits for the run to end', async () => {
    const running = await measure({ measure: 'nll' }, await runOf(flow, shifting(flow), 'running'));
    expect(running.value).toBeNaN();
    expect(running.standing?.state).toBe('pending');
  });

  it('agrees with the steps of a trained-like flow as these become many', async () => {
    const fine = await model('model/cnf', POINTS, { widths: [4], steps: 64 });
    const parameters = fine.parameters.map(({ shape }, k) =>
      hostFloat(
        Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
          Math.sin(3 * i + 5 * k + 1),
        ),
        shape,
      ),
    );
    const run = await runOf(fine, parameters);
    const adaptive = await measure({ measure: 'nll', tolerance: 1e-10 }, run);
    const steps = await measure({ measure: 'nll', solver: 'model' }, run);
    expect(adaptive.value).toBeCloseTo(steps.value, 6);
  });

  it('says why when the equation cannot be solved', async () => {
    const [first, ...rest] = shifting(flow);
    const broken = await runOf(flow, [
      hostFloat(
        first.data.map(() => NaN),
        first.shape,
      ),
      ...rest,
    ]);
    await expect(measure({ measure: 'nll' }, broken)).rejects.toThrow(
      /expected finite values at the start/,
    );
    // v = 400 softplus(z) grows like exp(400 t): no float64 holds it at t = 1 … and solved backwards neither.
    const steep = await model('model/cnf', POINTS, {
      widths: [1],
      activation: 'softplus',
      horizon: 10,
    });
    const growing = await runOf(steep, [
      hostFloat([-1, 0], [2, 1]),
      hostFloat([0]),
      hostFloat([0]),
      hostFloat([400, 0], [1, 2]),
      hostFloat([0, 0]),
    ]);
    await expect(measure({ measure: 'nll' }, growing)).rejects.toThrow(
      /Density measure: Dormand–Prince: expected a step above .* grows without bound/,
    );
  });

  it('refuses runs that fit no density', async () => {
    const data = dataset(POINTS.features, {
      kind: 'values',
      name: 'y',
      values: hostFloat([1, 2, 3, 4]),
    });
    const linear = await model('model/linear', data);
    const objective = await loss('loss/squared-error', linear);
    const run = { ...shift, plan: await plan('optimizer/adam', objective, { batchSize: 0 }) };
    for (const type of [
      'check/density-measure',
      'view/density',
      'view/samples',
      'view/trajectories',
    ])
      await expect(evaluate(type, {}, run)).rejects.toThrow(
        /fits a density, got one of Linear model/,
      );
  });
});

describe('views of a flow', () => {
  it('draws the density on its grid', async () => {
    const { view } = await evaluate(
      'view/density',
      { resolution: 9, margin: 0.5, points: 2 },
      shift,
    );
    const { values, xRange, yRange, points } = view as FieldView;
    expect([...xRange, ...yRange]).toEqual([-5.5, 4.5, -3.5, 2.5]);
    expect(points.x.length).toBe(2);
    for (const [r, c] of [
      [0, 0],
      [4, 5],
      [8, 2],
    ]) {
      const squares = (-5.5 + 1.25 * c - 1) ** 2 + (-3.5 + 0.75 * r + 2) ** 2;
      expect(values?.[9 * r + c]).toBeCloseTo(Math.exp(-squares / 2) / (2 * Math.PI), 7);
    }
  });

  it('shifts the same draws to the samples and along the trajectories', async () => {
    const samples = (await evaluate('view/samples', { samples: 5 }, shift)).view as ScatterView;
    const paths = (await evaluate('view/trajectories', { samples: 5, frames: 3 }, shift))
      .view as TrajectoriesView;
    expect(Array.from(samples.labels ?? [])).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(Array.from(paths.times)).toEqual([0, 0.5, 1]);
    for (let i = 0; i < 5; i++) {
      const [x0, x1, x2] = [0, 1, 2].map((f) => paths.x[5 * f + i]);
      expect(x1 - x0).toBeCloseTo(0.5, 12);
      expect(x2 - x0).toBeCloseTo(1, 12);
      expect(paths.y[10 + i] - paths.y[i]).toBeCloseTo(-2, 12);
      expect(samples.x[4 + i]).toBeCloseTo(x2, 12);
    }
  });
});

describe('the adjoint error', () => {
  it.each([
    ['euler', 1, 0.1],
    ['midpoint', 2, 0.2],
    ['rk4', 4, 0.4],
  ] as const)('falls at the order of %s, %d', async (method, order, tolerance) => {
    const definition = registry.get('view/adjoint-error');
    if (!definition) throw new Error('no such node');
    const evaluation = await evaluateNode(definition, {
      params: { method, coarsest: 16, doublings: 2 },
      inputs: { model: await model('model/cnf', POINTS, { widths: [6, 5] }) },
    });
    const measured = output(evaluation, 'order', 'scalar').value;
    expect(Math.abs(measured - order)).toBeLessThan(tolerance);
    expect(output(evaluation, 'difference', 'scalar').value).toBeLessThan(1e-9);
  });
});
