import { add, erf, mul, relu, sigmoid, sin, softplus, tanh } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

/** Elementwise nonlinearities by name. */
export const ACTIVATIONS: Readonly<
  Record<string, { readonly label: string; apply(z: Value): Value }>
> = {
  tanh: { label: 'tanh', apply: tanh },
  relu: { label: 'ReLU', apply: relu },
  sigmoid: { label: 'sigmoid', apply: sigmoid },
  softplus: { label: 'softplus', apply: softplus },
  /** z Φ(z), exactly, not the tanh approximation (Hendrycks & Gimpel 2016, section 2). */
  gelu: {
    label: 'GELU',
    apply: (z) => mul(mul(z, 0.5), add(erf(mul(z, Math.SQRT1_2)), 1)),
  },
  sin: { label: 'sin', apply: sin },
};
