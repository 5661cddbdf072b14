import { fits, inputPort, outputPort } from './connect.ts';
import type { GraphDocument, GraphEdge, GraphNode } from './document.ts';
import type { NodeRegistry } from './node-definition.ts';
import type { DocumentProblem } from './problem.ts';

/** Wires that do not fit, each as a problem of the node that it leads to. */
export function wireProblems(document: GraphDocument, registry: NodeRegistry): DocumentProblem[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const taken = new Set<string>();
  const problems: DocumentProblem[] = [];
  for (const edge of document.edges) {
    const problem = wireProblem(edge, byId, registry, taken);
    if (problem) problems.push({ ...problem, nodeId: edge.to[0], port: edge.to[1] });
  }
  return problems;
}

function wireProblem(
  edge: GraphEdge,
  byId: ReadonlyMap<string, GraphNode>,
  registry: NodeRegistry,
  taken: Set<string>,
): Pick<DocumentProblem, 'code' | 'message'> | null {
  const source = registry.get(byId.get(edge.from[0])?.type ?? '');
  const target = registry.get(byId.get(edge.to[0])?.type ?? '');
  const output = source && outputPort(source, edge.from[1]);
  const input = target && inputPort(target, edge.to[1]);
  if (source && !output)
    return {
      code: 'unknown-port',
      message: `${source.title}: expected an output it has, got '${edge.from[1]}'. Remove the wire.`,
    };
  if (target && !input)
    return {
      code: 'unknown-port',
      message: `${target.title}: expected an input it has, got '${edge.to[1]}'. Remove the wire.`,
    };
  if (output && input && !fits(output.type, input.type))
    return {
      code: 'type-mismatch',
      message: `${target.title} (${input.label}): expected '${input.type}', got '${output.type}' from ${source.title}. Remove the wire.`,
    };
  const key = edge.to.join(' ');
  if (input && !input.many && taken.has(key))
    return {
      code: 'several-wires',
      message: `${target.title} (${input.label}): expected one wire, got several. Remove all but one.`,
    };
  taken.add(key);
  return null;
}
