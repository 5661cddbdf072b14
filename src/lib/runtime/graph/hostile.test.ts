import { describe, expect, it } from 'vitest';
import { registry } from '../../nodes/index.ts';
import { templates } from '../../gallery/index.ts';
import { hostFoldIn, hostKey, hostUniform } from '../ir/random.ts';
import { canConnect } from './connect.ts';
import { schedule } from './schedule.ts';
import { DocumentError, decodeDocument, parseDocument } from './schema.ts';

/** Draws integers in [0, n) from a key, so that a failure can be repeated. */
function integers(seed: number): (n: number) => number {
  const numbers = hostUniform(hostFoldIn(hostKey(seed), 7), 64);
  let next = 0;
  return (n) => Math.floor(numbers[next++ % numbers.length] * n);
}

const documents = templates.map((template) => template.document);
const ODD_VALUES: readonly unknown[] = [
  null,
  -1,
  1e308,
  0.5,
  '',
  'x'.repeat(300),
  '__proto__',
  '<img src=x onerror=alert(1)>',
  true,
  [],
  {},
  [1, 'a'],
  ['one', 'run'],
  { source: 'stored', hash: '../../etc', name: 'x' },
];

/** Replaces, removes or adds something somewhere inside plain data. */
function disturb(value: unknown, draw: (n: number) => number): unknown {
  // Half of the time of the same type, so that some documents get past the schema.
  if (typeof value === 'number' && draw(2) === 0) return [0, 1, 7, -2.5][draw(4)];
  if (typeof value === 'string' && draw(2) === 0) return ['', 'run', 'auto', 'Title'][draw(4)];
  if (typeof value !== 'object' || value === null || draw(20) === 0)
    return ODD_VALUES[draw(ODD_VALUES.length)];
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value];
    const at = draw(copy.length + 1);
    if (at === copy.length) copy.push(copy[0] ?? ODD_VALUES[draw(ODD_VALUES.length)]);
    else if (draw(4) === 0) copy.splice(at, 1);
    else copy[at] = disturb(copy[at], draw);
    return copy;
  }
  const entries = Object.entries(value);
  const at = draw(entries.length + 1);
  if (at === entries.length) return { ...value, extra: ODD_VALUES[draw(ODD_VALUES.length)] };
  const [key, item] = entries[at];
  return { ...value, [key]: disturb(item, draw) };
}

describe('hostile documents', () => {
  it('are refused with a path or opened with problems, and can then be scheduled, in 10,000 disturbances', () => {
    let refused = 0;
    let opened = 0;
    for (let seed = 0; seed < 10_000; seed++) {
      const draw = integers(seed);
      let raw: unknown = documents[draw(documents.length)];
      for (let times = 1 + draw(2); times > 0; times--) raw = disturb(raw, draw);
      try {
        const { document } = decodeDocument(raw, registry);
        opened += 1;
        const { order } = schedule(document, registry);
        expect(order.length).toBe(document.nodes.length);
        const [a, b] = document.nodes;
        if (a && b) canConnect(document, registry, [a.id, 'run'], [b.id, 'runs']);
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
    expect(opened).toBeGreaterThan(1000);
    expect(({} as Record<string, unknown>).extra).toBeUndefined();
  });

  it('are refused or opened when single characters of their text change, in 5,000 changes', () => {
    const text = JSON.stringify(documents[0]);
    for (let seed = 0; seed < 5_000; seed++) {
      const draw = integers(seed);
      const at = draw(text.length);
      const changed = text.slice(0, at) + String.fromCharCode(32 + draw(95)) + text.slice(at + 1);
      try {
        parseDocument(changed, registry);
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
      }
    }
  });

  it('of 2,000 nodes and 10,000 wires with loops are scheduled, and the loops found', () => {
    const nodes = Array.from({ length: 2000 }, (_, i) => ({
      ...documents[0].nodes[0],
      id: `n${i}`,
    }));
    const edges = Array.from({ length: 10_000 }, (_, i) => ({
      from: [`n${i % 2000}`, 'a'] as const,
      to: [`n${(i * 7 + Math.floor(i / 2000) + 1) % 2000}`, 'b'] as const,
    }));
    const { order } = schedule({ ...documents[0], nodes, edges }, registry);
    expect(order).toHaveLength(2000);
    expect(order.filter((node) => node.issue?.code === 'cycle').length).toBeGreaterThan(1000);
  });
});
