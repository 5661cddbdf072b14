/** Where a run executes: a device and its stepper there, made when first needed and made again after a loss. */
import { DeviceError } from '../device/errors.ts';
import type { Device, DeviceName, Precision, Stepper, StepperSpec } from '../device/device.ts';
import type { HostArray } from '../ir/types.ts';

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
    this.name = device.name;
    this.precision = device.precision;
    const { kind, note } = stepper.mode;
    this.mode = [kind, note, reason].filter(Boolean).join('; ');
    return stepper;
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
      promise.then(resolve, reject).finally(() => (this.interrupt = null));
    });
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
