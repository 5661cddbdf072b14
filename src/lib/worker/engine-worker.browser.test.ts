import { describe, expect, it } from 'vitest';
import { templates } from '../gallery/index.ts';
import type { FromWorker } from '../runtime/run/protocol.ts';
import { createEngineClient } from './client.ts';
import { createEngineWorker } from './create-worker.ts';

/** The static folder is served at the root. */
const appBase = new URL('/', location.href).href;

/** Runs a template of the gallery to its end, with fewer steps where given: software WebGPU is slow. */
function settledRun(id: string, device: 'cpu64' | 'wasm' | 'webgpu', maxSteps?: number) {
  const template = templates.find((other) => other.id === id);
  if (!template) throw new Error(`no template ${id}`);
  const nodes = template.document.nodes.map((node) =>
    maxSteps !== undefined && node.type.startsWith('optimizer/')
      ? { ...node, params: { ...node.params, maxSteps } }
      : node,
  );
  const client = createEngineClient({
    createWorker: () => createEngineWorker(appBase),
    provideTable: async () => null,
  });
  const messages: FromWorker[] = [];
  return new Promise<{ settled: Extract<FromWorker, { type: 'settled' }>; messages: FromWorker[] }>(
    (resolve) => {
      client.onMessage((message) => {
        messages.push(message);
        if (message.type !== 'settled') return;
        client.dispose();
        resolve({ settled: message, messages });
      });
      client.setDocument({ ...template.document, nodes, device });
      client.command('run');
    },
  );
}

describe('the worker of the app', () => {
  it('runs a race on a shipped table in float64, with checks that pass', async () => {
    const { settled, messages } = await settledRun('lasso-diabetes', 'cpu64');
    expect(settled.fingerprint).toMatchObject({ device: 'cpu64', precision: 'float64' });
    const reports = messages.flatMap((m) => (m.type === 'nodes' ? m.reports : []));
    const latest = new Map(reports.map((report) => [report.nodeId, report]));
    const checks = [...latest.values()].flatMap(({ view }) => (view?.kind === 'check' ? view : []));
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter((check) => check.status !== 'pass')).toEqual([]);
    const logs = messages.flatMap((m) => (m.type === 'log' ? [m.message] : []));
    expect(logs).toEqual([]);
  });

  it.each(['wasm', 'webgpu'] as const)(
    'runs on %s to the float64 objective within 1e-3',
    async (device) => {
      const exact = await settledRun('iris-softmax', 'cpu64', 60);
      const { settled, messages } = await settledRun('iris-softmax', device, 60);
      expect(messages.flatMap((m) => (m.type === 'log' ? [m.message] : []))).toEqual([]);
      expect(settled.fingerprint).toMatchObject({ device, precision: 'float32' });
      const runs = Object.entries(exact.settled.fingerprint?.runs ?? {});
      expect(runs.length).toBeGreaterThan(1);
      for (const [id, { objective }] of runs) {
        const got = settled.fingerprint?.runs[id].objective ?? NaN;
        expect(Math.abs(got - objective)).toBeLessThanOrEqual(1e-3 * Math.abs(objective));
      }
    },
  );
});
