import { describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../runtime/graph/document.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { clipText, duplicate, looksLikeClip, paste, readClip } from './clipboard.ts';

const node = (id: string, x: number, y: number) => ({
  id,
  type: `test/${id.split('-')[0]}`,
  version: 1,
  params: { width: 3 },
  position: { x, y },
});
const registry = new Map();
const graph: GraphDocument = {
  ...emptyDocument('Race'),
  nodes: [node('data-1', 0, 0), node('model-1', 300, 50), node('loss-1', 600, 80)],
  edges: [
    { from: ['data-1', 'out'], to: ['model-1', 'data'] },
    { from: ['model-1', 'out'], to: ['loss-1', 'model'] },
  ],
};

describe('clipboard', () => {
  it('carries nodes and the wires among them through text, under fresh ids', () => {
    const clipped = readClip(clipText(graph, ['model-1', 'loss-1']), registry);
    const { document, ids } = paste(graph, clipped, { x: 1000, y: 500 });
    expect(ids).toEqual(['model-2', 'loss-2']);
    expect(document.edges.slice(2)).toEqual([
      { from: ['model-2', 'out'], to: ['loss-2', 'model'] },
    ]);
    expect(document.nodes.slice(3).map((n) => n.position)).toEqual([
      { x: 1000, y: 500 },
      { x: 1300, y: 530 },
    ]);
    expect(document.nodes[3].params).toEqual({ width: 3 });
  });

  it('leaves the nodes and wires that were there as they were', () => {
    const { document } = paste(graph, readClip(clipText(graph, ['data-1']), registry), {
      x: 0,
      y: 0,
    });
    expect(document.nodes.slice(0, 3)).toEqual(graph.nodes);
    expect(document.edges).toEqual(graph.edges);
  });

  it('pastes into another, empty experiment', () => {
    const clipped = readClip(
      clipText(
        graph,
        graph.nodes.map((n) => n.id),
      ),
      registry,
    );
    const { document } = paste(emptyDocument(), clipped, { x: 5, y: 5 });
    expect(document.nodes.map((n) => n.id)).toEqual(['data-1', 'model-1', 'loss-1']);
    expect(document.edges).toEqual(graph.edges);
  });

  it('duplicates a racer on the same objective', () => {
    const { document, ids } = duplicate(graph, ['loss-1']);
    expect(ids).toEqual(['loss-2']);
    expect(document.edges.at(-1)).toEqual({ from: ['model-1', 'out'], to: ['loss-2', 'model'] });
    expect(document.nodes.at(-1)?.position).toEqual({ x: 640, y: 120 });
  });

  it('does not touch the document when nothing is chosen', () => {
    expect(duplicate(graph, []).document).toBe(graph);
  });

  it('tells a copied graph from other text', () => {
    expect(looksLikeClip(clipText(graph, ['data-1']))).toBe(true);
    expect(looksLikeClip('x,y\n1,2')).toBe(false);
    expect(looksLikeClip('{"format":"other"}')).toBe(false);
  });

  it('refuses a damaged copy with the place of the damage', () => {
    const text = clipText(graph, ['data-1']).replace('"x":0', '"x":"left"');
    expect(() => readClip(text, registry)).toThrow(/nodes\.0\.position\.x/);
    expect(() => readClip('{"format":"adjoint"', registry)).toThrow(/document/);
  });
});
