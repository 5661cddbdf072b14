import { beforeAll, describe, expect, it } from 'vitest';
import { checkNodes } from '../../src/lib/nodes/check/index.ts';
import { dataNodes } from '../../src/lib/nodes/data/index.ts';
import linear from '../../src/lib/nodes/model/linear.ts';
import mlp from '../../src/lib/nodes/model/mlp.ts';
import particles from '../../src/lib/nodes/model/particles.ts';
import { viewNodes } from '../../src/lib/nodes/view/index.ts';
import type {
  BarsView,
  CheckView,
  ComparisonView,
  CurvesView,
  FieldView,
  LineView,
  MatrixView,
  ProblemView,
  ValueView,
  ViewData,
} from '../../src/lib/runtime/graph/view-data.ts';
import type { ParamValue } from '../../src/lib/runtime/graph/document.ts';
import type {
  Certificate,
  DatasetValue,
  LiveNumbers,
  ModelValue,
  ObjectiveValue,
  ScalarValue,
  Standing,
} from '../../src/lib/runtime/graph/ports.ts';
import { hostFloat, hostInt } from '../../src/lib/runtime/ir/host.ts';
import { mean, square, sub, flatten, zeros } from '../../src/lib/runtime/ir/ops.ts';
import type { HostArray } from '../../src/lib/runtime/ir/types.ts';
import type { RunPlan, RunStatus, RunValue } from '../../src/lib/runtime/run/run-value.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';
import type { NodeCall } from './support/evaluate-node.ts';
import { known, oneSegment } from './support/history.ts';

const nodes = [...checkNodes, ...viewNodes, ...dataNodes];
const evaluate = async (type: string, call?: NodeCall) => {
  const found = nodes.find((definition) => definition.type === type);
  if (found === undefined) throw new Error(`no node ${type}`);
  return evaluateNode(found, call);
};
const view = async <K extends ViewData['kind']>(
  kind: K,
  type: string,
  call: NodeCall,
): Promise<Extract<ViewData, { kind: K }>> => {
  const shown = (await evaluate(type, call)).view;
  if (shown?.kind !== kind) throw new Error(`expected a ${kind} view, got ${shown?.kind}`);
  return shown as Extract<ViewData, { kind: K }>;
};
const refused = async (type: string, call: NodeCall, message: RegExp): Promise<void> => {
  await expect(evaluate(type, call)).rejects.toThrow(message);
};

interface RunOptions {
  readonly parameters: readonly HostArray[];
  readonly model?: ModelValue;
  readonly status?: RunStatus;
  readonly objective?: readonly number[];
  readonly certificate?: Certificate | null;
  readonly certify?: boolean;
  readonly theory?: RunPlan['theory'];
  readonly precision?: 'float64' | 'float32';
  readonly label?: string;
  readonly live?: LiveNumbers;
}

/** A finished run whose step k was measured at k seconds with k gradients. */
function fakeRun(options: RunOptions): RunValue {
  const { model, parameters } = options;
  const values = options.objective ?? [4, 2, 1];
  const certificate = options.certificate ?? null;
  const objective: ObjectiveValue = {
    kind: 'objective',
    title: 'test problem',
    formula: 'f',
    variables: parameters.map(({ shape }, i) => ({ name: `x${i}`, shape })),
    penalized: parameters.map(() => true),
    init: () => parameters.map(({ shape }) => zeros(shape)),
    data: [],
    samples: null,
    smooth: { yes: true },
    convex: true,
    value: ([x]) => mean(square(flatten(x))),
    dataTerm: ([x]) => mean(square(sub(flatten(x), 0))),
    terms: [],
    smoothTerms: [],
    live: [],
    constants: { lipschitzGrad: 2 },
    ...(options.certify === true && {
      certify: () => Promise.reject(new Error('not called here')),
    }),
    ...(model && { model }),
  };
  const plan: RunPlan = {
    kind: 'plan',
    label: options.label ?? 'test method',
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
    ...(options.theory && { theory: options.theory }),
  };
  const rows = values.map((_, k) => k);
  return {
    kind: 'run',
    nodeId: 'run',
    plan,
    status: options.status ?? 'maxSteps',
    message: '',
    step: values.length - 1,
    parameters,
    initialParameters: parameters.map(({ shape, data }) =>
      hostFloat(new Float64Array(data.length), shape),
    ),
    series: {
      step: rows,
      iterations: rows,
      seconds: rows,
      gradients: rows,
      values: rows.map(() => 0),
      prox: rows.map(() => 0),
      matvecs: rows.map(() => 0),
      passes: rows,
      objective: values,
      dataTerm: values,
      residual: values.map((f) => f / 10),
    },
    device: options.precision === 'float32' ? 'wasm' : 'cpu64',
    precision: options.precision ?? 'float64',
    ...oneSegment(
      certificate ? known(certificate) : { state: options.certify === true ? 'pending' : 'none' },
      options.live,
    ),
  };
}

const certificate = (value: number, minimiser?: HostArray[]): Certificate => ({
  value,
  gap: 0,
  method: 'closed form',
  precision: 'float64',
  ...(minimiser && { minimiser }),
});

/** Features [[1, 0], [0, 1], [2, 2], [−1, −3]]. */
const plane: DatasetValue = {
  kind: 'dataset',
  name: 'plane',
  features: hostFloat([1, 0, 0, 1, 2, 2, -1, -3], [4, 2]),
  featureNames: ['u', 'v'],
  targets: { kind: 'none' },
};
const withLabels = (labels: number[], classes: string[]): DatasetValue => ({
  ...plane,
  targets: { kind: 'labels', name: 'class', labels: hostInt(labels), classes },
});
const withValues = (values: number[]): DatasetValue => ({
  ...plane,
  targets: { kind: 'values', name: 'y', values: hostFloat(values) },
});
const modelOn = async (data: DatasetValue, definition = linear, params = {}): Promise<ModelValue> =>
  output(await evaluateNode(definition, { params, inputs: { data } }), 'model', 'model');

/** z = u − 2v + 0.5 on the plane: 1.5, −1.5, −1.5, 5.5. */
const affine = [hostFloat([1, -2], [2, 1]), hostFloat([0.5])];

let binary: RunValue;
let regression: RunValue;
beforeAll(async () => {
  binary = fakeRun({
    model: await modelOn(withLabels([1, 0, 1, 1], ['no', 'yes'])),
    parameters: affine,
  });
  regression = fakeRun({
    model: await modelOn(withValues([1.5, -1.5, -0.5, 5.5])),
    parameters: affine,
    precision: 'float32',
  });
});

describe('parameters', () => {
  it.each([...checkNodes, ...viewNodes].map((node) => [node.type, node] as const))(
    '%s refuses its invalid fixtures with the documented message',
    async (_, definition) => {
      expect(definition.fixtures.invalid.length).toBeGreaterThan(0);
      for (const { params, message } of definition.fixtures.invalid) {
        await expect(evaluateNode(definition, { params })).rejects.toThrow(message);
      }
    },
  );
});

describe('measure', () => {
  const measure = async (
    run: RunValue,
    what: string,
    more: Omit<NodeCall, 'params' | 'inputs'> & { dataset?: DatasetValue } = {},
  ): Promise<ScalarValue> =>
    output(
      await evaluate('check/measure', {
        params: { measure: what },
        inputs: { run, ...(more.dataset && { dataset: more.dataset }) },
        liveValues: more.liveValues,
      }),
      'value',
      'scalar',
    );

  it('reads objective, residual and steps from the end of the series', async () => {
    expect((await measure(binary, 'objective')).value).toBe(1);
    expect((await measure(binary, 'residual')).value).toBe(0.1);
    expect((await measure(binary, 'steps')).value).toBe(2);
  });

  it('counts right decisions, on the training data or on the data wired in', async () => {
    // z > 0 for samples 0 and 3 alone.
    expect((await measure(binary, 'accuracy')).value).toBe(0.75);
    const dataset = withLabels([1, 0, 0, 1], ['no', 'yes']);
    expect((await measure(binary, 'accuracy', { dataset })).value).toBe(1);
  });

  it('computes RMSE and R² by their definitions', async () => {
    // One error of 1 among 4; y − ȳ = 0.25, −2.75, −1.75, 4.25.
    expect((await measure(regression, 'rmse')).value).toBeCloseTo(0.5, 14);
    const total = 0.25 ** 2 + 2.75 ** 2 + 1.75 ** 2 + 4.25 ** 2;
    expect((await measure(regression, 'r2')).value).toBeCloseTo(1 - 1 / total, 14);
  });

  it('measures against the certificate', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1, -2])],
      certificate: certificate(0.25, [hostFloat([1.5, -2.125])]),
    });
    expect((await measure(run, 'suboptimality')).value).toBe(0.75);
    expect((await measure(run, 'minimiserDistance')).value).toBe(0.5);
  });

  it('waits for a certificate that is being computed, and refuses where there is none', async () => {
    const waiting = fakeRun({ parameters: [hostFloat([1])], certify: true });
    const pending = await measure(waiting, 'suboptimality');
    const inputs = { value: pending };
    expect((await evaluate('view/value', { inputs })).view).toBeUndefined();
    expect((await evaluate('check/compare', { inputs })).status).toMatch(/^pending: ≈ 0/);
    expect(pending.value).toBeNaN();
    expect(pending.standing?.state).toBe('pending');
    await refused(
      'check/measure',
      { params: { measure: 'suboptimality' }, inputs: { run: binary } },
      /expected an objective whose minimum f\* is known, got "test problem"/,
    );
  });

  it('fits the order of a power law, each octave alike, and leaves rounding out', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      objective: Array.from({ length: 400 }, (_, k) => 3 + 5 * Math.max(k, 1) ** -1.5),
      certificate: certificate(3, [hostFloat([1])]),
    });
    const order = (from: number, to: number) =>
      evaluate('check/measure', { params: { measure: 'order', from, to }, inputs: { run } });
    const fitted = output(await order(10, 300), 'value', 'scalar');
    expect(fitted.value).toBeCloseTo(1.5, 10);
    await expect(order(10, 15)).rejects.toThrow(/expected at least one octave.*got 10 to 15/);
    expect(output(await order(390, 4000), 'value', 'scalar').value).toBeNaN();
    // A bend counts by its share of the logarithmic axis: order 1 to 20, then 3, over the decades 2 to 200 gives 2.
    const bent = fakeRun({
      parameters: [hostFloat([1])],
      objective: Array.from({ length: 201 }, (_, k) =>
        k <= 20 ? 1 / Math.max(k, 1) : 400 / k ** 3,
      ),
      certificate: certificate(0, [hostFloat([1])]),
    });
    const call = { params: { measure: 'order', from: 2, to: 200 }, inputs: { run: bent } };
    const half = output(await evaluate('check/measure', call), 'value', 'scalar');
    expect(half.value).toBeCloseTo(2, 1);
  });

  it('estimates the order of residuals from the last four above rounding', async () => {
    const run = fakeRun({ parameters: [hostFloat([1])], objective: [1, 1, 1, 1, 1] });
    const residualOrder = async (residual: number[]) =>
      (await measure({ ...run, series: { ...run.series, residual } }, 'residualOrder')).value;
    expect(await residualOrder([1e-1, 1e-2, 1e-4, 1e-8, 1e-18])).toBeCloseTo(2, 12);
    // Quadratic in one component and, half a step behind, in another.
    expect(await residualOrder([1, 2e-3, 1e-4, 4e-6, 1e-8])).toBeCloseTo(
      Math.log(1e-8 / 1e-4) / Math.log(4e-6 / 2e-3),
      12,
    );
    expect(await residualOrder([1, 1e-3, 1e-6])).toBeCloseTo(1, 12);
    expect(await residualOrder([1, 0.5, 0.25, 0.125, 0.0625])).toBeCloseTo(1, 12);
    expect(await residualOrder([1, 1e-14, 1e-15, 1e-15, 1e-16])).toBeNaN();
  });

  it('is final once the run has ended', async () => {
    const finalAt = async (status: RunStatus) =>
      (await measure(fakeRun({ parameters: [hostFloat([1])], status }), 'objective')).standing
        ?.state === 'final';
    for (const status of ['idle', 'running', 'paused'] as const) {
      expect(await finalAt(status)).toBe(false);
    }
    for (const status of ['converged', 'maxSteps', 'diverged', 'cancelled'] as const) {
      expect(await finalAt(status)).toBe(true);
    }
  });

  it('takes the worst ratio of measured f − f* to the bound after the start, leaving out rounding', async () => {
    const run = fakeRun({
      parameters: [hostFloat([3, 4])],
      // f* = 1: suboptimality 8, 3, 2e-16; bound d²/(2(k+1)) with d = 5: 12.5, 6.25, 4.17.
      objective: [9, 4, 1 + 2 ** -52],
      certificate: certificate(1, [hostFloat([3, 4])]),
      theory: { label: 'd²/2(k+1)', bound: (k, d) => (k === 2 ? 0 : d ** 2 / (2 * (k + 1))) },
    });
    expect((await measure(run, 'boundRatio')).value).toBeCloseTo(3 / 6.25, 14);
  });

  it('knows no ratio to a bound where the gap of the certificate hides every row', async () => {
    const ratio = async (gap: number, objective: readonly number[]) => {
      const run = fakeRun({
        parameters: [hostFloat([3, 4])],
        objective: [...objective],
        certificate: { ...certificate(1, [hostFloat([3, 4])]), gap },
        theory: { label: 'd²/2(k+1)', bound: (k, d) => d ** 2 / (2 * (k + 1)) },
      });
      return (await measure(run, 'boundRatio')).value;
    };
    expect(await ratio(100, [9, 4, 2])).toBeNaN();
    expect(await ratio(0, [9, 4, 2])).toBeCloseTo(3 / 6.25, 14);
    // At the minimum after one step: below its bound, by how much is rounding.
    expect(await ratio(0, [9, 1, 1])).toBe(0);
  });

  it('says beside f − f* how well f* is known', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      objective: [9, 4],
      certificate: { ...certificate(1, [hostFloat([1])]), gap: 0.5 },
    });
    const { status } = await evaluate('check/measure', {
      params: { measure: 'suboptimality' },
      inputs: { run },
    });
    expect(status).toBe('3, f* known to 0.5');
  });

  it('refuses a ratio to a bound that the live values void', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      certificate: certificate(0, [hostFloat([0])]),
      theory: { label: 'd²/2k', bound: () => NaN },
    });
    await refused(
      'check/measure',
      { params: { measure: 'boundRatio' }, inputs: { run } },
      /within the guarantee "d²\/2k"/,
    );
  });

  it('names the features when the data have others than the model', async () => {
    const dataset: DatasetValue = {
      ...plane,
      name: 'wide',
      features: hostFloat([1, 2, 3], [1, 3]),
      featureNames: ['a', 'b', 'c'],
    };
    await refused(
      'check/measure',
      { params: { measure: 'accuracy' }, inputs: { run: binary, dataset } },
      /expected the 2 features of the training data "plane", got "wide" without .* and with a, b, c/,
    );
  });

  it('knows no accuracy of a model whose outputs are not numbers', async () => {
    const parameters = binary.parameters.map(({ data, shape }) =>
      hostFloat(
        data.map(() => NaN),
        shape,
      ),
    );
    expect((await measure({ ...binary, parameters }, 'accuracy')).value).toBeNaN();
  });

  it('refuses data with other classes, values for an accuracy, and a run without a model', async () => {
    const call = (run: RunValue, dataset?: DatasetValue): NodeCall => ({
      params: { measure: 'accuracy' },
      inputs: dataset ? { run, dataset } : { run },
    });
    await refused(
      'check/measure',
      call(binary, withLabels([0, 0, 0, 1], ['yes', 'maybe'])),
      /the classes no, yes.*got maybe besides/,
    );
    await refused('check/measure', call(regression), /data with classes, got target values/);
    await refused(
      'check/measure',
      call(fakeRun({ parameters: [hostFloat([1])] })),
      /expected a run that trains a model, got one on "test problem"/,
    );
  });
});

const WAITS: Standing = { state: 'pending', reason: 'waits for the run' };

describe('check', () => {
  const check = async (
    params: Readonly<Record<string, ParamValue>>,
    value: number,
    standing?: Standing,
  ): Promise<CheckView> => {
    const scalar: ScalarValue = {
      kind: 'scalar',
      value,
      label: 'm',
      precision: 'float32',
      standing,
    };
    return view('check', 'check/compare', { params, inputs: { value: scalar } });
  };

  it.each([
    ['approximately', 1, 1 + 1e-7, 'pass'],
    ['approximately', 1, 1 - 1e-5, 'fail'],
    ['atMost', 1, 1, 'pass'],
    ['atMost', 1, 1 + 1e-15, 'fail'],
    ['atLeast', 1, 1, 'pass'],
    ['atLeast', 1, 1 - 1e-15, 'fail'],
    ['approximately', 1, NaN, 'fail'],
    ['atMost', 1, NaN, 'fail'],
    ['atLeast', 1, NaN, 'fail'],
  ] as const)('%s %d: %d is a %s', async (relation, expected, value, status) => {
    const shown = await check({ relation, expected }, value);
    expect(shown.status).toBe(status);
    expect(shown.deviation).toBe(value - expected);
    expect(shown.precision).toBe('float32');
  });

  it('adds the absolute and the relative tolerance', async () => {
    const params = { expected: -200, absoluteTolerance: 1, relativeTolerance: 0.01 };
    expect((await check(params, -203)).status).toBe('pass');
    expect((await check(params, -203.001)).status).toBe('fail');
    expect((await check(params, -203)).expected).toBe('≈ -200 ± 3');
  });

  it('is pending while the run goes on, and final without a word about it', async () => {
    expect((await check({ expected: 1 }, 1, WAITS)).status).toBe('pending');
    expect((await check({ expected: 1 }, 1, { state: 'final' })).status).toBe('pass');
    expect((await check({ expected: 1 }, 1)).status).toBe('pass');
  });

  it('compares with a number that is wired in, times a factor, and waits for it too', async () => {
    const scalar = (value: number, standing?: Standing): ScalarValue => ({
      kind: 'scalar',
      value,
      label: 'm',
      precision: 'float64',
      standing,
    });
    const wired = (value: number, standing?: Standing) =>
      view('check', 'check/compare', {
        params: { relation: 'atMost', factor: 4, expected: -1 },
        inputs: { value: scalar(value), expected: scalar(0.5, standing) },
      });
    expect(await wired(2)).toMatchObject({ status: 'pass', expected: '≤ 2' });
    expect(await wired(2.1)).toMatchObject({ status: 'fail' });
    expect(await wired(2, WAITS)).toMatchObject({ status: 'pending', reason: 'waits for the run' });
  });
});

describe('a check of f − f*', () => {
  const claim = async (
    excess: number,
    {
      relation = 'atMost',
      expected = 1e-6,
      gap = 1e-9,
      infeasibility = [0, 0, 0],
      precision = 'float64' as const,
      constrained = false,
    }: {
      relation?: string;
      expected?: number;
      gap?: number;
      infeasibility?: readonly number[];
      precision?: 'float64' | 'float32';
      constrained?: boolean;
    } = {},
  ): Promise<CheckView> => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      objective: [4, 2, 1 + excess],
      certificate: { ...certificate(1), gap },
      precision,
    });
    const series = constrained ? { ...run.series, infeasibility } : run.series;
    const measured = await evaluate('check/measure', {
      params: { measure: 'suboptimality' },
      inputs: { run: { ...run, series } },
    });
    return view('check', 'check/compare', {
      params: { relation, expected, absoluteTolerance: Math.abs(expected) },
      inputs: { value: output(measured, 'value', 'scalar') },
    });
  };

  it.each([
    ['above the claim', 2e-6, 'fail'],
    ['as claimed', 9e-7, 'pass'],
    ['at the minimum', 0, 'pass'],
    ['below it within the gap', -9e-10, 'pass'],
    ['far below it', -713.74, 'fail'],
    ['below it by a little more than gap and rounding', -1.1e-9, 'fail'],
  ])('%s: %s is a %s', async (_, excess, status) => {
    expect((await claim(excess)).status).toBe(status);
  });

  it('names the alarm, whatever the relation', async () => {
    const alarm = 'below the certified minimum: f − f* = −0.5 < −1e-9';
    for (const relation of ['atMost', 'approximately', 'atLeast'])
      expect(
        await claim(-0.5, { relation, expected: relation === 'atLeast' ? -1 : 1 }),
      ).toMatchObject({
        status: 'fail',
        reason: alarm,
      });
  });

  it('fails outside the constraints, also where f − f* is small or better than optimal', async () => {
    const outside = { constrained: true, infeasibility: [0, 0, 0.25] };
    expect(await claim(-0.5, outside)).toMatchObject({
      status: 'fail',
      reason: expect.stringMatching(/^infeasible by 0\.25: f − f\* = -0\.5 is better than optimal/),
    });
    expect(await claim(1e-7, outside)).toMatchObject({
      status: 'fail',
      reason: 'infeasible by 0.25',
    });
    expect((await claim(1e-7, { constrained: true, infeasibility: [1, 1, 1e-8] })).status).toBe(
      'pass',
    );
  });

  it('is undecided where f* or f is known less well than the claim', async () => {
    expect(await claim(1e-7, { gap: 1e-3 })).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('f* is known to 0.001 only'),
    });
    // What is above the claim is above it for every f* in [value − gap, value].
    expect((await claim(1e-2, { gap: 1e-3 })).status).toBe('fail');
    expect(await claim(-4e-6, { precision: 'float32', gap: 0 })).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('within its rounding in float32'),
    });
  });
});

describe('a run that was changed', () => {
  const lambda = { key: 'l1.lambda', name: 'λ', from: 5, to: 20 };
  const parameters = [hostFloat([1])];
  const segment = (from: number, live: number, value: number) => ({
    from,
    live: { 'l1.lambda': live },
    certificate: known(certificate(value, parameters)),
  });
  const theory: RunPlan['theory'] = { label: 'd²/2k', bound: (k, d) => (10 + d ** 2) / (k + 1) };
  const base = () => fakeRun({ parameters, objective: [9, 5, 31, 30 + 1e-9], theory });
  const onTheWay = (): RunValue => ({
    ...base(),
    segments: [segment(0, 5, 1), segment(1, 20, 30)],
    standing: 'changed',
    changes: [{ step: 1, changes: [lambda] }],
  });
  const outdated = (): RunValue => ({
    ...base(),
    segments: [segment(0, 5, 1)],
    standing: 'outdated',
    since: [lambda],
  });
  const checkOf = async (run: RunValue, measure: string, expected: number) => {
    const measured = await evaluate('check/measure', {
      params: { measure, from: 1, to: 3 },
      inputs: { run },
    });
    return view('check', 'check/compare', {
      params: { relation: 'atMost', expected },
      inputs: { value: output(measured, 'value', 'scalar') },
    });
  };

  it('is true of its final state for the values it ended with, and says that it was changed', async () => {
    expect(await checkOf(onTheWay(), 'suboptimality', 1e-6)).toMatchObject({
      status: 'pass',
      reason: 'changed on the way: λ 5 → 20 at step 1',
    });
    for (const measure of ['objective', 'residual', 'minimiserDistance'])
      expect((await checkOf(onTheWay(), measure, 100)).status).toBe('pass');
  });

  it('has no steps, orders or bounds, which mean one set of values from the start', async () => {
    for (const measure of ['steps', 'boundRatio', 'order', 'residualOrder'])
      expect(await checkOf(onTheWay(), measure, 1e9)).toMatchObject({
        status: 'outdated',
        reason: 'changed on the way: λ 5 → 20 at step 1. Run again with λ = 20 from the start.',
      });
    const { runs } = await view('curves', 'view/loss-curves', { inputs: { runs: [onTheWay()] } });
    expect(runs[0]).toMatchObject({
      theory: null,
      noTheory: expect.stringContaining('one set of values from the start'),
      segments: [
        { from: 0, fStar: { value: 1 } },
        { from: 1, fStar: { value: 30 }, change: 'λ 5 → 20' },
      ],
    });
    const table = await view('comparison', 'view/comparison', {
      params: { target: 0.5 },
      inputs: { runs: [onTheWay()] },
    });
    expect(table.rows[0]).toMatchObject({
      cells: { targetIterations: null },
      remark: { tone: 'note', text: 'changed on the way: λ 5 → 20 at step 1' },
    });
    expect(table.rows[0].cells.suboptimality).toBeCloseTo(1e-9, 12);
  });

  it('is outdated, and neither passes nor fails, when the graph has other values', async () => {
    for (const measure of ['objective', 'suboptimality', 'steps', 'residual'])
      for (const expected of [-1, 1e9])
        expect(await checkOf(outdated(), measure, expected)).toMatchObject({
          status: 'outdated',
          reason: 'measured with λ = 5. Run again with λ = 20.',
        });
  });
});

describe('what is not to be had', () => {
  const lost = (): RunValue => ({
    ...fakeRun({ parameters: [hostFloat([1])] }),
    ...oneSegment({ state: 'unavailable', reason: 'the samples are repeated' }),
  });
  it.each(['suboptimality', 'minimiserDistance', 'order'])(
    'makes %s not available with the reason of the certificate, and its check too',
    async (measure) => {
      const measured = await evaluate('check/measure', {
        params: { measure, from: 1, to: 2 },
        inputs: { run: lost() },
      });
      expect(measured.status).toBe('not available: f* is not known: the samples are repeated');
      const value = output(measured, 'value', 'scalar');
      expect(value.standing?.state).toBe('unavailable');
      expect(await view('check', 'check/compare', { inputs: { value } })).toMatchObject({
        status: 'unavailable',
        reason: 'f* is not known: the samples are repeated',
      });
    },
  );

  it('is a minimiser that is not known to be the only one, and a bound that begins with it', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      certificate: certificate(0),
      theory: { label: 'R²/2k', bound: (k, d) => d ** 2 / (2 * k) },
    });
    expect((await measureOf(run, 'minimiserDistance')).standing).toMatchObject({
      state: 'unavailable',
      reason: expect.stringContaining('no minimiser that is known to be the only one'),
    });
    // The step is within the guarantee, so there is nothing to lower.
    expect((await measureOf(run, 'boundRatio')).standing).toMatchObject({
      state: 'unavailable',
      reason: expect.stringContaining('distance to the minimiser'),
    });
  });

  it('is nothing where the run stands at its minimum from the start: the ratio is 0', async () => {
    const theory: RunPlan['theory'] = {
      label: 'R²/2k',
      bound: (k, d, gap) => Math.min(gap, d ** 2 / (2 * k)),
    };
    const start = {
      parameters: [hostFloat([0])],
      theory,
      certificate: certificate(0, [hostFloat([0])]),
    };
    const atMinimum = fakeRun({ ...start, objective: [0], status: 'converged' });
    expect((await measureOf(atMinimum, 'boundRatio')).value).toBe(0);
    const stopped = fakeRun({ ...start, objective: [3], status: 'nonfinite' });
    expect((await measureOf(stopped, 'boundRatio')).standing).toMatchObject({
      state: 'unavailable',
      reason: 'no step was done',
    });
  });
});

const measureOf = async (run: RunValue, measure: string): Promise<ScalarValue> =>
  output(
    await evaluate('check/measure', { params: { measure }, inputs: { run } }),
    'value',
    'scalar',
  );

describe('generated samples', () => {
  it('are the present points, with their weights, of a run of free points', async () => {
    const start: DatasetValue = {
      kind: 'dataset',
      name: 'start',
      features: hostFloat([0, 0, 1, 1, 2, 2], [3, 2]),
      featureNames: ['x1', 'x2'],
      targets: { kind: 'none' },
    };
    const { outputs } = await evaluateNode(particles, {
      params: { free: 'both' },
      inputs: { data: start },
    });
    const model = outputs?.model as ModelValue;
    const points = hostFloat([5, 6, 7, 8, 9, 10], [3, 2]);
    const logits = hostFloat([0, Math.log(2), 0]);
    const run = fakeRun({ parameters: [points, logits], model });
    const moved = output(
      await evaluate('data/generated', { inputs: { run } }),
      'dataset',
      'dataset',
    );
    expect([...moved.features.data]).toEqual([...points.data]);
    if (moved.targets.kind !== 'values') throw new Error('expected weights');
    expect([...moved.targets.values.data].map((w) => w.toFixed(12))).toEqual(
      [0.25, 0.5, 0.25].map((w) => w.toFixed(12)),
    );
  });
});

describe('views', () => {
  it('draws f* and the theoretical bound over each run', async () => {
    const run = fakeRun({
      parameters: [hostFloat([3, 4])],
      certificate: certificate(1, [hostFloat([3, 4])]),
      theory: {
        label: 'bound',
        bound: (k, d, gap, live) => (gap * d * live['run.stepSize']) / (k + 1),
      },
      live: { 'run.stepSize': 2 },
    });
    const shown: CurvesView = await view('curves', 'view/loss-curves', {
      inputs: { runs: [run, binary] },
      // The graph's present values, which the run was not done with.
      liveValues: { 'run.stepSize': 3 },
    });
    expect(shown.runs[0].segments).toMatchObject([
      { from: 0, fStar: { value: 1, gap: 0, method: 'closed form' } },
    ]);
    // Gap f(x₀) − f* = 3, distance ‖0 − (3, 4)‖ = 5, step size 2.
    expect(shown.runs[0].theory).toEqual({
      label: 'bound',
      iterations: [0, 1, 2],
      bound: [30, 15, 10],
    });
    expect(shown.runs[1]).toMatchObject({
      segments: [{ from: 0, fStar: null }],
      theory: null,
      label: 'test method',
    });
  });

  it('compares final numbers and the first step within the target', async () => {
    const run = fakeRun({
      parameters: [hostFloat([1])],
      objective: [4, 2, 1.05, 1.2, 1.01],
      certificate: certificate(1),
    });
    const shown: ComparisonView = await view('comparison', 'view/comparison', {
      params: { target: 0.1 },
      inputs: { runs: [run, binary] },
    });
    expect(shown.columns.map(({ key }) => key)).toEqual([
      'objective',
      'suboptimality',
      'iterations',
      'gradients',
      'passes',
      'seconds',
      'targetIterations',
      'targetSeconds',
    ]);
    expect(shown.rows[0].cells).toMatchObject({
      objective: 1.01,
      gradients: 4,
      targetIterations: 2,
    });
    expect(shown.rows[0].cells.suboptimality).toBeCloseTo(0.01, 14);
    expect(shown.rows[1].cells).toMatchObject({ suboptimality: null, targetIterations: null });
    expect(shown.note).toMatch(/^f\* = 1 within 0 \(closed form, float64\)$/);
  });

  it('shows predicted against true values with RMSE and R² for several features', async () => {
    const evaluation = await evaluate('view/predictions', { inputs: { run: regression } });
    const shown = evaluation.view as LineView;
    expect(Array.from(shown.points[0].x)).toEqual([1.5, -1.5, -0.5, 5.5]);
    expect(Array.from(shown.points[0].y)).toEqual([1.5, -1.5, -1.5, 5.5]);
    expect(shown.lines[0]).toMatchObject({ dashed: true });
    expect(shown.lines[0].x).toEqual(shown.lines[0].y);
    expect(evaluation.status).toBe('RMSE 0.5, R² 0.9652 (float32)');
  });

  it('draws the fitted curve over the data for one feature', async () => {
    const data: DatasetValue = {
      kind: 'dataset',
      name: 'line',
      features: hostFloat([0, 1, 2], [3, 1]),
      featureNames: ['t'],
      targets: { kind: 'values', name: 'y', values: hostFloat([1, 3, 5]) },
    };
    const run = fakeRun({
      model: await modelOn(data),
      parameters: [hostFloat([2], [1, 1]), hostFloat([1])],
    });
    const shown: LineView = await view('line', 'view/predictions', { inputs: { run } });
    const { x, y } = shown.lines[0];
    expect(x[0]).toBeCloseTo(-0.1, 14);
    expect(x.at(-1)).toBeCloseTo(2.1, 14);
    y.forEach((value, i) => expect(value).toBeCloseTo(2 * x[i] + 1, 12));
  });

  it('refuses predictions of classes and regions of more than two features', async () => {
    await refused(
      'view/predictions',
      { inputs: { run: binary } },
      /got the classes no, yes in "plane"\. For classes use decision/,
    );
    const data = await evaluate('data/table', {
      params: { table: { source: 'builtin', name: 'iris' } },
    });
    const iris = output(data, 'dataset', 'dataset');
    const run = fakeRun({
      model: await modelOn(iris),
      parameters: [hostFloat(new Float64Array(12), [4, 3]), hostFloat([0, 0, 0])],
    });
    await refused(
      'view/decision-regions',
      { inputs: { run } },
      /expected a model of 2 features, got 4 \(Linear model\)/,
    );
  });

  it('colours each side of the line by the class decided there', async () => {
    const evaluation = await evaluate('view/decision-regions', {
      params: { resolution: 9 },
      inputs: { run: binary },
    });
    const shown = evaluation.view as FieldView;
    expect(evaluation.status).toBe('accuracy 75.00 % (float64)');
    const at = (i: number, range: readonly [number, number]) =>
      range[0] + ((range[1] - range[0]) * i) / 8;
    for (let r = 0; r < 9; r++) {
      for (let c = 0; c < 9; c++) {
        const z = at(c, shown.xRange) - 2 * at(r, shown.yRange) + 0.5;
        expect(shown.classIndex?.[9 * r + c]).toBe(z > 0 ? 1 : 0);
        // float32 storage of the probability.
        expect(shown.confidence?.[9 * r + c]).toBeCloseTo(1 / (1 + Math.exp(-Math.abs(z))), 6);
      }
    }
  });

  it('gives the softmax probability of the chosen class for several classes', async () => {
    const model = await modelOn(withLabels([0, 1, 2, 0], ['a', 'b', 'c']));
    const run = fakeRun({
      model,
      parameters: [hostFloat([1, 0, 0, 0, 1, 0], [2, 3]), hostFloat([0, 0, 0.5])],
    });
    const shown: FieldView = await view('field', 'view/decision-regions', {
      params: { resolution: 8 },
      inputs: { run },
    });
    const [x, y] = [shown.xRange[1], shown.yRange[0]];
    const exponentials = [x, y, 0.5].map(Math.exp);
    const total = exponentials.reduce((a, b) => a + b);
    expect(shown.classIndex?.[7]).toBe(0);
    expect(shown.confidence?.[7]).toBeCloseTo(exponentials[0] / total, 6);
  });

  it('lines weights up by feature, beside the true and the certified ones', async () => {
    const data: DatasetValue = { ...withValues([1, 2, 3, 4]), trueCoefficients: hostFloat([7, 8]) };
    const run = fakeRun({
      model: await modelOn(data),
      parameters: affine,
      certificate: certificate(0, [hostFloat([5, 6], [2, 1]), hostFloat([0])]),
    });
    const shown: BarsView = await view('bars', 'view/coefficients', { inputs: { runs: [run] } });
    expect(shown.names).toEqual(['u', 'v']);
    expect(shown.series.map(({ label, values }) => [label, ...values])).toEqual([
      ['test method', 1, -2],
      ['true', 7, 8],
      ['certified minimiser', 5, 6],
    ]);
    const network = fakeRun({ model: await modelOn(data, mlp), parameters: affine });
    await refused('view/coefficients', { inputs: { runs: [network] } }, /got MLP 2-16-16-1/);
  });

  it('gives one series of weights per class', async () => {
    const run = fakeRun({
      model: await modelOn(withLabels([0, 1, 2, 0], ['a', 'b', 'c'])),
      parameters: [hostFloat([1, 2, 3, 4, 5, 6], [2, 3]), hostFloat([0, 0, 0])],
    });
    const shown: BarsView = await view('bars', 'view/coefficients', { inputs: { runs: [run] } });
    expect(shown.series.map(({ label, values }) => [label, ...values])).toEqual([
      ['test method: a', 1, 4],
      ['test method: b', 2, 5],
      ['test method: c', 3, 6],
    ]);
  });

  it('counts true against predicted classes', async () => {
    const shown: MatrixView = await view('matrix', 'view/confusion-matrix', {
      inputs: { run: binary },
    });
    // Truth 1, 0, 1, 1; decided 1, 0, 0, 1.
    expect(Array.from(shown.values)).toEqual([1, 0, 1, 2]);
    expect(shown.rowNames).toEqual(['no', 'yes']);
    expect(shown.summary).toMatch(/75\.00 % \(3 of 4\)/);
    await refused('view/confusion-matrix', { inputs: { run: regression } }, /use predictions/);
  });

  it('shows a number as provisional while its run goes on', async () => {
    const scalar: ScalarValue = { kind: 'scalar', value: 2.5, label: 'm', precision: 'float64' };
    const shown: ValueView = await view('value', 'view/value', { inputs: { value: scalar } });
    expect(shown.value).toBe(2.5);
    const status = async (standing: Standing) =>
      (await evaluate('view/value', { inputs: { value: { ...scalar, standing } } })).status;
    expect(await status({ state: 'final' })).toBe('2.5');
    expect(await status(WAITS)).toBe('2.5 so far');
  });

  it('states the problem and what is known of it', async () => {
    const { objective } = binary.plan;
    const shown: ProblemView = await view('problem', 'view/problem', { inputs: { objective } });
    const facts = Object.fromEntries(shown.facts.map(({ label, value }) => [label, value]));
    expect(facts).toMatchObject({
      Problem: 'test problem',
      Variables: '3 (x0 2×1, x1 1)',
      Convex: 'yes',
      'L (gradient of the data term)': '2',
      'f* certified': 'no',
    });
    expect(shown.formula).toBe('f');
  });
});
