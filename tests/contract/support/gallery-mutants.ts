/**
 * Wrong things that the checks of the gallery must not pass: each an edit of a template's document and the checks that notice it.
 * Together the edits of a template fail every one of its checks, so that none of them is always true.
 */
import { expect } from 'vitest';
import { templates } from '../../../src/lib/gallery/index.ts';
import { registry } from '../../../src/lib/nodes/index.ts';
import type { GraphDocument } from '../../../src/lib/runtime/graph/document.ts';
import type {
  NodeDefinition,
  NodeRegistry,
} from '../../../src/lib/runtime/graph/node-definition.ts';
import { convex } from './mutants/convex.ts';
import { flows } from './mutants/flows.ts';
import type { Mutant, Mutants } from './mutants/kinds.ts';
import { learning } from './mutants/learning.ts';
import { signals } from './mutants/signals.ts';
import { runDocument } from './run-template.ts';

export const mutants: Mutants = { ...convex, ...signals, ...learning, ...flows };

function mutated(document: GraphDocument, mutant: Mutant): GraphDocument {
  const { params = {}, types = {}, wires = [] } = mutant;
  const ids = new Set(document.nodes.map(({ id }) => id));
  for (const id of [...Object.keys(params), ...Object.keys(types)]) {
    if (!ids.has(id)) throw new Error(`no node '${id}' in "${document.title}"`);
  }
  const added = wires.map((text) => {
    const [from, to] = text.split(' > ').map((end) => end.split('.') as [string, string]);
    return { from, to };
  });
  const replaced = new Set(added.map(({ to }) => to.join('.')));
  return {
    ...document,
    nodes: document.nodes.map((node) => ({
      ...node,
      type: types[node.id] ?? node.type,
      params: { ...(types[node.id] === undefined && node.params), ...params[node.id] },
    })),
    edges: [...document.edges.filter(({ to }) => !replaced.has(to.join('.'))), ...added],
  };
}

/** The registry with the wrong implementations of a mutant. */
function registryOf(mutant: Mutant): NodeRegistry {
  const changed = Object.entries(mutant.nodes ?? {}).map(([type, change]) => {
    const right = registry.get(type);
    if (!right) throw new Error(`no node type '${type}'`);
    const wrong: NodeDefinition = {
      ...right,
      async evaluate(context) {
        const evaluation = await right.evaluate(context);
        return { ...evaluation, outputs: change(evaluation.outputs ?? {}) };
      },
    };
    return [type, wrong] as const;
  });
  return new Map([...registry, ...changed]);
}

/** [template, what is wrong, its document, the mutant], of those that take long or of the others. */
export function listMutants(
  slow: boolean,
): readonly (readonly [string, string, GraphDocument, Mutant])[] {
  return templates.flatMap(({ id, document }) =>
    (mutants[id] ?? [])
      .filter((mutant) => (mutant.slow === true) === slow)
      .map((mutant) => [id, mutant.wrong, document, mutant] as const),
  );
}

export async function expectToFail(document: GraphDocument, mutant: Mutant): Promise<void> {
  const { checks } = await runDocument(mutated(document, mutant), {
    registry: registryOf(mutant),
  });
  for (const check of mutant.fails) {
    expect(checks[check]?.status, `${check}: ${checks[check]?.measured}`).toBe('fail');
  }
}
