/** Pure edits of a document: each returns a new one and leaves the old as it was. */
import type { GraphDocument, GraphEdge, GraphNode, ParamValue } from './document.ts';
import type { NodeDefinition } from './node-definition.ts';

/** A new node of a type, with an id free in the document and no parameters but the given ones (the rest are defaults). */
export function createNode(
  document: GraphDocument,
  definition: NodeDefinition,
  position: GraphNode['position'],
  params: GraphNode['params'] = {},
): GraphNode {
  return {
    id: freshId(document, definition.type),
    type: definition.type,
    version: definition.version,
    params,
    position,
  };
}

/** e.g. 'mlp-2': the last part of the type with the first free number. */
export function freshId(document: GraphDocument, type: string): string {
  const stem = (type.split('/').at(-1) ?? 'node').replace(/[^A-Za-z0-9_-]/g, '').slice(0, 48);
  const taken = new Set(document.nodes.map((node) => node.id));
  let number = 1;
  // Ends since finitely many are taken.
  while (taken.has(`${stem}-${number}`)) number++;
  return `${stem}-${number}`;
}

export function addNode(document: GraphDocument, node: GraphNode): GraphDocument {
  return { ...document, nodes: [...document.nodes, node] };
}

/** Removes nodes and every wire at them. */
export function removeNodes(document: GraphDocument, ids: Iterable<string>): GraphDocument {
  const gone = new Set(ids);
  return {
    ...document,
    nodes: document.nodes.filter((node) => !gone.has(node.id)),
    edges: document.edges.filter((edge) => !gone.has(edge.from[0]) && !gone.has(edge.to[0])),
  };
}

/** Adds a wire that `canConnect` accepted; pass its `replaces`. */
export function addEdge(
  document: GraphDocument,
  edge: GraphEdge,
  replaces?: GraphEdge,
): GraphDocument {
  const kept = replaces
    ? document.edges.filter((other) => edgeKey(other) !== edgeKey(replaces))
    : document.edges;
  return { ...document, edges: [...kept, edge] };
}

export function removeEdges(document: GraphDocument, edges: Iterable<GraphEdge>): GraphDocument {
  const gone = new Set([...edges].map(edgeKey));
  return { ...document, edges: document.edges.filter((edge) => !gone.has(edgeKey(edge))) };
}

/** Puts a node on a wire: from → node.input, node.output → to. */
export function spliceNode(
  document: GraphDocument,
  edge: GraphEdge,
  nodeId: string,
  input: string,
  output: string,
): GraphDocument {
  const without = removeEdges(document, [edge]);
  return {
    ...without,
    edges: [
      ...without.edges,
      { from: edge.from, to: [nodeId, input] },
      { from: [nodeId, output], to: edge.to },
    ],
  };
}

export function setParam(
  document: GraphDocument,
  nodeId: string,
  param: string,
  value: ParamValue,
): GraphDocument {
  return updateNode(document, nodeId, (node) => ({
    ...node,
    params: { ...node.params, [param]: value },
  }));
}

/** An empty label gives the node its type's title again. */
export function renameNode(document: GraphDocument, nodeId: string, label: string): GraphDocument {
  return updateNode(document, nodeId, ({ label: _old, ...node }) =>
    label === '' ? node : { ...node, label },
  );
}

export function moveNodes(
  document: GraphDocument,
  positions: ReadonlyMap<string, GraphNode['position']>,
): GraphDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      const position = positions.get(node.id);
      return position ? { ...node, position } : node;
    }),
  };
}

export function updateNode(
  document: GraphDocument,
  nodeId: string,
  update: (node: GraphNode) => GraphNode,
): GraphDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) => (node.id === nodeId ? update(node) : node)),
  };
}

/** One string per wire, for keys of lists and sets. */
export function edgeKey(edge: GraphEdge): string {
  return [...edge.from, ...edge.to].join(' ');
}
