import { describe, expect, it } from 'vitest';
import { DocumentError, decodeDocument, emptyDocument, parseDocument } from './schema.ts';
import { addNode, graphNode, graphOf, numberNode, registryOf } from './testing/fake-nodes.ts';
import type { GraphDocument } from './document.ts';
import type { NodeDefinition } from './node-definition.ts';

const registry = registryOf(numberNode, addNode);
const good = graphOf(
  [graphNode(numberNode, 'one', { value: 3 }), graphNode(addNode, 'sum')],
  ['one.scalar > sum.a'],
);
const decode = (document: unknown) => decodeDocument(document, registry);
const clone = (): Record<string, unknown> =>
  structuredClone(good) as unknown as Record<string, unknown>;

describe('decodeDocument', () => {
  it('gives a valid document back unchanged through JSON', () => {
    const { document, problems } = parseDocument(JSON.stringify(good), registry);
    expect(document).toEqual(good);
    expect(problems).toEqual([]);
  });

  it('accepts the empty document', () => {
    expect(decode(emptyDocument()).problems).toEqual([]);
  });

  it.each<[string, (raw: Record<string, unknown>) => void, string]>([
    ['another format', (raw) => (raw.format = 'netron'), 'format'],
    ['a newer version', (raw) => (raw.version = 2), 'version'],
    ['a version that is no number', (raw) => (raw.version = '1'), 'version'],
    ['a negative seed', (raw) => (raw.seed = -1), 'seed'],
    ['a title of 201 characters', (raw) => (raw.title = 'x'.repeat(201)), 'title'],
    ['an unknown device', (raw) => (raw.device = 'cuda'), 'device'],
    ['an unknown field', (raw) => (raw.script = 'alert(1)'), 'script'],
    ['nodes that are no list', (raw) => (raw.nodes = {}), 'nodes'],
  ])('refuses %s and names the path', (_name, change, path) => {
    const raw = clone();
    change(raw);
    expect(() => decode(raw)).toThrow(DocumentError);
    expect(() => decode(raw)).toThrow(`document.${path}: expected`);
  });

  const withNode = (change: Record<string, unknown>) => ({
    ...good,
    nodes: [{ ...good.nodes[0], ...change }, good.nodes[1]],
  });
  it.each<[string, Record<string, unknown>, string]>([
    ['an id with markup', { id: '<b>' }, 'nodes.0.id'],
    ['an id that every object has', { id: 'toString' }, 'nodes.0.id'],
    ['an id of 65 characters', { id: 'x'.repeat(65) }, 'nodes.0.id'],
    ['an infinite position', { position: { x: Infinity, y: 0 } }, 'nodes.0.position.x'],
    ['a position beyond the canvas', { position: { x: 2e6, y: 0 } }, 'nodes.0.position.x'],
    ['NaN as a parameter', { params: { value: NaN } }, 'nodes.0.params.value'],
    ['a parameter of nested objects', { params: { value: { a: 1 } } }, 'nodes.0.params.value'],
    ['a fractional version', { version: 1.5 }, 'nodes.0.version'],
    ['a label that is no text', { label: 5 }, 'nodes.0.label'],
  ])('refuses %s and names the path', (_name, change, path) => {
    expect(() => decode(withNode(change))).toThrow(`document.${path}`);
  });

  it('refuses names that would reach the prototype of an object', () => {
    const hostile = JSON.stringify(good).replace('"value":3', '"__proto__":{"polluted":1}');
    expect(() => parseDocument(hostile, registry)).toThrow(/field names that no object has/);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(() =>
      parseDocument(JSON.stringify(good).replaceAll('"one"', '"constructor"'), registry),
    ).toThrow(DocumentError);
  });

  it('refuses ids that repeat, wires to nowhere and wires given twice', () => {
    expect(() => decode({ ...good, nodes: [good.nodes[0], good.nodes[0]] })).toThrow('nodes.1.id');
    expect(() => decode({ ...good, nodes: [good.nodes[0]] })).toThrow('edges.0.to.0');
    expect(() => decode({ ...good, edges: [good.edges[0], good.edges[0]] })).toThrow('edges.1');
  });

  it('refuses 2,001 nodes, a deep nest and a million values without using much time', () => {
    const many = Array.from({ length: 2001 }, (_, i) => graphNode(numberNode, `n${i}`));
    expect(() => decode({ ...good, nodes: many, edges: [] })).toThrow('at most 2000 nodes');
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => decode({ ...good, nodes: deep })).toThrow(/depth/);
    expect(() => decode({ ...good, nodes: new Array(1_000_000).fill(0) })).toThrow(/values/);
  });

  it('refuses thousands of marks on a letter in any text', () => {
    const stack = 'e' + '\u0301'.repeat(33);
    expect(() => decode({ ...good, notes: stack })).toThrow('document.notes: expected at most 32');
    expect(() => decode(withNode({ label: stack }))).toThrow('document.nodes.0.label');
    expect(() => decode(withNode({ params: { text: stack } }))).toThrow('nodes.0.params.text');
    expect(decode({ ...good, notes: 'e\u0301'.repeat(1_000) }).problems).toEqual([]);
  });

  it('refuses text that is not JSON, and values that are not documents', () => {
    expect(() => parseDocument('{"format":', registry)).toThrow(DocumentError);
    for (const value of [null, undefined, 1, 'adjoint', [], new Date(), () => 1])
      expect(() => decode(value)).toThrow(DocumentError);
  });

  it('keeps a node of an unknown type with its parameters and says so', () => {
    const node = { ...graphNode({ type: 'operator/radon', version: 7 }, 'r', { angles: 180 }) };
    const { document, problems } = decode({ ...good, nodes: [...good.nodes, node] });
    expect(document.nodes[2]).toEqual(node);
    expect(problems).toEqual([
      { code: 'unknown-type', nodeId: 'r', message: expect.stringContaining('operator/radon') },
    ]);
  });

  it('keeps parameters out of range and reports them with the range', () => {
    const { document, problems } = decode(withNode({ params: { value: 11, gain: 0 } }));
    expect(document.nodes[0].params).toEqual({ value: 11, gain: 0 });
    expect(problems.map(({ code, param }) => [code, param])).toEqual([
      ['param', 'value'],
      ['param', 'gain'],
    ]);
    expect(problems[0].message).toBe(
      'Number (Value): expected a number in [-10, 10], got 11. Choose a value in the range.',
    );
  });

  it('reports wires to ports that do not exist, of the wrong type, and several into a single input', () => {
    const three = graphOf(
      [graphNode(numberNode, 'a'), graphNode(numberNode, 'b'), graphNode(addNode, 'sum')],
      [
        'a.scalar > sum.a',
        'b.scalar > sum.a',
        'a.nothing > sum.b',
        'a.scalar > sum.more',
        'b.scalar > sum.more',
      ],
    );
    expect(decode(three).problems.map(({ code }) => code)).toEqual([
      'several-wires',
      'unknown-port',
    ]);
  });

  it('migrates the parameters of an older node step by step', () => {
    const newer: NodeDefinition = {
      ...numberNode,
      version: 3,
      migrations: {
        1: {
          change: 'amount is called size',
          migrate: ({ amount, ...rest }) => ({ ...rest, size: amount }),
          example: { before: { amount: 4 }, after: { size: 4 } },
        },
        2: {
          change: 'size is called value',
          migrate: ({ size, ...rest }) => ({ ...rest, value: size }),
          example: { before: { size: 4 }, after: { value: 4 } },
        },
      },
    };
    const old: GraphDocument = graphOf([graphNode(numberNode, 'n', { amount: 4 })]);
    const { document, problems } = decodeDocument(old, registryOf(newer));
    expect(document.nodes[0]).toMatchObject({ version: 3, params: { value: 4 } });
    expect(problems).toEqual([]);
    const unknown = decodeDocument(old, registryOf({ ...newer, migrations: {} }));
    expect(unknown.document.nodes[0]).toEqual(old.nodes[0]);
    expect(unknown.problems[0].code).toBe('migration');
  });
});
