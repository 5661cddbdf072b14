import { describe, expect, it } from 'vitest';
import { setParam } from '../runtime/graph/edit.ts';
import type { KeptMark, MarkStore } from './off-marks.ts';
import type { LocalWorker } from './testing/local-worker.ts';
import { connect } from './testing/supervised.ts';

/** Never ends by itself within a test. */
const LONG = 1_000_000;

describe('a worker that is silent inside an evaluation', () => {
  it('is asked about by the name of the node, and stopped with the other results kept', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [40]));
    c.client.command('run');
    await c.until(() => c.run('r0')?.status === 'maxSteps' && c.node('b')?.state === 'ready');
    const ended = c.run('r0');
    c.client.setDocument(c.graph(7, [40]));
    await c.until(() => c.silences.some((silence) => silence?.asks));
    expect(c.silences.at(-1)).toMatchObject({
      work: { kind: 'evaluation', nodeId: 't', name: 'Trap' },
    });
    expect(c.workers).toHaveLength(1);

    c.client.stopWork();
    await c.until(() => c.workers.length === 2);
    expect(c.silences.at(-1)).toBeNull();
    expect(c.node('t')).toMatchObject({ state: 'blocked', error: { code: 'off' } });
    expect(c.node('t')?.error?.message).toMatch(
      /^Stopped by you after \d.* s: change it, or start it again\.$/,
    );
    const seen = c.messages.length;
    await c.until(() => c.messages.slice(seen).some((m) => m.type === 'settled'));
    expect(c.node('b')).toMatchObject({
      state: 'blocked',
      error: { message: 'Waits for Trap, which was stopped.' },
    });
    expect(c.run('r0')).toEqual({ ...ended, mode: expect.any(String) });
    expect(c.node('v0')?.state).toBe('ready');
    expect(c.logs().join()).toContain('Trap was interrupted after');
  });

  it('leaves the node off for this content only, until a person starts it again', async () => {
    const c = connect();
    c.client.setDocument(c.graph(7, []));
    await c.until(() => c.silences.some((silence) => silence?.asks));
    c.client.stopWork('t');
    await c.until(() => c.workers.length === 2 && c.node('b')?.state === 'blocked');
    c.client.setDocument(c.graph(3, []));
    await c.until(() => c.node('b')?.status === 'got 3');
    c.client.setDocument(c.graph(7, []));
    await c.until(() => c.node('t')?.off !== undefined && c.node('b')?.state === 'blocked');
    expect(c.workers).toHaveLength(2);

    c.fate.of = null;
    c.client.startAgain({ kind: 'evaluation', key: c.node('t')?.off ?? '' });
    await c.until(() => c.node('b')?.status === 'got 7');
    expect(c.workers).toHaveLength(2);
  });

  it('begins again at a word, though it is heavy enough to be asked about, and not by itself', async () => {
    const c = connect();
    c.client.setDocument(c.graph(8, []));
    await c.until(() => c.node('t')?.state === 'held');
    c.client.allow(['t']);
    await c.until(() => c.silences.some((silence) => silence?.asks));
    c.client.stopWork('t');
    await c.until(() => c.workers.length === 2 && c.node('t')?.off !== undefined);
    c.fate.of = null;
    c.client.startAgain({ kind: 'evaluation', key: c.node('t')?.off ?? '' });
    await c.until(() => c.node('b')?.status === 'got 8');

    // A reload forgets the yes, but to start it again is one.
    let kept: readonly KeptMark[] = [];
    const marks: MarkStore = { load: () => kept, save: (next) => (kept = next), note: () => {} };
    const first = connect({ marks });
    first.client.setDocument(first.graph(8, []));
    await first.until(() => first.node('t')?.state === 'held');
    first.client.allow();
    await first.hung('t');
    first.client.stopWork('t');
    await first.until(() => first.workers.length === 2);
    first.client.dispose();
    const second = connect({ marks });
    second.fate.of = null;
    second.client.distrust();
    second.client.setDocument(second.graph(8, []));
    await second.until(() => second.node('t')?.off !== undefined);
    second.client.startAgain({ kind: 'evaluation', key: second.node('t')?.off ?? '' });
    await second.until(() => second.node('b')?.status === 'got 8');
    expect(
      second.messages.some((m) => m.type === 'nodes' && m.reports.some((r) => r.state === 'held')),
    ).toBe(false);
  });

  it('is asked about again only after as long again', async () => {
    const c = connect();
    c.client.setDocument(c.graph(7, []));
    await c.until(() => c.silences.some((silence) => silence?.asks));
    c.client.keepWaiting();
    const from = c.silences.length;
    await c.until(() => c.silences.slice(from).some((silence) => silence?.asks));
    // Twice the 200 ms at which it first asked, in turns of about 20 ms.
    expect(c.silences.slice(from).filter((silence) => !silence?.asks).length).toBeGreaterThan(3);
    expect(c.workers).toHaveLength(1);
  });

  it('stays off after a reload of the page, and what a link starts does not lift the mark of a run', async () => {
    let kept: readonly KeptMark[] = [];
    const marks: MarkStore = { load: () => kept, save: (next) => (kept = next), note: () => {} };
    const first = connect({ marks });
    first.client.setDocument(first.graph(7, [LONG]));
    await first.until(() => first.silences.some((silence) => silence?.asks));
    first.client.stopWork();
    first.client.command('run');
    await first.until(() => (first.run('r0')?.step ?? 0) > 20);
    first.workers.at(-1)?.hang();
    await first.until(() => first.silences.at(-1)?.asks === true);
    first.client.stopWork();
    await first.until(() => first.run('r0')?.status === 'paused');
    first.client.dispose();

    const second = connect({ marks });
    second.client.setDocument(second.graph(7, [LONG]));
    second.client.runUnasked();
    await second.until(() => second.node('b')?.state === 'blocked');
    await second.until(() => second.run('r0')?.status === 'paused');
    expect(second.run('r0')?.message).toMatch(
      /^Stopped by you after .*: change it, or run it again\.$/,
    );
    expect(second.workers).toHaveLength(1);
    second.client.command('run');
    await second.until(() => second.run('r0')?.status === 'running');
    expect(second.node('t')?.off).toBeDefined();
  });
});

describe('a yes to heavy work', () => {
  it('outlives the worker that it was given to, and holds for that content only', async () => {
    const c = connect();
    c.client.setDocument(c.graph(5, []));
    await c.until(() => c.node('t')?.state === 'held' && c.node('b')?.state === 'blocked');
    c.client.allow(['t']);
    await c.until(() => c.node('b')?.status === 'got 5');
    const seen = c.messages.length;
    c.workers[0].vanish();
    await c.until(() => c.messages.slice(seen).some((m) => m.type === 'settled'));
    expect(c.workers).toHaveLength(2);
    expect(c.node('b')?.status).toBe('got 5');
    expect(c.node('t')?.state).toBe('ready');
    c.client.setDocument(c.graph(8, []));
    await c.until(() => c.node('t')?.state === 'held');
  });
});

describe('commands to a worker that computes', () => {
  it('stop its run at the last checkpoint without waiting; the others go on where they may', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG, LONG]));
    c.client.command('run');
    await c.until(() => c.messages.filter((m) => m.type === 'checkpoint').length >= 2);
    c.workers[0].hang();
    const asked = performance.now();
    c.client.command('stop', ['r0']);
    await c.until(() => c.run('r0')?.status === 'cancelled');
    const took = performance.now() - asked;
    expect(took).toBeGreaterThan(60);
    expect(took).toBeLessThan(1000);
    const checkpoint = c.messages
      .flatMap((m) => (m.type === 'checkpoint' ? [m.checkpoint] : []))
      .findLast(({ nodeId }) => nodeId === 'r0');
    expect(c.run('r0')).toMatchObject({ step: checkpoint?.stepsDone });
    const before = c.run('r1')?.step ?? 0;
    await c.until(() => (c.run('r1')?.step ?? 0) > before + 50);
    expect(c.run('r0')).toMatchObject({
      status: 'cancelled',
      message: `stopped at step ${checkpoint?.stepsDone}.`,
    });
  });

  it('pause only after a second, rewind at once, and run never end the worker', async () => {
    for (const [command, status, ends] of [
      ['pause', 'paused', true],
      ['rewind', 'idle', true],
      ['run', 'running', false],
    ] as const) {
      const c = connect();
      c.client.setDocument(c.graph(1, [LONG]));
      c.client.command('run');
      await c.until(() => c.messages.some((m) => m.type === 'checkpoint'));
      c.workers[0].hang();
      c.client.command(command);
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(c.workers).toHaveLength(command === 'rewind' ? 2 : 1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(c.workers).toHaveLength(ends ? 2 : 1);
      if (!ends) continue;
      await c.until(() =>
        c.workers[1].received.some((m) => m.type === 'command' && m.command === command),
      );
      await c.until(() => c.run('r0')?.status === status);
      if (command === 'rewind') expect(c.run('r0')).toMatchObject({ step: 0, objective: null });
    }
  });

  it('stop turns off the evaluation that holds them up', async () => {
    const c = connect();
    c.client.setDocument(c.graph(7, [LONG]));
    await c.hung('t');
    c.client.command('stop');
    await c.until(() => c.node('t')?.off !== undefined);
    await c.until(() => c.node('v0')?.state === 'ready');
    expect(c.workers).toHaveLength(2);
  });

  it('stop does not turn off a picture of the run, which has ended before and will again', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => c.node('v0')?.state === 'ready' && (c.run('r0')?.step ?? 0) > 20);
    const work = c.messages.length;
    // It hangs at the next picture of the run.
    c.workers[0].hangAt((m) => m.type === 'work' && m.open.at(-1)?.nodeId === 'v0');
    await c.hung('v0');
    c.client.command('stop');
    await c.until(() => c.workers.length === 2);
    await c.until(() => c.messages.slice(work).some((m) => m.type === 'settled'));
    expect(c.run('r0')?.status).toBe('cancelled');
    expect(c.node('v0')?.state).toBe('ready');
    expect(c.workers[1].received.some((m) => m.type === 'off')).toBe(false);
  });

  it('reach a worker that answers without ending it', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 20);
    c.client.command('pause');
    await c.until(() => c.run('r0')?.status === 'paused');
    c.client.command('run');
    c.client.command('stop');
    await c.until(() => c.run('r0')?.status === 'cancelled');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(c.workers).toHaveLength(1);
  });
});

describe('a change of the graph behind an evaluation', () => {
  it('that makes it stale ends it after a while; one elsewhere waits', async () => {
    const c = connect();
    const graph = c.graph(7, [30]);
    c.client.setDocument(graph);
    await c.hung('t');
    c.client.setDocument(setParam(graph, 'r0', 'maxSteps', 20));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(c.workers).toHaveLength(1);
    c.client.setDocument(setParam(setParam(graph, 'r0', 'maxSteps', 20), 't', 'value', 2));
    await c.until(() => c.node('b')?.status === 'got 2');
    expect(c.workers).toHaveLength(2);
    expect(c.node('t')?.off).toBeUndefined();
    expect(c.logs().join()).toContain('since the graph has changed');
  });

  it('that was taken back in time does not end it', async () => {
    const c = connect();
    const graph = c.graph(7, [30]);
    c.client.setDocument(graph);
    await c.hung('t');
    c.client.setDocument(setParam(graph, 't', 'value', 8));
    c.client.setDocument(graph);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(c.workers).toHaveLength(1);
  });
});

describe('a worker that ends', () => {
  it.each([
    ['with an error event', (worker: LocalWorker) => worker.crash('out of memory')],
    ['without any event', (worker: LocalWorker) => worker.vanish()],
  ] as const)('%s is replaced, and its runs go on from their checkpoints', async (_, end) => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 100);
    const reached = c.run('r0')?.step ?? 0;
    end(c.workers[0]);
    await c.until(() => c.workers.length === 2);
    await c.until(() => c.logs().length > 0);
    expect(c.logs()[0]).toMatch(/Descent goes on from step [1-9]/);
    await c.until(() => (c.run('r0')?.step ?? 0) > reached + 50);
  });

  it('without a sign while it rests is replaced once it owes an answer', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 100);
    c.client.command('pause');
    await c.until(() => c.run('r0')?.status === 'paused');
    const paused = c.run('r0')?.step ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
    c.workers[0].hang();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(c.workers).toHaveLength(1);
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > paused + 50);
    expect(c.workers).toHaveLength(2);
    expect(c.logs()[0]).toMatch(/it did not answer for/);
  });

  it('in an evaluation that never ended before leaves it off, and everything else as it was', async () => {
    const c = connect();
    c.fate.of = (worker) => worker.vanish();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 100);
    c.client.setDocument(c.graph(9, [LONG]));
    await c.until(() => c.workers.length === 2);
    const before = c.run('r0')?.step ?? 0;
    await c.until(() => (c.run('r0')?.step ?? 0) > before + 50);
    expect(c.workers).toHaveLength(2);
    expect(c.node('t')?.error?.message).toMatch(
      /^The worker ran out of memory or crashed while it evaluated it .*: change it, or start it again\.$/,
    );
    expect(c.logs().join()).toContain('Trap is off until it is changed or started again.');
  });

  it('in the first chunk of a run pauses that run with the reason; the others go on', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG, LONG]));
    await c.until(() => c.run('r1')?.status === 'idle');
    c.workers[0].hangAt((m) => m.type === 'work' && m.open.at(-1)?.nodeId === 'r1');
    c.client.command('run');
    await c.hung('r1');
    c.workers[0].vanish();
    await c.until(() => c.workers.length === 2);
    await c.until(() => (c.run('r0')?.step ?? 0) > 50);
    expect(c.run('r1')).toMatchObject({ status: 'paused', step: 0 });
    expect(c.run('r1')?.message).toMatch(/^The worker ran out of memory or crashed/);
    expect(c.workers).toHaveLength(2);
  });

  it('again and again in chunks of a run that gets no further pauses it after the third time', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG, LONG]));
    c.client.command('run', ['r0']);
    await c.until(() => (c.run('r0')?.step ?? 0) > 300);
    const at = c.run('r0')?.step ?? 0;
    for (let deaths = 1; deaths <= 3; deaths++) {
      const worker = c.workers.at(-1)!;
      await c.until(() => worker.received.some((m) => m.type === 'command'));
      worker.hangAt((m) => m.type === 'work' && m.open.at(-1)?.kind === 'chunk');
      await c.hung('r0');
      worker.vanish();
      await c.until(() => c.workers.length === deaths + 1);
    }
    await c.until(() => c.run('r0')?.status === 'paused');
    expect(c.run('r0')?.step).toBeLessThanOrEqual(at + 100_000);
    c.client.command('run', ['r0']);
    const before = c.run('r0')?.step ?? 0;
    await c.until(() => (c.run('r0')?.step ?? 0) > before);
    expect(c.workers).toHaveLength(4);
  });

  it('before it received a command passes it on to the next', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [30]));
    await c.until(() => c.run('r0')?.status === 'idle');
    c.client.command('run');
    c.workers[0].vanish();
    await c.until(() => c.run('r0')?.status === 'maxSteps');
    expect(c.workers).toHaveLength(2);
  });
});
