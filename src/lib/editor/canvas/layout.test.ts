import { describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../runtime/graph/document.ts';
import { layout } from './layout.ts';

const size = { width: 220, height: 140 };
const ports = () => ({ inputs: ['in', 'second'], outputs: ['out'] });

function graph(ids: string[], edges: [string, string, string?][]): GraphDocument {
  return {
    format: 'adjoint',
    version: 1,
    title: '',
    notes: '',
    seed: 0,
    device: 'auto',
    nodes: ids.map((id) => ({ id, type: 'x/y', version: 1, params: {}, position: { x: 0, y: 0 } })),
    edges: edges.map(([from, to, port]) => ({ from: [from, 'out'], to: [to, port ?? 'in'] })),
  };
}

describe('layout', () => {
  it('puts every node to the right of the nodes that feed it', async () => {
    const document = graph(
      ['view', 'fista', 'ista', 'loss', 'model', 'data'],
      [
        ['data', 'model'],
        ['model', 'loss'],
        ['loss', 'ista'],
        ['loss', 'fista'],
        ['ista', 'view'],
        ['fista', 'view'],
      ],
    );
    const positions = await layout(document, () => size, ports);
    expect(positions.size).toBe(6);
    for (const { from, to } of document.edges) {
      const gap = positions.get(to[0])!.x - positions.get(from[0])!.x;
      expect(gap).toBeGreaterThanOrEqual(size.width + 40);
    }
  });

  it('leaves no two cards overlapping', async () => {
    const ids = Array.from({ length: 14 }, (_, i) => `n${i}`);
    const document = graph(
      ids,
      ids.slice(1).map((id, i) => [`n${Math.floor(i / 3)}`, id]),
    );
    const positions = [...(await layout(document, () => size, ports)).values()];
    positions.forEach((a, i) => {
      for (const b of positions.slice(i + 1)) {
        const apart = Math.abs(a.x - b.x) >= size.width || Math.abs(a.y - b.y) >= size.height;
        expect(apart).toBe(true);
      }
    });
  });

  it('orders feeders as their ports are ordered on the card', async () => {
    const document = graph(
      ['below', 'above', 'sum'],
      [
        ['above', 'sum', 'in'],
        ['below', 'sum', 'second'],
      ],
    );
    const positions = await layout(document, () => size, ports);
    expect(positions.get('above')!.y).toBeLessThan(positions.get('below')!.y);
  });

  it('gives the same positions for the same graph', async () => {
    const document = graph(
      ['a', 'b', 'c'],
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    );
    const twice = [
      await layout(document, () => size, ports),
      await layout(document, () => size, ports),
    ];
    expect([...twice[0]]).toEqual([...twice[1]]);
  });

  it('lays out an unknown node whose wires lead to ports it does not declare', async () => {
    const document = graph(['a', 'b'], [['a', 'b', 'gone']]);
    expect((await layout(document, () => size, ports)).size).toBe(2);
  });
});
