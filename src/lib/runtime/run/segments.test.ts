import { afterEach, describe, expect, it } from 'vitest';
import { createCpu64 } from '../device/cpu64/index.ts';
import type { Device, Stepper } from '../device/device.ts';
import type { GraphNode } from '../graph/document.ts';
import { setParam } from '../graph/edit.ts';
import { defineNode } from '../graph/node-definition.ts';
import type { Certificate, ObjectiveValue } from '../graph/ports.ts';
import { graphNode, graphOf } from '../graph/testing/fake-nodes.ts';
import { add } from '../ir/ops.ts';
import { cpu64Only } from './devices.ts';
import type { DeviceManager } from './devices.ts';
import type { Checkpoint } from './protocol.ts';
import { certificateOf } from './run-value.ts';
import { segmentAt, segmentsToCertify } from './segments.ts';
import { descentNode, harness, quadraticNode, raceNodes } from './testing/fake-race.ts';
import type { Harness, HarnessOptions } from './testing/fake-race.ts';

type Params = GraphNode['params'];

/** What `certify` of the objective was asked, and how it answers. */
interface Oracle {
  readonly asked: number[];
  readonly stopped: number[];
  open: number;
  most: number;
  answer: (weight: number, signal: AbortSignal) => Promise<Certificate>;
}

const exactly = (value: number): Certificate => ({
  value,
  gap: 0,
  method: 'closed form',
  precision: 'float64',
});

/** f(x) = (weight/2)·(x₁² + 10x₂²) + weight, so that f* = weight. */
function liftedRace(runs: readonly Params[], options: HarnessOptions = {}) {
  const oracle: Oracle = {
    asked: [],
    stopped: [],
    open: 0,
    most: 0,
    answer: async (weight) => exactly(weight),
  };
  const lifted = defineNode({
    ...quadraticNode,
    type: 'loss/lifted',
    evaluate: (context) => {
      const { outputs } = quadraticNode.evaluate(context) as {
        outputs: { objective: ObjectiveValue };
      };
      const base = outputs.objective;
      const weight = context.live('weight');
      const value: ObjectiveValue['value'] = (x, data, live) =>
        add(base.value(x, data, live), live[weight.key]);
      const certify = async (live: Readonly<Record<string, number>>, signal: AbortSignal) => {
        const at = live[weight.key];
        oracle.asked.push(at);
        oracle.most = Math.max(oracle.most, ++oracle.open);
        try {
          return await oracle.answer(at, signal);
        } finally {
          oracle.open -= 1;
          if (signal.aborted) oracle.stopped.push(at);
        }
      };
      return { outputs: { objective: { ...base, value, dataTerm: value, certify } } };
    },
  });
  const graph = graphOf(
    [graphNode(lifted, 'q'), ...runs.map((params, i) => graphNode(descentNode, `r${i}`, params))],
    runs.map((_, i) => `q.objective > r${i}.objective`),
  );
  const h = harness([...raceNodes, lifted], options);
  engines.push(h);
  return { h, graph, oracle, weight: (value: number) => setParam(graph, 'q', 'weight', value) };
}

const engines: Harness[] = [];
afterEach(() => {
  for (const { engine } of engines.splice(0)) engine.dispose();
});

const command = (
  h: Harness,
  name: 'run' | 'pause' | 'step' | 'stop' | 'rewind',
  ...ids: string[]
) => h.engine.receive({ type: 'command', command: name, ...(ids.length > 0 && { nodeIds: ids }) });
const reached = (h: Harness, step: number, id = 'r0') =>
  h.until((m) => m.type === 'runs' && m.reports.some((r) => r.nodeId === id && r.step >= step));
const paused = (h: Harness) =>
  h.until((m) => m.type === 'runs' && m.reports.some((r) => r.status === 'paused'));
/** A clock that makes every chunk small. */
const ticking = () => {
  let time = 0;
  return () => (time += 30);
};
/** Small steps, so that it does not stand still before a change. */
const SLOW: Params = { maxSteps: 400, stepSize: 0.002 };

/** f at the iterate of a row, by the definition above. */
function valueAt(h: Harness, row: number, weight: number): number {
  const { path, series } = h.run('r0');
  const at = path?.steps.indexOf(series.step[row]) ?? -1;
  const [a, b] = path?.iterates.slice(2 * at, 2 * at + 2) ?? [];
  return (weight / 2) * (a * a + 10 * b * b) + weight;
}

describe('segments', () => {
  it('own the rows after their first step, and step 0 is of the first', () => {
    const segments = [{ from: 0 }, { from: 10 }, { from: 25 }];
    expect([0, 1, 10, 11, 25, 26, 1000].map((step) => segmentAt(segments, step))).toEqual([
      0, 0, 0, 1, 1, 2, 2,
    ]);
  });

  it('are certified where most steps are, the last in any case', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ from: i * i, live: {} }));
    const chosen = segmentsToCertify(many, 39 * 39 + 1);
    expect(chosen).toHaveLength(16);
    expect(chosen[0]).toBe(39);
    expect(chosen.slice(1)).toEqual(Array.from({ length: 15 }, (_, i) => 38 - i));
  });
});

describe('a live change while it runs', () => {
  it('opens a segment: each row is f of the values that its steps were done with, against their f*', async () => {
    const { h, graph, weight } = liftedRace([SLOW], { now: ticking() });
    h.send(graph);
    command(h, 'run');
    await reached(h, 20);
    h.send(weight(4));
    const settled = await h.settled();
    const { segments, series, standing, changes } = h.run('r0');
    expect(segments).toMatchObject([
      { from: 0, live: { 'q.weight': 1 }, certificate: { certificate: { value: 1 } } },
      { live: { 'q.weight': 4 }, certificate: { certificate: { value: 4 } } },
    ]);
    const { from } = segments[1];
    expect(from).toBeGreaterThanOrEqual(20);
    expect(series.step).toContain(from);
    for (const [row, step] of series.step.entries())
      expect(series.objective[row]).toBeCloseTo(valueAt(h, row, step <= from ? 1 : 4), 10);
    expect(standing).toBe('changed');
    expect(changes).toEqual([
      { step: from, changes: [{ key: 'q.weight', name: 'Weight', from: 1, to: 4 }] },
    ]);
    expect(h.report('r0')).toMatchObject({ standing: 'changed', since: [], alarm: null });
    expect(settled.fingerprint).toBeNull();
  });

  it('leaves no trace when it is undone before the next step', async () => {
    const { h, graph, weight } = liftedRace([SLOW], { now: ticking() });
    h.send(graph);
    command(h, 'run');
    await reached(h, 20);
    command(h, 'pause');
    await paused(h);
    const { objective } = h.run('r0').series;
    h.send(weight(4));
    await h.settled();
    // Nothing was done with 4 yet: what is shown is of 1.
    expect(h.run('r0')).toMatchObject({ standing: 'outdated', since: [{ from: 1, to: 4 }] });
    expect(h.run('r0').series.objective).toEqual(objective);
    expect(certificateOf(h.run('r0'))?.value).toBe(1);
    h.send(graph);
    await h.settled();
    expect(h.run('r0').standing).toBe('current');
    command(h, 'run');
    const settled = await h.settled();
    expect(h.run('r0').segments).toHaveLength(1);
    expect(settled.fingerprint).not.toBeNull();
  });

  it('may come several times; one step is enough for a segment of its own, and equal values share their f*', async () => {
    const { h, graph, oracle, weight } = liftedRace([SLOW], { now: ticking() });
    h.send(graph);
    await h.settled();
    for (const value of [1, 2, 1, 3]) {
      h.send(weight(value));
      command(h, 'step');
      await reached(h, h.report('r0').step + 1);
    }
    await h.settled();
    const { segments, series } = h.run('r0');
    expect(segments.map(({ from, live }) => [from, live['q.weight']])).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 3],
    ]);
    expect(series.step).toEqual([0, 1, 2, 3, 4]);
    [1, 1, 2, 1, 3].forEach((at, row) =>
      expect(series.objective[row]).toBeCloseTo(valueAt(h, row, at), 10),
    );
    expect(segments.map(({ certificate }) => certificate.state)).toEqual(Array(4).fill('known'));
    expect(oracle.asked.toSorted()).toEqual([1, 2, 3]);
  });

  it('does not disturb a run that is about to end: that ends with the values it was done with', async () => {
    const tolerance = 1e-3;
    const plain = liftedRace([{ maxSteps: 5000, stepSize: 0.05, tolerance }]);
    plain.h.send(plain.graph);
    command(plain.h, 'run');
    await plain.h.settled();

    let atRestore = (): void => {};
    const devices = restoring(() => atRestore());
    const { h, graph, weight } = liftedRace([{ maxSteps: 5000, stepSize: 0.05, tolerance }], {
      devices,
      // Chunks grow far beyond the end, so that the overshoot is undone.
      now: () => 0,
    });
    atRestore = () => h.send(weight(4));
    h.send(graph);
    command(h, 'run');
    await h.settled();
    expect(devices.restored).toBe(1);
    const [run, expected] = [h.run('r0'), plain.h.run('r0')];
    expect(run).toMatchObject({ status: 'converged', step: expected.step, standing: 'outdated' });
    expect(run.parameters).toEqual(expected.parameters);
    expect(run.series.objective).toEqual(expected.series.objective);
  });

  it('is judged for divergence by the first row of its own segment', async () => {
    const { h, graph, weight } = liftedRace([{ ...SLOW, stepSize: 1e-9 }], { now: ticking() });
    h.send(setParam(graph, 'q', 'weight', 1e-9));
    command(h, 'run');
    await reached(h, 20);
    // f rises by nine decades at once, because of its weight and not of its steps.
    h.send(setParam(weight(10), 'r0', 'stepSize', 1e-9));
    await h.settled();
    expect(h.run('r0')).toMatchObject({ status: 'maxSteps', step: 400, standing: 'changed' });
  });
});

/** cpu64, with a word when a stepper is put back to an earlier state. */
function restoring(told: () => void): DeviceManager & { restored: number } {
  const manager = {
    ...cpu64Only(),
    restored: 0,
    choose: async () => {
      const inner = createCpu64();
      const device: Device = {
        ...inner,
        createStepper: async (spec) => {
          const stepper = await inner.createStepper(spec);
          const watched: Stepper = {
            get stepsDone() {
              return stepper.stepsDone;
            },
            mode: stepper.mode,
            advance: (count, every) => stepper.advance(count, every),
            setLive: (live) => stepper.setLive(live),
            readState: () => stepper.readState(),
            restore: (...args) => {
              stepper.restore(...args);
              manager.restored += 1;
              told();
            },
            dispose: () => stepper.dispose(),
          };
          return watched;
        },
      };
      return { device, reason: 'a test' };
    },
  };
  return manager;
}

describe('a live change after the end', () => {
  it('touches nothing; undone it makes the run current again, with its fingerprint', async () => {
    const { h, graph, weight } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    const first = await h.settled();
    const { series, parameters } = h.run('r0');
    h.send(weight(4));
    expect((await h.settled()).fingerprint).toBeNull();
    expect(h.run('r0')).toMatchObject({
      status: 'maxSteps',
      standing: 'outdated',
      since: [{ name: 'Weight', from: 1, to: 4 }],
      series,
      parameters,
    });
    // f* stays that of the values the run was done with.
    expect(certificateOf(h.run('r0'))?.value).toBe(1);
    h.send(weight(9));
    await h.settled();
    h.send(graph);
    expect(await h.settled()).toMatchObject({ fingerprint: first.fingerprint });
    expect(h.report('r0')).toMatchObject({ standing: 'current', since: [] });
  });

  it('brings former results back when it is undone after the run was begun again, and the new ones when redone', async () => {
    const { h, graph, weight } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    const first = await h.settled();
    const before = h.run('r0');
    h.send(weight(4));
    await h.settled();
    command(h, 'run');
    const second = await h.settled();
    const after = h.run('r0');
    expect(after.series).not.toEqual(before.series);
    h.send(graph);
    expect(await h.settled()).toMatchObject({ fingerprint: first.fingerprint });
    expect(h.report('r0')).toMatchObject({ status: 'maxSteps', standing: 'current' });
    expect(h.run('r0')).toMatchObject({
      series: before.series,
      parameters: before.parameters,
      path: before.path,
    });
    expect(certificateOf(h.run('r0'))?.value).toBe(1);
    h.send(weight(4));
    expect(await h.settled()).toMatchObject({ fingerprint: second.fingerprint });
    expect(h.run('r0')).toMatchObject({ series: after.series, standing: 'current' });
    // Of a value that nothing was computed with there is nothing to bring back.
    h.send(weight(9));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ standing: 'outdated' });
  });

  it('leaves a run that was rewound as it is after a structural change and back', async () => {
    const { h, graph, weight } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    await h.settled();
    h.send(weight(4));
    await h.settled();
    command(h, 'run');
    await h.settled();
    command(h, 'rewind');
    await h.settled();
    h.send(setParam(weight(4), 'r0', 'maxSteps', 300));
    await h.settled();
    h.send(weight(4));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'idle', step: 0 });
  });

  it('brings no run back that was on its way', async () => {
    const { h, graph, weight } = liftedRace([SLOW], { now: ticking() });
    h.send(graph);
    command(h, 'run');
    await reached(h, 20);
    command(h, 'pause');
    await h.settled();
    h.send(setParam(graph, 'q', 'curvature', 11));
    await h.settled();
    h.send(graph);
    await h.settled();
    expect(h.report('r0').status).toBe('paused');
    h.send(weight(4));
    command(h, 'run');
    await h.settled();
    h.send(graph);
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'maxSteps', standing: 'outdated' });
  });

  it('does not bring back what a person rewound', async () => {
    const { h, graph, weight } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    await h.settled();
    h.send(weight(4));
    await h.settled();
    command(h, 'run');
    await h.settled();
    h.send(graph);
    await h.settled();
    command(h, 'rewind');
    await h.settled();
    command(h, 'step');
    await h.settled();
    command(h, 'stop');
    await h.settled();
    h.send(weight(4));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'maxSteps', standing: 'current' });
    h.send(graph);
    await h.settled();
    // What was there last with this value: one step.
    expect(h.report('r0')).toMatchObject({ status: 'cancelled', step: 1, standing: 'current' });
  });

  it('of a parameter that two runs share concerns each as it stands: one ended, one under way', async () => {
    const { h, graph, weight } = liftedRace([{ maxSteps: 5 }, { ...SLOW, maxSteps: 300 }], {
      now: ticking(),
    });
    h.send(graph);
    command(h, 'run');
    await reached(h, 30, 'r1');
    expect(h.report('r0').status).toBe('maxSteps');
    h.send(weight(4));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ standing: 'outdated', step: 5 });
    expect(h.run('r0').segments).toHaveLength(1);
    expect(h.report('r1')).toMatchObject({ standing: 'changed', step: 300 });
    // The ended one alone runs again, for the other has the present values.
    command(h, 'run');
    await h.settled();
    expect(h.report('r0')).toMatchObject({ standing: 'current', step: 5 });
    expect(h.report('r1')).toMatchObject({ standing: 'changed', step: 300 });
  });

  it('of a step size makes a run outdated and asks for no other f*', async () => {
    const { h, graph, oracle } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    await h.settled();
    h.send(setParam(graph, 'r0', 'stepSize', 0.001));
    await h.settled();
    expect(h.report('r0')).toMatchObject({
      standing: 'outdated',
      since: [{ key: 'r0.stepSize', name: 'Step', from: 0.002, to: 0.001 }],
    });
    expect(oracle.asked).toEqual([1]);
  });

  it('of a structural parameter and back again brings the segments back', async () => {
    const { h, graph, weight } = liftedRace([SLOW], { now: ticking() });
    h.send(graph);
    command(h, 'run');
    await reached(h, 20);
    h.send(weight(4));
    await h.settled();
    const { segments } = h.run('r0');
    h.send(setParam(weight(4), 'q', 'curvature', 11));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'idle', standing: 'current' });
    h.send(weight(4));
    await h.settled();
    expect(h.run('r0').segments.map(({ from, live }) => ({ from, live }))).toEqual(
      segments.map(({ from, live }) => ({ from, live })),
    );
    expect(h.report('r0')).toMatchObject({ status: 'maxSteps', standing: 'changed' });
  });
});

describe('certificates of segments', () => {
  it('that are on their way when the values change stay those of the values the run was done with', async () => {
    const { h, graph, oracle, weight } = liftedRace([{ maxSteps: 5 }]);
    let release = (): void => {};
    oracle.answer = (at) => new Promise((resolve) => (release = () => resolve(exactly(at))));
    h.send(graph);
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].status === 'maxSteps');
    h.send(weight(4));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(h.run('r0').segments).toMatchObject([{ certificate: { state: 'pending' } }]);
    release();
    await h.settled();
    expect(certificateOf(h.run('r0'))?.value).toBe(1);
    expect(oracle.asked).toEqual([1]);
  });

  it('that cannot be had say why', async () => {
    const { h, graph, oracle } = liftedRace([{ maxSteps: 5 }]);
    oracle.answer = () => Promise.reject(new Error('the Gram matrix is singular'));
    h.send(graph);
    command(h, 'run');
    await h.settled();
    expect(h.run('r0').segments[0].certificate).toEqual({
      state: 'unavailable',
      reason: 'the Gram matrix is singular',
    });
  });

  it('are computed one at a time while a slider is dragged, without those that it passed by', async () => {
    const { h, graph, oracle, weight } = liftedRace([SLOW]);
    h.send(graph);
    await h.settled();
    const started = performance.now();
    for (let i = 1; i <= 60; i++) {
      h.send(weight(1 + i / 20));
      command(h, 'step');
      await reached(h, i);
    }
    // Where a loaded machine made it rest for a quarter of a second, one may have been begun.
    const rests = (performance.now() - started) / 250;
    expect(oracle.asked.length).toBeLessThanOrEqual(2 + rests);
    await h.settled();
    const { segments } = h.run('r0');
    expect(segments).toHaveLength(60);
    expect(oracle.most).toBe(1);
    expect(oracle.asked.length).toBeLessThanOrEqual(16 + 2 + rests);
    expect(certificateOf(h.run('r0'))?.value).toBe(4);
    // Every other segment either has the f* of its own values, or says that it was passed by.
    for (const { certificate, live } of segments) {
      if (certificate.state === 'known')
        expect(certificate.certificate.value).toBe(live['q.weight']);
      else expect(certificate).toMatchObject({ state: 'unavailable', reason: /few steps/ });
    }
  });

  it('make way for those of the present values', async () => {
    const { h, graph, oracle, weight } = liftedRace([{ ...SLOW, maxSteps: 2000 }], {
      now: ticking(),
    });
    // That of weight 1 never ends by itself.
    oracle.answer = (at, signal) =>
      at === 4 || oracle.asked.length > 2
        ? Promise.resolve(exactly(at))
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    h.send(graph);
    command(h, 'run');
    await reached(h, 20);
    h.send(weight(4));
    await h.settled();
    expect(oracle.asked).toEqual([1, 4, 1]);
    expect(oracle.stopped).toEqual([1]);
    expect(h.run('r0').segments).toMatchObject([
      { certificate: { certificate: { value: 1 } } },
      { certificate: { certificate: { value: 4 } } },
    ]);
  });

  it('tell a run that converged by its residual far above them, and no other', async () => {
    const far = liftedRace([{ ...SLOW, tolerance: 1 }]);
    far.h.send(far.graph);
    command(far.h, 'run');
    await far.h.settled();
    expect(far.h.report('r0')).toMatchObject({ status: 'converged', alarm: null });
    expect(far.h.report('r0').shortfall).toMatch(
      /^its residual is within the tolerance, but f − f\*/,
    );
    const near = liftedRace([{ stepSize: 0.1, maxSteps: 3000, tolerance: 1e-9 }]);
    near.h.send(near.graph);
    command(near.h, 'run');
    await near.h.settled();
    expect(near.h.report('r0')).toMatchObject({ status: 'converged', shortfall: null });
    // After a change the first row is that after it: here f* rose on the way.
    const changed = liftedRace([{ stepSize: 0.02, maxSteps: 3000, tolerance: 1e-9 }], {
      now: ticking(),
    });
    changed.h.send(changed.graph);
    command(changed.h, 'run');
    await reached(changed.h, 20);
    changed.h.send(changed.weight(9));
    await changed.h.settled();
    expect(changed.h.report('r0')).toMatchObject({ status: 'converged', shortfall: null });
    // One that was stopped by its limit says so by its status.
    const short = liftedRace([{ ...SLOW, maxSteps: 3 }]);
    short.h.send(short.graph);
    command(short.h, 'run');
    await short.h.settled();
    expect(short.h.report('r0')).toMatchObject({ status: 'maxSteps', shortfall: null });
  });

  it('that are false show as an alarm on the run', async () => {
    const { h, graph, oracle } = liftedRace([{ maxSteps: 300, stepSize: 0.05 }]);
    oracle.answer = async (at) => exactly(at + 0.5);
    h.send(graph);
    command(h, 'run');
    await h.settled();
    expect(h.report('r0').alarm).toMatch(
      /^below the certified minimum: f − f\* = −0\.5 < −\d\S*e-1\d$/,
    );
  });
});

describe('checkpoints', () => {
  it('carry the segments to a new engine, which goes on with the present values', async () => {
    const first = liftedRace([SLOW], { now: ticking() });
    first.h.send(first.graph);
    command(first.h, 'run');
    await reached(first.h, 20);
    first.h.send(first.weight(4));
    await reached(first.h, 60);
    command(first.h, 'pause');
    await paused(first.h);
    const checkpoint = structuredClone(first.h.checkpoints.at(-1)) as Checkpoint;
    expect(checkpoint.segments.map(({ live }) => live['q.weight'])).toEqual([1, 4]);

    const { h, weight } = liftedRace([SLOW]);
    h.engine.receive({ type: 'restore', checkpoints: [checkpoint] });
    h.send(weight(2));
    command(h, 'run');
    await h.settled();
    const { segments, series } = h.run('r0');
    expect(segments.map(({ live }) => live['q.weight'])).toEqual([1, 4, 2]);
    expect(segments[1].from).toBe(checkpoint.segments[1].from);
    expect(segments[2].from).toBe(checkpoint.stepsDone);
    expect(series.step).toContain(segments[1].from);
    expect(h.report('r0')).toMatchObject({ standing: 'changed', status: 'maxSteps' });
  });

  it('of older versions, which do not say what values their steps were done with, are not used', async () => {
    const { h, graph } = liftedRace([SLOW]);
    h.send(graph);
    command(h, 'run');
    await h.settled();
    const { segments: _, ...old } = structuredClone(h.checkpoints.at(-1)) as Checkpoint;
    for (const checkpoint of [
      { ...old, edited: false },
      { ...old, segments: [] },
    ]) {
      const second = liftedRace([SLOW]);
      second.h.engine.receive({
        type: 'restore',
        checkpoints: [checkpoint as unknown as Checkpoint],
      });
      second.h.send(second.graph);
      await second.h.settled();
      expect(second.h.report('r0')).toMatchObject({ status: 'idle', step: 0 });
    }
  });
});
