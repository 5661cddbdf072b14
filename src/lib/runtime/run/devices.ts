import { createCpu64 } from '../device/cpu64/index.ts';
import type { Device, DeviceChoice, DeviceName, Precision } from '../device/device.ts';
import type { DeviceReport } from './protocol.ts';

export interface DeviceRequest {
  readonly choice: DeviceChoice;
  /** Estimated floating-point operations of one step. */
  readonly flopsPerStep: number;
  /** Data and state on the device. */
  readonly bytes: number;
  /** What a step computes on the host, in words; a GPU cannot do it. */
  readonly hostWork?: string | undefined;
  /** Devices that were lost for good: another is taken, even where one of them was chosen by hand. */
  readonly without?: readonly DeviceName[];
}

/** What a run is likely to execute on, as far as is known without opening a device. */
export interface Expectation {
  readonly precision: Precision;
  /** How many times as fast as the float64 interpreter, roughly. */
  readonly lead: number;
}

/** Hands out devices, makes lost ones again, and says why it chose. `device/select.ts` is the one of the app. */
export interface DeviceManager {
  /** @throws DeviceError when the named device is not to be had here. */
  choose(request: DeviceRequest): Promise<{ readonly device: Device; readonly reason: string }>;
  /** The device that `choose` would hand out, for estimates. @default the float64 interpreter */
  expect?(request: Pick<DeviceRequest, 'choice' | 'flopsPerStep' | 'hostWork'>): Expectation;
  /** What the page shows; may look for adapters. */
  report(choice: DeviceChoice): Promise<DeviceReport>;
  dispose(): void;
}

/** The float64 interpreter only. */
export function cpu64Only(): DeviceManager {
  const device = createCpu64();
  const reason = 'the only device in use here';
  return {
    choose: async () => ({ device, reason }),
    report: async (choice) => ({
      choice,
      chosen: 'cpu64',
      reason,
      description: device.description,
      precision: device.precision,
      available: [{ name: 'cpu64', available: true, note: device.description }],
    }),
    dispose: () => device.dispose(),
  };
}
