/** Flows trained end to end: on both precisions, on a person's own points, and where the equation blows up. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sketch } from '../../src/lib/gallery/template.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { createCpu64 } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createDeviceManager } from '../../src/lib/runtime/device/select.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { compilePlan, initialParameters } from '../../src/lib/runtime/run/compile-plan.ts';
import { runHeadless } from '../../src/lib/runtime/run/headless.ts';
import { batchKey, initialKey } from '../../src/lib/runtime/run/keys.ts';
import { parseTable } from '../../src/lib/runtime/table/index.ts';
import { dataset, distance, loss, model, plan } from './support/problems.ts';

describe('a flow trained in float32', () => {
  let wasm: Device;
  beforeAll(async () => {
    wasm = await createWasm();
  });
  afterAll(() => wasm.dispose());
  const cpu64 = createCpu64();

  const cloud = dataset(hostFloat(hostNormal(hostKey(1), 2 * 96), [96, 2]), { kind: 'none' });
  // A skewed cloud, so that there is something to learn.
  const data = {
    ...cloud,
    features: hostFloat(
      Float64Array.from(cloud.features.data, (v, i) => (i % 2 === 0 ? v : 0.4 * v * v + 0.3 * v)),
      [96, 2],
    ),
  };

  test.each([
    ['one hidden layer', { widths: [16], steps: 4 }, 32],
    ['three layers and checkpoints', { widths: [8, 8, 8], steps: 5, checkpoint: 2 }, 0],
    ['a stochastic trace', { widths: [12, 12], steps: 4, trace: 'rademacher' }, 32],
    ['Euler steps', { widths: [16], steps: 6, method: 'euler', activation: 'softplus' }, 32],
  ])('with %s follows float64 step by step', async (_, params, batchSize) => {
    const flow = await model('model/cnf', data, params);
    const objective = await loss('loss/density-likelihood', flow);
    const steps = await plan('optimizer/sgd', objective, { stepSize: 0.02, batchSize });
    const run = async (device: Device) => {
      const compiled = compilePlan(steps, {
        x0: initialParameters(steps, initialKey(0)),
        key: batchKey(0),
      });
      const stepper = await device.createStepper(compiled.spec);
      const rows = await stepper.advance(10, 1);
      const state = await stepper.readState();
      stepper.dispose();
      const at = compiled.columns.indexOf('objective');
      const width = compiled.columns.length;
      return {
        parameters: compiled.parameters(state),
        objective: rows.steps.map((__, i) => rows.values[i * width + at]),
      };
    };
    const [exact, rounded] = [await run(cpu64), await run(wasm)];
    expect(exact.objective[10]).toBeLessThan(exact.objective[0]);
    const start = initialParameters(steps, initialKey(0));
    const moved = distance(exact.parameters, start);
    // Ten steps of some thousand rounded operations each: errors of 2⁻²⁴ that add up, and grow with the curvature.
    expect(distance(exact.parameters, rounded.parameters) / moved).toBeLessThan(2e-5);
    exact.objective.forEach((value, k) =>
      expect(Math.abs(rounded.objective[k] - value)).toBeLessThan(1e-5),
    );
  });
});

/** data → flow → likelihood → optimizer, with two measures. */
const experiment = (
  table: Readonly<Record<string, string | { source: 'stored'; hash: string; name: string }>>,
  optimizer: { type: string; params: Readonly<Record<string, number | string>> },
  flow: Readonly<Record<string, number | string | number[]>> = { widths: [16], steps: 4 },
) =>
  sketch({
    title: 'Own points',
    explanation: [],
    device: 'cpu64',
    columns: [
      [{ id: 'points', type: 'data/table', params: table }],
      [{ id: 'flow', type: 'model/cnf', params: flow }],
      [{ id: 'loss', type: 'loss/density-likelihood' }],
      [{ id: 'run', ...optimizer }],
      [
        { id: 'samples', type: 'view/samples' },
        { id: 'density', type: 'view/density', params: { resolution: 16 } },
        { id: 'nll', type: 'check/density-measure', params: { measure: 'nll' } },
        { id: 'mass', type: 'check/density-measure', params: { measure: 'mass', margin: 1 } },
      ],
    ],
    wires: [
      'points.dataset > flow.data',
      'flow.model > loss.model',
      'loss.objective > run.objective',
      'run.run > samples.run',
      'run.run > density.run',
      'run.run > nll.run',
      'run.run > mass.run',
    ],
  });

const execute = (document: ReturnType<typeof sketch>, csv: string) =>
  runHeadless(document, {
    registry,
    devices: createDeviceManager(),
    tables: {
      builtin: async (name) =>
        readFileSync(new URL(`../../static/data/${name}.csv`, import.meta.url), 'utf8'),
      stored: async () => csv,
    },
  });

describe('a flow of a person’s own points', () => {
  /** Two clusters of 120 points, as a table of two columns and nothing else. */
  const noise = hostNormal(hostKey(7), 240);
  const rows = Array.from(
    { length: 120 },
    (_, i) => `${(i % 2 === 0 ? -1.5 : 1.5) + 0.3 * noise[2 * i]},${0.5 * noise[2 * i + 1]}`,
  );
  const csv = `east,north\n${rows.join('\n')}\n`;
  const own = async (text: string) => {
    const { hash } = await parseTable(text, { name: 'own' });
    return { table: { source: 'stored', hash, name: 'own' }, targetKind: 'none' } as const;
  };
  const adam = {
    type: 'optimizer/adam',
    params: { stepSize: 0.05, batchSize: 0, maxSteps: 60, beta2: 0.99 },
  };

  test('is trained, measured and shown from a table of two columns without a target', async () => {
    const result = await execute(experiment(await own(csv), adam), csv);
    for (const { nodeId, state, error } of result.nodes)
      expect([nodeId, state, error?.message]).toEqual([nodeId, 'ready', undefined]);
    const [report] = result.reports;
    expect(report.status).toBe('maxSteps');
    // The Gaussian of the same covariance is the best that does not see two clusters.
    const columns = [0, 1].map((j) => rows.map((row) => Number(row.split(',')[j])));
    const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
    const central = (a: readonly number[], b: readonly number[]) =>
      mean(a.map((v, i) => (v - mean(a)) * (b[i] - mean(b))));
    const [xx, yy, xy] = [
      central(columns[0], columns[0]),
      central(columns[1], columns[1]),
      central(columns[0], columns[1]),
    ];
    const gaussian = Math.log(2 * Math.PI * Math.E) + 0.5 * Math.log(xx * yy - xy ** 2);
    expect(result.scalars['nll.value'].value).toBeLessThan(gaussian);
    expect(Math.abs(result.scalars['mass.value'].value - 1)).toBeLessThan(1e-3);
    const samples = result.nodes.find(({ nodeId }) => nodeId === 'samples')?.view;
    expect(samples).toMatchObject({ kind: 'scatter', xLabel: 'east', yLabel: 'north' });
  });

  test('names the row and the column of a number that is missing', async () => {
    const broken = csv.replace(/\n[^\n]+\n$/, '\n1.0,NaN\n');
    await expect(own(broken)).rejects.toThrow(/own, row 121, column 2 \(north\).*got "NaN"/);
  });

  test('stops with the reason where a step throws the solution out of the finite numbers', async () => {
    const wild = {
      type: 'optimizer/gradient-descent',
      params: { step: 'constant', stepSize: 1e4, maxSteps: 50 },
    };
    const flow = { widths: [8], steps: 4, activation: 'softplus' };
    const result = await execute(experiment(await own(csv), wild, flow), csv);
    const [report] = result.reports;
    expect(report.status).toMatch(/nonfinite|diverged/);
    expect(report.message).toMatch(/Lower the step size/);
    const [run] = result.runs;
    for (const { data } of run.parameters) expect(data.every(Number.isFinite)).toBe(true);
  });
});
