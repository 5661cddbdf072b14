import type { HostArray, Program } from '../ir/types.ts';

export type DeviceName = 'cpu64' | 'webgpu' | 'wasm';
export type DeviceChoice = DeviceName | 'auto';
export type Precision = 'float64' | 'float32';

export function precisionOf(name: DeviceName): Precision {
  return name === 'cpu64' ? 'float64' : 'float32';
}

/** Executes programs. One instance per worker or process and device name. */
export interface Device {
  readonly name: DeviceName;
  readonly precision: Precision;
  /** What a person reads beside a number, e.g. "NVIDIA RTX 4060 (WebGPU, float32)". */
  readonly description: string;
  /** Resolves with the reason when the device is gone (GPU lost); never otherwise. */
  readonly lost: Promise<string>;

  /** Runs a program once. Inputs in the order of `program.inputs`; outputs widened to host arrays. */
  execute(program: Program, inputs: readonly HostArray[]): Promise<HostArray[]>;
  /** Prepares repeated stepping; may capture. Throws DeviceError when the problem does not fit. */
  createStepper(spec: StepperSpec): Promise<Stepper>;
  dispose(): void;
}

/**
 * An iteration as pure functions of (state, data, live).
 * `step` maps [...state, ...data, ...live] to the next state; `metrics` maps the same inputs to float arrays, most of them scalars.
 * Step counters, schedules, minibatch indices and random keys are part of the state.
 */
export interface StepperSpec {
  readonly step: Program;
  readonly metrics: Program;
  readonly state: readonly HostArray[];
  readonly data: readonly HostArray[];
  /** Float scalars that may change between chunks (step size, λ). */
  readonly live: readonly number[];
  /** How many first steps of a capture are compared with eager execution before it is trusted (3 in the app). */
  readonly verifySteps?: number;
}

/** Rows of metrics, oldest first: each the entries of all metrics in their order. */
export interface MetricRows {
  /** Steps done when the row was measured (0 is the initial state). */
  readonly steps: number[];
  readonly values: Float64Array;
  /** Solver seconds since the run began when the row was measured; the evaluation of metrics is excluded. */
  readonly seconds: number[];
}

export interface Stepper {
  /** Steps done since creation or `restore`. */
  readonly stepsDone: number;
  /** How it executes, for the page: captured replay, eager, interpreted, and why if it fell back. */
  readonly mode: { readonly kind: 'captured' | 'eager' | 'interpreted'; readonly note?: string };
  /**
   * Does `count` steps, measuring metrics after every step whose index is a multiple of `every` (and before the first step of a
   * run). Resolves when the rows have been read back.
   */
  advance(count: number, every: number): Promise<MetricRows>;
  setLive(live: readonly number[]): void;
  readState(): Promise<HostArray[]>;
  /** Puts a checkpoint back; the seconds continue from `seconds`. */
  restore(state: readonly HostArray[], stepsDone: number, seconds: number): void;
  dispose(): void;
}
