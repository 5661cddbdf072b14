import { describe, expect, it } from 'vitest';
import { registry } from '../../nodes/index.ts';
import type { GraphDocument } from '../../runtime/graph/document.ts';
import {
  addEdge,
  addNode,
  createNode,
  moveNodes,
  removeNodes,
  renameNode,
  setParam,
} from '../../runtime/graph/edit.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { describeChange } from './changes.ts';

const place = { x: 0, y: 0 };

function withNode(document: GraphDocument, type: string): GraphDocument {
  const definition = registry.get(type);
  if (!definition) throw new Error(`internal: expected a node type, got ${type}.`);
  return addNode(document, createNode(document, definition, place));
}

const [model, loss] = ['model/linear', 'loss/squared-error'];
const small = withNode(emptyDocument('Small'), model);
const two = withNode(small, loss);
const [modelId, lossId] = two.nodes.map((node) => node.id);
const say = (before: GraphDocument, after: GraphDocument) =>
  describeChange(before, after, registry);
const title = (type: string) => registry.get(type)?.title ?? '';

describe('describeChange', () => {
  it('is empty for equal documents, also after storage copied them', () => {
    expect(say(two, structuredClone(two))).toBe('');
  });

  it('names one or two nodes and counts more', () => {
    expect(say(small, two)).toBe(`Added ${title(loss)}`);
    expect(say(two, removeNodes(two, [lossId]))).toBe(`Removed ${title(loss)}`);
    const many = withNode(withNode(two, 'view/loss-curves'), 'data/two-moons');
    expect(say(small, many)).toBe('Added 3 nodes');
  });

  it('gives the values of one parameter, the default where none was set, and counts more', () => {
    const race = withNode(small, 'optimizer/gradient-descent');
    const id = race.nodes[1].id;
    const first = setParam(race, id, 'stepSize', 0.25);
    expect(say(race, first)).toMatch(/: .+ \S+ → 0\.25$/);
    expect(say(race, setParam(first, id, 'maxSteps', 7))).toBe('2 parameters changed');
  });

  it('tells wires, names, the seed and moves, at most three of them', () => {
    const wired = addEdge(two, { from: [modelId, 'model'], to: [lossId, 'model'] });
    expect(say(two, wired)).toBe('1 wire added');
    expect(say(wired, two)).toBe('1 wire removed');
    const renamed = renameNode(wired, modelId, 'My model');
    expect(say(wired, renamed)).toBe(`${title(model)} renamed to My model`);
    const moved = moveNodes(renamed, new Map([[lossId, { x: 40, y: 0 }]]));
    expect(say(renamed, moved)).toBe('1 node moved');
    expect(say(two, { ...moved, seed: two.seed + 1, title: 'Other' })).toBe(
      `${title(model)} renamed to My model; 1 wire added; Title changed from “Small”; and 2 more`,
    );
  });
});
