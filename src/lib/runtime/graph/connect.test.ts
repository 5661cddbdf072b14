import { describe, expect, it } from 'vitest';
import { canConnect } from './connect.ts';
import { addEdge, freshId, removeNodes, renameNode, setParam } from './edit.ts';
import { validateParams } from './params.ts';
import { canonicalJson, nodeHash, sha256Hex } from './hash.ts';
import {
  addNode,
  graphNode,
  graphOf,
  modelTaker,
  numberNode,
  registryOf,
} from './testing/fake-nodes.ts';

const registry = registryOf(numberNode, addNode, modelTaker);
const graph = graphOf(
  [
    graphNode(numberNode, 'n'),
    graphNode(addNode, 'first'),
    graphNode(addNode, 'second'),
    graphNode(modelTaker, 'taker'),
  ],
  ['n.scalar > first.a', 'first.scalar > second.a'],
);

describe('canConnect', () => {
  it('accepts a wire that fits, and several wires into a port that takes many', () => {
    expect(canConnect(graph, registry, ['n', 'scalar'], ['second', 'b'])).toEqual({ ok: true });
    const two = addEdge(graph, { from: ['n', 'scalar'], to: ['second', 'more'] });
    expect(canConnect(two, registry, ['first', 'scalar'], ['second', 'more'])).toEqual({
      ok: true,
    });
  });

  it('names the wire that an occupied input would lose', () => {
    expect(canConnect(graph, registry, ['n', 'scalar'], ['second', 'a'])).toEqual({
      ok: true,
      replaces: { from: ['first', 'scalar'], to: ['second', 'a'] },
    });
  });

  it('refuses a wrong type and says where the output goes and what is expected', () => {
    expect(canConnect(graph, registry, ['n', 'scalar'], ['taker', 'model'])).toEqual({
      ok: false,
      code: 'type',
      reason:
        "The 'scalar' output of Number goes to checks; 'model' is expected at 'Model' of Model taker.",
    });
  });

  it('refuses a loop and names it by the labels of its nodes', () => {
    const named = renameNode(graph, 'second', 'Total');
    expect(canConnect(named, registry, ['second', 'scalar'], ['first', 'b'])).toEqual({
      ok: false,
      code: 'cycle',
      reason: 'This wire would close a loop: Add → Total → Add.',
    });
  });

  it('refuses a node feeding itself, a wire given twice and ends that do not exist', () => {
    const code = (from: [string, string], to: [string, string]) => {
      const result = canConnect(graph, registry, from, to);
      return result.ok ? 'ok' : result.code;
    };
    expect(code(['first', 'scalar'], ['first', 'b'])).toBe('self');
    expect(code(['n', 'scalar'], ['first', 'a'])).toBe('duplicate');
    expect(code(['n', 'nothing'], ['first', 'b'])).toBe('unknown');
    expect(code(['gone', 'scalar'], ['first', 'b'])).toBe('unknown');
  });
});

describe('edits', () => {
  it('leave the document they start from as it was', () => {
    const before = structuredClone(graph);
    const after = setParam(removeNodes(graph, ['first']), 'n', 'value', 5);
    expect(graph).toEqual(before);
    expect(after.edges).toEqual([]);
    expect(after.nodes[0].params).toEqual({ value: 5 });
  });

  it('number new nodes past those that exist', () => {
    expect(freshId(graphOf([graphNode(numberNode, 'number-1')]), 'data/number')).toBe('number-2');
  });
});

describe('validateParams', () => {
  it('fills in defaults and refuses values outside an open end', () => {
    expect(validateParams(numberNode, { value: 2 })).toEqual({
      values: { value: 2, gain: 1 },
      problems: [],
    });
    expect(validateParams(numberNode, { gain: 0 }).problems[0].message).toBe(
      'Number (Gain): expected a number > 0 and ≤ 5, got 0. Choose a value in the range.',
    );
    expect(validateParams(addNode, { offset: 1.5 }).problems).toHaveLength(1);
    expect(validateParams(addNode, { nonsense: 1 }).problems).toHaveLength(1);
  });
});

describe('content hash', () => {
  const hash = (id: string, params: Record<string, number>, seed = 1) =>
    nodeHash(graphNode(addNode, id), addNode, params, [], seed);
  it('depends on structural parameters, inputs and seed, not on the name of the node', () => {
    expect(hash('x', { offset: 1 })).toBe(hash('y', { offset: 1 }));
    expect(hash('x', { offset: 1 })).not.toBe(hash('x', { offset: 2 }));
    expect(hash('x', { offset: 1 })).not.toBe(hash('x', { offset: 1 }, 2));
  });
  it('leaves live parameters out, and tells nodes with live parameters apart', () => {
    const live = (id: string, gain: number) =>
      nodeHash(graphNode(numberNode, id), numberNode, { value: 1, gain }, [], 1);
    expect(live('x', 1)).toBe(live('x', 2));
    expect(live('x', 1)).not.toBe(live('y', 1));
  });
  it('is SHA-256 of text with sorted keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
