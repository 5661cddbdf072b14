import { describe, expect, it } from 'vitest';
import type { Family, NodeDefinition } from '../../runtime/graph/node-definition.ts';
import { createSearch, groups } from './search.ts';

const definition = (
  type: string,
  family: Family,
  title: string,
  summary: string,
  keywords: string[] = [],
): NodeDefinition => ({
  type,
  version: 1,
  family,
  title,
  summary,
  formula: '',
  keywords,
  references: [],
  params: {},
  inputs: [],
  outputs: [],
  evaluate: () => ({}),
  migrations: {},
  fixtures: { valid: [], invalid: [] },
});

const registry = [
  definition('optimizer/fista', 'optimizer', 'FISTA', 'Accelerated proximal gradient.', ['lasso']),
  definition('optimizer/ista', 'optimizer', 'ISTA', 'Proximal gradient descent.', ['lasso']),
  definition('data/two-moons', 'data', 'Two moons', 'Two interleaved half circles.'),
  definition('model/mlp', 'model', 'MLP', 'A multilayer perceptron.', ['neural network']),
];

describe('palette', () => {
  it('groups by family in wiring order', () => {
    expect(groups(registry).map((group) => group.family)).toEqual(['data', 'model', 'optimizer']);
  });
  it('lists everything for an empty query', () => {
    expect(createSearch(registry)(' ')).toHaveLength(4);
  });
  it('finds by keyword, forgives a typo, and reads summaries word by word', () => {
    const search = createSearch(registry);
    expect(search('neurl')[0].type).toBe('model/mlp');
    expect(search('perceptron')[0].type).toBe('model/mlp');
  });
  it('puts a title that begins with the query first', () => {
    expect(createSearch(registry)('ista')[0].type).toBe('optimizer/ista');
  });
  it('finds nothing for what is not there', () => {
    expect(createSearch(registry)('zzzzqq')).toEqual([]);
  });
});
