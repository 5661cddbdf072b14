/**
 * A convolutional residual network for images of one channel.
 *
 *   h₀ = σ(x * K₀ + b₀),   h ← h + Δt (σ(h * K_l + b_l) * K′_l + b′_l) for l = 1…L, Δt = T/L,   z = pool(h_L) V + c
 *
 * The * are 3 × 3 convolutions with zeros around the image. Shapes: x [B, H·W] row by row, h [C, H, W, B], K₀ [C, 9], K and K′ [C, 9·C],
 * z [B, K]; pool is the mean over the image, [C, B], or nothing, [C·H·W, B]. Domain: H divides the features; C 1 to 256; L 1 to 64; T > 0.
 * K₀ and K_l start at √(2/fan-in)·N(0, 1) (He et al. 2015, equation (10)), K′_l and biases at 0, so that each block starts as the identity
 * (Zhang, Dauphin & Ma 2019, section 3), and V at N(0, 1)/√fan-in.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelParameter, ModelValue } from '../../runtime/graph/ports.ts';
import {
  add,
  concat,
  expandDims,
  loop,
  matmul,
  mean,
  mul,
  reshape,
  slice,
  transpose,
  zeros,
} from '../../runtime/ir/ops.ts';
import { foldIn } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';
import { KERNEL_PLACES, convolve3x3 } from '../shared/convolution.ts';
import { ACTIVATIONS } from './activations.ts';
import { INITIALIZERS, initialWeights } from './initializers.ts';
import { outputColumns } from './outputs.ts';
import { countOf } from '../../runtime/ir/shape.ts';

interface Walk {
  /** Added to the hidden states, float [L + 1, B, C·H·W]. */
  readonly shifts?: Value | null;
  /** Also gives the state before each block. */
  readonly path?: boolean;
}
const WHERE = 'Convolutional ResNet';

export default defineNode({
  type: 'model/conv-resnet',
  version: 1,
  family: 'model',
  title: 'Convolutional ResNet',
  summary: 'A residual network of 3 × 3 convolutions, for images.',
  formula: String.raw`h_0 = \sigma(K_0 * x + b_0),\quad h \leftarrow h + \Delta t\,\bigl(K'_\ell * \sigma(K_\ell * h + b_\ell) + b'_\ell\bigr),\quad z = \operatorname{pool}(h_L)\, V + c`,
  description: [
    'Each sample is an image of one channel, its pixels in the features row by row. A convolution lifts it to C channels; each of L blocks adds two convolutions of its input with a nonlinearity between; zeros lie around the image, so that its size stays.',
    'The second convolution of a block starts at zero: at the start the network is the lifting and the linear map, however deep it is. Kernels before a nonlinearity start by He’s rule.',
    'Read by position, each pixel of each channel has its own weight in the output; read by the mean over the image, the answer does not depend on where a pattern lies.',
  ],
  keywords: ['cnn', 'convolution', 'image', 'residual', 'digits', 'deep', 'skip connection'],
  references: [
    {
      text: 'He, Zhang, Ren & Sun, Deep residual learning for image recognition (2016).',
      url: 'https://arxiv.org/abs/1512.03385',
    },
    {
      text: 'He et al., Delving deep into rectifiers (2015), equation (10).',
      url: 'https://arxiv.org/abs/1502.01852',
    },
    {
      text: 'Zhang, Dauphin & Ma, Fixup initialization: residual learning without normalization (2019), section 3.',
      url: 'https://arxiv.org/abs/1901.09321',
    },
    {
      text: 'Ruthotto & Haber, Deep neural networks motivated by partial differential equations (2020).',
      url: 'https://arxiv.org/abs/1804.04272',
    },
  ],
  params: {
    height: {
      kind: 'integer',
      label: 'Image height H',
      help: 'Rows of pixels; the width is the number of features divided by it.',
      default: 8,
      min: 1,
      max: 512,
    },
    channels: { kind: 'integer', label: 'Channels C', default: 8, min: 1, max: 256, scale: 'log' },
    depth: { kind: 'integer', label: 'Blocks L', default: 3, min: 1, max: 64, scale: 'log' },
    activation: {
      kind: 'choice',
      label: 'Activation',
      default: 'relu',
      options: Object.entries(ACTIVATIONS).map(([value, { label }]) => ({ value, label })),
    },
    weights: {
      kind: 'choice',
      label: 'Kernels',
      default: 'separate',
      options: [
        { value: 'separate', label: 'separate in each block' },
        { value: 'shared', label: 'shared by all blocks' },
      ],
    },
    horizon: {
      kind: 'number',
      label: 'Horizon T',
      help: 'Δt = T/L.',
      default: 3,
      min: 0,
      exclusiveMin: true,
      max: 1000,
    },
    pooling: {
      kind: 'choice',
      label: 'Output reads',
      default: 'position',
      options: [
        { value: 'position', label: 'every pixel of every channel' },
        { value: 'mean', label: 'the mean of each channel' },
      ],
    },
  },
  inputs: [{ name: 'data', type: 'dataset', label: 'Data' }],
  outputs: [{ name: 'model', type: 'model', label: 'Model' }],
  evaluate(context) {
    const { params } = context;
    const { channels: C, depth, height: H } = params;
    const dataset = context.input('data', 'dataset');
    const D = dataset.features.shape[1];
    if (D % H !== 0) {
      throw new NodeError(
        'height',
        `${WHERE} (image height): expected a divisor of the ${D} features, got ${H}. Enter the number of rows of pixels.`,
        'height',
      );
    }
    const W = D / H;
    const K = outputColumns(dataset);
    const shared = params.weights === 'shared';
    const blocks = shared ? 1 : depth;
    const features = params.pooling === 'mean' ? C : C * D;
    const dt = params.horizon / depth;
    const { apply: act } = ACTIVATIONS[params.activation];
    const parameters: ModelParameter[] = [
      { name: 'liftKernel', shape: [C, KERNEL_PLACES], penalized: true },
      { name: 'liftBias', shape: [C], penalized: false },
      // K₁, K′₁, K₂, K′₂ …: in the order of the layers.
      { name: 'kernels', shape: [2 * blocks, C, KERNEL_PLACES * C], penalized: true },
      { name: 'biases', shape: [2 * blocks, C], penalized: false },
      { name: 'outputWeights', shape: [features, K], penalized: true },
      { name: 'outputBias', shape: [K], penalized: false },
    ];

    const perChannel = (bias: Value) => reshape(bias, [C, 1, 1, 1]);

    function block(h: Value, kernels: Value, biases: Value): Value {
      const kernel = (k: number) =>
        reshape(slice(kernels, [k, 0, 0], [1, C, KERNEL_PLACES * C]), [C, KERNEL_PLACES * C]);
      const bias = (k: number) => perChannel(slice(biases, [k, 0], [1, C]));
      const inner = act(add(convolve3x3(h, kernel(0)), bias(0)));
      return add(h, mul(add(convolve3x3(inner, kernel(1)), bias(1)), dt));
    }

    function run(values: readonly Value[], x: Value, { shifts = null, path = false }: Walk = {}) {
      const [liftKernel, liftBias, kernels, biases] = values;
      const B = x.shape[0];
      const images = reshape(transpose(x), [1, H, W, B]);
      const first = act(add(convolve3x3(images, liftKernel), perChannel(liftBias)));
      const added =
        shifts === null ? null : reshape(transpose(shifts, [0, 2, 1]), [depth + 1, C, H, W, B]);
      const start =
        added === null
          ? first
          : add(first, reshape(slice(added, [0, 0, 0, 0, 0], [1, C, H, W, B]), [C, H, W, B]));
      return loop({
        steps: depth,
        carry: [start],
        constants: shared ? [kernels, biases] : [],
        sequences: [
          ...(shared
            ? []
            : [reshape(kernels, [depth, 2, C, KERNEL_PLACES * C]), reshape(biases, [depth, 2, C])]),
          ...(added === null ? [] : [slice(added, [1, 0, 0, 0, 0], [depth, C, H, W, B])]),
        ],
        body: (_i, constants, [h], slices) => {
          const [k, b] = shared ? constants : slices;
          const next = block(h, k, b);
          return {
            carry: [added === null ? next : add(next, slices[slices.length - 1])],
            stacked: path ? [h] : [],
          };
        },
      });
    }

    function read(h: Value, values: readonly Value[]): Value {
      const pooled = params.pooling === 'mean' ? mean(h, [1, 2]) : reshape(h, [C * D, h.shape[3]]);
      return add(matmul(pooled, values[4], { transposeA: true }), values[5]);
    }

    const model: ModelValue = {
      kind: 'model',
      title: `Convolutional ResNet ${depth} × ${C}`,
      dataset,
      parameters,
      outputs: K,
      linear: false,
      init(key) {
        const he = INITIALIZERS['he-normal'];
        const zero = zeros([1, C, KERNEL_PLACES * C]);
        const kernels = Array.from({ length: blocks }, (_, l) => [
          expandDims(transpose(initialWeights(he, foldIn(key, 3 + l), KERNEL_PLACES * C, C, 1)), 0),
          zero,
        ]);
        return [
          transpose(initialWeights(he, foldIn(key, 1), KERNEL_PLACES, C, 1)),
          zeros([C]),
          concat(kernels.flat(), 0),
          zeros([2 * blocks, C]),
          initialWeights(INITIALIZERS['lecun-normal'], foldIn(key, 2), features, K, 1),
          zeros([K]),
        ];
      },
      apply: (values, x) => read(run(values, x).carry[0], values),
      depth: {
        layers: depth,
        width: C * D,
        states(values, x) {
          const { carry, stacked } = run(values, x, { path: true });
          const states = concat([stacked[0], expandDims(carry[0], 0)], 0);
          return transpose(reshape(states, [depth + 1, C * D, x.shape[0]]), [0, 2, 1]);
        },
        applyShifted: (values, x, shifts) => read(run(values, x, { shifts }).carry[0], values),
      },
    };
    const count = countOf(parameters);
    return {
      outputs: { model },
      status: `${H} × ${W} pixels, ${depth} × ${C}, ${count} parameters`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [
      {},
      { height: 1, channels: 3, depth: 2, weights: 'shared', pooling: 'mean' },
      { channels: 2, depth: 1, activation: 'tanh', horizon: 0.5 },
    ],
    invalid: [
      { params: { height: 7 }, message: /expected a divisor of the \d+ features, got 7/ },
      { params: { depth: 0 }, message: /Blocks L.*expected an integer in \[1, 64\], got 0/ },
      { params: { horizon: 0 }, message: /Horizon T.*> 0.*got 0/ },
    ],
  },
});
