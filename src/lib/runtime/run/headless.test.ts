import { describe, expect, it } from 'vitest';
import { defineNode } from '../graph/node-definition.ts';
import { graphNode, graphOf } from '../graph/testing/fake-nodes.ts';
import { cpu64Only } from './devices.ts';
import { runHeadless } from './headless.ts';
import type { HeadlessOptions } from './headless.ts';
import { descentNode, harness, quadraticNode, raceNodes, readerNode } from './testing/fake-race.ts';

const smallNode = defineNode({
  ...readerNode,
  type: 'check/small',
  family: 'check',
  title: 'Small',
  params: { bound: { kind: 'number', label: 'Bound', default: 1, min: 0, max: 1e9 } },
  inputs: [{ name: 'x', type: 'scalar', label: 'x' }],
  outputs: [],
  evaluate: ({ params, input }) => {
    const measured = input('x', 'scalar').value;
    return {
      view: {
        kind: 'check',
        label: 'small',
        status: Math.abs(measured) <= params.bound ? 'pass' : 'fail',
        measured,
        expected: `within ±${params.bound}`,
        deviation: measured,
        precision: 'float64',
      },
    };
  },
});
const definitions = [...raceNodes, smallNode];
const options = (): HeadlessOptions => ({
  registry: new Map(definitions.map((definition) => [definition.type, definition])),
  devices: cpu64Only(),
  tables: {
    builtin: async (name) => {
      throw new Error(`no table ${name}`);
    },
    stored: async () => null,
  },
});
const graph = (maxSteps: number, bound = 1) =>
  graphOf(
    [
      graphNode(quadraticNode, 'q'),
      graphNode(descentNode, 'r', { maxSteps, noise: 0.2 }),
      graphNode(readerNode, 'v'),
      graphNode(smallNode, 'c', { bound }),
    ],
    ['q.objective > r.objective', 'r.run > v.run', 'v.scalar > c.x'],
  );

describe('runHeadless', () => {
  it('ends with every run, check and scalar as of the final state', async () => {
    const result = await runHeadless(graph(300), options());
    expect(result.reports[0]).toMatchObject({ nodeId: 'r', status: 'maxSteps', step: 300 });
    const x = result.runs[0].parameters[0].data[0];
    expect(result.scalars['v.scalar'].value).toBe(x);
    expect(result.checks.c).toMatchObject({ status: 'pass', measured: x });
    expect(result.fingerprint).toMatchObject({ runs: { r: { steps: 300 } }, scalars: { c: x } });
    expect((await runHeadless(graph(300, 0), options())).checks.c.status).toBe('fail');
  });

  it('gives the numbers of an engine that is driven by messages', async () => {
    const h = harness(definitions);
    h.send(graph(900));
    h.engine.receive({ type: 'command', command: 'run' });
    const settled = await h.settled();
    expect((await runHeadless(graph(900), options())).fingerprint).toEqual(settled.fingerprint);
  });

  it('takes another seed, with which the numbers differ', async () => {
    const first = await runHeadless(graph(50), options());
    const second = await runHeadless(graph(50), { ...options(), seed: 99 });
    expect(second.document.seed).toBe(99);
    expect(second.fingerprint).not.toEqual(first.fingerprint);
  });

  it('ends with the error of a node that cannot be evaluated', async () => {
    const broken = graphOf([graphNode(readerNode, 'v')]);
    const { nodes, fingerprint } = await runHeadless(broken, options());
    expect(nodes[0]).toMatchObject({ state: 'blocked', error: { code: 'missing-input' } });
    expect(fingerprint).toBeNull();
  });

  it('stops at the signal with its reason', async () => {
    const abort = new AbortController();
    const running = runHeadless(graph(1_000_000), {
      ...options(),
      signal: abort.signal,
      onProgress: (reports) => {
        if (reports.some((report) => report.step > 0)) abort.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
