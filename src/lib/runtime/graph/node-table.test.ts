import { describe, expect, it } from 'vitest';
import { registry } from '../../nodes/index.ts';
import { createDeviceManager } from '../device/select.ts';
import { hostFloat, hostInt } from '../ir/host.ts';
import { runHeadless } from '../run/headless.ts';
import { datasetTable, viewTable } from './node-table.ts';
import { emptyDocument } from './schema.ts';

const third = 1 / 3;

describe('the numbers of a picture', () => {
  it('keep all digits, with one row for each point', () => {
    const x = Float64Array.of(third, 2);
    const line = { x, y: Float64Array.of(0.1 + 0.2, 1e-300), label: 'fit' };
    const table = viewTable({ kind: 'line', xLabel: 'x', yLabel: 'y', points: [], lines: [line] });
    expect(table?.columns).toEqual([
      { name: 'series', values: ['fit', 'fit'] },
      { name: 'x', values: [third, 2] },
      { name: 'y', values: [0.1 + 0.2, 1e-300] },
    ]);
  });

  it('place the cells of a grid from the smallest y, its ends included', () => {
    const scatter = {
      kind: 'scatter',
      x: Float64Array.of(),
      y: Float64Array.of(),
      xLabel: 'u',
      yLabel: 'v',
    } as const;
    const table = viewTable({
      kind: 'field',
      columns: 2,
      rows: 3,
      xRange: [0, 1],
      yRange: [10, 20],
      values: Float32Array.of(1, 2, 3, 4, 5, 6),
      classes: [],
      points: scatter,
      precision: 'float64',
    });
    expect(table?.columns[0].values).toEqual([0, 1, 0, 1, 0, 1]);
    expect(table?.columns[1].values).toEqual([10, 10, 15, 15, 20, 20]);
    expect(table?.columns[2].values).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('name the classes of samples', () => {
    const { columns } = datasetTable({
      kind: 'dataset',
      name: 'd',
      features: hostFloat([1, 2, 3, 4], [2, 2]),
      featureNames: ['a', 'b'],
      targets: { kind: 'labels', name: 'k', labels: hostInt([1, 0]), classes: ['no', 'yes'] },
    });
    expect(columns).toEqual([
      { name: 'a', values: [1, 3] },
      { name: 'b', values: [2, 4] },
      { name: 'k', values: ['yes', 'no'] },
    ]);
  });
});

it('gives predictions and residuals of every sample headless, and a plan whose masses add up', async () => {
  const node = (id: string, type: string, params = {}) => ({
    id,
    type,
    version: 1,
    params,
    position: { x: 0, y: 0 },
  });
  const document = {
    ...emptyDocument('A'),
    device: 'cpu64' as const,
    nodes: [
      node('data', 'data/sparse-regression', { samples: 3000, features: 5, nonzeros: 2 }),
      node('model', 'model/linear'),
      node('loss', 'loss/squared-error'),
      node('direct', 'optimizer/direct'),
      node('shown', 'view/predictions'),
      node('one', 'data/two-moons', { samples: 20 }),
      node('two', 'data/two-moons', { samples: 30, seed: 4 }),
      node('plan', 'view/transport-plan'),
    ],
    edges: [
      { from: ['data', 'dataset'], to: ['model', 'data'] },
      { from: ['model', 'model'], to: ['loss', 'model'] },
      { from: ['loss', 'objective'], to: ['direct', 'objective'] },
      { from: ['direct', 'run'], to: ['shown', 'run'] },
      { from: ['one', 'dataset'], to: ['plan', 'source'] },
      { from: ['two', 'dataset'], to: ['plan', 'target'] },
    ] as const,
  };
  const devices = createDeviceManager();
  const tables = { builtin: async () => '', stored: async () => null };
  const { numbers } = await runHeadless(document, { registry, devices, tables, numbers: true });
  devices.dispose();

  const shown = new Map(numbers.shown.columns.map(({ name, values }) => [name, values]));
  const target = [...shown.keys()].at(-3) ?? '';
  const numbersOf = (name: string) => shown.get(name) as number[];
  const [truth, predicted] = [numbersOf(target), numbersOf(`${target}, predicted`)];
  const residual = numbersOf('residual');
  expect(residual).toHaveLength(3000);
  residual.forEach((r, i) => expect(r).toBe(truth[i] - predicted[i]));
  // Least squares with an intercept leaves residuals that sum to 0.
  expect(Math.abs(residual.reduce((a, b) => a + b, 0))).toBeLessThan(1e-8);

  const mass = numbers.plan.columns[2].values as number[];
  expect(mass.length).toBeLessThanOrEqual(49);
  expect(mass.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  expect(numbers.one.columns[0].values).toHaveLength(20);
});
