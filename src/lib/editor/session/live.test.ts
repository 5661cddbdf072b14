import { describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../runtime/graph/document.ts';
import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import { setParam } from '../../runtime/graph/edit.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { liveChanges } from './live.ts';

const definition: NodeDefinition = {
  type: 'optimizer/test',
  version: 1,
  family: 'optimizer',
  title: 'Test',
  summary: '',
  formula: '',
  references: [],
  params: {
    stepSize: { kind: 'number', label: 'Step size', default: 0.1, min: 0, max: 1, live: true },
    maxSteps: { kind: 'integer', label: 'Steps', default: 10, min: 1, max: 100 },
  },
  inputs: [],
  outputs: [],
  evaluate: () => ({}),
  migrations: {},
  fixtures: { valid: [], invalid: [] },
};
const registry = new Map([[definition.type, definition]]);
const node = { id: 'a', type: definition.type, version: 1, params: {}, position: { x: 0, y: 0 } };
const graph: GraphDocument = { ...emptyDocument(), nodes: [node] };

describe('liveChanges', () => {
  it('finds a live parameter that moved away from its default', () => {
    expect(liveChanges(graph, setParam(graph, 'a', 'stepSize', 0.5), registry)).toEqual([
      { nodeId: 'a', param: 'stepSize', value: 0.5 },
    ]);
  });
  it('leaves structural parameters to the new document', () => {
    expect(liveChanges(graph, setParam(graph, 'a', 'maxSteps', 20), registry)).toEqual([]);
  });
  it('does not send a value that its range refuses', () => {
    expect(liveChanges(graph, setParam(graph, 'a', 'stepSize', 5), registry)).toEqual([]);
  });
  it('says nothing when the default is written out', () => {
    expect(liveChanges(graph, setParam(graph, 'a', 'stepSize', 0.1), registry)).toEqual([]);
  });
});
