import { describe, expect, it } from 'vitest';
import { executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { hostFloat } from '../../src/lib/runtime/ir/host.ts';
import {
  add,
  constant,
  gather,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  oneHot,
  reshape,
  sum,
  tanh,
} from '../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostNormal } from '../../src/lib/runtime/ir/random.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { HostArray, Value } from '../../src/lib/runtime/ir/types.ts';
import { grad, simplify } from '../../src/lib/runtime/transform/index.ts';

/** Samples, features, hidden units, classes. */
const [N, D, H, K] = [7, 4, 5, 3];

const draw = (seed: number, ...shape: number[]): HostArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  return hostFloat(hostNormal(hostKey(seed), size), shape);
};
const X = draw(1, N, D);
const labels: HostArray = { shape: [N], dtype: 'int', data: Int32Array.of(0, 2, 1, 1, 0, 2, 2) };
const weights = [draw(2, D, H), draw(3, H), draw(4, H, K), draw(5, K)];

type Matrix = number[][];
const rows = ({ shape, data }: HostArray): Matrix =>
  Array.from({ length: shape[0] }, (_, i) => [...data.slice(i * shape[1], (i + 1) * shape[1])]);

/**
 * Back-propagation written out by hand: z = XW₁ + b₁, h = tanh z, s = hW₂ + b₂, p = softmax s; then
 * ∂s = (p − y)/N, ∂W₂ = hᵀ∂s, ∂b₂ = Σ∂s, ∂z = (∂s W₂ᵀ)(1 − h²), ∂W₁ = Xᵀ∂z, ∂b₁ = Σ∂z.
 */
function gradientByHand(): number[][] {
  const [W1, W2] = [rows(weights[0]), rows(weights[2])];
  const [b1, b2] = [weights[1].data, weights[3].data];
  const gradients = [D * H, H, H * K, K].map((size) => new Array<number>(size).fill(0));
  rows(X).forEach((x, n) => {
    const h = Array.from({ length: H }, (_, j) =>
      Math.tanh(x.reduce((total, value, i) => total + value * W1[i][j], b1[j])),
    );
    const s = Array.from({ length: K }, (_, k) =>
      h.reduce((total, value, j) => total + value * W2[j][k], b2[k]),
    );
    const total = s.reduce((t, value) => t + Math.exp(value), 0);
    const ds = s.map((value, k) => (Math.exp(value) / total - (k === labels.data[n] ? 1 : 0)) / N);
    const dz = h.map((value, j) => {
      const dh = ds.reduce((t, d, k) => t + d * W2[j][k], 0);
      return dh * (1 - value * value);
    });
    dz.forEach((d, j) => {
      gradients[1][j] += d;
      x.forEach((value, i) => (gradients[0][i * H + j] += value * d));
    });
    ds.forEach((d, k) => {
      gradients[3][k] += d;
      h.forEach((value, j) => (gradients[2][j * K + k] += value * d));
    });
  });
  return gradients;
}

function logProbs(x: Value, [w1, b1, w2, b2]: readonly Value[]): Value {
  return logSoftmax(add(matmul(tanh(add(matmul(x, w1), b1)), w2), b2));
}

/** Two ways to write the cross-entropy: by a mask, and by picking entries. */
const losses: Record<string, (x: Value, y: Value, w: readonly Value[]) => Value> = {
  'with one-hot targets': (x, y, w) => neg(mean(sum(mul(oneHot(y, K), logProbs(x, w)), 1))),
  'with gathered entries': (x, y, w) => {
    const flat = reshape(logProbs(x, w), [N * K]);
    const offsets = Array.from({ length: N }, (_, n) => n * K);
    const positions: HostArray = { shape: [N], dtype: 'int', data: Int32Array.from(offsets) };
    return neg(mean(gather(flat, add(y, constant(positions)))));
  },
};

describe('the gradient of a two-layer network', () => {
  it.each(Object.keys(losses))('%s equals back-propagation by hand to 1e-12', (name) => {
    const program = trace(
      (x, y, ...w) => grad((inputs) => losses[name](x, y, inputs))(w),
      [X, labels, ...weights],
    );
    const want = gradientByHand();
    for (const variant of [program, simplify(program)]) {
      executeSync(variant, [X, labels, ...weights]).forEach((g, k) => {
        expect(g.data.length).toBe(want[k].length);
        want[k].forEach((value, i) =>
          expect(Math.abs(g.data[i] - value)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(value))),
        );
      });
    }
  });
});
