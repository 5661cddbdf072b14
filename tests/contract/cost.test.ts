/**
 * What a document may take: graphs of a few hundred characters that would fill a machine are held or refused with the figure, before
 * anything is allocated.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { registry } from '../../src/lib/nodes/index.ts';
import { createDeviceManager } from '../../src/lib/runtime/device/select.ts';
import type { GraphDocument, ParamValue } from '../../src/lib/runtime/graph/document.ts';
import { decodeDocument } from '../../src/lib/runtime/graph/schema.ts';
import { Engine } from '../../src/lib/runtime/run/engine.ts';
import type { FromWorker, NodeReport } from '../../src/lib/runtime/run/protocol.ts';

type Nodes = Readonly<Record<string, readonly [string, Readonly<Record<string, ParamValue>>?]>>;

/** Wires read 'a.output>b.input'. */
function graph(nodes: Nodes, wires: readonly string[], device = 'cpu64'): GraphDocument {
  const end = (text: string) => text.split('.');
  const { document, problems } = decodeDocument(
    {
      format: 'adjoint',
      version: 1,
      title: 'Large',
      notes: '',
      seed: 0,
      device,
      nodes: Object.entries(nodes).map(([id, [type, params]]) => ({
        id,
        type,
        version: registry.get(type)?.version ?? 1,
        position: { x: 0, y: 0 },
        params: params ?? {},
      })),
      edges: wires.map((wire) => {
        const [from, to] = wire.split('>');
        return { from: end(from), to: end(to) };
      }),
    },
    registry,
  );
  expect(problems).toEqual([]);
  return document;
}

interface Settled {
  readonly engine: Engine;
  node(id: string): NodeReport;
  /** Resolves at the next time that nothing is left to do. */
  settled(): Promise<void>;
}

async function evaluated(
  document: GraphDocument,
  before?: (engine: Engine) => void,
): Promise<Settled> {
  let resolve: () => void = () => undefined;
  const next = () => new Promise<void>((done) => (resolve = done));
  const engine = new Engine({
    registry,
    devices: createDeviceManager(),
    tables: {
      builtin: async (name) => readFileSync(`static/data/${name}.csv`, 'utf8'),
      stored: async () => null,
    },
    send: (message: FromWorker) => message.type === 'settled' && resolve(),
  });
  before?.(engine);
  const first = next();
  engine.receive({ type: 'document', document, revision: 1 });
  await first;
  return {
    engine,
    node: (id) => engine.nodeStates().find((report) => report.nodeId === id) as NodeReport,
    settled: next,
  };
}

const MLP: Nodes = {
  data: ['data/two-moons'],
  model: ['model/mlp', { widths: [4096, 4096] }],
  loss: ['loss/logistic'],
};
const MLP_WIRES = [
  'data.dataset>model.data',
  'model.model>loss.model',
  'loss.objective>o.objective',
];

describe('a run that would fill the machine', () => {
  test.each([
    [
      'optimizer/l-bfgs',
      /expected at most 1\.50 GB of memory, got about 2\d\.\d GB\. Make the model smaller/,
    ],
    [
      'optimizer/adam',
      /expected at most 1\.50 GB of memory, got about \d\.\d+ GB\. Make the model smaller/,
    ],
    [
      'optimizer/newton',
      /expected at most 1\.50 GB of memory, got about \d\.\d+ GB\. Make the model smaller/,
    ],
    ['optimizer/gauss-newton', /expected at most 1\.50 GB of memory, got about \d\.\d+ GB/],
    ['optimizer/gradient-descent', /expected at most 1\.50 GB of memory, got about \d\.\d+ GB/],
  ])(
    '%s on two layers of 4096 is refused with the figure, and nothing is allocated',
    async (type, message) => {
      const before = process.memoryUsage().rss;
      const { node, engine } = await evaluated(graph({ ...MLP, o: [type] }, MLP_WIRES));
      expect(node('o').state).toBe('error');
      expect(node('o').error?.message).toMatch(message);
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
      engine.dispose();
    },
  );
});

describe('a document from a stranger', () => {
  const nodes: Nodes = {
    ...MLP,
    model: ['model/mlp', { widths: [700, 700] }],
    o: ['optimizer/adam'],
  };

  test('begins nothing heavy before a yes, and all of it after', async () => {
    const { node, engine, settled } = await evaluated(graph(nodes, MLP_WIRES), (fresh) =>
      fresh.receive({ type: 'distrust' }),
    );
    expect(node('loss').state).toBe('ready');
    expect(node('o').state).toBe('held');
    expect(node('o').error?.message).toMatch(/^It would take about [\d.]+ MB and /);
    const again = settled();
    engine.receive({ type: 'allow', keys: [], trust: true });
    await again;
    expect(node('o').state).toBe('ready');
    engine.dispose();
  });
});

test.each([
  // Up to 65 features the squared distances are summed term by term.
  [1000, 20, 'ready'],
  [2000, 100, 'held'],
  [1500, 400, 'held'],
] as const)(
  'a kernel matrix of %i samples of %i features is estimated by what computes it',
  async (samples, features, state) => {
    const { node, engine } = await evaluated(
      graph(
        {
          data: ['data/sparse-regression', { samples, features, nonzeros: 1 }],
          model: ['model/kernel'],
          view: ['view/kernel-matrix'],
        },
        ['data.dataset>model.data', 'model.model>view.model'],
      ),
      (fresh) => fresh.receive({ type: 'distrust' }),
    );
    expect(node('view').error?.message ?? '').toMatch(state === 'held' ? /^It would take/ : /^$/);
    expect(node('view').state).toBe(state);
    engine.dispose();
  },
);

test('a link begins its runs by itself only while they are short', async () => {
  const race = (steps: number) =>
    graph(
      {
        data: ['data/sparse-regression', { samples: 500, features: 100, nonzeros: 5 }],
        model: ['model/linear'],
        loss: ['loss/squared-error'],
        gd: ['optimizer/gradient-descent', { step: 'constant', maxSteps: steps, tolerance: 0 }],
      },
      ['data.dataset>model.data', 'model.model>loss.model', 'loss.objective>gd.objective'],
    );
  const unasked = { type: 'command', command: 'run', unasked: true } as const;
  const long = await evaluated(race(1_000_000));
  const held = long.settled();
  long.engine.receive(unasked);
  await held;
  expect(long.engine.runReports()).toMatchObject([{ status: 'idle', step: 0 }]);
  // A person may.
  long.engine.receive({ type: 'command', command: 'run' });
  await expect.poll(() => long.engine.runReports()[0].status).toBe('running');
  long.engine.dispose();

  const short = await evaluated(race(2));
  const ended = short.settled();
  short.engine.receive(unasked);
  await ended;
  expect(short.engine.runReports()).toMatchObject([{ status: 'maxSteps', step: 2 }]);
  short.engine.dispose();
});
