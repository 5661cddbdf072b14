/** Small node types for tests of the graph and the engine: numbers that are added, with counted evaluations. */
import { defineNode } from '../node-definition.ts';
import type { NodeDefinition, NodeRegistry } from '../node-definition.ts';
import type { GraphDocument, GraphEdge, GraphNode } from '../document.ts';
import { emptyDocument } from '../schema.ts';

const common = {
  version: 1,
  formula: '',
  summary: 'For tests.',
  references: [],
  migrations: {},
  fixtures: { valid: [], invalid: [] },
};
const scalarOut = [{ name: 'scalar', type: 'scalar', label: 'number' }] as const;
const scalar = (value: number) =>
  ({
    outputs: { scalar: { kind: 'scalar', value, label: 'number', precision: 'float64' } },
  }) as const;

export const numberNode = defineNode({
  ...common,
  type: 'data/number',
  family: 'data',
  title: 'Number',
  params: {
    value: { kind: 'number', label: 'Value', default: 1, min: -10, max: 10 },
    gain: {
      kind: 'number',
      label: 'Gain',
      default: 1,
      min: 0,
      max: 5,
      exclusiveMin: true,
      live: true,
    },
  },
  inputs: [],
  outputs: scalarOut,
  evaluate: ({ params }) => scalar(params.value),
});

export const addNode = defineNode({
  ...common,
  type: 'check/add',
  family: 'check',
  title: 'Add',
  params: { offset: { kind: 'integer', label: 'Offset', default: 0, min: -5, max: 5 } },
  inputs: [
    { name: 'a', type: 'scalar', label: 'A' },
    { name: 'b', type: 'scalar', label: 'B', optional: true },
    { name: 'more', type: 'scalar', label: 'More', many: true, optional: true },
  ],
  outputs: scalarOut,
  evaluate: ({ params, input, optional, list }) =>
    scalar(
      input('a', 'scalar').value +
        (optional('b', 'scalar')?.value ?? 0) +
        list('more', 'scalar').reduce((sum, item) => sum + item.value, 0) +
        params.offset,
    ),
});

/** Takes a model, which nothing here makes: for refused wires. */
export const modelTaker = defineNode({
  ...common,
  type: 'loss/model-taker',
  family: 'loss',
  title: 'Model taker',
  params: {},
  inputs: [{ name: 'model', type: 'model', label: 'Model' }],
  outputs: [],
  evaluate: () => ({}),
});

export function registryOf(...definitions: readonly NodeDefinition[]): NodeRegistry {
  return new Map(definitions.map((definition) => [definition.type, definition]));
}

export function graphNode(
  definition: Pick<NodeDefinition, 'type' | 'version'>,
  id: string,
  params: GraphNode['params'] = {},
): GraphNode {
  return {
    id,
    type: definition.type,
    version: definition.version,
    params,
    position: { x: 0, y: 0 },
  };
}

/** Wires as 'a.out > b.in'. */
export function graphOf(nodes: readonly GraphNode[], wires: readonly string[] = []): GraphDocument {
  const edges = wires.map((wire): GraphEdge => {
    const [from, to] = wire.split(' > ').map((end) => end.split('.'));
    return { from: [from[0], from[1]], to: [to[0], to[1]] };
  });
  return { ...emptyDocument('Test'), device: 'cpu64', nodes, edges };
}
