import { describe, expect, it } from 'vitest';
import { minibatchSpec } from '../../../../../tests/contract/support/minibatch-step.ts';
import { mlpSpec } from '../../../../../tests/contract/support/mlp-step.ts';
import { hostFloat } from '../../ir/host.ts';
import { add, concat, exp, logsumexp, matmul, mul, sub, sum, tanh } from '../../ir/ops.ts';
import { trace } from '../../ir/trace.ts';
import type { ArrayType, Value } from '../../ir/types.ts';
import { checkBytes, layOut } from './layout.ts';
import { makePlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { disagreement } from './verify.ts';

const LIMITS = { bindings: 8 };

function floats(...shape: number[]): ArrayType {
  return { shape, dtype: 'float' };
}

function labels(plan: Plan): string[] {
  return plan.items.map((item) => (item.kind === 'kernel' ? item.kernel.label : 'loop'));
}

describe('fusion', () => {
  it('makes one kernel of any elementwise expression, broadcasts included', () => {
    const program = trace(
      (x, b) => [tanh(add(mul(x, x), b)), exp(sub(x, b))],
      [floats(40, 3), floats(3)],
    );
    expect(labels(makePlan(program, LIMITS))).toEqual(['map[120]']);
  });

  it('puts bias and activation into the product and stores only the activation', () => {
    const program = trace(
      (x, w, b) => [tanh(add(matmul(x, w), b))],
      [floats(64, 8), floats(8, 32), floats(32)],
    );
    const plan = makePlan(program, LIMITS);
    expect(plan.items).toHaveLength(1);
    const [item] = plan.items;
    expect(item.kind === 'kernel' && item.kernel.writes).toEqual(plan.outputs);
  });

  it('stores an expensive value that two kernels need, instead of computing it twice', () => {
    const program = trace(
      (x) => {
        const e = exp(x);
        return [sum(e, 0), sum(e, 1)];
      },
      [floats(20, 30)],
    );
    expect(labels(makePlan(program, LIMITS))).toEqual([
      'map[600]',
      'sum.serial[30×20]',
      'sum.serial[20×30]',
    ]);
  });

  it('does not compute an activation again for every column of a product', () => {
    const program = trace((x, w) => [matmul(tanh(x), w)], [floats(16, 4), floats(4, 8)]);
    expect(labels(makePlan(program, LIMITS))[0]).toBe('map[64]');
  });

  it('does the training step of a three-layer network in at most 11 dispatches', () => {
    expect(labels(makePlan(mlpSpec(0.1).step, LIMITS)).length).toBeLessThanOrEqual(11);
  });

  it.each([8, 10, 12])('binds at most %i buffers in any kernel', (bindings) => {
    const wide = trace(
      (...xs) => [concat(xs, 0), xs.reduce((a: Value, b) => mul(add(a, b), 0.5)), logsumexp(xs[0])],
      Array.from({ length: 30 }, () => floats(17)),
    );
    for (const program of [wide, mlpSpec(0.1).step, minibatchSpec().spec.step])
      for (const item of makePlan(program, { bindings }).items)
        if (item.kind === 'kernel')
          expect(item.kernel.reads.length + item.kernel.writes.length).toBeLessThanOrEqual(
            bindings,
          );
  });

  it('gives equal text to kernels that differ only in the names of their values', () => {
    const wgsl = (): string => {
      const [item] = makePlan(
        trace((x) => [tanh(x)], [floats(9)]),
        LIMITS,
      ).items;
      return item.kind === 'kernel' ? item.kernel.wgsl : '';
    };
    expect(wgsl()).toBe(wgsl());
  });
});

describe('layout', () => {
  it('shares buffers between values that are never alive together', () => {
    const chain = trace(
      (x) => {
        let y = x;
        for (let i = 0; i < 12; i += 1) y = sub(y, sum(y));
        return [y];
      },
      [floats(1000)],
    );
    const { slots } = layOut(makePlan(chain, LIMITS));
    const scratch = slots.filter(({ source }) => source === 'scratch');
    expect(scratch.filter(({ bytes }) => bytes >= 4000).length).toBeLessThanOrEqual(2);
  });

  it('never lets a kernel write a buffer that it reads', () => {
    for (const program of [mlpSpec(0.1).step, minibatchSpec().spec.step])
      for (const item of layOut(makePlan(program, LIMITS)).dispatches) {
        if (item.kind !== 'dispatch') continue;
        const written = item.slots.slice(item.kernel.reads.length);
        for (const slot of written)
          expect(item.slots.filter((other) => other === slot)).toHaveLength(1);
      }
  });

  it('names needed and allowed bytes when an array exceeds the adapter', () => {
    const limits = { maxStorageBufferBindingSize: 128_000_000, maxBufferSize: 256_000_000 };
    expect(() => checkBytes('webgpu', 128_000_000, limits)).not.toThrow();
    expect(() => checkBytes('webgpu', 400_000_000, limits)).toThrow(
      "webgpu: expected arrays of at most 128 MB (128000000 bytes, the adapter's limit), got one of 400 MB (400000000 bytes).",
    );
  });
});

describe('verification of a recorded step', () => {
  const before = [hostFloat([1, 2, 3])];
  const after = [hostFloat([0.9, 1.9, 2.9])];

  it('accepts roundings', () => {
    expect(disagreement(before, [hostFloat([0.9000001, 1.9, 2.8999999])], after)).toBeUndefined();
  });

  it('rejects an update that is off by a percent', () => {
    expect(disagreement(before, [hostFloat([0.899, 1.9, 2.9])], after)).toContain('state 0[0]');
  });

  it('rejects a NaN where eager execution has a number', () => {
    expect(disagreement(before, [hostFloat([NaN, 1.9, 2.9])], after)).toContain('NaN');
  });

  it('rejects an int that is off by one', () => {
    const int = (x: number) => [{ shape: [], dtype: 'int' as const, data: Int32Array.of(x) }];
    expect(disagreement(int(0), int(100_001), int(100_000))).toContain('recorded 100001');
  });
});

describe('the kernel of a matrix product', () => {
  /** The kernel's name at m × k × n. */
  function chosen(
    [m, k, n]: readonly [number, number, number],
    barriers: boolean,
    transposeA = false,
  ): string {
    const program = trace(
      (a, b) => [matmul(a, b, { transposeA })],
      [transposeA ? floats(k, m) : floats(m, k), floats(k, n)],
    );
    const [label] = labels(makePlan(program, { ...LIMITS, barriers }));
    return label.slice(0, label.indexOf('['));
  }

  it('passes large tiles through workgroup memory, smaller ones for fewer outputs', () => {
    expect(chosen([2048, 2048, 2048], true)).toBe('matmul.shared4');
    expect(chosen([1024, 512, 512], true)).toBe('matmul.shared2');
  });

  it('divides a long inner axis among a workgroup where outputs are few and it lies along the rows', () => {
    expect(chosen([32, 256, 32], true)).toBe('matmul.group');
    expect(chosen([20_000, 20_000, 1], true)).toBe('matmul.group');
    expect(chosen([20_000, 20_000, 1], true, true)).toBe('matmul.serial');
  });

  it('never waits at a barrier on a software adapter', () => {
    expect(chosen([2048, 2048, 2048], false)).toBe('matmul.tiled');
    expect(chosen([32, 256, 32], false)).toBe('matmul.tiled');
    expect(chosen([4096, 4096, 1], false)).toBe('matmul.spread');
  });
});
