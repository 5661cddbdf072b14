import { describe, expect, it } from 'vitest';
import {
  add,
  broadcastTo,
  div,
  loop,
  matmul,
  mean,
  mul,
  neg,
  pow,
  reshape,
  sin,
  slice,
  sub,
  sum,
  transpose,
} from '../ir/ops.ts';
import { trace } from '../ir/trace.ts';
import type { ArrayType, Value } from '../ir/types.ts';
import { grad, simplify } from './index.ts';

const float = (...shape: number[]): ArrayType => ({ shape, dtype: 'float' });

function simplified(f: (...xs: Value[]) => Value[], ...types: ArrayType[]): string[] {
  return simplify(trace(f, types)).equations.map((e) => e.primitive);
}

describe('simplify', () => {
  it('removes code that no output needs', () => {
    expect(simplified((x) => [sin(x), neg(x)].slice(0, 1), float(2))).toEqual(['sin']);
  });

  it('computes equal expressions once, also with operands exchanged', () => {
    expect(simplified((x, y) => [add(mul(x, y), mul(y, x))], float(), float())).toEqual([
      'mul',
      'add',
    ]);
  });

  it('computes what is known now', () => {
    const program = simplify(trace(() => [div(add(1, 2), 4)], []));
    expect(program.equations).toEqual([]);
    expect([...program.constants.values()].map((host) => [...host.data])).toEqual([[0.75]]);
  });

  it.each<[string, (x: Value) => Value]>([
    ['x·1', (x) => mul(x, 1)],
    ['1·x', (x) => mul(1, x)],
    ['x + 0', (x) => add(x, 0)],
    ['x − 0', (x) => sub(x, 0)],
    ['x / 1', (x) => div(x, 1)],
    ['x¹', (x) => pow(x, 1)],
    ['−(−x)', (x) => neg(neg(x))],
    ['a double transpose', (x) => transpose(transpose(x))],
    ['reshapes that lead back', (x) => reshape(reshape(x, [6]), [2, 3])],
  ])('knows that %s is x', (_name, f) => {
    expect(simplified((x) => [f(x)], float(2, 3))).toEqual([]);
  });

  it('keeps x·0, which is NaN for infinite x', () => {
    expect(simplified((x) => [mul(x, 0)], float())).toEqual(['mul']);
  });

  it('merges broadcasts, slices and permutations of one another', () => {
    const once = (f: (x: Value) => Value) => simplified((x) => [f(x)], float(1, 4));
    expect(once((x) => broadcastTo(broadcastTo(x, [3, 4]), [2, 3, 4]))).toEqual(['broadcast']);
    expect(once((x) => slice(slice(x, [0, 1], [1, 3]), [0, 1], [1, 2]))).toEqual(['slice']);
  });

  it('absorbs transposes into matmul', () => {
    const program = simplify(
      trace((a, b) => [matmul(transpose(a), transpose(b))], [float(3, 2), float(4, 3)]),
    );
    expect(program.equations.map((e) => [e.primitive, e.params])).toEqual([
      ['matmul', { transposeA: true, transposeB: true }],
    ]);
  });

  it('works on the small side of a broadcast', () => {
    const program = simplify(
      trace((s) => [mul(sin(broadcastTo(s, [100])), broadcastTo(s, [100]))], [float()]),
    );
    expect(program.equations.map((e) => [e.primitive, e.outputs[0].shape])).toEqual([
      ['sin', []],
      ['mul', []],
      ['broadcast', [100]],
    ]);
  });

  it('leaves of the gradient of a mean one multiplication', () => {
    const gradient = trace((x) => grad(([y]) => mean(mul(y, y)))([x]), [float(8)]);
    const names = simplify(gradient).equations.map((e) => e.primitive);
    expect(names).toEqual(['broadcast', 'mul', 'add']);
  });

  it('drops carries, stacked outputs and inputs of a loop that nothing needs', () => {
    const program = trace(
      (x, y, unused) => {
        const result = loop({
          steps: 3,
          constants: [unused],
          carry: [x, y, x],
          sequences: [broadcastTo(y, [3])],
          body: (_i, [c], [a, b, d], [s]) => ({
            carry: [add(a, s), mul(b, c), sin(d)],
            stacked: [a, b],
          }),
        });
        return [result.carry[0], result.stacked[0]];
      },
      [float(), float(), float()],
    );
    const [, equation] = simplify(program).equations;
    if (equation.primitive !== 'loop') throw new Error('expected a loop');
    expect(equation.params).toMatchObject({ constants: 0, carry: 1 });
    expect(equation.inputs).toHaveLength(2);
    expect(equation.outputs).toHaveLength(2);
    expect(equation.params.body.equations.map((e) => e.primitive)).toEqual(['add']);
  });

  it('keeps the carries on which a wanted one depends, and no other', () => {
    const program = trace(
      (x) =>
        loop({
          steps: 3,
          carry: [x, x, x, x],
          body: (_i, _c, [a, b, c, d]) => ({ carry: [sin(a), add(b, c), mul(c, c), neg(d)] }),
        }).carry.slice(1, 2),
      [float()],
    );
    const [equation] = simplify(program).equations;
    if (equation.primitive !== 'loop') throw new Error('expected a loop');
    expect(equation.params.carry).toBe(2);
    expect(equation.params.body.equations.map((e) => e.primitive)).toEqual(['add', 'mul']);
  });

  it('keeps the order and types of inputs and outputs', () => {
    const program = simplify(trace((a, b) => [sum(b), b, sum(b)], [float(2), float(3)]));
    expect(program.inputs.map((x) => x.shape)).toEqual([[2], [3]]);
    expect(program.outputs.map((x) => x.shape)).toEqual([[], [3], []]);
  });
});
