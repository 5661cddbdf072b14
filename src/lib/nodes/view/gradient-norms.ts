import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { hostScalar } from '../../runtime/ir/host.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { HostArray, Program } from '../../runtime/ir/types.ts';
import type { RunPlan, RunValue } from '../../runtime/run/run-value.ts';
import { grad, simplify } from '../../runtime/transform/index.ts';
import { depthOf, firstRows, outputGradients } from '../shared/deep.ts';
import { modelOf } from '../shared/predict.ts';

const programs = new WeakMap<RunPlan, Program>();

/** Norms of the gradient by layer: a matrix is a layer, an array [L, n, n] is L of them. */
function layerNorms(gradients: readonly HostArray[]): number[] {
  return gradients.flatMap(({ shape, data }) => {
    if (shape.length < 2) return [];
    const layers = shape.length === 2 ? 1 : shape[0];
    const size = data.length / layers;
    return Array.from({ length: layers }, (_, l) => {
      let squares = 0;
      for (let i = l * size; i < (l + 1) * size; i++) squares += data[i] ** 2;
      return Math.sqrt(squares);
    });
  });
}

/** Samples over which the gradients in hidden states are averaged. */
const SAMPLES = 64;

/**
 * ‖∂f/∂W_l‖ of the data term, layer by layer, or the root mean square over samples of ‖∂z/∂h_l‖ of the outputs z in the hidden states;
 * in float64.
 */
export default defineNode({
  type: 'view/gradient-norms',
  version: 1,
  family: 'view',
  title: 'Gradient norms',
  summary: 'The norm of the gradient in the weights, or the states, of each layer, logarithmic.',
  formula: String.raw`\log_{10} \Bigl\lVert \frac{\partial f}{\partial W_\ell} \Bigr\rVert_F \quad\text{or}\quad \log_{10} \Bigl\lVert \frac{\partial z}{\partial h_\ell} \Bigr\rVert_F`,
  description: [
    'Of the loss on all training data in the weights of each layer, or of the outputs z in each hidden state (root mean square over at most 64 samples); at the start of the run or at its present parameters.',
    'The gradient in W_l is the product of the state that enters a layer and the gradient that comes back to its end. Where states shrink on their way forwards as gradients do on their way back, all weights have a small gradient alike; the gradient in the states tells how much each layer loses.',
    'Layers whose gradient is exactly 0 are left out.',
  ],
  keywords: ['vanishing', 'exploding', 'backpropagation', 'depth', 'layers'],
  references: [
    {
      text: 'Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), section 4.',
      url: 'https://proceedings.mlr.press/v9/glorot10a.html',
    },
  ],
  params: {
    of: {
      kind: 'choice',
      label: 'In',
      default: 'weights',
      options: [
        { value: 'weights', label: 'the weights of each layer' },
        { value: 'states', label: 'the hidden states' },
      ],
    },
    at: {
      kind: 'choice',
      label: 'At',
      default: 'now',
      options: [
        { value: 'now', label: 'the present parameters' },
        { value: 'start', label: 'the start of the run' },
      ],
    },
  },
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  async evaluate(context) {
    const runs = context.list('runs', 'run');
    const inStates = context.params.of === 'states';
    const lines: LineView['lines'][number][] = [];
    for (const run of runs) {
      const norms = inStates ? await stateNorms(run) : layerNorms(await gradientsOf(run));
      if (norms.length === 0) {
        throw new NodeError(
          'no-layers',
          `Gradient norms (runs): expected a model with weight matrices, got "${run.plan.objective.title}". Wire a run that trains a network.`,
          'runs',
        );
      }
      const shown = norms
        // States begin with h₀, which enters the first layer.
        .map((norm, l) => [inStates ? l : l + 1, elementary.log10(norm)])
        .filter(([, y]) => Number.isFinite(y));
      lines.push({
        x: Float64Array.from(shown, ([l]) => l),
        y: Float64Array.from(shown, ([, y]) => y),
        label: run.plan.objective.model?.title ?? run.plan.label,
        nodeId: run.nodeId,
      });
    }
    const view: LineView = {
      kind: 'line',
      xLabel: 'layer',
      yLabel: inStates ? 'log₁₀ ‖∂z/∂h‖' : 'log₁₀ ‖∂f/∂W‖',
      points: [],
      lines,
    };
    return { view, status: `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}` };

    async function stateNorms(run: RunValue): Promise<number[]> {
      const model = modelOf(run, 'Gradient norms');
      const depth = depthOf(model, 'Gradient norms', 'runs');
      const x = firstRows(model.dataset.features, SAMPLES);
      return [...(await outputGradients(context.cpu64, model, depth, parametersOf(run), x))];
    }

    function parametersOf(run: RunValue): readonly HostArray[] {
      return context.params.at === 'now' ? run.parameters : run.initialParameters;
    }

    async function gradientsOf(run: RunValue): Promise<HostArray[]> {
      const { objective } = run.plan;
      const live = objective.live;
      const values = run.segments[run.segments.length - 1].live;
      const x = parametersOf(run);
      const inputs = [
        ...x,
        ...objective.data,
        ...live.map(({ key, value }) => hostScalar(values[key] ?? value)),
      ];
      let program = programs.get(run.plan);
      if (program === undefined) {
        program = simplify(
          trace((...all) => {
            const rest = all.slice(x.length);
            const data = rest.slice(0, objective.data.length);
            const scalars = rest.slice(objective.data.length);
            const named = Object.fromEntries(live.map(({ key }, i) => [key, scalars[i]]));
            return grad((v) => objective.dataTerm(v, data, named))(all.slice(0, x.length));
          }, inputs),
        );
        programs.set(run.plan, program);
      }
      return context.cpu64.execute(program, inputs);
    }
  },
  migrations: {},
  fixtures: {
    valid: [{}, { at: 'start' }, { of: 'states' }],
    invalid: [{ params: { at: 'end' }, message: /At.*expected one of 'now'/ }],
  },
});
