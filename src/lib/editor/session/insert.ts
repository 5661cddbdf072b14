/** Puts a node that a note proposes on the wire into a port, and test data through the same node. */
import type { GraphDocument, GraphEdge, GraphNode } from '../../runtime/graph/document.ts';
import * as edit from '../../runtime/graph/edit.ts';
import type { NodeDefinition, NodeRegistry } from '../../runtime/graph/node-definition.ts';
import { splicePorts } from './wiring.ts';

/** A second input and output of one name, for the test data of what comes after. */
const TEST = 'test';

export interface Inserted {
  readonly document: GraphDocument;
  readonly node: GraphNode;
}

/** @returns null when nothing is wired to the port, or the node does not fit there */
export function insertBefore(
  document: GraphDocument,
  registry: NodeRegistry,
  definition: NodeDefinition,
  [nodeId, port]: readonly [node: string, port: string],
  position: GraphNode['position'],
): Inserted | null {
  const edge = document.edges.find(({ to }) => to[0] === nodeId && to[1] === port);
  const ports = edge && splicePorts(definition, edge, document, registry);
  if (!edge || !ports) return null;
  const node = edit.createNode(document, definition, position);
  let next = edit.addNode(document, node);
  next = edit.spliceNode(next, edge, node.id, ports.input, ports.output);
  const tests = testWires(document, registry, nodeId, edge);
  const [source] = tests;
  const passes = [definition.inputs, definition.outputs].every((all) =>
    (all as readonly { readonly name: string }[]).some(({ name }) => name === TEST),
  );
  // Of several sets of test data, only one could go through.
  if (!source || !passes || new Set(tests.map(({ from }) => from.join())).size > 1)
    return { document: next, node };
  next = edit.removeEdges(next, tests);
  const through = tests.map(({ to }): GraphEdge => ({ from: [node.id, TEST], to }));
  const edges = [...next.edges, { from: source.from, to: [node.id, TEST] as const }, ...through];
  return { document: { ...next, edges }, node };
}

/** Wires of datasets, other than the one that is spliced, into what comes after a node. */
function testWires(
  { nodes, edges }: GraphDocument,
  registry: NodeRegistry,
  start: string,
  spliced: GraphEdge,
): GraphEdge[] {
  const after = new Set([start]);
  // A set is walked in the order of insertion, those added on the way included.
  for (const id of after) for (const { from, to } of edges) if (from[0] === id) after.add(to[0]);
  after.delete(start);
  const typeOf = new Map(nodes.map(({ id, type }) => [id, type]));
  return edges.filter(({ from, to }) => {
    if (!after.has(to[0]) || after.has(from[0]) || from.join() === spliced.from.join())
      return false;
    const inputs = registry.get(typeOf.get(to[0]) ?? '')?.inputs ?? [];
    return inputs.some(({ name, type }) => name === to[1] && type === 'dataset');
  });
}
