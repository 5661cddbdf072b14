/** Where a run executes: a device and its stepper there, made when first needed and made again after a loss. */
import { DeviceError } from '../device/errors.ts';
import { precisionOf } from '../device/device.ts';
import type { Device, DeviceName, Precision, Stepper, StepperSpec } from '../device/device.ts';
import type { HostArray } from '../ir/types.ts';
import type { DeviceMove } from './protocol.ts';

/** After an error, a device that is being lost says so within this time. */
const LOSS_MS = 50;

export interface State {
  readonly step: number;
  /** Solver seconds. */
  readonly seconds: number;
  readonly state: readonly HostArray[];
}

export interface ChosenDevice {
  readonly device: Device;
  readonly reason: string;
}
export type ChooseDevice = () => Promise<ChosenDevice>;

export class Seat {
  /** Of the device last used; before the first, the float64 one that computed the initial state. */
  name: DeviceName = 'cpu64';
  precision: Precision = 'float64';
  mode = '';
  /** Changes of the device after the run had begun, oldest first. */
  moves: readonly DeviceMove[] = [];
  /** The device that was last given, whether a stepper was made on it or not. */
  given: DeviceName | null = null;
  stepper: Stepper | null = null;
  private device: Device | null = null;
  private interrupt: ((reason: Error) => void) | null = null;

  /** A stepper at the given state; null when `wanted` turned false meanwhile. */
  async open(
    choose: ChooseDevice,
    spec: StepperSpec,
    begin: State,
    wanted: () => boolean,
  ): Promise<Stepper | null> {
    if (this.stepper) return this.stepper;
    const { device, reason } = await this.hold(choose());
    if (!wanted()) return null;
    this.device = device;
    this.given = device.name;
    const state = begin.step === 0 ? begin.state : spec.state;
    const made = device.createStepper({ ...spec, state });
    const stepper = await this.hold(made).catch((error: unknown) => {
      void made.then(
        (late) => late.dispose(),
        () => undefined,
      );
      throw error;
    });
    if (!wanted()) {
      stepper.dispose();
      return null;
    }
    if (begin.step > 0) stepper.restore(begin.state, begin.step, begin.seconds);
    this.stepper = stepper;
    if (begin.step > 0 && device.name !== this.name)
      this.moves = [...this.moves, { step: begin.step, from: this.name, to: device.name }];
    this.name = device.name;
    this.precision = device.precision;
    const { kind, note } = stepper.mode;
    this.mode = [kind, note, reason].filter(Boolean).join('; ');
    return stepper;
  }

  /** The device of least precision that steps were done on. */
  get coarsest(): DeviceName {
    const names = [...this.moves.map(({ from }) => from), this.name];
    return names.find((name) => precisionOf(name) === 'float32') ?? this.name;
  }

  /** Which steps were done in which precision; undefined where it stayed on one device. */
  get moved(): string | undefined {
    const parts = this.moves.map(
      ({ step, from }) => `${precisionOf(from)} on ${from} up to step ${step}`,
    );
    if (parts.length === 0) return undefined;
    return `${parts.join(', then ')}, ${this.precision} on ${this.name} since`;
  }

  /** Takes the devices of a checkpoint. */
  load(name: DeviceName, moves: readonly DeviceMove[]): void {
    this.name = name;
    this.precision = precisionOf(name);
    this.moves = moves;
  }

  /** One-off evaluation on the device of the stepper. */
  execute(program: StepperSpec['metrics'], inputs: readonly HostArray[]): Promise<HostArray[]> {
    if (!this.device) throw new Error('internal: expected a device, got none.');
    return this.hold(this.device.execute(program, inputs));
  }

  /** The promise, rejecting when the device is lost meanwhile: work on a lost GPU may never settle by itself. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.interrupt = reject;
      promise
        .then(resolve, async (error: unknown) => reject(await this.causeOf(error)))
        .finally(() => {
          // What waits on the device next may have begun in between.
          if (this.interrupt === reject) this.interrupt = null;
        });
    });
  }

  /** What fails because the device is going away may fail before the device says so. */
  private async causeOf(error: unknown): Promise<unknown> {
    const { device } = this;
    if (!device || device.name === 'cpu64' || error instanceof DeviceError) return error;
    const reason = await Promise.race([
      device.lost,
      new Promise<undefined>((resolve) => setTimeout(resolve, LOSS_MS)),
    ]);
    return reason === undefined ? error : new DeviceError('lost', reason);
  }

  /** @returns whether the seat was on that device and idle, so that the caller must take up from its last state */
  lose(device: Device, reason: string): boolean {
    if (this.device !== device) return false;
    if (this.interrupt) {
      this.interrupt(new DeviceError('lost', reason));
      return false;
    }
    this.forget();
    return true;
  }

  /** Ends waiting, when the run is discarded. */
  break(): void {
    this.interrupt?.(new DeviceError('disposed', 'The run was discarded.'));
  }

  /** Ends waiting for the device, which goes on by itself. */
  abandon(): void {
    this.interrupt?.(new DeviceError('abandoned', 'The run was stopped.'));
  }

  /** Drops what is on a lost device. */
  forget(): void {
    this.interrupt = null;
    this.stepper = null;
    this.device = null;
  }

  release(): void {
    this.stepper?.dispose();
    this.forget();
  }
}
