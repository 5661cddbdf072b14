import { matmulKernel } from '../kernels/matmul.ts';
import { add } from '../ops/elementwise.ts';
import { matmul } from '../ops/linear-algebra.ts';
import { matmulShape } from '../shape-rules/matmul.ts';
import { sizeOf } from '../shape.ts';
import type { PrimitiveRule } from './rule.ts';

export const matmulRule: PrimitiveRule<'matmul'> = {
  shape: matmulShape,
  float64: matmulKernel,
  jvp: ({ params, inputs: [a, b], tangents: [ta, tb] }) => {
    const left = ta && matmul(ta, b, params);
    const right = tb && matmul(a, tb, params);
    return left && right ? add(left, right) : (left ?? right);
  },
  // With C = op(A)·op(B): op(A)̄ = C̄·op(B)ᵀ and op(B)̄ = op(A)ᵀ·C̄, each transposed where op is.
  vjp: ({ params: { transposeA, transposeB }, inputs: [a, b], cotangent: g, needs }) => [
    !needs[0]
      ? null
      : transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB }),
    !needs[1]
      ? null
      : transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA }),
  ],
  flops: ({ transposeA }, [a], [output]) =>
    2 * sizeOf(output.shape) * a.shape[a.shape.length - (transposeA ? 2 : 1)],
};
