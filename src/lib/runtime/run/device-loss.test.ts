import { describe, expect, it } from 'vitest';
import { createCpu64 } from '../device/cpu64/index.ts';
import type { Device, Stepper } from '../device/device.ts';
import { DeviceError } from '../device/errors.ts';
import { graphNode, graphOf } from '../graph/testing/fake-nodes.ts';
import { cpu64Only } from './devices.ts';
import type { DeviceManager } from './devices.ts';
import { descentNode, harness, quadraticNode, raceNodes, readerNode } from './testing/fake-race.ts';
import type { Harness } from './testing/fake-race.ts';

const graph = graphOf(
  [
    graphNode(quadraticNode, 'q'),
    graphNode(descentNode, 'r', { maxSteps: 1500, noise: 0.3, stepSize: 0.02 }),
    graphNode(readerNode, 'v'),
  ],
  ['q.objective > r.objective', 'r.run > v.run'],
);

type Never = Promise<never>;
const never = (): Never => new Promise(() => {});

interface Fate {
  /** What each device that is handed out does at its n-th chunk; absent: it serves for ever. */
  readonly atChunk?: (chunk: number, lose: () => void, device: number) => Never | undefined;
  readonly atReadState?: (call: number, lose: () => void, device: number) => Never | undefined;
  readonly atCreate?: (lose: () => void, device: number) => Never | undefined;
  /** GPUs that can be had before there are none. @default any number */
  readonly devices?: number;
}

/** A machine whose GPU computes as cpu64 does, and is lost as told. */
function frailMachine({ atChunk, atReadState, atCreate, devices = Infinity }: Fate) {
  let made = 0;
  let lost = false;
  let gpu: Promise<Device> | null = null;
  const losers: (() => void)[] = [];
  const create = async (): Promise<Device> => {
    if (made >= devices)
      throw new DeviceError('unavailable', 'webgpu: expected a WebGPU adapter, got none.');
    const number = ++made;
    const inner = createCpu64();
    let resolveLost: (reason: string) => void = () => {};
    const lose = () => {
      lost = true;
      gpu = null;
      resolveLost('the driver was reset');
    };
    losers.push(lose);
    let chunks = 0;
    let reads = 0;
    return {
      ...inner,
      name: 'webgpu',
      precision: 'float32',
      description: 'a frail GPU',
      lost: new Promise((resolve) => (resolveLost = resolve)),
      createStepper: async (spec) => {
        const fate = atCreate?.(lose, number);
        if (fate) return fate;
        const stepper = await inner.createStepper(spec);
        const frail: Stepper = {
          get stepsDone() {
            return stepper.stepsDone;
          },
          mode: stepper.mode,
          advance: (count, every) =>
            atChunk?.(++chunks, lose, number) ?? stepper.advance(count, every),
          setLive: (live) => stepper.setLive(live),
          readState: () => atReadState?.(++reads, lose, number) ?? stepper.readState(),
          restore: (...args) => stepper.restore(...args),
          dispose: () => stepper.dispose(),
        };
        return frail;
      },
    };
  };
  const cpu64 = createCpu64();
  const manager: DeviceManager = {
    ...cpu64Only(),
    choose: async ({ without }) =>
      without?.includes('webgpu')
        ? { device: cpu64, reason: 'webgpu was lost; a test' }
        : { device: await (gpu ??= create()), reason: 'a test' },
  };
  return {
    manager,
    get made() {
      return made;
    },
    get lost() {
      return lost;
    },
    lose: () => losers.at(-1)?.(),
  };
}

/** A clock at which a chunk seems to take long: chunks of one step, with a snapshot every ninth. */
function slowly() {
  let time = 0;
  return () => (time += 30);
}

function run(h: Harness, command: 'run' | 'pause' | 'stop' | 'rewind' = 'run') {
  h.engine.receive({ type: 'command', command });
}

const reaches = (h: Harness, step: number) =>
  h.until((m) => m.type === 'runs' && m.reports[0].step >= step);
const becomes = (h: Harness, status: string) =>
  h.until((m) => m.type === 'runs' && m.reports[0].status === status);

/** What must not depend on where it ran. */
function outcome(h: Harness) {
  const { series, parameters, status, step } = h.run('r');
  const { seconds: _, ...numbers } = series;
  return { numbers, parameters: [...parameters[0].data], status, step };
}

async function plain() {
  const h = harness(raceNodes);
  h.send(graph);
  run(h);
  await h.settled();
  return outcome(h);
}

const CASES: Readonly<Record<string, Fate>> = {
  'in a chunk, and there is no adapter any more': {
    devices: 1,
    atChunk: (chunk, lose) => (chunk === 60 ? (lose(), never()) : undefined),
  },
  'in a chunk that fails before the loss is known': {
    devices: 1,
    atChunk: (chunk, lose) => {
      if (chunk !== 60) return undefined;
      setTimeout(lose, 5);
      return Promise.reject(new Error('AbortError: the buffer was destroyed'));
    },
  },
  'while the state is read back': {
    devices: 1,
    atReadState: (call, lose) => (call === 3 ? (setTimeout(lose, 5), never()) : undefined),
  },
  'again and again': {
    atChunk: (chunk, lose) => (chunk === 40 ? (lose(), never()) : undefined),
  },
};

describe('a GPU that is lost for good', () => {
  it.each(Object.keys(CASES))(
    '%s leaves the run to the CPU, with the same numbers',
    async (name) => {
      const machine = frailMachine(CASES[name]);
      const h = harness(raceNodes, { devices: machine.manager, now: slowly() });
      h.send(graph);
      run(h);
      const settled = await h.settled();
      // The GPU here computes in float64, so that nothing may differ.
      expect(outcome(h)).toEqual(await plain());
      expect(machine.made).toBe(name === 'again and again' ? 4 : 1);
      const report = h.report('r');
      expect(report).toMatchObject({ device: 'cpu64', precision: 'float64' });
      expect(report.moved).toMatch(
        /^float32 on webgpu up to step [1-9]\d*, float64 on cpu64 since$/,
      );
      // Its curve is in part float32, and it does not follow from the document alone.
      expect(h.run('r')).toMatchObject({ device: 'webgpu', precision: 'float32' });
      expect(h.node('v').view).toMatchObject({ precision: 'float32' });
      expect(settled.fingerprint).toBeNull();
      expect(h.logs.join('\n')).toMatch(/It goes on from step \d+ without webgpu; the steps since/);
      expect(h.logs.join('\n')).toMatch(
        /Descent goes on on another device: float32 on webgpu up to/,
      );
      expect(h.checkpoints.at(-1)?.moves).toEqual([
        { step: expect.any(Number), from: 'webgpu', to: 'cpu64' },
      ]);
    },
  );

  it.each([
    [
      'fails as lost',
      (lose: () => void) => (lose(), Promise.reject(new DeviceError('lost', 'gone'))),
    ],
    [
      'fails in another way',
      (lose: () => void) => {
        setTimeout(lose, 5);
        return Promise.reject(new Error('OperationError'));
      },
    ],
    ['never answers', (lose: () => void) => (setTimeout(lose, 5), never())],
  ] as const)('while its first stepper is made, which %s, is not missed', async (_, atCreate) => {
    const machine = frailMachine({ devices: 1, atCreate: (lose) => atCreate(lose) });
    const h = harness(raceNodes, { devices: machine.manager });
    h.send(graph);
    run(h);
    const settled = await h.settled();
    expect(outcome(h)).toEqual(await plain());
    // No step was done on it: these are the numbers of the CPU alone.
    expect(h.report('r')).toMatchObject({ device: 'cpu64' });
    expect(h.report('r').moved).toBeUndefined();
    expect(settled.fingerprint).toMatchObject({ device: 'cpu64', precision: 'float64' });
  });

  it('while the run is paused is missed only when it goes on', async () => {
    const machine = frailMachine({ devices: 1 });
    const h = harness(raceNodes, { devices: machine.manager, now: slowly() });
    h.send(graph);
    run(h);
    await reaches(h, 100);
    run(h, 'pause');
    await becomes(h, 'paused');
    const { step } = h.report('r');
    machine.lose();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(h.report('r')).toMatchObject({ status: 'paused', step });
    run(h);
    await becomes(h, 'maxSteps');
    expect(outcome(h)).toEqual(await plain());
    expect(h.report('r').moved).toContain(`up to step ${step},`);
  });

  it('is tried again after a rewind, and its steps are then its own', async () => {
    const machine = frailMachine({
      atChunk: (chunk, lose, device) =>
        chunk === 40 && device <= 4 ? (lose(), never()) : undefined,
    });
    const h = harness(raceNodes, { devices: machine.manager, now: slowly() });
    h.send(graph);
    run(h);
    await h.settled();
    expect(h.report('r').device).toBe('cpu64');
    run(h, 'rewind');
    run(h);
    await becomes(h, 'maxSteps');
    expect(h.report('r')).toMatchObject({ device: 'webgpu' });
    expect(h.report('r').moved).toBeUndefined();
  });

  it('since a checkpoint was made is missed in words, and the words are kept in checkpoints', async () => {
    const machine = frailMachine({});
    const first = harness(raceNodes, { devices: machine.manager, now: slowly() });
    first.send(graph);
    run(first);
    await first.until((m) => m.type === 'checkpoint' && m.checkpoint.stepsDone > 200);
    first.engine.dispose();
    const checkpoint = structuredClone(first.checkpoints.at(-1)!);

    const without = frailMachine({ devices: 0 });
    const second = harness(raceNodes, { devices: without.manager, now: slowly() });
    second.engine.receive({ type: 'restore', checkpoints: [checkpoint] });
    second.send(graph);
    await second.until((m) => m.type === 'checkpoint' && m.checkpoint.stepsDone > 500);
    second.engine.dispose();
    const later = structuredClone(second.checkpoints.at(-1)!);
    expect(later.moves).toEqual([{ step: checkpoint.stepsDone, from: 'webgpu', to: 'cpu64' }]);

    const third = harness(raceNodes);
    third.engine.receive({ type: 'restore', checkpoints: [later] });
    third.send(graph);
    await becomes(third, 'maxSteps');
    expect(outcome(third)).toEqual(await plain());
    expect(third.report('r').moved).toBe(
      `float32 on webgpu up to step ${checkpoint.stepsDone}, float64 on cpu64 since`,
    );
  });

  it('that was never there fails the run with the reason', async () => {
    const h = harness(raceNodes, { devices: frailMachine({ devices: 0 }).manager });
    h.send(graph);
    run(h);
    await h.settled();
    expect(h.report('r')).toMatchObject({
      status: 'failed',
      message: 'webgpu: expected a WebGPU adapter, got none.',
    });
  });
});

describe('a device that does not answer', () => {
  it.each(['atChunk', 'atReadState', 'atCreate'] as const)(
    'lets its run be stopped at once at the last snapshot (%s)',
    async (where) => {
      const fate: Fate =
        where === 'atCreate'
          ? { atCreate: () => never() }
          : { [where]: (call: number) => (call === 8 ? never() : undefined) };
      const h = harness(raceNodes, { devices: frailMachine(fate).manager, now: slowly() });
      h.send(graph);
      run(h);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(h.report('r').status).toBe('running');
      const asked = performance.now();
      run(h, 'stop');
      await (where === 'atCreate' ? h.settled() : becomes(h, 'cancelled'));
      // 100 ms of patience for what is under way.
      expect(performance.now() - asked).toBeLessThan(400);
      expect(h.report('r').status).toBe('cancelled');
      expect(h.run('r').series.step.at(-1) ?? 0).toBe(h.run('r').step);
    },
  );

  it('when the state is to be read back for the stop itself is let go too', async () => {
    let stuck = false;
    const machine = frailMachine({ atReadState: () => (stuck ? never() : undefined) });
    const h = harness(raceNodes, { devices: machine.manager, now: slowly() });
    h.send(graph);
    run(h);
    await reaches(h, 50);
    stuck = true;
    run(h, 'stop');
    await becomes(h, 'cancelled');
    expect(h.report('r').step).toBeGreaterThan(0);
    expect(h.run('r').series.step.at(-1)).toBe(h.run('r').step);
  });
});
