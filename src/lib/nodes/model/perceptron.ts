/** The layers that a perceptron is made of, for every model that is one. */
import type { ModelParameter, ModelValue } from '../../runtime/graph/ports.ts';
import { add, matmul, zeros } from '../../runtime/ir/ops.ts';
import { foldIn } from '../../runtime/ir/random.ts';
import type { ACTIVATIONS } from './activations.ts';
import { initialWeights } from './initializers.ts';

interface PerceptronOptions {
  /** Widths from the input to the output, at least two. */
  readonly sizes: readonly number[];
  readonly activation: (typeof ACTIVATIONS)[string];
  readonly initializer: Parameters<typeof initialWeights>[0];
  /** Multiplies the standard deviation of the initial weights. */
  readonly scale: number;
}

/** h_l = σ(h_{l−1} W_l + b_l), the last without σ; W_l is drawn with foldIn(key, l), biases start at 0. */
export function perceptron({
  sizes,
  activation,
  initializer,
  scale,
}: PerceptronOptions): Pick<ModelValue, 'parameters' | 'linear' | 'init' | 'apply'> {
  const layers = sizes.length - 1;
  const parameters: ModelParameter[] = [];
  for (let l = 1; l <= layers; l++) {
    parameters.push({ name: `weights${l}`, shape: [sizes[l - 1], sizes[l]], penalized: true });
    parameters.push({ name: `bias${l}`, shape: [sizes[l]], penalized: false });
  }
  return {
    parameters,
    linear: layers === 1,
    init(key) {
      const out = [];
      for (let l = 1; l <= layers; l++) {
        out.push(
          initialWeights(initializer, foldIn(key, l), sizes[l - 1], sizes[l], scale),
          zeros([sizes[l]]),
        );
      }
      return out;
    },
    apply(values, x) {
      let h = x;
      for (let l = 1; l <= layers; l++) {
        const z = add(matmul(h, values[2 * l - 2]), values[2 * l - 1]);
        h = l < layers ? activation.apply(z) : z;
      }
      return h;
    },
  };
}
