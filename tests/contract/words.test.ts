import { describe, expect, it } from 'vitest';
import { registry } from '../../src/lib/nodes/index.ts';
import type { DatasetValue } from '../../src/lib/runtime/graph/ports.ts';
import type { RunPlan } from '../../src/lib/runtime/run/run-value.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';

const node = (type: string) => {
  const definition = registry.get(type);
  if (!definition) throw new Error(`no ${type}`);
  return definition;
};

function samples(columns: number[][], y: number[]): DatasetValue {
  const rows = y.map((_, i) => columns.map((column) => column[i]));
  return {
    kind: 'dataset',
    name: 'some',
    features: hostFloat(rows.flat(), [y.length, columns.length]),
    featureNames: columns.map((_, j) => `c${j + 1}`),
    targets: { kind: 'values', name: 'y', values: hostFloat(y) },
  };
}

async function objective(data: DatasetValue, model = 'model/linear', params = {}) {
  const made = output(
    await evaluateNode(node(model), { inputs: { data }, params }),
    'model',
    'model',
  );
  const loss = await evaluateNode(node('loss/squared-error'), {
    inputs: { model: made, regularizer: [] },
  });
  return output(loss, 'objective', 'objective');
}

describe('what a run is told to do when it diverges', () => {
  const remedyOf = async (type: string, params = {}) => {
    const inputs = { objective: await objective(samples([[1, 2, 4]], [1, 2, 3])) };
    const { outputs } = await evaluateNode(node(type), { inputs, params });
    return (outputs?.run as RunPlan).remedy;
  };

  it('is to lower the step size only where there is one to lower', async () => {
    const constant = { step: 'constant' };
    for (const type of ['gradient-descent', 'fista', 'nesterov', 'proximal-gradient'])
      expect(await remedyOf(`optimizer/${type}`, constant)).toBe('Lower the step size.');
    for (const type of ['sgd', 'adam', 'adamw'])
      expect(await remedyOf(`optimizer/${type}`, { batchSize: 0 })).toBe('Lower the step size.');
    for (const type of ['gradient-descent', 'fista', 'conjugate-gradient', 'l-bfgs', 'newton'])
      expect(await remedyOf(`optimizer/${type}`)).not.toMatch(/Lower the step/);
    expect(await remedyOf('optimizer/gradient-descent', { step: 'backtracking' })).not.toMatch(
      /Lower|choose backtracking/,
    );
  });
});

describe('conjugate gradients on a kernel without λ', () => {
  const refuse = async (x: number[], y: number[]) =>
    evaluateNode(node('optimizer/conjugate-gradient'), {
      inputs: { objective: await objective(samples([x], y), 'model/kernel', { lambda: 0 }) },
    });

  it('are refused when two targets stand at one point, which is named', async () => {
    await expect(refuse([0, 5, 0, 2], [0, 1, 1, 0])).rejects.toThrow(
      /samples 1 and 3 at one point with the targets 0 and 1.*Raise λ, or remove repeated points/,
    );
  });

  it('take repeated points that agree', async () => {
    expect((await refuse([0, 5, 0, 2], [1, 1, 1, 0])).status).toBe('matrix-free');
  });
});

describe('features of unequal scale', () => {
  const notesOf = async (columns: number[][], type = 'model/linear', params = {}) => {
    const data = samples(
      columns,
      columns[0].map((_, i) => i),
    );
    return (await evaluateNode(node(type), { inputs: { data }, params })).notes ?? [];
  };

  it('are noticed by name, with a bound of the condition number and a node that helps', async () => {
    const [note] = await notesOf([
      [1, -1, 1],
      [1000, 1000, -1000],
    ]);
    expect(note.text).toContain('“c2” is 1000 times that of “c1”, so κ(XᵀX) ≥ 1000000');
    expect(note.insert).toMatchObject({ type: 'data/standardize', port: 'data' });
  });

  it('are noticed beside the intercept, and without overflow', async () => {
    expect(await notesOf([[300, 310, 290]])).toHaveLength(1);
    expect(await notesOf([[300, 310, 290]], 'model/linear', { bias: false })).toEqual([]);
    const huge = [
      [1e200, -1e200],
      [1e-200, 1e-200],
    ];
    expect((await notesOf(huge))[0].text).toContain('“c1” is');
  });

  it('are not noticed once they are standardized, nor where they are alike', async () => {
    const columns = [
      [1, -1, 2],
      [5, 50, -20],
    ];
    expect(await notesOf(columns)).toEqual([]);
    const data = samples(
      [
        [1, -1, 2],
        [5000, 50, -20],
      ],
      [1, 2, 3],
    );
    const scaled = output(
      await evaluateNode(node('data/standardize'), { inputs: { data } }),
      'data',
      'dataset',
    );
    const model = await evaluateNode(node('model/linear'), { inputs: { data: scaled } });
    expect(model.notes).toEqual([]);
  });
});

it('says that Sinkhorn stopped at its limit, in a note that every surface shows', async () => {
  const cloud = samples([[0, 1, 2, 5]], [0, 0, 0, 0]);
  const call = (params: object) =>
    evaluateNode(node('check/sinkhorn'), {
      inputs: { source: cloud, target: samples([[1, 3, 8]], [0, 0, 0]) },
      params: { entropicReg: 0.01, ...params },
    });
  const { notes } = await call({ maxIterations: 3 });
  expect(notes?.[0].text).toMatch(/^Stopped at the limit of 3 iterations with the marginal error/);
  expect((await call({ maxIterations: 20_000, tolerance: 1e-6 })).notes).toEqual([]);
});
