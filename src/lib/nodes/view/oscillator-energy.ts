import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { INTEGRATORS, INTEGRATOR_NAMES, oscillate, oscillator } from '../shared/flow/oscillator.ts';
import { brief } from '../shared/format.ts';
import { createPacer } from '../../numerics/pacer.ts';

/**
 * The energy E = (p² + q²)/2 of the oscillator along the steps of each method, from (p, q) = (1, 0), in float64.
 *
 * Each Euler step multiplies E by 1 + h². Symplectic Euler keeps E − (h/2)pq to rounding, so E stays within E₀/(1 ± h/2), and Störmer–Verlet
 * keeps E − (h²/8)q², so E stays between E₀ and E₀/(1 − h²/4), however many steps are taken; both for h < 2.
 */
export default defineNode({
  type: 'view/oscillator-energy',
  version: 1,
  family: 'view',
  title: 'Oscillator energy',
  summary: 'Which methods keep the energy of the oscillator, and which let it grow.',
  formula: String.raw`\dot p = -q,\ \dot q = p,\qquad \max_k \frac{|E_k - E_0|}{E_0},\qquad E = \tfrac12 (p^2 + q^2)`,
  description: [
    'Each output is the largest relative change of the energy. By Euler’s method it is (1 + h²)ᴺ − 1 after N steps; symplectic Euler stays below (h/2)/(1 − h/2) and Störmer–Verlet below (h²/4)/(1 − h²/4) for ever.',
    'In a network, energy is the size of the hidden state: layers that let it grow amplify what they are given, layers that keep it carry it through any depth.',
  ],
  keywords: ['symplectic', 'hamiltonian', 'verlet', 'drift', 'conservation', 'stability', 'ode'],
  references: [
    {
      text: 'Hairer, Lubich, Wanner, Geometric Numerical Integration, Springer 2006, sections I.1 and IX.3',
      url: 'https://doi.org/10.1007/3-540-30666-8',
    },
    {
      text: 'Haber, Ruthotto, Stable Architectures for Deep Neural Networks, Inverse Problems 34, 2017, section 3',
      url: 'https://arxiv.org/abs/1705.03341',
    },
  ],
  params: {
    stepSize: {
      kind: 'number',
      label: 'Step h',
      default: 0.1,
      min: 0,
      exclusiveMin: true,
      max: 1.9,
    },
    steps: { kind: 'integer', label: 'Steps N', default: 200, min: 1, max: 20_000, scale: 'log' },
  },
  inputs: [],
  outputs: INTEGRATOR_NAMES.map((name) => ({
    name,
    type: 'scalar' as const,
    label: INTEGRATORS[name].label.replace(/ \(.*/, ''),
  })),
  async evaluate(context) {
    const { stepSize, steps } = context.params;
    const pacer = createPacer(context.signal);
    const outputs: Record<string, ScalarValue> = {};
    const lines: LineView['lines'][number][] = [];
    const x = Float64Array.from({ length: steps + 1 }, (_, k) => k * stepSize);
    const programs = INTEGRATOR_NAMES.map((name) => oscillator(name, steps, stepSize));
    for (const program of programs) context.reserve({ program, remedy: 'Take fewer steps.' });
    for (const [m, name] of INTEGRATOR_NAMES.entries()) {
      await pacer.pause();
      const { label } = INTEGRATORS[name];
      const { p, q } = oscillate(programs[m]);
      const y = p.map((value, k) => value ** 2 + q[k] ** 2);
      lines.push({ x, y, label });
      outputs[name] = {
        kind: 'scalar',
        value: y.reduce((worst, ratio) => Math.max(worst, Math.abs(ratio - 1)), 0),
        label: `largest |E − E₀|/E₀, ${label}`,
        precision: 'float64',
      };
    }
    const view: LineView = { kind: 'line', xLabel: 't', yLabel: 'E / E₀', points: [], lines };
    const measured = INTEGRATOR_NAMES.map((name) => brief(outputs[name].value));
    return { outputs, view, status: `drifts ${measured.join(', ')}` };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { stepSize: 1, steps: 50 }],
    invalid: [
      { params: { steps: 0 }, message: /\[1, 20000\], got 0/ },
      { params: { stepSize: 2 }, message: /Step h.*got 2/ },
    ],
  },
});
