import * as elementary from '../../numerics/elementary/index.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { INTEGRATORS, INTEGRATOR_NAMES, oscillate, oscillator } from '../shared/flow/oscillator.ts';
import type { Program } from '../../runtime/ir/types.ts';
import { brief } from '../shared/format.ts';
import { createPacer } from '../../numerics/pacer.ts';

/** max over the steps of the distance from (cos t, sin t). */
function largestError(program: Program, h: number): number {
  const { p, q } = oscillate(program);
  return p.reduce(
    (worst, value, k) =>
      Math.max(
        worst,
        elementary.hypot(value - elementary.cos(k * h), q[k] - elementary.sin(k * h)),
      ),
    0,
  );
}

/** The slope of the line of least squares. */
function slope(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx] = [0, 0];
  x.forEach((value, i) => {
    xy += (value - mx) * (y[i] - my);
    xx += (value - mx) ** 2;
  });
  return xy / xx;
}

/**
 * The orders of the methods that residual layers are steps of, measured on the harmonic oscillator in float64: the largest error over
 * [0, T] for N, 2N, 4N … steps, and the slope of log error over log h by least squares.
 */
export default defineNode({
  type: 'view/integrator-orders',
  version: 1,
  family: 'view',
  title: 'Integrator orders',
  summary: 'How fast the error of each method falls with its step, on the oscillator.',
  formula: String.raw`\dot p = -q,\ \dot q = p:\qquad \max_k \lVert y_k - y(kh) \rVert = O(h^{\text{order}}),\qquad h = T/N`,
  description: [
    'The methods are those of the layers of a ResNet: Euler steps are its residual blocks. Each output is a measured order, the slope of the logarithm of the error over that of the step through all points.',
    'Steps that are too small meet rounding: the fourth-order error at h = 0.001 is below 1e-13.',
  ],
  keywords: ['euler', 'midpoint', 'runge-kutta', 'symplectic', 'verlet', 'convergence', 'ode'],
  references: [
    {
      text: 'Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, Springer 1993, sections II.1 and II.3',
      url: 'https://doi.org/10.1007/978-3-540-78862-1',
    },
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017, section 3',
      url: 'https://arxiv.org/abs/1705.03341',
    },
  ],
  params: {
    horizon: {
      kind: 'number',
      label: 'Time T',
      default: 2,
      min: 0,
      exclusiveMin: true,
      max: 100,
    },
    coarsest: { kind: 'integer', label: 'Fewest steps N', default: 32, min: 2, max: 1024 },
    doublings: { kind: 'integer', label: 'Doublings', default: 4, min: 1, max: 8 },
  },
  inputs: [],
  outputs: INTEGRATOR_NAMES.map((name) => ({
    name,
    type: 'scalar' as const,
    label: INTEGRATORS[name].label.replace(/ \(.*/, ''),
  })),
  async evaluate(context) {
    const { horizon, coarsest, doublings } = context.params;
    const pacer = createPacer(context.signal);
    const counts = Array.from({ length: doublings + 1 }, (_, k) => coarsest * elementary.pow(2, k));
    const x = Float64Array.from(counts, (steps) => elementary.log10(horizon / steps));
    const outputs: Record<string, ScalarValue> = {};
    const lines: LineView['lines'][number][] = [];
    const programs = INTEGRATOR_NAMES.map((name) =>
      counts.map((steps) => oscillator(name, steps, horizon / steps)),
    );
    // All the coarser ones together do fewer steps than the finest.
    const remedy = 'Take fewer doublings, or begin with fewer steps.';
    for (const each of programs) context.reserve({ program: each[doublings], times: 2, remedy });
    for (const [m, name] of INTEGRATOR_NAMES.entries()) {
      const { label } = INTEGRATORS[name];
      const y = new Float64Array(counts.length);
      for (const [k, program] of programs[m].entries()) {
        await pacer.pause();
        y[k] = elementary.log10(largestError(program, horizon / counts[k]));
      }
      lines.push({ x, y, label });
      outputs[name] = {
        kind: 'scalar',
        value: slope(x, y),
        label: `measured order, ${label}`,
        precision: 'float64',
      };
    }
    const view: LineView = {
      kind: 'line',
      xLabel: 'log₁₀ h',
      yLabel: 'log₁₀ error',
      points: [],
      lines,
    };
    const measured = INTEGRATOR_NAMES.map((name) => brief(outputs[name].value));
    return { outputs, view, status: `orders ${measured.join(', ')}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { horizon: 10, coarsest: 100, doublings: 2 }],
    invalid: [
      { params: { coarsest: 1 }, message: /\[2, 1024\], got 1/ },
      { params: { horizon: 0 }, message: /Time T.*> 0.*got 0/ },
    ],
  },
});
