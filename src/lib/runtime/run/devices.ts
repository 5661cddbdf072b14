import { createCpu64 } from '../device/cpu64/index.ts';
import type { Device, DeviceChoice } from '../device/device.ts';
import type { DeviceReport } from './protocol.ts';

export interface DeviceRequest {
  readonly choice: DeviceChoice;
  /** Estimated floating-point operations of one step. */
  readonly flopsPerStep: number;
  /** Data and state on the device. */
  readonly bytes: number;
  /** What a step computes on the host, in words; a GPU cannot do it. */
  readonly hostWork?: string | undefined;
}

/** Hands out devices, makes lost ones again, and says why it chose. `device/select.ts` is the one of the app. */
export interface DeviceManager {
  /** @throws DeviceError when the named device is not to be had here. */
  choose(request: DeviceRequest): Promise<{ readonly device: Device; readonly reason: string }>;
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
