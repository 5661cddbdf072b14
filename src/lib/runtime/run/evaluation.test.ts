import { describe, expect, it } from 'vitest';
import { moveNodes, removeNodes, renameNode, setParam } from '../graph/edit.ts';
import { defineNode } from '../graph/node-definition.ts';
import { NodeError } from '../graph/node-error.ts';
import {
  addNode,
  graphNode,
  graphOf,
  modelTaker,
  numberNode,
} from '../graph/testing/fake-nodes.ts';
import { harness } from './testing/fake-race.ts';

const definitions = [numberNode, addNode, modelTaker];
const diamond = graphOf(
  [
    graphNode(numberNode, 'n', { value: 2 }),
    graphNode(numberNode, 'other', { value: 5 }),
    graphNode(addNode, 'left'),
    graphNode(addNode, 'right', { offset: 1 }),
    graphNode(addNode, 'sum'),
  ],
  ['n.scalar > left.a', 'other.scalar > right.a', 'left.scalar > sum.a', 'right.scalar > sum.b'],
);

describe('evaluation', () => {
  it('evaluates every node once, in dependency order', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    expect(h.engine.evaluations).toBe(5);
    expect(h.engine.scalars()['sum.scalar'].value).toBe(2 + 5 + 1);
  });

  it('evaluates nothing again when a node is moved or renamed, or an equal document arrives', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    h.send(renameNode(moveNodes(diamond, new Map([['n', { x: 5, y: 5 }]])), 'sum', 'Total'));
    await h.settled();
    h.send(structuredClone(diamond));
    await h.settled();
    expect(h.engine.evaluations).toBe(5);
  });

  it('evaluates only what depends on a change', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    h.send(setParam(diamond, 'right', 'offset', 3));
    await h.settled();
    expect(h.engine.evaluations).toBe(5 + 2);
    expect(h.engine.scalars()['sum.scalar'].value).toBe(2 + 5 + 3);
  });

  it('shows a live value on the checks below it without evaluating its own node again', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    h.engine.receive({ type: 'live', nodeId: 'n', param: 'gain', value: 2 });
    await h.settled();
    // left and sum are checks, which show numbers that may depend on it.
    expect(h.engine.evaluations).toBe(5 + 2);
  });

  it('refuses a live value out of range and says so in the log', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    h.engine.receive({ type: 'live', nodeId: 'n', param: 'gain', value: -1 });
    expect(h.logs.at(-1)).toContain('expected a number > 0 and ≤ 5, got -1');
  });

  it('drops a result that arrives after the parameter changed, and tells its work to stop', async () => {
    const waiting: { resolve: () => void; signal: AbortSignal }[] = [];
    const slow = defineNode({
      ...numberNode,
      type: 'data/slow',
      params: { value: { kind: 'integer', label: 'Value', default: 0, min: 0, max: 9 } },
      evaluate: async ({ params, signal }) => {
        await new Promise<void>((resolve) => waiting.push({ resolve, signal }));
        const value = params.value;
        return {
          outputs: { scalar: { kind: 'scalar', value, label: '', precision: 'float64' } },
        };
      },
    });
    const h = harness([slow, addNode]);
    const graph = graphOf(
      [graphNode(slow, 's', { value: 1 }), graphNode(addNode, 'after')],
      ['s.scalar > after.a'],
    );
    h.send(graph);
    await h.until((m) => m.type === 'nodes' && m.reports.some((r) => r.state === 'evaluating'));
    h.send(setParam(graph, 's', 'value', 2));
    await expect.poll(() => waiting.length).toBe(2);
    expect(waiting[0].signal.aborted).toBe(true);
    waiting[1].resolve();
    await h.settled();
    waiting[0].resolve();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(h.engine.scalars()['after.scalar'].value).toBe(2);
    expect(h.engine.evaluations).toBe(3);
  });

  it('does not begin anew what is under way when another node changes', async () => {
    let begun = 0;
    let release = () => {};
    const slow = defineNode({
      ...numberNode,
      type: 'data/slow',
      evaluate: async () => {
        begun += 1;
        await new Promise<void>((resolve) => (release = resolve));
        return {
          outputs: { scalar: { kind: 'scalar', value: 7, label: '', precision: 'float64' } },
        };
      },
    });
    const h = harness([slow, numberNode]);
    const graph = graphOf([graphNode(slow, 's'), graphNode(numberNode, 'n')]);
    h.send(graph);
    await expect.poll(() => begun).toBe(1);
    h.send(setParam(graph, 'n', 'value', 4));
    await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    await h.settled();
    expect(begun).toBe(1);
    expect(h.engine.scalars()).toMatchObject({
      's.scalar': { value: 7 },
      'n.scalar': { value: 4 },
    });
  });
});

describe('errors', () => {
  it('shows a loop on the nodes of the loop, and blocks what is behind it', async () => {
    const h = harness(definitions);
    h.send(
      graphOf(
        [graphNode(addNode, 'a'), graphNode(addNode, 'b'), graphNode(addNode, 'behind')],
        ['a.scalar > b.a', 'b.scalar > a.a', 'b.scalar > behind.a'],
      ),
    );
    await h.settled();
    expect(h.node('a')).toMatchObject({ state: 'error', error: { code: 'cycle' } });
    expect(h.node('b').error?.message).toContain('Add → Add → Add');
    expect(h.node('behind')).toMatchObject({ state: 'blocked', error: { code: 'upstream' } });
    expect(h.engine.evaluations).toBe(0);
  });

  it('shows a missing input with its port, a wrong type and an unknown type on the right node', async () => {
    const h = harness(definitions);
    h.send(
      graphOf(
        [
          graphNode(addNode, 'lonely'),
          graphNode(numberNode, 'n'),
          graphNode(modelTaker, 'taker'),
          graphNode({ type: 'data/unheard', version: 1 }, 'strange'),
          graphNode(addNode, 'after'),
        ],
        ['n.scalar > taker.model', 'strange.scalar > after.a'],
      ),
    );
    await h.settled();
    expect(h.node('lonely')).toMatchObject({
      state: 'blocked',
      error: { code: 'missing-input', port: 'a' },
    });
    expect(h.node('taker')).toMatchObject({
      state: 'error',
      error: { code: 'type-mismatch', port: 'model' },
    });
    expect(h.node('strange')).toMatchObject({ state: 'error', error: { code: 'unknown-type' } });
    expect(h.node('after')).toMatchObject({ state: 'blocked', error: { code: 'upstream' } });
    expect(h.node('n').state).toBe('ready');
  });

  it('refuses a parameter out of range with the range', async () => {
    const h = harness(definitions);
    h.send(graphOf([graphNode(numberNode, 'n', { value: 99 })]));
    await h.settled();
    expect(h.node('n').error).toEqual({
      code: 'param',
      message:
        'Number (Value): expected a number in [-10, 10], got 99. Choose a value in the range.',
    });
  });

  it('shows what a node throws on that node, blocks those behind, and recovers with the cause', async () => {
    const picky = defineNode({
      ...numberNode,
      type: 'data/picky',
      evaluate: (context) => {
        if (Object.is(context.params.value, 3))
          throw new NodeError('three', 'Picky (Value): expected anything but 3, got 3.', 'value');
        return numberNode.evaluate(context);
      },
    });
    const h = harness([picky, addNode]);
    const graph = graphOf(
      [
        graphNode(picky, 'p', { value: 3 }),
        graphNode(addNode, 'after'),
        graphNode(addNode, 'last'),
      ],
      ['p.scalar > after.a', 'after.scalar > last.a'],
    );
    h.send(graph);
    await h.settled();
    expect(h.node('p')).toMatchObject({ state: 'error', error: { code: 'three', port: 'value' } });
    expect(h.node('after').state).toBe('blocked');
    expect(h.node('last').error?.message).toBe('Waits for Number, which could not be evaluated.');
    h.send(setParam(graph, 'p', 'value', 4));
    await h.settled();
    expect(h.node('last').state).toBe('ready');
    expect(h.engine.scalars()['last.scalar'].value).toBe(4);
  });

  it('forgets a node that is removed', async () => {
    const h = harness(definitions);
    h.send(diamond);
    await h.settled();
    h.send(removeNodes(diamond, ['right']));
    await h.settled();
    expect(h.engine.scalars()['sum.scalar'].value).toBe(2);
    expect(() => h.node('right')).toThrow();
  });
});
