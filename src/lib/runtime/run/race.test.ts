import { describe, expect, it } from 'vitest';
import { ARITHMETIC } from '../../numerics/arithmetic.ts';
import { createCpu64 } from '../device/cpu64/index.ts';
import type { Device, Stepper } from '../device/device.ts';
import { DeviceError } from '../device/errors.ts';
import { renameNode, setParam } from '../graph/edit.ts';
import { graphNode, graphOf } from '../graph/testing/fake-nodes.ts';
import type { GraphNode } from '../graph/document.ts';
import { cpu64Only } from './devices.ts';
import type { DeviceManager } from './devices.ts';
import { batchKey, initialKey } from './keys.ts';
import {
  brokenNode,
  countNode,
  descentNode,
  harness,
  quadraticNode,
  raceNodes,
  readerNode,
} from './testing/fake-race.ts';
import type { Harness, HarnessOptions } from './testing/fake-race.ts';
import { certificateOf } from './run-value.ts';
import type { RunStatus } from './run-value.ts';

type Params = GraphNode['params'];

/** One objective, a descent for each set of parameters (r0, r1, …) and a reader of each (v0, v1, …). */
function race(runs: readonly Params[], quadratic: Params = {}) {
  return graphOf(
    [
      graphNode(quadraticNode, 'q', quadratic),
      ...runs.map((params, i) => graphNode(descentNode, `r${i}`, params)),
      ...runs.map((_, i) => graphNode(readerNode, `v${i}`)),
    ],
    runs.flatMap((_, i) => [`q.objective > r${i}.objective`, `r${i}.run > v${i}.run`]),
  );
}

const command = (
  h: Harness,
  name: 'run' | 'pause' | 'step' | 'stop' | 'rewind',
  ...ids: string[]
) =>
  h.engine.receive({
    type: 'command',
    command: name,
    ...(ids.length > 0 ? { nodeIds: ids } : {}),
  });

async function finished(runs: readonly Params[], quadratic: Params = {}, options?: HarnessOptions) {
  const h = harness(raceNodes, options);
  h.send(race(runs, quadratic));
  command(h, 'run');
  const settled = await h.settled();
  return { h, settled };
}

const status = (h: Harness, id: string, wanted: RunStatus) =>
  h.until(
    (m) => m.type === 'runs' && m.reports.some((r) => r.nodeId === id && r.status === wanted),
  );

/** Everything about a run that must not depend on how it was driven. */
function outcome(h: Harness, id: string) {
  const { series, path, parameters, status, step } = h.run(id);
  const { seconds: _, ...numbers } = series;
  const iterates = { steps: path?.steps, numbers: [...(path?.iterates ?? [])] };
  return { numbers, iterates, parameters: [...parameters[0].data], status, step };
}

const NOISY: Params = { maxSteps: 1500, noise: 0.3, stepSize: 0.02 };

describe('runs', () => {
  it('begin at the command, reach the last step, and end with the measured final state', async () => {
    const h = harness(raceNodes);
    h.send(race([{ maxSteps: 803 }]));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'idle', step: 0, objective: null });
    command(h, 'run');
    const settled = await h.settled();
    const run = h.run('r0');
    expect(run).toMatchObject({ status: 'maxSteps', step: 803 });
    // x₁ shrinks by 1 − 0.05 a step.
    const expected = run.initialParameters[0].data[0] * 0.95 ** 803;
    expect(run.parameters[0].data[0]).toBeCloseTo(expected, 25);
    expect(run.series.step.slice(-3)).toEqual([796, 800, 803]);
    expect(run.series.objective.length).toBe(run.series.step.length);
    expect(settled.fingerprint).toEqual({
      device: 'cpu64',
      precision: 'float64',
      arithmetic: ARITHMETIC,
      runs: { r0: { steps: 803, objective: run.series.objective.at(-1) } },
      scalars: { 'v0.scalar': run.parameters[0].data[0] },
    });
  });

  it('on one objective start at the same weights and draw the same numbers', async () => {
    const { h } = await finished([NOISY, { ...NOISY, maxSteps: 700 }]);
    const [a, b] = [h.run('r0'), h.run('r1')];
    expect(a.initialParameters).toEqual(b.initialParameters);
    expect(a.series.objective.slice(0, 500)).toEqual(b.series.objective.slice(0, 500));
    expect(initialKey(1)).not.toEqual(batchKey(1));
  });

  it('end at the same step with the same numbers whatever the chunks', async () => {
    const params = { ...NOISY, noise: 0, tolerance: 1e-6 };
    const { h: usual } = await finished([params]);
    expect(usual.run('r0').status).toBe('converged');
    // A clock at which a chunk seems to take an hour: chunks of one step.
    let time = 0;
    const slow = await finished([params], {}, { now: () => (time += 3.6e6) });
    // A clock that stands still: chunks as large as they get, without snapshots in between.
    const fast = await finished([params], {}, { now: () => 0 });
    expect(outcome(slow.h, 'r0')).toEqual(outcome(usual, 'r0'));
    expect(outcome(fast.h, 'r0')).toEqual(outcome(usual, 'r0'));
    const { residual, step } = usual.run('r0').series;
    expect(residual.at(-1)).toBeLessThanOrEqual(1e-6);
    expect(residual.at(-2)).toBeGreaterThan(1e-6);
    expect(usual.run('r0').step).toBe(step.at(-1));
  });

  it('keep the curve of one that diverges, with its step, while the others go on', async () => {
    const { h } = await finished([{ stepSize: 0.3, maxSteps: 2000 }, { maxSteps: 2000 }]);
    const bad = h.run('r0');
    expect(bad.status).toBe('diverged');
    expect(bad.message).toMatch(
      new RegExp(`^diverged at step ${bad.step}: the objective rose from`),
    );
    const { objective, step } = bad.series;
    expect(step.at(-1)).toBe(bad.step);
    const bound = objective[0] + 1e6 * Math.max(1, objective[0]);
    expect(objective.at(-1)).toBeGreaterThan(bound);
    expect(objective.at(-2)).toBeLessThanOrEqual(bound);
    expect(h.run('r1')).toMatchObject({ status: 'maxSteps', step: 2000 });
  });

  it('that stop being finite keep the last finite state and name the step', async () => {
    const { h } = await finished([{ maxSteps: 1000, poison: 601 }, { maxSteps: 600 }]);
    const { h: plain } = await finished([{ maxSteps: 600 }]);
    const run = h.run('r0');
    // Past step 500 every fourth step is measured.
    expect(run.message).toBe('not finite at step 604; shown as of step 600. Lower the step size.');
    expect(run).toMatchObject({ status: 'nonfinite', step: 600 });
    expect(run.parameters).toEqual(plain.run('r0').parameters);
    expect(run.series.objective).toEqual(plain.run('r0').series.objective);
    expect(h.run('r1').status).toBe('maxSteps');
  });

  it('that are not finite from the start say so', async () => {
    const { h } = await finished([{ poison: 1 }]);
    expect(h.run('r0')).toMatchObject({
      status: 'nonfinite',
      step: 0,
      message: 'not finite at step 1; shown as of step 0. Lower the step size.',
    });
  });

  it('paused, resumed and stepped give bit for bit the trajectory of an uninterrupted one', async () => {
    const { h: plain } = await finished([NOISY]);
    // One step a chunk, so that the pauses come in the middle.
    let time = 0;
    const h = harness(raceNodes, { now: () => (time += 30) });
    h.send(race([NOISY]));
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].step >= 40);
    command(h, 'pause');
    await status(h, 'r0', 'paused');
    const paused = h.report('r0').step;
    expect(paused).toBeGreaterThanOrEqual(40);
    expect(paused).toBeLessThan(1500);
    command(h, 'step');
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'paused', step: paused + 1 });
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].step >= 703);
    command(h, 'pause');
    await status(h, 'r0', 'paused');
    command(h, 'step');
    await h.settled();
    command(h, 'run');
    await status(h, 'r0', 'maxSteps');
    expect(outcome(h, 'r0')).toEqual(outcome(plain, 'r0'));
  });

  it('rewound start again from the same weights and repeat the same numbers', async () => {
    const { h } = await finished([NOISY]);
    const first = outcome(h, 'r0');
    command(h, 'rewind');
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'idle', step: 0, objective: null });
    expect(h.run('r0').parameters).toEqual(h.run('r0').initialParameters);
    command(h, 'run');
    await status(h, 'r0', 'maxSteps');
    expect(outcome(h, 'r0')).toEqual(first);
  });

  it('stopped keep what they have', async () => {
    let time = 0;
    const h = harness(raceNodes, { now: () => (time += 30) });
    h.send(race([NOISY]));
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].step >= 10);
    command(h, 'stop');
    const settled = await h.settled();
    expect(h.run('r0').status).toBe('cancelled');
    expect(h.run('r0').series.step.at(-1)).toBe(h.run('r0').step);
    expect(settled.fingerprint).toBeNull();
  });

  it('begin by a global command only where they have not ended, and by their own again', async () => {
    const { h } = await finished([{ maxSteps: 5 }]);
    h.send(race([{ maxSteps: 5 }, { maxSteps: 7 }]));
    await h.settled();
    const ended = () =>
      h.messages.filter((m) => m.type === 'checkpoint' && m.checkpoint.nodeId === 'r0').length;
    const before = ended();
    command(h, 'run');
    await h.settled();
    expect(ended()).toBe(before);
    expect(h.report('r1')).toMatchObject({ status: 'maxSteps', step: 7 });
    command(h, 'run', 'r0');
    await h.settled();
    expect(ended()).toBeGreaterThan(before);
  });
});

describe('changes', () => {
  it('of a live value act on the next chunk and mark the run as edited until it is rewound', async () => {
    let time = 0;
    const h = harness(raceNodes, { now: () => (time += 30) });
    const graph = race([{ maxSteps: 400, stepSize: 0 }]);
    h.send(graph);
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].step >= 10);
    h.engine.receive({ type: 'live', nodeId: 'r0', param: 'stepSize', value: 0.1 });
    h.send(setParam(graph, 'r0', 'stepSize', 0.1));
    const settled = await h.settled();
    const { step, objective } = h.run('r0').series;
    const moved = objective.findIndex((value) => value !== objective[0]);
    // x₂ is gone after one step of 1/L = 0.1, so the objective drops at once, and once only by that much.
    expect(step[moved]).toBeGreaterThan(10);
    expect(step[moved]).toBeLessThan(100);
    expect(objective.at(-1)).toBeLessThan(1e-12);
    expect(h.report('r0').standing).toBe('changed');
    expect(settled.fingerprint).toBeNull();
    command(h, 'rewind');
    command(h, 'run');
    const again = await h.settled();
    expect(h.report('r0').standing).toBe('current');
    expect(h.run('r0').series.objective[1]).toBeLessThan(objective[1]);
    expect(again.fingerprint).not.toBeNull();
  });

  it('of structure reset an ended run to idle; undoing them brings it back', async () => {
    const { h } = await finished([{ maxSteps: 50 }]);
    const before = outcome(h, 'r0');
    h.send(race([{ maxSteps: 60 }]));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ status: 'idle', step: 0, maxSteps: 60 });
    h.send(race([{ maxSteps: 50 }]));
    await h.settled();
    expect(outcome(h, 'r0')).toEqual(before);
  });

  it('of structure start a running run again from its initial weights', async () => {
    let time = 0;
    const h = harness(raceNodes, { now: () => (time += 30) });
    h.send(race([{ maxSteps: 400 }]));
    command(h, 'run');
    await h.until((m) => m.type === 'runs' && m.reports[0].step >= 10);
    h.send(race([{ maxSteps: 300 }], { curvature: 12 }));
    await h.settled();
    expect(h.run('r0')).toMatchObject({ status: 'maxSteps', step: 300 });
    expect(h.run('r0').series.step[0]).toBe(0);
  });

  it('of a name change the label and nothing else', async () => {
    const { h } = await finished([{ maxSteps: 50 }]);
    const evaluations = h.engine.evaluations;
    h.send(renameNode(race([{ maxSteps: 50 }]), 'r0', 'Plain descent'));
    await h.settled();
    expect(h.report('r0')).toMatchObject({ label: 'Plain descent', status: 'maxSteps', step: 50 });
    expect(h.node('v0').view).toMatchObject({ label: 'Plain descent' });
    // Only the reader, which shows the label.
    expect(h.engine.evaluations).toBe(evaluations + 1);
  });

  it('that break a plan are shown on the optimizer', async () => {
    const h = harness(raceNodes);
    h.send(
      graphOf(
        [graphNode(quadraticNode, 'q'), graphNode(brokenNode, 'bad'), graphNode(readerNode, 'v')],
        ['q.objective > bad.objective', 'bad.run > v.run'],
      ),
    );
    command(h, 'run');
    await h.settled();
    expect(h.node('bad')).toMatchObject({ state: 'error', error: { code: 'plan' } });
    expect(h.node('bad').error?.message).toContain('expected a state of float [2]');
    expect(h.node('v').state).toBe('blocked');
  });

  it('that a plan forbids is left out of a view of many runs, which says so and shows the others', async () => {
    const h = harness(raceNodes);
    const nodes = [
      graphNode(quadraticNode, 'q'),
      graphNode(descentNode, 'good'),
      graphNode(brokenNode, 'bad'),
      graphNode(countNode, 'count'),
    ];
    const objectives = ['q.objective > good.objective', 'q.objective > bad.objective'];
    h.send(graphOf(nodes, [...objectives, 'good.run > count.runs', 'bad.run > count.runs']));
    command(h, 'run');
    await h.settled();
    expect(h.node('bad').state).toBe('error');
    expect(h.node('count')).toMatchObject({ state: 'ready', status: '1 runs; without Broken' });
    // Alone it has nothing else to show, and waits.
    h.send(graphOf(nodes, [...objectives, 'bad.run > count.runs']));
    await h.settled();
    expect(h.node('count').state).toBe('blocked');
  });
});

describe('checkpoints', () => {
  it('restored in a new engine go on to identical numbers', async () => {
    const { h: plain } = await finished([NOISY]);
    let time = 0;
    const first = harness(raceNodes, { now: () => (time += 30) });
    first.send(race([NOISY]));
    command(first, 'run');
    await first.until((m) => m.type === 'checkpoint' && m.checkpoint.stepsDone > 200);
    first.engine.dispose();
    const checkpoint = structuredClone(first.checkpoints.at(-1)!);
    expect(checkpoint.status).toBe('running');

    const second = harness(raceNodes);
    second.engine.receive({ type: 'restore', checkpoints: [checkpoint] });
    second.send(race([NOISY]));
    await status(second, 'r0', 'maxSteps');
    expect(outcome(second, 'r0')).toEqual(outcome(plain, 'r0'));
  });

  it('of an ended run say that a live value was changed since, and its results are then no fingerprint', async () => {
    const { h: first } = await finished([{ maxSteps: 20, stepSize: 0.01 }]);
    const changed = race([{ maxSteps: 20, stepSize: 0.05 }]);
    first.send(changed);
    await first.settled();
    expect(first.report('r0')).toMatchObject({ status: 'maxSteps', standing: 'outdated' });
    const checkpoint = structuredClone(first.checkpoints.at(-1)!);

    const second = harness(raceNodes);
    second.engine.receive({ type: 'restore', checkpoints: [checkpoint] });
    second.send(changed);
    const settled = await second.settled();
    expect(second.report('r0')).toMatchObject({
      status: 'maxSteps',
      step: 20,
      standing: 'outdated',
    });
    expect(settled.fingerprint).toBeNull();
  });

  it('of another content, or of another shape, are not used', async () => {
    const { h } = await finished([NOISY]);
    const checkpoint = h.checkpoints.at(-1)!;
    for (const wrong of [
      { ...checkpoint, hash: 'other' },
      { ...checkpoint, state: checkpoint.state.slice(1) },
      { ...checkpoint, series: { step: [0] } },
    ]) {
      const second = harness(raceNodes);
      second.send(race([NOISY]));
      await second.settled();
      second.engine.receive({ type: 'restore', checkpoints: [wrong] });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(second.report('r0')).toMatchObject({ status: 'idle', step: 0 });
    }
  });
});

describe('certificates', () => {
  it('are computed once for all runs on an objective and attached to them', async () => {
    const { h } = await finished([{ maxSteps: 20 }, { maxSteps: 30 }]);
    expect(certificateOf(h.run('r0'))).toMatchObject({ value: 0, method: 'closed form' });
    expect(certificateOf(h.run('r1'))).toBe(certificateOf(h.run('r0')));
  });
});

/** A device that is lost at a given number of chunks, once; its advance then never settles. */
function frailManager(chunks: number): DeviceManager & { made: number } {
  let left = chunks;
  const manager = {
    ...cpu64Only(),
    made: 0,
    choose: async () => {
      manager.made += 1;
      const inner = createCpu64();
      let lose: (reason: string) => void = () => {};
      const device: Device = {
        ...inner,
        lost: new Promise((resolve) => (lose = resolve)),
        createStepper: async (spec) => {
          const stepper = await inner.createStepper(spec);
          const frail: Stepper = {
            get stepsDone() {
              return stepper.stepsDone;
            },
            mode: stepper.mode,
            advance: (count, every) => {
              if (--left !== 0) return stepper.advance(count, every);
              lose('the driver was reset');
              return new Promise(() => {});
            },
            setLive: (live) => stepper.setLive(live),
            readState: () => stepper.readState(),
            restore: (...args) => stepper.restore(...args),
            dispose: () => stepper.dispose(),
          };
          return frail;
        },
      };
      return { device, reason: 'a test' };
    },
  };
  return manager;
}

describe('a lost device', () => {
  it('is made again and the run goes on to the same numbers, with a word in the log', async () => {
    const { h: plain } = await finished([NOISY]);
    let time = 0;
    const devices = frailManager(60);
    const { h } = await finished([NOISY], {}, { devices, now: () => (time += 30) });
    expect(devices.made).toBe(2);
    expect(outcome(h, 'r0')).toEqual(outcome(plain, 'r0'));
    expect(h.logs.join('\n')).toMatch(
      /the device was lost at about step \d+.*goes on from step \d+/,
    );
  });

  it('that is not to be had fails the run with the reason and leaves the graph alone', async () => {
    const devices: DeviceManager = {
      ...cpu64Only(),
      choose: async () => {
        throw new DeviceError('unavailable', 'webgpu: expected an adapter, got none. Choose auto.');
      },
    };
    const { h } = await finished([NOISY], {}, { devices });
    expect(h.report('r0')).toMatchObject({
      status: 'failed',
      message: 'webgpu: expected an adapter, got none. Choose auto.',
    });
    expect(h.node('r0').state).toBe('ready');
  });
});
