/** Densities and samples of a run's model at given points, computed on the host in float64. */
import * as elementary from '../../../numerics/elementary/index.ts';
import type { Device } from '../../../runtime/device/device.ts';
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import type { EvaluateContext, ParamTable } from '../../../runtime/graph/node-definition.ts';
import { NodeError } from '../../../runtime/graph/node-error.ts';
import type { DensityModel, ModelValue, VelocityField } from '../../../runtime/graph/ports.ts';
import { hostFloat, hostScalar } from '../../../runtime/ir/host.ts';
import { mul, square, sum } from '../../../runtime/ir/ops.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { ArrayType, HostArray, Program, Value } from '../../../runtime/ir/types.ts';
import type { RunValue } from '../../../runtime/run/run-value.ts';
import { modelOf } from '../predict.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import { SolverError, dormandPrince } from './dormand-prince.ts';

/** A model with its density. */
export interface Density {
  readonly model: ModelValue;
  readonly density: DensityModel;
}

/** The density that a run fits, or what it fits instead. */
export function densityOfRun(run: RunValue, where: string): Density {
  const model = modelOf(run, where);
  if (model.density !== undefined) return { model, density: model.density };
  throw new NodeError(
    'no-density',
    `${where} (run): expected a run that fits a density, got one of ${model.title}, which maps inputs to outputs. Wire a run of a continuous normalizing flow; the node Generated samples draws from a generator.`,
    'run',
  );
}

/** Throws unless the density is of points in the plane. */
export function requirePlane({ model, density }: Density, where: string): void {
  if (density.dimension === 2) return;
  throw new NodeError(
    'shape',
    `${where} (run): expected a density of 2 features, got ${density.dimension} (${model.title}). Choose two feature columns.`,
    'run',
  );
}

const types = (model: ModelValue): ArrayType[] =>
  model.parameters.map(({ shape }) => ({ shape, dtype: 'float' }));
const points = (count: number, dimension: number): ArrayType => ({
  shape: [count, dimension],
  dtype: 'float',
});

/** Programs by density, purpose and number of points: a running flow is drawn several times a second. */
const programs = new WeakMap<DensityModel, Map<string, Program>>();

function cached(density: DensityModel, name: string, make: () => Program): Program {
  let known = programs.get(density);
  if (known === undefined) programs.set(density, (known = new Map<string, Program>()));
  let program = known.get(name);
  if (program === undefined) known.set(name, (program = make()));
  return program;
}

type Traced = (parameters: readonly Value[], points: Value) => Value;

async function evaluate(
  device: Device,
  { model, density }: Density,
  parameters: readonly HostArray[],
  x: HostArray,
  name: string,
  f: Traced,
): Promise<HostArray> {
  const count = x.shape[0];
  const program = cached(density, `${name}/${count}`, () =>
    trace(
      (...values) => [f(values.slice(0, -1), values[values.length - 1])],
      [...types(model), points(count, density.dimension)],
    ),
  );
  return (await device.execute(program, [...parameters, x]))[0];
}

/** log p by the model's own method: x [N, D] → [N]. */
export async function logProbOf(
  device: Device,
  of: Density,
  parameters: readonly HostArray[],
  x: HostArray,
): Promise<Float64Array> {
  const traced: Traced = (p, at) => of.density.logProb(p, at, null);
  return Float64Array.from((await evaluate(device, of, parameters, x, 'log-prob', traced)).data);
}

/** Draws of the base to samples, [N, D] → [N, D]. */
export function samplesOf(
  device: Device,
  of: Density,
  parameters: readonly HostArray[],
  draws: HostArray,
): Promise<HostArray> {
  const traced: Traced = (p, z) => of.density.sample(p, z);
  return evaluate(device, of, parameters, draws, 'sample', traced);
}

/** The ways of draws to samples, [N, D] → [frames, N, D]. */
export function trajectoriesOf(
  device: Device,
  of: Density,
  parameters: readonly HostArray[],
  draws: HostArray,
  frames: number,
): Promise<HostArray> {
  const { trajectory } = of.density;
  if (trajectory === undefined) {
    throw new NodeError(
      'no-trajectories',
      `Trajectories (run): expected a flow, whose samples move, got ${of.model.title}. Show samples instead.`,
      'run',
    );
  }
  const traced: Traced = (p, z) => trajectory(p, z, frames);
  return evaluate(device, of, parameters, draws, `trajectory-${frames}`, traced);
}

const FEWER = 'Take fewer points, or a smaller model.';
/** Points that are solved together: small enough for the cache, and for steps that suit them. */
const CHUNK = 2048;

export interface AdaptiveDensity {
  readonly logProb: Float64Array;
  /** ∫ ½‖v‖² dt of each point. */
  readonly transport: Float64Array;
  /** Evaluations of the velocity of a point, at most over the chunks. */
  readonly evaluations: number;
}

/** log p of a flow by Dormand–Prince in float64, whatever steps it was trained with: x [N, D] → [N]. */
export async function adaptiveLogProb(
  of: Density,
  flow: VelocityField,
  parameters: readonly HostArray[],
  x: HostArray,
  tolerance: number,
  where: string,
  { signal, reserve }: Pick<EvaluateContext<ParamTable>, 'signal' | 'reserve'>,
): Promise<AdaptiveDensity> {
  const [count, dimension] = x.shape;
  const pacer = createPacer(signal);
  const logProb = new Float64Array(count);
  const transport = new Float64Array(count);
  let evaluations = 0;
  for (let start = 0; start < count; start += CHUNK) {
    const size = Math.min(CHUNK, count - start);
    const program = fieldProgram(of, flow, size);
    // How many steps it takes shows on the way; these are few.
    if (start === 0) reserve({ program, times: 50 * Math.ceil(count / CHUNK), remedy: FEWER });
    const coordinates = size * dimension;
    const y0 = new Float64Array(coordinates + 2 * size);
    y0.set(x.data.subarray(start * dimension, start * dimension + coordinates));
    const slope = (t: number, y: Float64Array): Float64Array => {
      const z = hostFloat(y.subarray(0, coordinates), [size, dimension]);
      const [v, divergence, energy] = executeSync(program, [...parameters, z, hostScalar(t)]);
      const out = new Float64Array(y.length);
      out.set(v.data);
      out.set(divergence.data, coordinates);
      out.set(energy.data, coordinates + size);
      return out;
    };
    const solution = await solveOrExplain(where, slope, y0, {
      from: flow.horizon,
      to: 0,
      relativeTolerance: tolerance,
      absoluteTolerance: tolerance,
      pause: async () => {
        if (pacer.due()) await pacer.pause();
      },
    });
    evaluations = Math.max(evaluations, solution.evaluations);
    const { y } = solution;
    for (let i = 0; i < size; i++) {
      let squares = 0;
      for (let j = 0; j < dimension; j++) squares += y[i * dimension + j] ** 2;
      // Solved from T down to 0, an integral over time has the opposite sign.
      logProb[start + i] =
        -0.5 * squares - (dimension / 2) * elementary.log(2 * Math.PI) + y[coordinates + i];
      transport[start + i] = -y[coordinates + size + i];
    }
  }
  return { logProb, transport, evaluations };
}

/** [z, t] → [v, ∇·v, ½‖v‖²] of `count` points. */
function fieldProgram({ model, density }: Density, flow: VelocityField, count: number): Program {
  return cached(density, `field/${count}`, () =>
    trace(
      (...values) => {
        const z = values[values.length - 2];
        const { velocity, divergence } = flow.at(values.slice(0, -2), z, values[values.length - 1]);
        return [velocity, divergence, mul(sum(square(velocity), 1), 0.5)];
      },
      [...types(model), points(count, density.dimension), { shape: [], dtype: 'float' }],
    ),
  );
}

/** A failure of the solver as what is wrong with the node. */
async function solveOrExplain(where: string, ...args: Parameters<typeof dormandPrince>) {
  try {
    return await dormandPrince(...args);
  } catch (error) {
    if (!(error instanceof SolverError)) throw error;
    throw new NodeError(
      error.code,
      `${where}: ${error.message} Lower the step size of the optimizer, or shorten the time T of the flow.`,
      'run',
    );
  }
}
