import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { add, loop, matmul, mul, sum } from './ops.ts';
import { print } from './print.ts';
import { trace } from './trace.ts';
import type { ArrayType } from './types.ts';

const float = (...shape: number[]): ArrayType => ({ shape, dtype: 'float' });

describe('print', () => {
  it('writes one equation a line and indents loop bodies', () => {
    const program = trace(
      (x) => {
        const scaled = sum(mul(x, 0.5), 0);
        return loop({
          steps: 3,
          carry: [scaled],
          body: (_i, _c, [c]) => ({ carry: [add(c, 1)] }),
        }).carry;
      },
      [float(2, 3)],
    );
    expect(print(program)).toBe(
      [
        'inputs b: float[2,3]',
        'constant a: float[] = 0.5',
        'c: float[2,3] = broadcast{shape=[2,3]} a',
        'd: float[2,3] = mul b c',
        'e: float[3] = sum{axes=[0]} d',
        'f: float[3] = loop{steps=3 constants=0 carry=1 reverse=false checkpoint=1} e',
        '  inputs h: int[], i: float[3]',
        '  constant g: float[] = 1',
        '  j: float[3] = broadcast{shape=[3]} g',
        '  k: float[3] = add i j',
        '  outputs k',
        'outputs f',
      ].join('\n'),
    );
  });
});

describe('estimate', () => {
  it('counts two operations for each product of a matmul, and loops once a step', () => {
    const product = trace((a, b) => [matmul(a, b)], [float(4, 5), float(5, 6)]);
    expect(estimate(product)).toEqual({
      flops: 2 * 4 * 5 * 6,
      bytes: 8 * (20 + 30 + 24),
      equations: 1,
      peakBytes: 8 * (20 + 30 + 24),
    });
    const looped = trace(
      (a, b) =>
        loop({ steps: 10, carry: [b], body: (_i, _c, [c]) => ({ carry: [matmul(a, c)] }) }).carry,
      [float(5, 5), float(5, 6)],
    );
    expect(estimate(looped)).toMatchObject({ flops: 10 * 2 * 5 * 5 * 6, equations: 10 });
  });

  it('counts what is alive at once, in floats of the given width', () => {
    const program = trace((x) => [sum(mul(mul(x, x), x))], [float(1000)]);
    // The input, the square and its product with x are alive together; then the scalar.
    expect(estimate(program, 4).peakBytes).toBe(3 * 4000);
    expect(estimate(program, 8).peakBytes).toBe(3 * 8000);
  });
});
