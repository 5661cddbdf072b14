import { describe, expect, it } from 'vitest';
import table from '../../src/lib/nodes/data/table.ts';
import standardize from '../../src/lib/nodes/data/standardize.ts';
import { alignTo, inNamedOrder } from '../../src/lib/nodes/shared/align.ts';
import { clouds } from '../../src/lib/nodes/shared/transport/clouds.ts';
import type { DatasetValue } from '../../src/lib/runtime/graph/ports.ts';
import { parseTable } from '../../src/lib/runtime/table/index.ts';
import { evaluateNode, output } from './support/evaluate-node.ts';

const PLACE = { where: 'Measure', port: 'dataset' };

async function read(csv: string, params = {}): Promise<DatasetValue> {
  const { table: parsed } = await parseTable(csv, { name: 'some.csv' });
  const evaluation = await evaluateNode(table, { params, table: () => Promise.resolve(parsed) });
  return output(evaluation, 'dataset', 'dataset');
}

const rows = ({ features }: DatasetValue) => {
  const [n, d] = features.shape;
  return Array.from({ length: n }, (_, i) => [...features.data.slice(i * d, (i + 1) * d)]);
};

describe('test data', () => {
  it('give their columns by name, whatever their order', async () => {
    const train = await read('a,b,y\n1,2,3\n4,5,6\n');
    const test = await read('b,a,y\n20,10,30\n');
    const aligned = alignTo(train, test, PLACE);
    expect(rows(aligned)).toEqual([[10, 20]]);
    expect(aligned.featureNames).toEqual(['a', 'b']);
    expect(aligned.targets).toEqual(test.targets);
  });

  it('give their texts by category: in another order, without some of them, or read as numbers', async () => {
    const train = await read('c,y\nred,1\n2,2\nblue,3\n');
    expect(train.featureNames).toEqual(['c = red', 'c = 2', 'c = blue']);
    const other = await read('c,y\nblue,1\nred,2\n');
    expect(rows(alignTo(train, other, PLACE))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    const numbers = await read('c,y\n2,1\n2,2\n');
    expect(rows(alignTo(train, numbers, PLACE))).toEqual([
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });

  it('give their classes by name, and may lack one', async () => {
    const train = await read('x,k\n0,setosa\n1,virginica\n2,versicolor\n');
    const test = await read('x,k\n2,versicolor\n0,setosa\n');
    const { targets } = alignTo(train, test, PLACE);
    if (targets.kind !== 'labels') throw new Error('expected labels');
    expect([...targets.labels.data]).toEqual([2, 0]);
    expect(targets.classes).toEqual(['setosa', 'virginica', 'versicolor']);
  });

  it.each([
    ['another name', 'a,b,y\n1,2,3\n', 'a,c,y\n1,2,3\n', {}, /without b and with c\. Name the col/],
    ['a column less', 'a,b,y\n1,2,3\n', 'a,y\n1,3\n', {}, /got "some\.csv" without b\. /],
    ['a column more', 'a,y\n1,3\n', 'id,a,y\n7,1,3\n', {}, /got "some\.csv" with id\. /],
    ['a new category', 'c,y\nred,1\nblue,2\n', 'c,y\npink,1\nred,2\n', {}, /with c = pink\. /],
    [
      'numbers for texts',
      'c,y\nred,1\nblue,2\n',
      'c,y\n5,1\n6,2\n',
      {},
      /without c = red.* with c\. /,
    ],
    [
      'texts for numbers',
      'c,y\n5,1\n6,2\n',
      'c,y\nred,1\nblue,2\n',
      {},
      /without c and with c = red/,
    ],
    ['no such column at all', 'a,c,y\n1,red,1\n', 'a,y\n1,1\n', {}, /without c = red\. /],
    [
      'an unknown class',
      'x,k\n0,u\n1,v\n',
      'x,k\n0,u\n1,w\n',
      {},
      /the classes u, v, .*got w besides/,
    ],
    [
      'values for classes',
      'x,k\n0,u\n1,v\n',
      'x,k\n0,1\n1,2\n',
      {},
      /Choose "classes" as the target/,
    ],
    ['no target', 'x,k\n0,u\n', 'x\n0\n', { targetKind: 'none' }, /got no target/],
  ])('are refused by name for %s', async (_, train, test, params, message) => {
    const [own, data] = [await read(train), await read(test, params)];
    expect(() => alignTo(own, data, PLACE)).toThrow(message);
  });

  it('have the numbers of the training data when both were standardized together', async () => {
    const [train, test] = [await read('a,b,y\n1,2,3\n3,8,6\n'), await read('b,a,y\n5,2,3\n')];
    const together = await evaluateNode(standardize, { inputs: { data: train, test } });
    const own = output(together, 'data', 'dataset');
    const mapped = output(together, 'test', 'dataset');
    expect(rows(alignTo(own, mapped, PLACE))).toEqual([[0, 0]]);

    const alone = await evaluateNode(standardize, { inputs: { data: test } });
    const apart = output(alone, 'data', 'dataset');
    expect(() => alignTo(own, test, PLACE)).toThrow(/which are not scaled.*as test data into the/);
    expect(() => alignTo(train, mapped, PLACE)).toThrow(/scaled while the training data are not/);
    expect(() => alignTo(own, apart, PLACE)).toThrow(/scaled by other numbers/);
  });
});

it('compares two clouds coordinate by coordinate of one name', async () => {
  const source = await read('a,b\n1,2\n', { targetKind: 'none' });
  const target = await read('b,a\n2,1\n', { targetKind: 'none' });
  const { target: ordered } = clouds('Plan', source, target, {
    power: '2',
    weights: 'uniform',
    normalise: false,
    show: 'matrix',
  });
  expect(rows(ordered)).toEqual([[1, 2]]);
  expect(inNamedOrder(['u', 'v'], target)).toBe(target);
});
