import { describe, expect, it } from 'vitest';
import { registry } from '../../nodes/index.ts';
import type { GraphDocument, GraphEdge } from '../../runtime/graph/document.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { insertBefore } from './insert.ts';

const wire = (text: string): GraphEdge => {
  const [a, b, c, d] = text.split(/[.>]/);
  return { from: [a, b], to: [c, d] };
};

function graph(types: Record<string, string>, wires: string[]): GraphDocument {
  const nodes = Object.entries(types).map(([id, type]) => ({
    id,
    type,
    version: 1,
    params: {},
    position: { x: 0, y: 0 },
  }));
  return { ...emptyDocument('A'), nodes, edges: wires.map(wire) };
}

const TYPES = {
  split: 'data/split',
  model: 'model/linear',
  loss: 'loss/squared-error',
  gd: 'optimizer/gradient-descent',
  rmse: 'check/measure',
  shown: 'view/predictions',
};
const CHAIN = [
  'split.train>model.data',
  'model.model>loss.model',
  'loss.objective>gd.objective',
  'gd.run>rmse.run',
  'gd.run>shown.run',
];

function standardized(document: GraphDocument): string[] | null {
  const definition = registry.get('data/standardize');
  if (!definition) throw new Error('no data/standardize');
  const inserted = insertBefore(document, registry, definition, ['model', 'data'], { x: 0, y: 0 });
  return (
    inserted &&
    inserted.document.edges.map(({ from, to }) => `${from.join('.')}>${to.join('.')}`).sort()
  );
}

describe('a node that a note proposes', () => {
  it('goes on the wire, and the test data go through it too', () => {
    const document = graph(TYPES, [
      ...CHAIN,
      'split.test>rmse.dataset',
      'split.test>shown.dataset',
    ]);
    expect(standardized(document)).toEqual(
      [
        'split.train>standardize-1.data',
        'standardize-1.data>model.data',
        'split.test>standardize-1.test',
        'standardize-1.test>rmse.dataset',
        'standardize-1.test>shown.dataset',
        ...CHAIN.slice(1),
      ].sort(),
    );
  });

  it('goes on the wire alone where there are no test data, or several sets of them', () => {
    const alone = ['split.train>standardize-1.data', 'standardize-1.data>model.data'];
    expect(standardized(graph(TYPES, CHAIN))).toEqual([...alone, ...CHAIN.slice(1)].sort());
    const types = { ...TYPES, other: 'data/table' };
    const tests = ['split.test>rmse.dataset', 'other.dataset>shown.dataset'];
    expect(standardized(graph(types, [...CHAIN, ...tests]))).toEqual(
      [...alone, ...CHAIN.slice(1), ...tests].sort(),
    );
  });

  it('goes nowhere where nothing is wired', () => {
    expect(standardized(graph(TYPES, CHAIN.slice(1)))).toBeNull();
  });
});
