/** Which wires fit, and why one does not, in words for the person who drags it. */
import type { GraphDocument, GraphEdge, GraphNode } from './document.ts';
import type {
  Family,
  InputPort,
  NodeDefinition,
  NodeRegistry,
  OutputPort,
} from './node-definition.ts';
import type { PortType } from './ports.ts';

export type End = readonly [node: string, port: string];

export type RefusalCode = 'unknown' | 'self' | 'type' | 'duplicate' | 'cycle';
export type Connection =
  /** `replaces`: the wire that now occupies the input and would go. */
  | { readonly ok: true; readonly replaces?: GraphEdge }
  | { readonly ok: false; readonly code: RefusalCode; readonly reason: string };

export function inputPort(definition: NodeDefinition, name: string): InputPort | undefined {
  return definition.inputs.find((port) => port.name === name);
}
export function outputPort(definition: NodeDefinition, name: string): OutputPort | undefined {
  return definition.outputs.find((port) => port.name === name);
}

/** A plan becomes a run in the engine, so an optimizer's output goes where a run is expected. */
export function fits(output: OutputPort['type'], input: PortType): boolean {
  return carried(output) === input;
}
export function carried(type: OutputPort['type']): PortType {
  return type === 'plan' ? 'run' : type;
}

const FAMILY_WORDS: Readonly<Record<Family, string>> = {
  data: 'data nodes',
  operator: 'operators',
  model: 'models',
  regularizer: 'regularizers',
  loss: 'losses',
  optimizer: 'optimizers',
  check: 'checks',
  view: 'views',
};

/** "optimizers and views": the families with an input of this type. */
export function receivers(type: PortType, registry: NodeRegistry): string {
  const families = new Set<string>();
  for (const definition of registry.values())
    if (definition.inputs.some((port) => port.type === type))
      families.add(FAMILY_WORDS[definition.family]);
  const words = [...families];
  if (words.length === 0) return 'no node yet';
  if (words.length === 1) return words[0];
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const refuse = (code: RefusalCode, reason: string): Connection => ({ ok: false, code, reason });

/** Whether a wire from an output to an input may be added to the document. */
export function canConnect(
  document: GraphDocument,
  registry: NodeRegistry,
  from: End,
  to: End,
): Connection {
  const source = document.nodes.find((node) => node.id === from[0]);
  const target = document.nodes.find((node) => node.id === to[0]);
  const output = source && findPort(registry, source, outputPort, from[1]);
  const input = target && findPort(registry, target, inputPort, to[1]);
  if (!source || !output) return refuse('unknown', `The output '${from[1]}' does not exist.`);
  if (!target || !input) return refuse('unknown', `The input '${to[1]}' does not exist.`);
  if (source.id === target.id) return refuse('self', 'A node cannot feed itself.');
  const sourceName = nameOf(source, registry);
  const targetName = nameOf(target, registry);
  if (!fits(output.type, input.type)) {
    const type = carried(output.type);
    return refuse(
      'type',
      `The '${type}' output of ${sourceName} goes to ${receivers(type, registry)}; '${input.type}' is expected at '${input.label}' of ${targetName}.`,
    );
  }
  if (document.edges.some((edge) => same(edge.from, from) && same(edge.to, to)))
    return refuse('duplicate', `${sourceName} is already wired to '${input.label}' there.`);
  const loop = findPath(document, target.id, source.id);
  if (loop) {
    const names = [...loop, target.id].map((id) =>
      nameOf(document.nodes.find((node) => node.id === id) ?? target, registry),
    );
    return refuse('cycle', `This wire would close a loop: ${names.join(' → ')}.`);
  }
  const replaces = input.many ? undefined : document.edges.find((edge) => same(edge.to, to));
  return replaces ? { ok: true, replaces } : { ok: true };
}

/** A person's name for a node, else the title of its type. */
export function nameOf(node: GraphNode, registry: NodeRegistry): string {
  return node.label || (registry.get(node.type)?.title ?? node.type);
}

function findPort<P>(
  registry: NodeRegistry,
  node: GraphNode,
  find: (definition: NodeDefinition, name: string) => P | undefined,
  name: string,
): P | undefined {
  const definition = registry.get(node.type);
  return definition && find(definition, name);
}

function same(a: End, b: End): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Node ids along the wires from `start` to `goal`, both included; null when there is no way. */
function findPath(document: GraphDocument, start: string, goal: string): string[] | null {
  const successors = new Map<string, string[]>();
  for (const edge of document.edges) {
    const list = successors.get(edge.from[0]);
    if (list) list.push(edge.to[0]);
    else successors.set(edge.from[0], [edge.to[0]]);
  }
  const cameFrom = new Map<string, string | null>([[start, null]]);
  const queue = [start];
  for (const id of queue) {
    if (id === goal) {
      const path: string[] = [];
      for (let at: string | null = id; at !== null; at = cameFrom.get(at) ?? null) path.push(at);
      return path.reverse();
    }
    for (const next of successors.get(id) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      queue.push(next);
    }
  }
  return null;
}
