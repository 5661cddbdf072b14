/** Which ports a card shows, and which two ends a person may join. */
import { canConnect, carried, fits, nameOf } from '../../runtime/graph/connect.ts';
import type { Connection, End } from '../../runtime/graph/connect.ts';
import type { GraphDocument, GraphEdge, GraphNode } from '../../runtime/graph/document.ts';
import type { NodeDefinition, NodeRegistry } from '../../runtime/graph/node-definition.ts';
import type { WireEnd } from './ui.svelte.ts';

export interface PortInfo {
  readonly name: string;
  readonly side: 'in' | 'out';
  /** What the wire carries; 'unknown' at a node whose type is not known here. */
  readonly type: string;
  readonly label: string;
  readonly many: boolean;
  readonly optional: boolean;
}

/** Ports in the order of the card. A node of unknown type has the ports that its wires use. */
export function portsOf(
  node: GraphNode,
  document: GraphDocument,
  registry: NodeRegistry,
): readonly PortInfo[] {
  const definition = registry.get(node.type);
  if (definition) return definedPorts(definition);
  const port = (name: string, side: 'in' | 'out'): PortInfo => ({
    name,
    side,
    type: 'unknown',
    label: name,
    many: side === 'in',
    optional: true,
  });
  const inputs = document.edges.filter((e) => e.to[0] === node.id).map((e) => e.to[1]);
  const outputs = document.edges.filter((e) => e.from[0] === node.id).map((e) => e.from[1]);
  return [
    ...[...new Set(inputs)].map((name) => port(name, 'in')),
    ...[...new Set(outputs)].map((name) => port(name, 'out')),
  ];
}

const cache = new WeakMap<NodeDefinition, readonly PortInfo[]>();

export function definedPorts(definition: NodeDefinition): readonly PortInfo[] {
  const known = cache.get(definition);
  if (known) return known;
  const ports: PortInfo[] = [
    ...definition.inputs.map(({ name, type, label, many, optional }): PortInfo => ({
      name,
      side: 'in',
      type,
      label,
      many: many ?? false,
      optional: optional ?? false,
    })),
    ...definition.outputs.map(({ name, type, label }): PortInfo => ({
      name,
      side: 'out',
      type: carried(type),
      label,
      many: true,
      optional: true,
    })),
  ];
  cache.set(definition, ports);
  return ports;
}

/** The two ends as a wire from an output to an input, or null when both are on the same side. */
export function orient(a: WireEnd, b: WireEnd): { from: End; to: End } | null {
  if (a.side === b.side) return null;
  const [output, input] = a.side === 'out' ? [a, b] : [b, a];
  return { from: [output.node, output.port], to: [input.node, input.port] };
}

export function judge(
  a: WireEnd,
  b: WireEnd,
  document: GraphDocument,
  registry: NodeRegistry,
): Connection {
  const wire = orient(a, b);
  if (wire) return canConnect(document, registry, wire.from, wire.to);
  return {
    ok: false,
    code: 'type',
    reason:
      a.side === 'out'
        ? 'Both are outputs. A wire runs from an output to an input.'
        : 'Both are inputs. A wire runs from an output to an input.',
  };
}

export interface Candidate {
  readonly end: WireEnd;
  /** e.g. "FISTA: objective". */
  readonly label: string;
  /** A wire that would go. */
  readonly replaces: GraphEdge | undefined;
}

/** Every end in the document to which `end` may be joined; free inputs before occupied ones. */
export function candidates(
  end: WireEnd,
  document: GraphDocument,
  registry: NodeRegistry,
): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const node of document.nodes) {
    for (const port of portsOf(node, document, registry)) {
      if (port.side === end.side) continue;
      const other: WireEnd = { node: node.id, port: port.name, side: port.side };
      const verdict = judge(end, other, document, registry);
      if (!verdict.ok) continue;
      const label = `${nameOf(node, registry)}: ${port.label}`;
      found.push({ end: other, label, replaces: verdict.replaces });
    }
  }
  return found.sort((a, b) => Number(a.replaces !== undefined) - Number(b.replaces !== undefined));
}

/** The type carried at an end, or null where the node or port is not known. */
export function typeAt(
  end: WireEnd,
  document: GraphDocument,
  registry: NodeRegistry,
): string | null {
  const node = document.nodes.find((candidate) => candidate.id === end.node);
  if (!node) return null;
  const ports = portsOf(node, document, registry);
  return ports.find((port) => port.name === end.port && port.side === end.side)?.type ?? null;
}

/** What an output of a node carries; 'unknown' where the node or the port is not known. */
export function outputType(
  node: GraphNode | undefined,
  port: string,
  registry: NodeRegistry,
): string {
  const definition = node && registry.get(node.type);
  const ports = definition ? definedPorts(definition) : [];
  return ports.find(({ name, side }) => name === port && side === 'out')?.type ?? 'unknown';
}

/** The first port of a definition that a wire begun at `end` could go to. */
export function matchingPort(
  definition: NodeDefinition,
  end: WireEnd,
  type: string,
): PortInfo | undefined {
  return definedPorts(definition).find((port) => port.side !== end.side && port.type === type);
}

/** How a node can be put on a wire: its input and output of the wire's type. */
export function splicePorts(
  definition: NodeDefinition,
  edge: GraphEdge,
  document: GraphDocument,
  registry: NodeRegistry,
): { readonly input: string; readonly output: string } | null {
  const source = document.nodes.find((node) => node.id === edge.from[0]);
  const target = document.nodes.find((node) => node.id === edge.to[0]);
  if (!source || !target) return null;
  const from = registry.get(source.type)?.outputs.find((port) => port.name === edge.from[1]);
  const to = registry.get(target.type)?.inputs.find((port) => port.name === edge.to[1]);
  if (!from || !to) return null;
  const input = definition.inputs.find((port) => fits(from.type, port.type));
  const output = definition.outputs.find((port) => fits(port.type, to.type));
  return input && output ? { input: input.name, output: output.name } : null;
}
