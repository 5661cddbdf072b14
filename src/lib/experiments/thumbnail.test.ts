import { expect, it } from 'vitest';
import { emptyDocument } from '../runtime/graph/schema.ts';
import { registry, sampleDocument } from './testing/samples.ts';
import { thumbnail } from './thumbnail.ts';

const size = () => [260, 200] as const;

it('fits a graph of any extent into the picture, in its proportions', () => {
  const sample = sampleDocument();
  for (const far of [0, 100, 1e6]) {
    const nodes = sample.nodes.map((node, i) => ({ ...node, position: { x: i * far, y: -far } }));
    const { boxes } = thumbnail({ ...sample, nodes }, registry, 320, 180, size);
    expect(boxes).toHaveLength(3);
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(320);
      expect(box.y + box.height).toBeLessThanOrEqual(180);
      expect(box.width / box.height).toBeCloseTo(260 / 200, 6);
    }
  }
});

it('draws a wire for each edge, by what it carries', () => {
  const { wires } = thumbnail(sampleDocument(), registry, 320, 180, size);
  expect(wires.map((wire) => wire.type)).toEqual(['scalar', 'scalar']);
  for (const { path } of wires) expect(path).toMatch(/^M[-\d. ]+C[-\d. ]+$/);
});

it('draws nothing for an empty graph', () => {
  expect(thumbnail(emptyDocument(), registry, 320, 180, size)).toMatchObject({
    boxes: [],
    wires: [],
  });
});
