/** What becomes of a run whose device failed. */
import type { DeviceName } from '../device/device.ts';
import { DeviceError } from '../device/errors.ts';

/** Losses after which a device is made again. */
const MAX_LOSSES = 3;

/** `again`: on a new device of the kind; `without`: where `auto` has it without that kind; null: it fails. */
export type Remedy = 'again' | 'without' | null;

export class Recovery {
  /** Devices lost for good. */
  without: readonly DeviceName[] = [];
  private losses = 0;

  /** A device was lost. */
  lose(): void {
    this.losses += 1;
  }

  /**
   * A lost device is made again a few times. One that is lost once more, or that is not to be had again, is given up.
   *
   * @param device the one the run was on, or was to be on
   * @param begun whether it has a state to go on from
   */
  remedy(error: unknown, device: DeviceName, begun: boolean): Remedy {
    if (!(error instanceof DeviceError)) return null;
    if (error.code === 'abandoned' || error.code === 'disposed') return null;
    const lost = error.code === 'lost';
    if (lost) this.lose();
    if (lost && this.losses <= MAX_LOSSES) return 'again';
    // Below the CPU there is nothing, and what was never had is not missed.
    if (device === 'cpu64' || (!lost && this.losses === 0 && !begun)) return null;
    this.without = [...this.without, device];
    return 'without';
  }
}
