import { describe, expect, it } from 'vitest';
import { graphNode, graphOf } from '../runtime/graph/testing/fake-nodes.ts';
import { setParam } from '../runtime/graph/edit.ts';
import { defineNode } from '../runtime/graph/node-definition.ts';
import { sha256Hex } from '../runtime/graph/hash.ts';
import type { FromWorker } from '../runtime/run/protocol.ts';
import {
  descentNode,
  quadraticNode,
  raceNodes,
  readerNode,
} from '../runtime/run/testing/fake-race.ts';
import { createEngineClient } from './client.ts';
import type { EngineClientOptions } from './client.ts';
import { LocalWorker } from './testing/local-worker.ts';

const tableNode = defineNode({
  type: 'data/rows',
  version: 1,
  family: 'data',
  title: 'Rows',
  summary: '',
  formula: '',
  references: [],
  params: {
    table: { kind: 'table', label: 'Table', default: { source: 'builtin', name: 'shipped' } },
  },
  inputs: [],
  outputs: [],
  evaluate: async ({ params, table }) => ({ status: `${(await table(params.table)).rows} rows` }),
  migrations: {},
  fixtures: { valid: [], invalid: [] },
});

function connect(options: Partial<EngineClientOptions> = {}) {
  const workers: LocalWorker[] = [];
  const messages: FromWorker[] = [];
  const client = createEngineClient({
    createWorker: () => {
      const worker = new LocalWorker([...raceNodes, tableNode]);
      workers.push(worker);
      return worker;
    },
    provideTable: async () => null,
    ...options,
  });
  client.onMessage((message) => messages.push(message));
  const until = async (condition: (message: FromWorker) => boolean) => {
    const from = messages.length;
    await expect.poll(() => messages.slice(from).some(condition), { timeout: 5000 }).toBe(true);
    return messages.slice(from).find(condition)!;
  };
  return { client, workers, messages, until };
}

const graph = graphOf(
  [
    graphNode(quadraticNode, 'q'),
    graphNode(descentNode, 'r', { maxSteps: 1_000_000, noise: 0.1, stepSize: 0.01 }),
    graphNode(readerNode, 'v'),
  ],
  ['q.objective > r.objective', 'r.run > v.run'],
);
const short = setParam(graph, 'r', 'maxSteps', 30);

describe('the engine behind its protocol', () => {
  it('evaluates, runs and reports with the revision that setDocument returned', async () => {
    const { client, until, messages } = connect();
    await until((m) => m.type === 'ready');
    client.setDocument(graph);
    const revision = client.setDocument(short);
    client.command('run');
    const settled = await until((m) => m.type === 'settled' && m.fingerprint !== null);
    expect(settled).toMatchObject({ revision, fingerprint: { runs: { r: { steps: 30 } } } });
    expect(messages.some((m) => m.type === 'device')).toBe(true);
    const views = messages.flatMap((m) => (m.type === 'nodes' ? m.reports : []));
    expect(views.findLast((report) => report.nodeId === 'v')?.view).toMatchObject({
      kind: 'value',
    });
    client.dispose();
  });

  it('parses a table with progress, and evaluates nodes that name it by its hash', async () => {
    const csv = 'x,y\n' + '1,2\n'.repeat(5);
    const { client, until } = connect({ provideTable: async () => csv });
    const { hash, summary } = await client.parseTable('five.csv', csv);
    expect(hash).toBe(sha256Hex(csv));
    expect(summary).toEqual({
      rows: 5,
      columns: [
        { name: 'x', kind: 'numeric' },
        { name: 'y', kind: 'numeric' },
      ],
    });
    await expect(client.parseTable('bad.csv', 'a,b\n1,2\n3\n')).rejects.toThrow(/row 3/);
    const stored = { source: 'stored', hash, name: 'five.csv' } as const;
    client.setDocument(graphOf([graphNode(tableNode, 't', { table: stored })]));
    const ready = await until((m) => m.type === 'nodes' && m.reports[0].state === 'ready');
    expect(ready).toMatchObject({ reports: [{ nodeId: 't', status: '5 rows' }] });
    client.dispose();
  });

  it('asks the page for a stored table, once, and refuses content of another hash', async () => {
    const csv = 'x\n1\n2\n';
    let asked = 0;
    const { client, until } = connect({
      provideTable: async () => {
        asked += 1;
        return csv;
      },
    });
    const table = (hash: string) => ({ source: 'stored', hash, name: 't.csv' }) as const;
    client.setDocument(
      graphOf([
        graphNode(tableNode, 'a', { table: table(sha256Hex(csv)) }),
        graphNode(tableNode, 'b', { table: table(sha256Hex(csv)) }),
        graphNode(tableNode, 'c', { table: table('0'.repeat(64)) }),
      ]),
    );
    await until((m) => m.type === 'settled');
    expect(asked).toBe(2);
    client.dispose();
    const failed = connect();
    failed.client.setDocument(
      graphOf([graphNode(tableNode, 'a', { table: table('1'.repeat(64)) })]),
    );
    const error = await failed.until((m) => m.type === 'nodes' && m.reports[0].state === 'error');
    expect(JSON.stringify(error)).toContain('Load the file again');
    failed.client.dispose();
  });

  it('starts a new worker after a crash, which goes on from the last checkpoint and says so', async () => {
    const { client, workers, until, messages } = connect();
    client.setDocument(graph);
    client.command('run');
    await until((m) => m.type === 'runs' && m.reports.some((run) => run.step > 200));
    client.command('pause');
    await until((m) => m.type === 'checkpoint');
    client.command('run');
    await until((m) => m.type === 'checkpoint' || (m.type === 'runs' && m.reports[0].step > 400));
    const checkpoints = messages.flatMap((m) => (m.type === 'checkpoint' ? [m.checkpoint] : []));
    workers[0].crash('out of memory');
    const log = await until((m) => m.type === 'log');
    expect(log).toMatchObject({ level: 'warning' });
    expect(JSON.stringify(log)).toContain('out of memory');
    expect(JSON.stringify(log)).toMatch(/Descent goes on from step \d+/);
    await until((m) => m.type === 'runs' && m.reports.some((run) => run.step > 0));
    expect(workers).toHaveLength(2);
    expect(workers[1].received.map((m) => m.type).slice(0, 2)).toEqual(['restore', 'document']);
    const report = messages.findLast((m) => m.type === 'runs');
    expect(report?.type === 'runs' && report.reports[0].step).toBeGreaterThanOrEqual(
      checkpoints[0].stepsDone,
    );
    client.dispose();
  });

  it('gives up after crashes in a row and says that the graph is safe', async () => {
    const { client, workers, messages } = connect({ maxCrashes: 2 });
    for (let i = 0; i < 3; i++) {
      await expect.poll(() => workers.length).toBe(i + 1);
      workers[i].crash('bad module');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(workers).toHaveLength(3);
    const logs = messages.flatMap((m) => (m.type === 'log' ? [m] : []));
    expect(logs.at(-1)).toMatchObject({ level: 'error' });
    expect(logs.at(-1)?.message).toContain('the graph is not affected');
    await expect(client.parseTable('a', 'a\n1')).rejects.toThrow(/down/);
    client.dispose();
  });

  it('cancels a parse at the signal', async () => {
    const { client } = connect();
    const abort = new AbortController();
    const parse = client.parseTable('big.csv', 'a\n' + '1\n'.repeat(1e6), { signal: abort.signal });
    abort.abort();
    await expect(parse).rejects.toMatchObject({ name: 'AbortError' });
    client.dispose();
  });
});
