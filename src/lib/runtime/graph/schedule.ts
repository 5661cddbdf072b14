/**
 * What is to be evaluated, in which order, and under which content hash. A pure function of the document: nodes that
 * cannot be evaluated carry an issue, and what depends on them is blocked.
 */
import { carried, nameOf } from './connect.ts';
import type { GraphDocument, GraphNode, ParamValue } from './document.ts';
import { liveKey, liveParams, nodeHash, sha256Hex } from './hash.ts';
import type { NodeDefinition, NodeRegistry } from './node-definition.ts';
import { validateParams } from './params.ts';
import { wireProblems } from './wires.ts';

export interface NodeIssue {
  readonly state: 'error' | 'blocked';
  readonly code: string;
  readonly message: string;
  readonly port?: string;
}

export type Source = readonly [node: string, port: string];

export interface ScheduledNode {
  readonly id: string;
  readonly node: GraphNode;
  /** Null for an unknown type, which always has an issue. */
  readonly definition: NodeDefinition | null;
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Sources of each input port, in wire order. */
  readonly inputs: ReadonlyMap<string, readonly Source[]>;
  readonly issue: NodeIssue | null;
  /** Content hash; '' where there is an issue. */
  readonly hash: string;
  /** Hands a plan to the engine. */
  readonly isRun: boolean;
  /** Depends on a run: evaluated again with its snapshots. */
  readonly volatile: boolean;
  /** Name shown to a person. */
  readonly name: string;
}

export interface Schedule {
  /** In dependency order; nodes on loops and behind them come last. */
  readonly order: readonly ScheduledNode[];
  readonly byId: ReadonlyMap<string, ScheduledNode>;
  /** Present values of all live parameters by key. */
  readonly liveValues: Readonly<Record<string, number>>;
  /** Their names for a person by key, e.g. "λ"; with the name of the node where several share one. */
  readonly liveNames: Readonly<Record<string, string>>;
  readonly seed: number;
}

export function schedule(document: GraphDocument, registry: NodeRegistry): Schedule {
  const { order, cyclic } = topologicalOrder(document);
  const wiresInto = new Map<string, Map<string, Source[]>>();
  for (const { from, to } of document.edges) {
    const ports = getOrAdd(wiresInto, to[0], () => new Map<string, Source[]>());
    getOrAdd(ports, to[1], () => []).push(from);
  }
  const wireIssues = new Map<string, NodeIssue>();
  for (const { nodeId, code, message, port } of wireProblems(document, registry))
    if (!wireIssues.has(nodeId))
      wireIssues.set(nodeId, { state: 'error', code, message, ...(port ? { port } : {}) });

  const byId = new Map<string, ScheduledNode>();
  const liveValues: Record<string, number> = {};
  /** Live values that reach a node from above; views and checks show numbers that depend on them. */
  const liveAbove = new Map<string, Set<string>>();
  for (const node of order) {
    const definition = registry.get(node.type) ?? null;
    const name = nameOf(node, registry);
    const inputs = wiresInto.get(node.id) ?? new Map<string, Source[]>();
    const sources = [...inputs.values()].flat();
    const upstream = sources.flatMap(([id]) => byId.get(id) ?? []);
    const { values: params, problems } = definition
      ? validateParams(definition, node.params)
      : { values: {}, problems: [] };

    const live = new Set(upstream.flatMap(({ id }) => [...(liveAbove.get(id) ?? [])]));
    for (const param of definition ? liveParams(definition) : []) {
      const key = liveKey(node.id, param);
      liveValues[key] = params[param] as number;
      live.add(key);
    }
    liveAbove.set(node.id, live);

    const isRun = definition?.outputs.some((port) => port.type === 'plan') ?? false;
    const issue =
      loopIssue(cyclic.get(node.id), byIdName(document, registry)) ??
      definitionIssue(node, definition) ??
      wireIssues.get(node.id) ??
      (problems.length > 0
        ? { state: 'error', code: 'param', message: problems.map((p) => p.message).join(' ') }
        : null) ??
      missingInput(definition, inputs) ??
      absentOutput(sources, byId) ??
      upstreamIssue(upstream, sources, byId);
    byId.set(node.id, {
      id: node.id,
      node,
      definition,
      params,
      inputs,
      issue,
      isRun,
      volatile: upstream.some((other) => other.isRun || other.volatile),
      name,
      hash:
        issue || !definition
          ? ''
          : withLive(
              nodeHash(
                node,
                definition,
                params,
                definition.inputs.flatMap(({ name: port }) => {
                  const wired = inputs.get(port);
                  if (!wired) return [];
                  return [
                    {
                      port,
                      sources: wired.map(([id, output]) => ({
                        port: output,
                        hash: byId.get(id)?.hash ?? '',
                      })),
                    },
                  ];
                }),
                document.seed,
              ),
              definition,
              live,
              liveValues,
            ),
    });
  }
  const nodes = [...byId.values()];
  return { order: nodes, byId, liveValues, liveNames: liveNames(nodes), seed: document.seed };
}

function liveNames(nodes: readonly ScheduledNode[]): Record<string, string> {
  const all = nodes.flatMap(({ id, definition, name }) =>
    (definition ? liveParams(definition) : []).map((param) => ({
      key: liveKey(id, param),
      // Without what stands in brackets: "Step size (learning rate)".
      label: definition?.params[param].label.replace(/ \(.*\)$/, '') ?? param,
      name,
    })),
  );
  const counts = new Map<string, number>();
  for (const { label } of all) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Object.fromEntries(
    all.map(({ key, label, name }) => [
      key,
      (counts.get(label) ?? 0) > 1 ? `${label} of ${name}` : label,
    ]),
  );
}

/** Views and checks are evaluated again when a live value above them changes; it costs little and they show it. */
function withLive(
  hash: string,
  definition: NodeDefinition,
  live: ReadonlySet<string>,
  values: Readonly<Record<string, number>>,
): string {
  if ((definition.family !== 'view' && definition.family !== 'check') || live.size === 0)
    return hash;
  const present = [...live].sort().map((key) => `${key}=${values[key]}`);
  return sha256Hex(`${hash} ${present.join(' ')}`);
}

function definitionIssue(node: GraphNode, definition: NodeDefinition | null): NodeIssue | null {
  if (!definition)
    return {
      state: 'error',
      code: 'unknown-type',
      message: `${node.id}: expected a known node type, got '${node.type}'. Replace the node or update Adjoint.`,
    };
  if (node.version !== definition.version)
    return {
      state: 'error',
      code: 'version',
      message: `${definition.title}: expected version ${definition.version}, got ${node.version}. Reload the page to update, or replace the node.`,
    };
  return null;
}

function missingInput(
  definition: NodeDefinition | null,
  inputs: ReadonlyMap<string, readonly Source[]>,
): NodeIssue | null {
  const missing = definition?.inputs.find((port) => !port.optional && !inputs.has(port.name));
  if (!definition || !missing) return null;
  return {
    state: 'blocked',
    code: 'missing-input',
    port: missing.name,
    message: `${definition.title} (${missing.label}): expected a wire of type '${missing.type}', got none. Connect one.`,
  };
}

/** A source that has no value because an optional input of its node has no wire. */
function absentOutput(
  sources: readonly Source[],
  byId: ReadonlyMap<string, ScheduledNode>,
): NodeIssue | null {
  for (const [id, port] of sources) {
    const source = byId.get(id);
    const needs = source?.definition?.outputs.find((output) => output.name === port)?.needs;
    if (!source || needs === undefined || source.inputs.has(needs)) continue;
    const label = source.definition?.inputs.find((input) => input.name === needs)?.label ?? needs;
    return {
      state: 'blocked',
      code: 'missing-input',
      message: `${source.name} (${label}): expected a wire into it, for its output is used here, got none. Connect one.`,
    };
  }
  return null;
}

function upstreamIssue(
  upstream: readonly ScheduledNode[],
  sources: readonly Source[],
  byId: ReadonlyMap<string, ScheduledNode>,
): NodeIssue | null {
  const bad = upstream.find((other) => other.issue);
  const unknown = sources.find(([id]) => !byId.has(id));
  if (!bad && !unknown) return null;
  return {
    state: 'blocked',
    code: 'upstream',
    message: `Waits for ${bad?.name ?? unknown?.[0]}, which cannot be evaluated.`,
  };
}

function loopIssue(
  loop: readonly string[] | undefined,
  name: (id: string) => string,
): NodeIssue | null {
  if (!loop) return null;
  return {
    state: 'error',
    code: 'cycle',
    message: `${name(loop[0])}: expected wires without loops, got ${loop.map(name).join(' → ')}. Remove one of these wires.`,
  };
}

function byIdName(document: GraphDocument, registry: NodeRegistry): (id: string) => string {
  return (id) => {
    const node = document.nodes.find((other) => other.id === id);
    return node ? nameOf(node, registry) : id;
  };
}

/** Kahn's algorithm; `cyclic` gives, for each node on a loop, the ids along the loop back to it. */
function topologicalOrder(document: GraphDocument): {
  order: GraphNode[];
  cyclic: Map<string, string[]>;
} {
  const successors = new Map<string, string[]>();
  const waiting = new Map(document.nodes.map((node) => [node.id, 0]));
  for (const { from, to } of document.edges) {
    getOrAdd(successors, from[0], () => []).push(to[0]);
    waiting.set(to[0], (waiting.get(to[0]) ?? 0) + 1);
  }
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const ready = document.nodes.filter((node) => waiting.get(node.id) === 0);
  const order: GraphNode[] = [];
  for (const node of ready) {
    order.push(node);
    for (const next of successors.get(node.id) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      const found = nodes.get(next);
      if (left === 0 && found) ready.push(found);
    }
  }
  const done = new Set(order);
  const rest = document.nodes.filter((node) => !done.has(node));
  const cyclic = new Map<string, string[]>();
  for (const { id } of rest) {
    const loop = loopThrough(id, successors);
    if (loop) cyclic.set(id, loop);
  }
  // Nodes on loops before those that only wait for them, so that the latter find an issue upstream.
  order.push(
    ...rest.filter(({ id }) => cyclic.has(id)),
    ...rest.filter(({ id }) => !cyclic.has(id)),
  );
  return { order, cyclic };
}

function loopThrough(id: string, successors: ReadonlyMap<string, string[]>): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [id];
  for (const at of queue) {
    for (const next of successors.get(at) ?? []) {
      if (next === id) {
        const loop = [id];
        for (let back = at; back !== id; back = cameFrom.get(back) ?? id) loop.unshift(back);
        return [id, ...loop];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return null;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}

/** The type of value that an output of a node carries. */
export function outputType(scheduled: ScheduledNode, port: string): string | null {
  const output = scheduled.definition?.outputs.find((other) => other.name === port);
  return output ? carried(output.type) : null;
}
