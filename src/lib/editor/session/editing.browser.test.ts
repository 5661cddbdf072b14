import { describe, expect, it } from 'vitest';
import { registry } from '../../nodes/index.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { Editing } from './editing.svelte.ts';

function start() {
  const editing = new Editing(registry, emptyDocument());
  const add = (type: string, x = 0) => {
    const definition = registry.get(type);
    if (!definition) throw new Error(`no ${type}`);
    return editing.addNode(definition, { x, y: 0 });
  };
  return { editing, add };
}

describe('editing', () => {
  it('undoes a node together with the wire it was dropped on', () => {
    const { editing, add } = start();
    const data = add('data/two-moons');
    const definition = registry.get('model/mlp');
    if (!definition) throw new Error('no MLP');
    const end = { node: data.id, port: 'dataset', side: 'out' } as const;
    editing.addWired(definition, { x: 300, y: 0 }, end);
    expect(editing.document.edges).toEqual([
      { from: ['two-moons-1', 'dataset'], to: ['mlp-1', 'data'] },
    ]);
    editing.undo();
    expect(editing.document.nodes.map((node) => node.id)).toEqual(['two-moons-1']);
    expect(editing.document.edges).toEqual([]);
    editing.redo();
    expect(editing.document.edges).toHaveLength(1);
  });

  it('makes one step of a held slider and leaves the selection out', () => {
    const { editing, add } = start();
    const data = add('data/two-moons');
    for (const noise of [0.2, 0.3, 0.4]) editing.setParam(data.id, 'noise', noise, true);
    editing.flow.select([]);
    editing.seal();
    editing.setParam(data.id, 'noise', 0.5, true);
    editing.undo();
    expect(editing.node(data.id)?.params.noise).toBe(0.4);
    editing.undo();
    expect(editing.node(data.id)?.params).toEqual({});
    expect(editing.selection).toEqual([]);
  });

  it('refuses a wire with the reason and changes nothing', () => {
    const { editing, add } = start();
    const data = add('data/two-moons');
    const fista = add('optimizer/fista', 400);
    const before = editing.document;
    const ok = editing.connect(
      { node: data.id, port: 'dataset', side: 'out' },
      { node: fista.id, port: 'objective', side: 'in' },
      { x: 5, y: 5 },
    );
    expect(ok).toBe(false);
    expect(editing.document).toBe(before);
    expect(editing.notices.hint?.text).toMatch(/objective.*FISTA/);
  });

  it('puts a node without wires into a wire whose type it passes on', () => {
    const { editing, add } = start();
    const data = add('data/two-moons');
    const model = add('model/mlp', 600);
    editing.connect(
      { node: data.id, port: 'dataset', side: 'out' },
      { node: model.id, port: 'data', side: 'in' },
      null,
    );
    const between = add('data/standardize', 300);
    expect(editing.splice(between.id, editing.document.edges[0])).toBe(true);
    expect(editing.document.edges).toEqual([
      { from: [data.id, 'dataset'], to: [between.id, 'data'] },
      { from: [between.id, 'data'], to: [model.id, 'data'] },
    ]);
    const fista = add('optimizer/fista', 300);
    expect(editing.splice(fista.id, editing.document.edges[0])).toBe(false);
  });

  it('replaces the wire of an input that takes one', () => {
    const { editing, add } = start();
    const [first, second] = [add('data/two-moons'), add('data/spirals')];
    const model = add('model/mlp', 400);
    const input = { node: model.id, port: 'data', side: 'in' } as const;
    for (const data of [first, second])
      editing.connect({ node: data.id, port: 'dataset', side: 'out' }, input, null);
    expect(editing.document.edges).toEqual([
      { from: [second.id, 'dataset'], to: [model.id, 'data'] },
    ]);
  });

  it('hands every version to who listens, also on undo', () => {
    const { editing, add } = start();
    const titles: number[] = [];
    editing.onedit((document) => titles.push(document.nodes.length));
    add('data/two-moons');
    editing.undo();
    editing.redo();
    expect(titles).toEqual([1, 0, 1]);
  });
});
