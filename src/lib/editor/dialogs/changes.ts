/** What a person did between two states of a document, in a few words. */
import { nameOf } from '../../runtime/graph/connect.ts';
import type { GraphDocument, GraphNode, ParamValue } from '../../runtime/graph/document.ts';
import { edgeKey } from '../../runtime/graph/edit.ts';
import { canonicalJson } from '../../runtime/graph/hash.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';

/** More parts than this are counted. */
const PARTS = 3;
/** More nodes than this are counted instead of named. */
const NAMED = 2;
const LONGEST_VALUE = 24;

/** For example "Added FISTA; 2 wires added; Ridge: λ 0.1 → 0.2"; empty when the two are the same. */
export function describeChange(
  before: GraphDocument,
  after: GraphDocument,
  registry: NodeRegistry,
): string {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const ids = new Set(after.nodes.map((node) => node.id));
  const both = after.nodes.flatMap((node) => {
    const was = old.get(node.id);
    return was && was !== node ? [{ was, node }] : [];
  });
  const name = (node: GraphNode) => nameOf(node, registry);
  const [oldWires, newWires] = [wires(before), wires(after)];
  const moved = both.filter(({ was, node }) => differ(was.position, node.position)).length;
  const parts = [
    listed('Added', after.nodes.filter((node) => !old.has(node.id)).map(name)),
    listed('Removed', before.nodes.filter((node) => !ids.has(node.id)).map(name)),
    params(both, registry),
    ...both
      .filter(({ was, node }) => (was.label ?? '') !== (node.label ?? ''))
      .map(({ was, node }) => `${name(was)} renamed to ${name(node)}`),
    counted([...newWires].filter((key) => !oldWires.has(key)).length, 'wire', 'added'),
    counted([...oldWires].filter((key) => !newWires.has(key)).length, 'wire', 'removed'),
    before.title === after.title ? '' : `Title changed from “${shortened(before.title)}”`,
    before.notes === after.notes ? '' : 'Notes changed',
    before.seed === after.seed ? '' : `Seed ${before.seed} → ${after.seed}`,
    before.device === after.device ? '' : `Device ${before.device} → ${after.device}`,
    counted(moved, 'node', 'moved'),
  ].filter((part) => part !== '');
  if (parts.length === 0) return differ(before, after) ? 'Changed' : '';
  const rest = parts.length - PARTS;
  return parts.slice(0, PARTS).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

export function sameDocument(a: GraphDocument, b: GraphDocument): boolean {
  return !differ(a, b);
}

function params(
  both: readonly { readonly was: GraphNode; readonly node: GraphNode }[],
  registry: NodeRegistry,
): string {
  const changes = both.flatMap(({ was, node }) => {
    const specs = registry.get(node.type)?.params ?? {};
    const keys = new Set([...Object.keys(was.params), ...Object.keys(node.params)]);
    return [...keys]
      .map((key) => ({
        node,
        label: specs[key]?.label ?? key,
        from: was.params[key] ?? specs[key]?.default,
        to: node.params[key] ?? specs[key]?.default,
      }))
      .filter(({ from, to }) => differ(from, to));
  });
  if (changes.length !== 1) return counted(changes.length, 'parameter', 'changed');
  const [{ node, label, from, to }] = changes;
  return `${nameOf(node, registry)}: ${label} ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: ParamValue | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'object' && 'source' in value) return value.name;
  return shortened(typeof value === 'object' ? value.join(', ') : String(value));
}

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

function listed(verb: string, names: readonly string[]): string {
  if (names.length > NAMED) return `${verb} ${names.length} nodes`;
  return names.length > 0 ? `${verb} ${names.join(' and ')}` : '';
}

function counted(count: number, noun: string, verb: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'} ${verb}`;
}

function wires(document: GraphDocument): Set<string> {
  return new Set(document.edges.map(edgeKey));
}

function differ(a: unknown, b: unknown): boolean {
  return a !== b && canonicalJson(a) !== canonicalJson(b);
}
