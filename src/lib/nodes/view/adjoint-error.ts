import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue, ScalarValue, VelocityField, Reserve } from '../../runtime/graph/ports.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { executeSync } from '../../runtime/device/cpu64/index.ts';
import { hostFloat, hostInt } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { ArrayType, HostArray, Value } from '../../runtime/ir/types.ts';
import {
  continuousGradient,
  discreteGradient,
  stepLoss,
  type AdjointProblem,
} from '../shared/flow/adjoint.ts';
import { METHODS, type MethodName } from '../shared/flow/runge-kutta.ts';
import { brief } from '../shared/format.ts';
import { createPacer, type Pacer } from '../../numerics/pacer.ts';
import { distance } from '../shared/runs.ts';
import { seedParam } from '../shared/seed.ts';

/** Random directions along which the discrete gradient is compared with differences. */
const DIRECTIONS = 6;
const FEWER = 'Take fewer samples or doublings, or fewer steps.';
/** Step of the differences: Richardson's combination leaves its fourth power, and rounding divided by it. */
const DIFFERENCE = 1e-3;

/**
 * Two gradients of a flow's negative log-likelihood at its initial parameters, in float64: through the discrete steps, and by the continuous
 * adjoint equation with steps of the same size h = T/N, for N doubled several times. The relative difference falls as h^p with the order p
 * of the method; the order is measured between the two finest. The discrete gradient is compared with central differences of the loss.
 */
export default defineNode({
  type: 'view/adjoint-error',
  version: 1,
  family: 'view',
  title: 'Adjoint error',
  summary: 'The gradient of the continuous adjoint equation against that of the discrete steps.',
  formula: String.raw`\frac{\lVert g_{\mathrm{cont}}(h) - \nabla f_h \rVert}{\lVert \nabla f_h \rVert} = O(h^p),\qquad h = T/N`,
  description: [
    'Discretize, then optimize: the gradient of the loss as it is computed, exact to rounding for every N. Optimize, then discretize: the adjoint equation needs no stored states, but its gradient belongs to no function that is being minimised; the error is that of the steps.',
    'Outputs the measured order, and the largest deviation of directional derivatives from central differences (Richardson’s combination) relative to the norm of the gradient.',
  ],
  keywords: ['neural ode', 'gradient', 'optimize-discretize', 'anode', 'backpropagation', 'order'],
  references: [
    {
      text: 'Chen, Rubanova, Bettencourt, Duvenaud, Neural Ordinary Differential Equations, NeurIPS 2018, algorithm 1',
      url: 'https://arxiv.org/abs/1806.07366',
    },
    {
      text: 'Gholami, Keutzer, Biros, ANODE, IJCAI 2019, section 4',
      url: 'https://arxiv.org/abs/1902.10298',
    },
  ],
  params: {
    method: { kind: 'choice', label: 'Method', default: 'euler', options: options() },
    coarsest: { kind: 'integer', label: 'Fewest steps N', default: 8, min: 2, max: 256 },
    doublings: { kind: 'integer', label: 'Doublings', default: 4, min: 1, max: 8 },
    samples: { kind: 'integer', label: 'Samples', default: 32, min: 1, max: 1000 },
    seed: seedParam,
  },
  inputs: [{ name: 'model', type: 'model', label: 'Model' }],
  outputs: [
    { name: 'order', type: 'scalar', label: 'Measured order' },
    { name: 'difference', type: 'scalar', label: 'Discrete against differences' },
  ],
  async evaluate(context) {
    const { params } = context;
    const model = context.input('model', 'model');
    const flow = flowOf(model);
    const method = params.method as MethodName;
    const [count, dimension] = model.dataset.features.shape;
    const samples = Math.min(params.samples, count);
    const x = hostFloat(model.dataset.features.data.slice(0, samples * dimension), [
      samples,
      dimension,
    ]);
    const pacer = createPacer(context.signal);
    const parameters = initialParameters(model, context.key, context.reserve);
    const h: number[] = [];
    const error: number[] = [];
    let difference = NaN;
    for (let k = 0; k <= params.doublings; k++) {
      context.progress(k / (params.doublings + 1));
      await pacer.pause();
      const problem: AdjointProblem = {
        flow,
        method,
        steps: params.coarsest * elementary.pow(2, k),
      };
      const [exact, adjoint] = gradients(problem, parameters, x, context.reserve);
      h.push(flow.horizon / problem.steps);
      error.push(distance(adjoint, exact) / norm(exact));
      if (k === 0) {
        const directions = hostFoldIn(context.key, 1);
        difference = await worstDifference(
          problem,
          parameters,
          x,
          exact,
          directions,
          pacer,
          context.reserve,
        );
      }
    }
    const last = error.length - 1;
    const order = elementary.log2(error[last - 1] / error[last]);
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label,
      precision: 'float64',
    });
    return {
      outputs: {
        order: scalar(order, `order of the continuous adjoint, ${METHODS[method].label}`),
        difference: scalar(difference, 'discrete gradient against central differences'),
      },
      view: errorPlot(h, error, METHODS[method].order),
      status: `order ${brief(order)}, differences ${brief(difference)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { method: 'rk4', coarsest: 4, doublings: 1, samples: 4 }],
    invalid: [
      { params: { coarsest: 1 }, message: /\[2, 256\], got 1/ },
      { params: { method: 'leapfrog' }, message: /'euler'.*got .?leapfrog/ },
    ],
  },
});

function options() {
  return Object.entries(METHODS).map(([value, { label }]) => ({ value, label }));
}

function flowOf(model: ModelValue): VelocityField {
  const flow = model.density?.flow;
  if (flow !== undefined) return flow;
  throw new NodeError(
    'no-flow',
    `Adjoint error (model): expected a flow, defined by an ordinary differential equation, got ${model.title}. Use a continuous normalizing flow.`,
    'model',
  );
}

function initialParameters(
  model: ModelValue,
  key: readonly [number, number],
  reserve: Reserve,
): HostArray[] {
  const program = trace((k) => model.init(k), [{ shape: [2], dtype: 'int' }]);
  reserve({ program, remedy: 'Use a smaller model.' });
  return executeSync(program, [hostInt([...key])]);
}

function typesOf(parameters: readonly HostArray[], x: HostArray): ArrayType[] {
  return [...parameters, x].map(({ shape }) => ({ shape, dtype: 'float' }));
}

/** Inputs [...parameters, x] of a program as two arguments. */
function split<T>(f: (parameters: readonly Value[], x: Value) => T): (...inputs: Value[]) => T {
  return (...inputs) => f(inputs.slice(0, -1), inputs[inputs.length - 1]);
}

function gradients(
  problem: AdjointProblem,
  parameters: readonly HostArray[],
  x: HostArray,
  reserve: Reserve,
): [HostArray[], HostArray[]] {
  const both = [discreteGradient, continuousGradient].map((gradient) => {
    const program = trace(
      split((p, rows) => gradient(problem, p, rows)),
      typesOf(parameters, x),
    );
    reserve({ program, remedy: FEWER });
    return executeSync(program, [...parameters, x]);
  });
  return [both[0], both[1]];
}

function norm(arrays: readonly HostArray[]): number {
  return distance(
    arrays,
    arrays.map((a) => hostFloat(new Float64Array(a.data.length), a.shape)),
  );
}

/** max over random unit directions d of |⟨∇f, d⟩ − (f(θ + εd) − f(θ − εd))/2ε| / ‖∇f‖. */
async function worstDifference(
  problem: AdjointProblem,
  parameters: readonly HostArray[],
  x: HostArray,
  gradient: readonly HostArray[],
  key: readonly [number, number],
  pacer: Pacer,
  reserve: Reserve,
): Promise<number> {
  const program = trace(
    split((p, rows) => [stepLoss(problem, p, rows)]),
    typesOf(parameters, x),
  );
  reserve({ program, times: 4 * DIRECTIONS, remedy: FEWER });
  const size = parameters.reduce((n, p) => n + p.data.length, 0);
  let worst = 0;
  for (let k = 0; k < DIRECTIONS; k++) {
    await pacer.pause();
    const raw = hostNormal(hostFoldIn(key, k), size);
    const length = Math.sqrt(raw.reduce((total, v) => total + v * v, 0));
    const direction = raw.map((v) => v / length);
    const lossAt = (step: number): number => {
      let offset = 0;
      const moved = parameters.map((p) => {
        const start = offset;
        offset += p.data.length;
        return hostFloat(
          Float64Array.from(p.data, (v, i) => v + step * direction[start + i]),
          p.shape,
        );
      });
      return executeSync(program, [...moved, x])[0].data[0];
    };
    const central = (step: number): number => (lossAt(step) - lossAt(-step)) / (2 * step);
    const measured = (4 * central(DIFFERENCE / 2) - central(DIFFERENCE)) / 3;
    let offset = 0;
    let derivative = 0;
    for (const { data } of gradient) {
      for (let i = 0; i < data.length; i++) derivative += data[i] * direction[offset + i];
      offset += data.length;
    }
    worst = Math.max(worst, Math.abs(derivative - measured) / norm(gradient));
  }
  return worst;
}

/** log₁₀ of the error against log₁₀ of h, with the slope that theory says through the finest. */
function errorPlot(h: readonly number[], error: readonly number[], order: number): LineView {
  const x = Float64Array.from(h, elementary.log10);
  const y = Float64Array.from(error, elementary.log10);
  const last = x.length - 1;
  return {
    kind: 'line',
    xLabel: 'log₁₀ h',
    yLabel: 'log₁₀ relative error of the gradient',
    points: [{ x, y, label: 'continuous adjoint' }],
    lines: [
      { x, y, label: 'continuous adjoint' },
      {
        x,
        y: x.map((v) => y[last] + order * (v - x[last])),
        label: `slope ${order}`,
        dashed: true,
      },
    ],
  };
}
