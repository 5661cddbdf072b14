import type { GraphDocument } from '../../runtime/graph/document.ts';
import type { NodeRegistry } from '../../runtime/graph/node-definition.ts';
import { checkParam } from '../../runtime/graph/params.ts';

export interface LiveChange {
  readonly nodeId: string;
  readonly param: string;
  readonly value: number;
}

/** Live parameters whose value differs between two documents; they act on the running step without a new evaluation. */
export function liveChanges(
  before: GraphDocument,
  after: GraphDocument,
  registry: NodeRegistry,
): readonly LiveChange[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const changes: LiveChange[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.id);
    const definition = registry.get(node.type);
    if (!was || was === node || was.params === node.params || !definition) continue;
    for (const [param, spec] of Object.entries(definition.params)) {
      if (spec.kind !== 'number' || !spec.live) continue;
      const value = node.params[param] ?? spec.default;
      if (value === (was.params[param] ?? spec.default)) continue;
      if (typeof value === 'number' && checkParam(spec, value) === null)
        changes.push({ nodeId: node.id, param, value });
    }
  }
  return changes;
}
