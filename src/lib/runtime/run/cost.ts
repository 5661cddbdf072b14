/** What a run takes, from its programs alone, before anything of it is computed. */
import { bufferBytes } from '../device/cpu64/index.ts';
import { estimate } from '../ir/estimate.ts';
import { sizeOf } from '../ir/shape.ts';
import type { ArrayType, Program } from '../ir/types.ts';
import { REFUSED, secondsOf } from './budget.ts';
import type { Cost } from './budget.ts';
import type { TracedPlan } from './compile-plan.ts';
import type { Expectation } from './devices.ts';

/** The float64 copies of a state: the initial one and the last two that were read back; and the checkpoint, here and on the page. */
const STATES = 3;
const CHECKPOINTS = 2;
/** Of the parameters: initial, present, and while they are taken out of a state. */
const ITERATES = 3;

export interface RunCost extends Cost {
  readonly stepSeconds: number;
  /** Bytes of the parameters and of a state; of the largest array that lasts, and of the largest that a step computes. */
  readonly parameters: number;
  readonly state: number;
  readonly largest: { readonly lasting: number; readonly intermediate: number };
}

export function runCost(traced: TracedPlan, { precision, lead }: Expectation): RunCost {
  const { start, init, step, metrics } = traced;
  const parameters = total(start.outputs);
  const state = total(init.outputs);
  const host = ITERATES * parameters + (STATES + CHECKPOINTS) * state;
  // Two states on the device, what a step computes, and what measuring does.
  const device =
    precision === 'float64'
      ? bufferBytes(step) + bufferBytes(metrics) + 2 * state
      : estimate(step, 4).peakBytes + estimate(metrics, 4).peakBytes + state;
  const begin = bufferBytes(start) + bufferBytes(init) + 2 * (parameters + state);
  return {
    bytes: Math.max(host + device, begin),
    stepSeconds: (secondsOf(estimate(step)) + secondsOf(estimate(metrics)) / traced.pace) / lead,
    seconds: secondsOf(estimate(start)) + secondsOf(estimate(init)),
    parameters,
    state,
    largest: {
      lasting: Math.max(0, ...[...start.outputs, ...init.outputs].map(bytesOf)),
      intermediate: largestIn(step),
    },
  };
}

function largestIn({ equations }: Program): number {
  let most = 0;
  for (const equation of equations) {
    for (const output of equation.outputs) most = Math.max(most, bytesOf(output));
    if (equation.primitive === 'loop') most = Math.max(most, largestIn(equation.params.body));
  }
  return most;
}

const bytesOf = ({ shape }: ArrayType): number => 8 * sizeOf(shape);

function total(types: readonly ArrayType[]): number {
  return types.reduce((sum, type) => sum + bytesOf(type), 0);
}

/** Copies of the parameters in a state that only methods with a memory exceed; Adam keeps three. */
const FEW_COPIES = 4.5;
/** What a run of Adam takes in all, in copies of the parameters. */
const ADAM_COPIES = 25;

/** What to do about a run that takes too much, by what it is made of; `half` where a device with float32 would do. */
export function remedyOf(
  { parameters, state, largest }: RunCost,
  params: Readonly<Record<string, unknown>>,
  half: boolean,
): string {
  const device = half ? ' Or choose a device with float32, wasm or webgpu.' : '';
  if (state > FEW_COPIES * parameters && ADAM_COPIES * parameters <= REFUSED.bytes) {
    const memory = typeof params.memory === 'number' && params.memory > 1;
    const fewer = memory ? `Lower its memory of ${String(params.memory)} pairs, or use` : 'Use';
    return `${fewer} Adam or gradient descent, which keep fewer copies of the parameters.${device}`;
  }
  if (largest.intermediate > 1.5 * largest.lasting) {
    const batches = typeof params.batchSize === 'number';
    const fewer = !batches
      ? 'Take fewer samples, or Adam or SGD with a batch size'
      : params.batchSize === 0
        ? 'Set a batch size'
        : 'Take a smaller batch size, or fewer samples where it is the measuring of all that takes most';
    return `${fewer}, or a smaller model.${device}`;
  }
  return `Make the model smaller, with narrower or fewer layers.${device}`;
}
