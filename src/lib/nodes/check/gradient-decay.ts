import * as elementary from '../../numerics/elementary/index.ts';
import { executeSync } from '../../runtime/device/cpu64/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { hostInt } from '../../runtime/ir/host.ts';
import { hostFoldIn } from '../../runtime/ir/random.ts';
import { trace } from '../../runtime/ir/trace.ts';
import { depthOf, firstRows, outputGradients } from '../shared/deep.ts';
import { brief } from '../shared/format.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { seedParam } from '../shared/seed.ts';

const WHERE = 'Gradient through depth';

/**
 * How much of a gradient is left after its way back through all layers of a new network: ‖∂z/∂h₀‖ / ‖∂z/∂h_L‖, root mean squares over
 * samples, for several random draws of the weights, in float64.
 *
 * A plain layer h ← σ(hW) with |σ′| ≤ 1 and W of entries s·N(0, 1)/√n multiplies the mean square of a gradient by s² E σ′² ≤ s² (Poole et al.
 * 2016, equation (9), in the limit of wide layers): at most about sᴸ is left of it after L layers. A residual layer multiplies it by I + Δt W diag(σ′), whose
 * singular values lie within 1 ± Δt‖W‖, and ‖W‖ is about 2s: with T = LΔt, between (1 − 2sT/L)ᴸ, which tends to e^{−2sT} from below, and e^{2sT} is left.
 */
export default defineNode({
  type: 'check/gradient-decay',
  version: 1,
  family: 'check',
  title: WHERE,
  summary: 'What is left of a gradient after its way back through all layers, at random weights.',
  formula: String.raw`\frac{\lVert \partial z / \partial h_0 \rVert}{\lVert \partial z / \partial h_L \rVert}`,
  description: [
    'The gradient of the outputs z in each hidden state, over samples of the data and several draws of the initial weights: a line for each draw, relative to its last layer. The outputs are the smallest and the largest ratio of first to last.',
    'A plain network of layers with weights s·N(0, 1)/√n keeps at most about sᴸ of the gradient where |σ′| ≤ 1. A residual one of Euler steps keeps between about (1 − 2sT/L)ᴸ and exp(2sT); the first tends to exp(−2sT) with depth.',
  ],
  keywords: ['vanishing', 'exploding', 'gradient', 'depth', 'residual', 'initialization'],
  references: [
    {
      text: 'Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli, Exponential expressivity in deep neural networks through transient chaos, NeurIPS 2016, equation (9)',
      url: 'https://arxiv.org/abs/1606.05340',
    },
    {
      text: 'Schoenholz, Gilmer, Ganguli, Sohl-Dickstein, Deep information propagation, ICLR 2017, section 4',
      url: 'https://arxiv.org/abs/1611.01232',
    },
    {
      text: 'He, Zhang, Ren, Sun, Identity mappings in deep residual networks, ECCV 2016, equation (5)',
      url: 'https://arxiv.org/abs/1603.05027',
    },
  ],
  params: {
    draws: { kind: 'integer', label: 'Draws of the weights', default: 8, min: 1, max: 100 },
    samples: { kind: 'integer', label: 'Samples', default: 32, min: 1, max: 1000 },
    seed: seedParam,
  },
  inputs: [{ name: 'model', type: 'model', label: 'Model' }],
  outputs: [
    { name: 'smallest', type: 'scalar', label: 'Smallest ratio' },
    { name: 'largest', type: 'scalar', label: 'Largest ratio' },
  ],
  async evaluate(context) {
    const { draws, samples } = context.params;
    const { reserve } = context;
    const model = context.input('model', 'model');
    const depth = depthOf(model, WHERE, 'model');
    const features = firstRows(model.dataset.features, samples);
    const initial = trace((key) => model.init(key), [{ shape: [2], dtype: 'int' }]);
    reserve({ program: initial, times: draws, remedy: 'Use a smaller model.' });
    const pacer = createPacer(context.signal);
    // One line of all draws, with a gap after each.
    const [x, y]: [number[], number[]] = [[], []];
    const ratios: number[] = [];
    for (let k = 0; k < draws; k++) {
      context.progress(k / draws);
      await pacer.pause();
      const parameters = executeSync(initial, [hostInt([...hostFoldIn(context.key, k)])]);
      const norms = await outputGradients(context.cpu64, model, depth, parameters, features);
      const end = norms[depth.layers];
      ratios.push(norms[0] / end);
      norms.forEach((g, l) => {
        x.push(l);
        y.push(elementary.log10(g / end));
      });
      x.push(NaN);
      y.push(NaN);
    }
    const scalar = (value: number, which: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${which} ratio of first to last gradient, ${model.title}`,
      precision: 'float64',
    });
    const [smallest, largest] = [Math.min(...ratios), Math.max(...ratios)];
    const view: LineView = {
      kind: 'line',
      xLabel: 'layer l',
      yLabel: 'log₁₀ ‖∂z/∂h_l‖ / ‖∂z/∂h_L‖',
      points: [],
      lines: [
        {
          x: Float64Array.from(x),
          y: Float64Array.from(y),
          label: `${draws} ${draws === 1 ? 'draw' : 'draws'}`,
        },
      ],
    };
    return {
      outputs: { smallest: scalar(smallest, 'smallest'), largest: scalar(largest, 'largest') },
      view,
      status: `${brief(smallest)} to ${brief(largest)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { draws: 2, samples: 3, seed: 1 }],
    invalid: [{ params: { draws: 0 }, message: /\[1, 100\], got 0/ }],
  },
});
