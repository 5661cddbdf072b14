/**
 * The canvas's own copy of the graph: what @xyflow/svelte draws and writes measurements, selection and drags to. The
 * document is the truth; `sync` follows it, and moves made on the canvas are handed back through `onmove`. Many new cards
 * and wires come in slices, some in each frame, so that a large graph does not block the page while it appears.
 */
import type { Edge, Node } from '@xyflow/svelte';
import type { GraphDocument, GraphEdge, GraphNode } from '../../runtime/graph/document.ts';
import { nextFrame } from '../../ui/slices.ts';

export type Point = { readonly x: number; readonly y: number };
export type CardNode = Node<{ node: GraphNode }, 'card'>;
export type WireEdge = Edge<{ edge: GraphEdge; portType: string }, 'wire'>;

export const edgeId = (edge: GraphEdge): string => `${edge.from.join('.')}→${edge.to.join('.')}`;

interface Options {
  /** What a card is called by a screen reader. */
  readonly nameOf: (node: GraphNode) => string;
  /** The type of the port a wire starts from; colours the wire. */
  readonly portTypeOf: (edge: GraphEdge, source: GraphNode | undefined) => string;
  /** Cards that came to rest elsewhere; `nudge` when moved by arrow keys. */
  readonly onmove: (moves: ReadonlyMap<string, Point>, nudge: boolean) => void;
}

/** New cards and wires that are put on the canvas at once. */
const SLICE = { nodes: 8, edges: 24 } as const;

export class Flow {
  nodes = $state.raw<CardNode[]>([]);
  edges = $state.raw<WireEdge[]>([]);
  readonly selectedNodeIds = $derived(this.nodes.filter((n) => n.selected).map((n) => n.id));
  readonly selectedEdges = $derived(
    this.edges.filter((e) => e.selected).flatMap((e) => (e.data ? [e.data.edge] : [])),
  );
  readonly #options: Options;
  #document: GraphDocument | null = null;
  #cancel: () => void = () => undefined;
  /** Cards to be selected that may not be there yet. */
  #chosen: ReadonlySet<string> = new Set();

  constructor(options: Options) {
    this.#options = options;
  }

  sync(document: GraphDocument): void {
    this.#cancel();
    this.#document = document;
    if (!this.#advance(document)) this.#cancel = nextFrame(() => this.sync(document));
  }

  /** Ends what is still to come: the editor was closed. */
  dispose(): void {
    this.#cancel();
  }

  /** Brings the copy up to the document, except for what exceeds a slice; true when nothing is left. */
  #advance(document: GraphDocument): boolean {
    const oldNodes = new Map(this.nodes.map((node) => [node.id, node]));
    const oldEdges = new Map(this.edges.map((edge) => [edge.id, edge]));
    const byId = new Map(document.nodes.map((node) => [node.id, node]));
    const room = { nodes: SLICE.nodes as number, edges: SLICE.edges as number };
    const shown = new Set<string>();
    this.nodes = document.nodes.flatMap((node): CardNode[] => {
      const old = oldNodes.get(node.id);
      if (!old && --room.nodes < 0) return [];
      shown.add(node.id);
      if (old && old.data.node === node && samePoint(old.position, node.position)) return [old];
      return [
        {
          ...(old ?? { selected: this.#chosen.has(node.id) }),
          id: node.id,
          type: 'card',
          position: node.position,
          data: { node },
          ariaLabel: this.#options.nameOf(node),
        },
      ];
    });
    this.edges = document.edges.flatMap((edge): WireEdge[] => {
      const id = edgeId(edge);
      const old = oldEdges.get(id);
      if (!shown.has(edge.from[0]) || !shown.has(edge.to[0])) return [];
      if (!old && --room.edges < 0) return [];
      const portType = this.#options.portTypeOf(edge, byId.get(edge.from[0]));
      if (old && old.data?.edge === edge && old.data.portType === portType) return [old];
      return [
        {
          ...old,
          id,
          type: 'wire',
          source: edge.from[0],
          sourceHandle: edge.from[1],
          target: edge.to[0],
          targetHandle: edge.to[1],
          data: { edge, portType },
          ariaLabel: this.#wireName(edge, byId),
        },
      ];
    });
    return room.nodes >= 0 && room.edges >= 0;
  }

  /** Takes what the canvas wrote: measurements and selection stay here, finished moves go to the document. */
  receive(next: CardNode[]): void {
    const before = new Map(this.nodes.map((node) => [node.id, node]));
    this.nodes = next;
    const moves = new Map<string, Point>();
    let nudge = true;
    const places = new Map(this.#document?.nodes.map((node) => [node.id, node.position]));
    for (const node of next) {
      const place = places.get(node.id);
      if (!place || node.dragging || samePoint(node.position, place)) continue;
      if (before.get(node.id)?.dragging) nudge = false;
      moves.set(node.id, { x: Math.round(node.position.x), y: Math.round(node.position.y) });
    }
    if (moves.size > 0) this.#options.onmove(moves, nudge);
  }

  select(ids: readonly string[]): void {
    const chosen = new Set(ids);
    const shown = new Set(this.nodes.map((node) => node.id));
    this.#chosen = new Set(ids.filter((id) => !shown.has(id)));
    this.nodes = this.nodes.map((node) =>
      (node.selected ?? false) === chosen.has(node.id)
        ? node
        : { ...node, selected: chosen.has(node.id) },
    );
    this.edges = this.edges.map((edge) => (edge.selected ? { ...edge, selected: false } : edge));
  }

  sizeOf(id: string): { width: number; height: number } {
    const measured = this.nodes.find((node) => node.id === id)?.measured;
    return { width: measured?.width ?? 220, height: measured?.height ?? 120 };
  }

  #wireName(edge: GraphEdge, byId: ReadonlyMap<string, GraphNode>): string {
    const name = (id: string) => {
      const node = byId.get(id);
      return node ? this.#options.nameOf(node) : id;
    };
    return `Wire from ${name(edge.from[0])}, ${edge.from[1]}, to ${name(edge.to[0])}, ${edge.to[1]}`;
  }
}

function samePoint(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5;
}
