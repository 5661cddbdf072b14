import { ShapeError } from '../../ir/errors.ts';
import { hostOf, hostScalar } from '../../ir/host.ts';
import type { Buffer } from '../../ir/kernels/kernel.ts';
import { formatType, sizeOf } from '../../ir/shape.ts';
import type { ArrayType } from '../../ir/types.ts';
import type { Stepper, StepperSpec } from '../device.ts';
import { DeviceError } from '../errors.ts';
import { compile } from './compile.ts';
import { checkInputs } from './execute.ts';

/** Interprets the step program on buffers that are updated in place after each step. */
export function createCpuStepper(spec: StepperSpec): Stepper {
  const { state, data } = spec;
  const inputs = [...state, ...data, ...spec.live.map(hostScalar)];
  checkInputs('createStepper(step)', spec.step.inputs, inputs);
  checkInputs('createStepper(metrics)', spec.metrics.inputs, inputs);
  checkOutputs(spec);
  const step = compile(spec.step);
  const metrics = compile(spec.metrics);
  const sizes = spec.metrics.outputs.map(({ shape }) => sizeOf(shape));
  const copies = (): Buffer[] => state.map((array) => array.data.slice());
  // Two sets: outputs of a step may be its inputs in another order, so they are copied to the other set.
  let now = copies();
  let next = copies();
  const live = spec.live.map((x) => Float64Array.of(x));
  const rest: Buffer[] = [...data.map((array) => array.data), ...live];
  let stepsDone = 0;
  let seconds = 0;
  let initialMeasured = false;
  let disposed = false;

  const expectUsable = (): void => {
    if (disposed)
      throw new DeviceError(
        'disposed',
        'cpu64: expected a stepper in use, got one disposed. Create a new one.',
      );
  };
  const measure = (rows: Rows): void => {
    const results = metrics.run([...now, ...rest]);
    rows.steps.push(stepsDone);
    rows.seconds.push(seconds);
    results.forEach((result, m) => {
      for (let i = 0; i < sizes[m]; i++) rows.numbers.push(result[i]);
    });
  };

  return {
    get stepsDone() {
      return stepsDone;
    },
    mode: { kind: 'interpreted' },
    async advance(count, every) {
      expectUsable();
      if (!Number.isInteger(every) || every < 1) {
        throw new RangeError(`advance(every): expected a whole number ≥ 1, got ${every}.`);
      }
      const rows: Rows = { steps: [], seconds: [], numbers: [] };
      if (stepsDone === 0 && !initialMeasured) {
        measure(rows);
        initialMeasured = true;
      }
      let start = performance.now();
      for (let k = 0; k < count; k++) {
        const results = step.run([...now, ...rest]);
        for (let j = 0; j < next.length; j++) next[j].set(results[j]);
        [now, next] = [next, now];
        stepsDone++;
        if (stepsDone % every === 0) {
          seconds += (performance.now() - start) / 1000;
          measure(rows);
          start = performance.now();
        }
      }
      seconds += (performance.now() - start) / 1000;
      return { steps: rows.steps, values: Float64Array.from(rows.numbers), seconds: rows.seconds };
    },
    setLive(values) {
      if (values.length !== live.length) {
        throw new RangeError(`setLive: expected ${live.length} values, got ${values.length}.`);
      }
      values.forEach((x, j) => (live[j][0] = x));
    },
    async readState() {
      expectUsable();
      return state.map((array, j) => hostOf(array, now[j].slice()));
    },
    restore(arrays, steps, atSeconds) {
      checkInputs('restore', state, arrays);
      arrays.forEach((array, j) => now[j].set(array.data));
      stepsDone = steps;
      seconds = atSeconds;
      initialMeasured = false;
    },
    dispose() {
      disposed = true;
    },
  };
}

/** The step returns the next state, and every metric is a float array. */
function checkOutputs({ step, metrics, state }: StepperSpec): void {
  const list = (types: readonly ArrayType[]) => `(${types.map(formatType).join(', ')})`;
  const fits =
    step.outputs.length === state.length &&
    step.outputs.every((y, j) => formatType(y) === formatType(state[j]));
  if (!fits) {
    throw new ShapeError(
      'createStepper(step)',
      `outputs as the state, ${list(state)}`,
      list(step.outputs),
    );
  }
  if (!metrics.outputs.every((y) => y.dtype === 'float')) {
    throw new ShapeError(
      'createStepper(metrics)',
      'float arrays as outputs',
      list(metrics.outputs),
    );
  }
}

interface Rows {
  readonly steps: number[];
  readonly seconds: number[];
  readonly numbers: number[];
}
