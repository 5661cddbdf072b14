import type { GraphDocument } from '../runtime/graph/document.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';

/** A graph as a small drawing: boxes and wires in units of the picture. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly {
    readonly id: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly family: string;
  }[];
  readonly wires: readonly {
    readonly key: string;
    readonly path: string;
    readonly type: string;
  }[];
}

/** A single node is not blown up to the size of the picture. */
const LEAST_SPAN = 900;
const MAX_NODES = 200;

/** Fits the graph into `width` × `height`, keeping its proportions. `sizeOf` gives the size of a node's card by its type. */
export function thumbnail(
  document: GraphDocument,
  registry: NodeRegistry,
  width: number,
  height: number,
  sizeOf: (type: string) => readonly [width: number, height: number],
): Thumbnail {
  const nodes = document.nodes.slice(0, MAX_NODES).map((node) => {
    const family = node.type.slice(0, node.type.indexOf('/'));
    const [cardWidth, cardHeight] = sizeOf(node.type);
    return { node, family, ...node.position, width: cardWidth, height: cardHeight };
  });
  const left = Math.min(...nodes.map((n) => n.x));
  const top = Math.min(...nodes.map((n) => n.y));
  const spanX = Math.max(...nodes.map((n) => n.x + n.width)) - left;
  const spanY = Math.max(...nodes.map((n) => n.y + n.height)) - top;
  const margin = 0.07 * Math.min(width, height);
  const scale = Math.min(
    (width - 2 * margin) / Math.max(spanX, LEAST_SPAN),
    (height - 2 * margin) / Math.max(spanY, LEAST_SPAN * (height / width)),
  );
  const offsetX = (width - scale * spanX) / 2;
  const offsetY = (height - scale * spanY) / 2;
  const boxes = nodes.map(({ node, family, ...box }) => ({
    id: node.id,
    family,
    x: offsetX + scale * (box.x - left),
    y: offsetY + scale * (box.y - top),
    width: scale * box.width,
    height: scale * box.height,
  }));

  const byId = new Map(boxes.map((box) => [box.id, box]));
  const types = new Map(document.nodes.map((node) => [node.id, node.type]));
  const wires = document.edges.flatMap(({ from, to }) => {
    const [source, target] = [byId.get(from[0]), byId.get(to[0])];
    if (!source || !target) return [];
    const outputs = registry.get(types.get(from[0]) ?? '')?.outputs ?? [];
    const type = outputs.find((port) => port.name === from[1])?.type ?? 'unknown';
    const [x0, y0] = [source.x + source.width, source.y + source.height / 2];
    const [x1, y1] = [target.x, target.y + target.height / 2];
    const bend = Math.max(Math.abs(x1 - x0) / 2, 4);
    const path = `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(x1 - bend)} ${round(y1)} ${round(x1)} ${round(y1)}`;
    return [{ key: [...from, ...to].join(' '), path, type }];
  });
  return { width, height, boxes, wires };
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
