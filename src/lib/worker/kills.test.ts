import { describe, expect, it } from 'vitest';
import type { FromWorker, Work } from '../runtime/run/protocol.ts';
import type { LocalWorker } from './testing/local-worker.ts';
import { connect } from './testing/supervised.ts';

/** A linear congruence: the same kills each time. */
function draws(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

type Connection = ReturnType<typeof connect>;
const RUNS = ['r0', 'r1'];
const ended = (c: Connection) => RUNS.every((id) => c.run(id)?.status === 'maxSteps');

/** What a person does about what was turned off or paused. */
function goOn(c: Connection): void {
  for (const id of ['q', ...RUNS, 'v0', 'v1', 't', 'b']) {
    const off = c.node(id)?.off;
    if (off !== undefined) c.client.startAgain({ kind: 'evaluation', key: off });
  }
  for (const id of RUNS) {
    const status = c.run(id)?.status;
    if (status === 'paused' || status === 'idle') c.client.command('run', [id]);
  }
}

/** Never ends by itself within a test. */
const LONG = 1_000_000;
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('twenty kills', () => {
  it('at random moments lose no number', async () => {
    const steps = [300, 200];
    const straight = connect();
    straight.client.setDocument(straight.graph(1, steps));
    straight.client.command('run');
    await straight.until(() => ended(straight));

    // A worker that is killed before it has said anything counts as one that cannot start: here they all can.
    const c = connect({ maxCrashes: 20 });
    c.client.setDocument(c.graph(1, steps));
    c.client.command('run');
    const draw = draws(8);
    for (let kills = 1; kills <= 20; kills++) {
      const worker = c.workers.at(-1)!;
      // Anywhere in what it says: while it loads, evaluates, computes chunks, hands out checkpoints.
      let left = Math.ceil(30 * draw());
      worker.hangAt(() => (left -= 1) <= 0);
      while (!worker.isHanging && !ended(c)) {
        goOn(c);
        await soon();
      }
      worker.vanish();
      await c.until(() => c.workers.length === kills + 1);
    }
    while (!ended(c)) {
      goOn(c);
      await soon();
    }
    for (const id of RUNS) {
      const { step, objective } = straight.run(id)!;
      expect(c.run(id)).toMatchObject({ step, objective });
    }
  });
});

const announces = (kind: Work['kind']) => (message: FromWorker) =>
  message.type === 'work' && message.open.some((work) => work.kind === kind);

/** Kills the present worker in the first work of a kind that it announces from now on, without an event. */
async function killIn(c: Connection, kind: Work['kind']): Promise<void> {
  const worker = c.workers.at(-1)!;
  worker.hangAt(announces(kind));
  await kill(c, worker);
}

async function kill(c: Connection, worker: LocalWorker): Promise<void> {
  await c.until(() => worker.isHanging);
  worker.vanish();
  await c.until(() => c.workers.at(-1) !== worker);
}

/** Kills the present worker, and as many that follow it while they take up the document. */
async function killInDocument(c: Connection, times: number): Promise<void> {
  const first = c.workers.length;
  c.fate.born = (worker) => {
    if (c.workers.length <= first + times) worker.hangAt(announces('document'));
  };
  c.workers.at(-1)!.vanish();
  await c.until(() => c.workers.length > first);
  for (let next = 0; next < times; next++) await kill(c, c.workers[first + next]);
}

describe('a worker that is killed', () => {
  it('in a certificate leaves that off with the reason, and the run as it ended', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [40]));
    await c.until(() => c.node('b')?.state === 'ready');
    c.client.command('run');
    await killIn(c, 'certificate');
    await c.until(() => c.run('r0')?.status === 'maxSteps' && c.node('v0')?.state === 'ready');
    const off = c.run('r0')?.certificateOff;
    expect(off?.reason).toMatch(/crashed while it evaluated it/);
    c.client.startAgain(off!);
    await c.until(() => c.run('r0')?.certificateOff === undefined);
    expect(c.workers).toHaveLength(2);
  });

  it('while it reads a table says so to whoever waits, and reads the next', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 50);
    const table = c.client.parseTable('big.csv', `a\n${'1\n'.repeat(1e5)}`);
    const refused = expect(table).rejects.toThrow(
      /^The worker stopped while it parsed .* Try again\.$/,
    );
    await killIn(c, 'table');
    await refused;
    const { summary } = await c.client.parseTable('small.csv', 'a\n1\n2\n');
    expect(summary.rows).toBe(2);
    const reached = c.run('r0')?.step ?? 0;
    await c.until(() => (c.run('r0')?.step ?? 0) > reached + 50);
  });

  it('while it takes up a checkpoint takes it up again', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 100);
    c.client.command('pause');
    await c.until(() => c.run('r0')?.status === 'paused');
    await c.until(() => c.messages.some((m) => m.type === 'checkpoint'));
    const paused = c.run('r0')?.step ?? 0;
    c.client.command('run');
    await c.until(() => c.run('r0')?.status === 'running');
    await killInDocument(c, 1);
    await c.until(() => (c.run('r0')?.step ?? 0) > paused + 50);
    const from = Number(/goes on from step (\d+)/.exec(c.logs().at(-1) ?? '')?.[1]);
    expect(from).toBeGreaterThanOrEqual(paused);
  });

  it('twice in the document puts it aside in words with its runs paused, until a person presses Run', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > 100);
    await killInDocument(c, 2);
    expect(c.logs().at(-1)).toMatch(/put aside: change it, or press Run to try again\.$/);
    expect(c.run('r0')).toMatchObject({
      status: 'paused',
      message: expect.stringContaining('prepared the graph'),
    });
    const { step } = c.run('r0')!;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(c.run('r0')).toMatchObject({ status: 'paused', step });
    c.client.command('run');
    await c.until(() => (c.run('r0')?.step ?? 0) > step + 50);
    expect(c.workers).toHaveLength(4);
  });

  it('at long intervals in the document is only started again', async () => {
    const c = connect();
    c.client.setDocument(c.graph(1, [LONG]));
    c.client.command('run');
    for (let deaths = 1; deaths <= 3; deaths++) {
      await c.until(() => (c.run('r0')?.step ?? 0) > 20);
      await killInDocument(c, 1);
      const { step } = c.run('r0')!;
      await c.until(() => (c.run('r0')?.step ?? 0) > step + 50);
    }
    expect(c.logs().join()).not.toContain('put aside');
  });
});
