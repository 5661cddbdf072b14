/**
 * The canvas's own copy of the graph: what @xyflow/svelte draws and writes measurements, selection and drags to. The
 * document is the truth; `sync` follows it, and moves made on the canvas are handed back through `onmove`.
 */
import type { Edge, Node } from '@xyflow/svelte';
import type { GraphDocument, GraphEdge, GraphNode } from '../../runtime/graph/document.ts';

export type Point = { readonly x: number; readonly y: number };
export type CardNode = Node<{ node: GraphNode }, 'card'>;
export type WireEdge = Edge<{ edge: GraphEdge; portType: string }, 'wire'>;

export const edgeId = (edge: GraphEdge): string => `${edge.from.join('.')}→${edge.to.join('.')}`;

interface Options {
  /** What a card is called by a screen reader. */
  readonly nameOf: (node: GraphNode) => string;
  /** The type of the port a wire starts from; colours the wire. */
  readonly portTypeOf: (edge: GraphEdge, document: GraphDocument) => string;
  /** Cards that came to rest elsewhere; `nudge` when moved by arrow keys. */
  readonly onmove: (moves: ReadonlyMap<string, Point>, nudge: boolean) => void;
}

export class Flow {
  nodes = $state.raw<CardNode[]>([]);
  edges = $state.raw<WireEdge[]>([]);
  readonly selectedNodeIds = $derived(this.nodes.filter((n) => n.selected).map((n) => n.id));
  readonly selectedEdges = $derived(
    this.edges.filter((e) => e.selected).flatMap((e) => (e.data ? [e.data.edge] : [])),
  );
  readonly #options: Options;
  #document: GraphDocument | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  sync(document: GraphDocument): void {
    const oldNodes = new Map(this.nodes.map((node) => [node.id, node]));
    const oldEdges = new Map(this.edges.map((edge) => [edge.id, edge]));
    this.#document = document;
    this.nodes = document.nodes.map((node) => {
      const old = oldNodes.get(node.id);
      if (old && old.data.node === node && samePoint(old.position, node.position)) return old;
      return {
        ...old,
        id: node.id,
        type: 'card',
        position: node.position,
        data: { node },
        ariaLabel: this.#options.nameOf(node),
      };
    });
    this.edges = document.edges.map((edge) => {
      const id = edgeId(edge);
      const portType = this.#options.portTypeOf(edge, document);
      const old = oldEdges.get(id);
      if (old && old.data?.edge === edge && old.data.portType === portType) return old;
      return {
        ...old,
        id,
        type: 'wire',
        source: edge.from[0],
        sourceHandle: edge.from[1],
        target: edge.to[0],
        targetHandle: edge.to[1],
        data: { edge, portType },
        ariaLabel: this.#wireName(edge, document),
      };
    });
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

  #wireName(edge: GraphEdge, document: GraphDocument): string {
    const name = (id: string) => {
      const node = document.nodes.find((candidate) => candidate.id === id);
      return node ? this.#options.nameOf(node) : id;
    };
    return `Wire from ${name(edge.from[0])}, ${edge.from[1]}, to ${name(edge.to[0])}, ${edge.to[1]}`;
  }
}

function samePoint(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5;
}
