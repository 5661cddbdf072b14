/**
 * Every node without inputs at the largest values of its parameters, one by one and together, as a stranger's document would set them:
 * it is evaluated, held, or refused in words, and takes no more memory than it announced.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registry } from '../../src/lib/nodes/index.ts';
import { createDeviceManager } from '../../src/lib/runtime/device/select.ts';
import type { NodeDefinition } from '../../src/lib/runtime/graph/node-definition.ts';
import { decodeDocument } from '../../src/lib/runtime/graph/schema.ts';
import { STRANGER } from '../../src/lib/runtime/run/budget.ts';
import { Engine } from '../../src/lib/runtime/run/engine.ts';
import type { NodeReport } from '../../src/lib/runtime/run/protocol.ts';

function extremes({ inputs, params }: NodeDefinition): Record<string, number>[] {
  if (inputs.length > 0) return [];
  const ends = (end: 'min' | 'max') =>
    Object.entries(params).flatMap(([name, spec]) => {
      const value = spec.kind === 'integer' && name !== 'seed' ? spec[end] : undefined;
      return value === undefined || !Number.isFinite(value) ? [] : [[name, value] as const];
    });
  const largest = ends('max');
  const each = [...largest, ...ends('min')].map(([name, value]) => ({ [name]: value }));
  return largest.length > 1 ? [Object.fromEntries(largest), ...each] : each;
}

async function evaluated(type: string, params: Record<string, number>): Promise<NodeReport> {
  const { document } = decodeDocument(
    {
      format: 'adjoint',
      version: 1,
      title: '',
      notes: '',
      seed: 0,
      device: 'cpu64',
      nodes: [
        { id: 'a', type, version: registry.get(type)?.version, position: { x: 0, y: 0 }, params },
      ],
      edges: [],
    },
    registry,
  );
  const engine = await new Promise<Engine>((resolve) => {
    const made = new Engine({
      registry,
      devices: createDeviceManager(),
      tables: {
        builtin: async (name) => readFileSync(`static/data/${name}.csv`, 'utf8'),
        stored: async () => null,
      },
      send: (message) => message.type === 'settled' && resolve(made),
    });
    made.receive({ type: 'distrust' });
    made.receive({ type: 'document', document, revision: 1 });
  });
  const [report] = engine.nodeStates();
  engine.dispose();
  return report;
}

const cases = [...registry.values()].flatMap((definition) =>
  extremes(definition).map((params) => [definition.type, params] as const),
);

test('there are nodes with bounds to try', () => {
  expect(cases.length).toBeGreaterThan(30);
});

test.each(cases)('%s at %o', async (type, params) => {
  const before = process.memoryUsage().arrayBuffers;
  const report = await evaluated(type, params);
  const taken = process.memoryUsage().arrayBuffers - before;
  expect(['ready', 'held', 'error', 'blocked']).toContain(report.state);
  if (report.state === 'held') {
    expect(report.error?.message).toMatch(/^It would take about [\d.]+ [kMG]?B and [\d.]+ \S+\.$/);
    // Nothing of it has begun.
    expect(taken).toBeLessThan(1e6);
  }
  if (report.state === 'error')
    expect(report.error?.message).toMatch(/expected .+, got .+\. [A-Z].*\.$/s);
  // What a stranger's document may take unasked, and its copies for the picture.
  expect(taken).toBeLessThan(2 * STRANGER.bytes);
});
