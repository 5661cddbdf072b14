/**
 * The velocity field of a flow: a perceptron of the point and the time,
 *
 *   v(z, t) = σ(… σ(z W₁ + t w + b₁) …) W_{L+1} + b_{L+1},
 *
 * with its divergence Σᵢ ∂vᵢ/∂zᵢ, exact or estimated. Shapes: z [B, D], t scalar, v [B, D], divergence [B].
 */
import type { ModelParameter } from '../../../runtime/graph/ports.ts';
import {
  add,
  matmul,
  mul,
  reshape,
  sigmoid,
  slice,
  softplus,
  square,
  sub,
  sum,
  tanh,
  transpose,
  zeros,
} from '../../../runtime/ir/ops.ts';
import { foldIn, normal } from '../../../runtime/ir/random.ts';
import type { Value } from '../../../runtime/ir/types.ts';

/** Smooth nonlinearities with their derivatives, given the argument and the value. */
export const FLOW_ACTIVATIONS = {
  tanh: { label: 'tanh', apply: tanh, slope: (_a: Value, h: Value) => sub(1, square(h)) },
  softplus: { label: 'softplus', apply: softplus, slope: (a: Value) => sigmoid(a) },
} as const satisfies Record<
  string,
  { label: string; apply(a: Value): Value; slope(a: Value, h: Value): Value }
>;
export type FlowActivation = keyof typeof FLOW_ACTIVATIONS;

export interface VelocitySpec {
  readonly dimension: number;
  /** Hidden widths, at least one. */
  readonly widths: readonly number[];
  readonly activation: FlowActivation;
}

/** z float [B, D], t float scalar. */
export interface PreparedVelocity {
  velocity(z: Value, t: Value): Value;
  at(z: Value, t: Value): { velocity: Value; divergence: Value };
}

/** W₁ [D, n₁], w [n₁], b₁ [n₁], then W_l, b_l. */
export function velocityVariables({ dimension, widths }: VelocitySpec): ModelParameter[] {
  const sizes = [dimension, ...widths, dimension];
  const variables: ModelParameter[] = [];
  for (let l = 1; l < sizes.length; l++) {
    variables.push({ name: `weights${l}`, shape: [sizes[l - 1], sizes[l]], penalized: true });
    if (l === 1) variables.push({ name: 'time', shape: [sizes[1]], penalized: false });
    variables.push({ name: `bias${l}`, shape: [sizes[l]], penalized: false });
  }
  return variables;
}

/**
 * W₁, w and b₁ are standard normal, so that the units bend the field at places spread over the unit scale of the base; later weights are
 * N(0, 1/n) and the last half as wide, so that the flow starts close to the identity. Other biases start at 0.
 */
export function initialVelocity({ dimension, widths }: VelocitySpec, key: Value): Value[] {
  const sizes = [dimension, ...widths, dimension];
  const last = sizes.length - 1;
  const values: Value[] = [];
  for (let l = 1; l <= last; l++) {
    const deviation = l === 1 ? 1 : (l === last ? 0.5 : 1) / Math.sqrt(sizes[l - 1]);
    values.push(mul(normal(foldIn(key, l), [sizes[l - 1], sizes[l]]), deviation));
    if (l === 1) {
      values.push(normal(foldIn(key, last + 1), [sizes[1]]));
      values.push(normal(foldIn(key, last + 2), [sizes[1]]));
    } else values.push(zeros([sizes[l]]));
  }
  return values;
}

interface Layers {
  readonly weights: readonly Value[];
  readonly biases: readonly Value[];
  readonly time: Value;
}

function layersOf([first, time, ...rest]: readonly Value[]): Layers {
  return {
    weights: [first, ...rest.filter((_, i) => i % 2 === 1)],
    biases: rest.filter((_, i) => i % 2 === 0),
    time,
  };
}

/**
 * The field for parameters that stay fixed along a solution, with the exact divergence, or εᵀ (∂v/∂z) ε for given directions ε [B, D]. What the exact divergence needs of the weights alone is computed once:
 * with slopes s_l = σ′(a_l) the trace of W₁ diag(s₁) W₂ … W_{L+1} is s₁ · diag(W₂W₁) for one hidden layer and s₁ᵀ(W₂ ∘ (W₃W₁)ᵀ)s₂ for two, at a
 * cost that does not grow with D; deeper networks carry the D rows of the Jacobian along.
 */
export function prepareVelocity(
  spec: VelocitySpec,
  parameters: readonly Value[],
  noise: Value | null,
): PreparedVelocity {
  const { apply, slope } = FLOW_ACTIVATIONS[spec.activation];
  const layers = layersOf(parameters);
  const { weights, biases, time } = layers;
  const last = weights.length - 1;
  const trace = noise === null ? exactTrace(spec, layers) : sampledTrace(layers, noise);

  function evaluate(z: Value, t: Value, onLayer: (a: Value, h: Value) => void): Value {
    let h = z;
    for (let l = 0; l < last; l++) {
      const shift = l === 0 ? add(biases[0], mul(time, t)) : biases[l];
      const a = add(matmul(h, weights[l]), shift);
      h = apply(a);
      onLayer(a, h);
    }
    return add(matmul(h, weights[last]), biases[last]);
  }

  return {
    velocity: (z, t) => evaluate(z, t, () => undefined),
    at(z, t) {
      const slopes: Value[] = [];
      const velocity = evaluate(z, t, (a, h) => slopes.push(slope(a, h)));
      return { velocity, divergence: trace(slopes) };
    },
  };
}

type Trace = (slopes: readonly Value[]) => Value;

function exactTrace({ dimension, widths }: VelocitySpec, { weights }: Layers): Trace {
  if (widths.length === 1) {
    const [w1, w2] = weights;
    const diagonal = reshape(sum(mul(w1, transpose(w2)), 0), [widths[0], 1]);
    return ([s1]) => reshape(matmul(s1, diagonal), [s1.shape[0]]);
  }
  if (widths.length === 2) {
    const [w1, w2, w3] = weights;
    const coupling = mul(w2, transpose(matmul(w3, w1)));
    return ([s1, s2]) => sum(mul(matmul(s1, coupling), s2), 1);
  }
  return (slopes) => {
    let total: Value | null = null;
    for (let i = 0; i < dimension; i++) {
      const term = throughLayers(weights, slopes, rowOf(weights[0], i), columnOf(weights, i));
      total = total === null ? term : add(total, term);
    }
    if (total === null) throw new Error('internal: a flow has at least one dimension');
    return total;
  };
}

/** εᵀ (∂v/∂z) ε, whose expectation is the trace where E[ε εᵀ] = I (Hutchinson 1990). */
function sampledTrace({ weights }: Layers, noise: Value): Trace {
  return (slopes) => {
    let row = matmul(noise, weights[0]);
    slopes.forEach((s, l) => (row = matmul(mul(row, s), weights[l + 1])));
    return sum(mul(row, noise), 1);
  };
}

function throughLayers(
  weights: readonly Value[],
  slopes: readonly Value[],
  first: Value,
  last: Value,
): Value {
  let row = mul(slopes[0], first);
  for (let l = 1; l < slopes.length; l++) row = mul(matmul(row, weights[l]), slopes[l]);
  return reshape(matmul(row, last), [row.shape[0]]);
}

function rowOf(matrix: Value, i: number): Value {
  return reshape(slice(matrix, [i, 0], [1, matrix.shape[1]]), [matrix.shape[1]]);
}

function columnOf(weights: readonly Value[], i: number): Value {
  const last = weights[weights.length - 1];
  return slice(last, [0, i], [last.shape[0], 1]);
}
