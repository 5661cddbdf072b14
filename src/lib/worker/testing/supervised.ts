/** A client with workers in this process, and a graph of runs beside a trap. For tests of what is lost when workers end. */
import { expect, onTestFinished } from 'vitest';
import { graphNode, graphOf } from '../../runtime/graph/testing/fake-nodes.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { schedule } from '../../runtime/graph/schedule.ts';
import type { FromWorker, NodeReport, RunReport } from '../../runtime/run/protocol.ts';
import {
  descentNode,
  quadraticNode,
  raceNodes,
  readerNode,
} from '../../runtime/run/testing/fake-race.ts';
import { createEngineClient } from '../client.ts';
import type { EngineClientOptions, Silence } from '../client.ts';
import { LocalWorker } from './local-worker.ts';

/** What a trap does to the worker it is evaluated in. */
type Fate = (worker: LocalWorker) => void;

export function connect(options: Partial<EngineClientOptions> = {}) {
  const workers: LocalWorker[] = [];
  const messages: FromWorker[] = [];
  const silences: (Silence | null)[] = [];
  /** What befalls a worker in the trap, and when it is made. */
  const fate: { of: Fate | null; born: Fate | null } = {
    of: (worker) => worker.hang(),
    born: null,
  };
  /** Does the worst when its value is 7 or more; 5 and 8 are so heavy that a person is asked first. */
  const trapNode = defineNode({
    type: 'data/trap',
    version: 1,
    family: 'data',
    title: 'Trap',
    summary: '',
    formula: '',
    references: [],
    params: { value: { kind: 'integer', label: 'Value', default: 7, min: 0, max: 9 } },
    inputs: [],
    outputs: [{ name: 'scalar', type: 'scalar', label: 'value' }],
    evaluate: ({ params: { value }, reserve }) => {
      if (value === 5 || value === 8) reserve({ bytes: 300e6, remedy: 'Take another value.' });
      if (value >= 7) fate.of?.(workers.at(-1)!);
      return {
        outputs: { scalar: { kind: 'scalar', value, label: 'value', precision: 'float64' } },
      };
    },
    migrations: {},
    fixtures: { valid: [], invalid: [] },
  });
  const behindNode = defineNode({
    ...trapNode,
    type: 'check/behind',
    family: 'check',
    title: 'Behind',
    params: {},
    inputs: [{ name: 'scalar', type: 'scalar', label: 'value' }],
    outputs: [],
    evaluate: ({ input }) => ({ status: `got ${input('scalar', 'scalar').value}` }),
  });
  const definitions = [...raceNodes, trapNode, behindNode];
  const registry = new Map(definitions.map((definition) => [definition.type, definition]));
  const client = createEngineClient({
    createWorker: () => {
      const worker = new LocalWorker(definitions);
      workers.push(worker);
      fate.born?.(worker);
      return worker;
    },
    provideTable: async () => null,
    hashOf: (document, nodeId) => schedule(document, registry).byId.get(nodeId)?.hash,
    timing: { pingMs: 20, askMs: 200, stopMs: 60, pauseMs: 200, staleMs: 200, graceMs: 5 },
    ...options,
  });
  onTestFinished(() => client.dispose());
  client.onMessage((message) => messages.push(message));
  client.onSilence((silence) => silences.push(silence));
  const until = async (condition: () => boolean, timeout = 5000) =>
    expect.poll(condition, { timeout, interval: 5 }).toBe(true);
  /** The page has noticed that the worker is inside this node. */
  const hung = (id: string) => until(() => silences.at(-1)?.work.nodeId === id);
  const nodes = new Map<string, NodeReport>();
  const runs = new Map<string, RunReport>();
  client.onMessage((m) => {
    if (m.type === 'nodes') for (const report of m.reports) nodes.set(report.nodeId, report);
    if (m.type === 'runs') for (const report of m.reports) runs.set(report.nodeId, report);
  });
  const node = (id: string) => nodes.get(id);
  const run = (id: string) => runs.get(id);
  const logs = () => messages.flatMap((m) => (m.type === 'log' ? [m.message] : []));
  const graph = (value: number, steps: readonly number[]) =>
    graphOf(
      [
        graphNode(quadraticNode, 'q'),
        ...steps.map((maxSteps, i) =>
          graphNode(descentNode, `r${i}`, { maxSteps, noise: 0.1, stepSize: 0.01 }),
        ),
        ...steps.map((_, i) => graphNode(readerNode, `v${i}`)),
        graphNode(trapNode, 't', { value }),
        graphNode(behindNode, 'b'),
      ],
      [
        ...steps.flatMap((_, i) => [`q.objective > r${i}.objective`, `r${i}.run > v${i}.run`]),
        't.scalar > b.scalar',
      ],
    );
  return { client, workers, messages, silences, fate, until, hung, node, run, logs, graph };
}
