/**
 * Copied nodes travel as a graph document of their own: the same validation, migration and limits as a file, and a whole
 * exported experiment can be pasted into another.
 */
import type { GraphDocument, GraphNode } from '../../runtime/graph/document.ts';
import { emptyDocument, parseDocument } from '../../runtime/graph/schema.ts';
import { freshId } from '../../runtime/graph/edit.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';

/** The chosen nodes with the wires among them. */
export function clip(document: GraphDocument, ids: Iterable<string>): GraphDocument {
  const chosen = new Set(ids);
  return {
    ...emptyDocument('Copied nodes'),
    nodes: document.nodes.filter((node) => chosen.has(node.id)),
    edges: document.edges.filter((edge) => chosen.has(edge.from[0]) && chosen.has(edge.to[0])),
  };
}

export function clipText(document: GraphDocument, ids: Iterable<string>): string {
  return JSON.stringify(clip(document, ids));
}

/** Text that may be worth reading as nodes; anything else is left to the browser without a complaint. */
export function looksLikeClip(text: string): boolean {
  return /^\s*\{[^]{0,400}"format"\s*:\s*"adjoint"/.test(text);
}

/** @throws DocumentError when the text is not a graph document. */
export function readClip(text: string, registry: NodeRegistry): GraphDocument {
  return parseDocument(text, registry).document;
}

export interface Pasted {
  readonly document: GraphDocument;
  readonly ids: readonly string[];
}

/** Adds the nodes under fresh ids with their upper left corner at `at`. */
export function paste(
  document: GraphDocument,
  clipped: GraphDocument,
  at: GraphNode['position'],
): Pasted {
  if (clipped.nodes.length === 0) return { document, ids: [] };
  const left = Math.min(...clipped.nodes.map((node) => node.position.x));
  const top = Math.min(...clipped.nodes.map((node) => node.position.y));
  const ids = new Map<string, string>();
  let next = document;
  for (const node of clipped.nodes) {
    const id = freshId(next, node.type);
    ids.set(node.id, id);
    const position = {
      x: Math.round(at.x + node.position.x - left),
      y: Math.round(at.y + node.position.y - top),
    };
    next = { ...next, nodes: [...next.nodes, { ...node, id, position }] };
  }
  const edges = clipped.edges.flatMap(({ from, to }) => {
    const source = ids.get(from[0]);
    const target = ids.get(to[0]);
    return source && target
      ? [{ from: [source, from[1]] as const, to: [target, to[1]] as const }]
      : [];
  });
  return { document: { ...next, edges: [...next.edges, ...edges] }, ids: [...ids.values()] };
}

/** Copies of the chosen nodes beside them, fed by the same outputs as the originals. */
export function duplicate(document: GraphDocument, chosen: readonly string[]): Pasted {
  const clipped = clip(document, chosen);
  if (clipped.nodes.length === 0) return { document, ids: [] };
  const at = {
    x: Math.min(...clipped.nodes.map((node) => node.position.x)) + 40,
    y: Math.min(...clipped.nodes.map((node) => node.position.y)) + 40,
  };
  const pasted = paste(document, clipped, at);
  const copyOf = new Map(clipped.nodes.map((node, i) => [node.id, pasted.ids[i]]));
  const feeds = document.edges.flatMap(({ from, to }) => {
    const copy = copyOf.get(to[0]);
    return copy && !copyOf.has(from[0]) ? [{ from, to: [copy, to[1]] as const }] : [];
  });
  return {
    document: { ...pasted.document, edges: [...pasted.document.edges, ...feeds] },
    ids: pasted.ids,
  };
}
