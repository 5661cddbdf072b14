/** Wrong things in experiments with equations, flows and optimal transport. */
import type { ModelValue, VelocityField } from '../../../../src/lib/runtime/graph/ports.ts';
import { div, floor, mul, sub } from '../../../../src/lib/runtime/ir/ops.ts';
import { after, model } from './kinds.ts';
import type { Mutants } from './kinds.ts';

type Field = VelocityField['at'];

const withField =
  (change: (at: Field) => Field) =>
  ({ density }: ModelValue): Partial<ModelValue> => {
    const flow = density?.flow;
    if (!density || !flow) throw new Error('no flow');
    return { density: { ...density, flow: { ...flow, at: change(flow.at) } } };
  };

/** A velocity in whole parts of 2⁻¹⁰, which has no derivatives. */
const rounded = withField((at) => (parameters, z, t) => {
  const { velocity, divergence } = at(parameters, z, t);
  return { velocity: div(floor(mul(velocity, 1024)), 1024), divergence };
});

/** A density e³ times too large. */
const smallerDivergence = withField((at) => (parameters, z, t) => {
  const { velocity, divergence } = at(parameters, z, t);
  return { velocity, divergence: sub(divergence, 3) };
});

export const flows: Mutants = {
  'checkerboard-flow': [
    {
      wrong: 'a divergence that is too small',
      params: after(1, 'adam'),
      nodes: { 'model/cnf': model(smallerDivergence) },
      fails: ['floor-check', 'mass-check'],
      slow: true,
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['excess-check'], slow: true },
    {
      wrong: 'one coarse step in place of a solver',
      params: { ...after(40, 'adam'), flow: { steps: 1 }, mass: { solver: 'model' } },
      fails: ['mass-check'],
      slow: true,
    },
  ],
  'eight-gaussians-flow': [
    {
      wrong: 'a divergence that is too small',
      params: after(1, 'adam'),
      nodes: { 'model/cnf': model(smallerDivergence) },
      fails: ['floor-check', 'mass-check'],
      slow: true,
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['excess-check'], slow: true },
    {
      wrong: 'a quarter of the steps',
      params: after(75, 'adam'),
      fails: ['excess-check'],
      slow: true,
    },
    {
      wrong: 'one coarse step in place of a solver',
      params: { ...after(40, 'adam'), flow: { steps: 1 }, mass: { solver: 'model' } },
      fails: ['mass-check'],
      slow: true,
    },
  ],
  'moons-transport-flow': [
    {
      wrong: 'no transport cost',
      params: { transport: { lambda: 0 }, ...after(60, 'ot', 'free') },
      fails: ['saved-check'],
      slow: true,
    },
    { wrong: 'one step', params: after(1, 'ot', 'free'), fails: ['excess-check'] },
  ],
  'sinkhorn-generator': [
    { wrong: 'one step', params: after(1, 'adam'), fails: ['near'] },
    {
      wrong: 'a linear generator',
      params: { generator: { widths: [] } },
      fails: ['near'],
      slow: true,
    },
  ],
  'sinkhorn-limit': [
    {
      wrong: 'a large ε',
      params: { small: { unit: 'mean', entropicReg: 1 } },
      fails: ['below', 'sharper'],
    },
    {
      wrong: 'a plan for other points',
      wires: ['target.dataset > small.source'],
      fails: ['above'],
    },
    {
      wrong: 'ε in another order',
      params: { large: { entropicReg: 0.05 } },
      fails: ['blurred'],
    },
    {
      wrong: 'three iterations',
      params: { middle: { maxIterations: 12, tolerance: 1e-13 } },
      fails: ['rate-check', 'gap-check'],
    },
  ],
  'adjoint-orders': [
    {
      wrong: 'methods exchanged',
      params: { euler: { method: 'rk4' }, rk4: { method: 'euler' } },
      fails: ['euler-order', 'rk4-order'],
    },
    {
      wrong: 'a velocity without derivatives',
      nodes: { 'model/cnf': model(rounded) },
      fails: ['euler-gradient', 'rk4-gradient'],
    },
  ],
  kantorovich: [
    { wrong: 'one point more', params: { source: { samples: 61 } }, fails: ['pairs'] },
    {
      wrong: 'three iterations of Sinkhorn in the place of a linear program',
      types: { plan: 'check/sinkhorn' },
      params: { plan: { maxIterations: 3 } },
      fails: ['gap'],
    },
  ],
  'resnet-ode': [
    {
      wrong: 'methods in another order',
      nodes: {
        'view/integrator-orders': ({ euler, midpoint, rk4, symplectic, verlet }) => ({
          euler: midpoint,
          midpoint: rk4,
          rk4: symplectic,
          symplectic: verlet,
          verlet: euler,
        }),
      },
      fails: ['euler-order', 'midpoint-order', 'rk4-order', 'symplectic-order', 'verlet-order'],
    },
    {
      wrong: 'a larger step',
      params: { energy: { stepSize: 0.11 } },
      fails: ['euler-energy', 'symplectic-energy', 'verlet-energy'],
    },
  ],
  'wasserstein-1d': [
    { wrong: 'equal weights', params: { program: { weights: 'uniform' } }, fails: ['agree'] },
    { wrong: 'another spread', params: { wide: { spread: 1 } }, fails: ['closed'] },
  ],
  'wasserstein-flow': [
    {
      wrong: 'a step of another length',
      params: {
        whole: { stepSize: 49 },
        half: { stepSize: 26 },
        ...after(9, 'ten'),
      },
      fails: ['lands', 'midway', 'quarter', 'rate'],
    },
  ],
};
