/** Automatic layout: layers from left to right, few crossings, nodes of their measured size (ELK's layered algorithm). */
import type { GraphDocument } from '../../runtime/graph/document.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}
export type Positions = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

/** Ports in their order on the card; ELK keeps that order when it avoids crossings. */
export interface PortOrder {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.spacing.nodeNode': '36',
  'elk.layered.spacing.nodeNodeBetweenLayers': '72',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.spacing.componentComponent': '60',
  'elk.randomSeed': '1',
};

const GRID = 10;
const snap = (x: number) => Math.round(x / GRID) * GRID;

/** Positions of the top left corners by node id; `sizeOf` gives what the canvas has measured. */
export async function layout(
  document: GraphDocument,
  sizeOf: (nodeId: string) => Size,
  portsOf: (nodeId: string) => PortOrder,
): Promise<Positions> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js');
  const port = (id: string, side: 'WEST' | 'EAST', index: number) => ({
    id,
    layoutOptions: { 'elk.port.side': side, 'elk.port.index': String(index) },
  });
  const placed = await new Elk().layout({
    id: 'graph',
    layoutOptions: OPTIONS,
    children: document.nodes.map((node) => {
      const { inputs, outputs } = portsOf(node.id);
      // ELK counts ports clockwise from the top left, so the west side is numbered from its bottom.
      return {
        id: node.id,
        ...sizeOf(node.id),
        layoutOptions: { 'elk.portConstraints': 'FIXED_ORDER' },
        ports: [
          ...outputs.map((name, i) => port(`${node.id}/out/${name}`, 'EAST', i)),
          ...inputs.map((name, i) =>
            port(`${node.id}/in/${name}`, 'WEST', outputs.length + inputs.length - 1 - i),
          ),
        ],
      };
    }),
    edges: document.edges
      .filter((edge) => {
        const from = portsOf(edge.from[0]).outputs.includes(edge.from[1]);
        return from && portsOf(edge.to[0]).inputs.includes(edge.to[1]);
      })
      .map((edge, i) => ({
        id: `edge-${i}`,
        sources: [`${edge.from[0]}/out/${edge.from[1]}`],
        targets: [`${edge.to[0]}/in/${edge.to[1]}`],
      })),
  });
  return new Map(
    (placed.children ?? []).map((node) => [
      node.id,
      { x: snap(node.x ?? 0), y: snap(node.y ?? 0) },
    ]),
  );
}
