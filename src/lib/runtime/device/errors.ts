/** Why a device refused or stopped. */
export type DeviceErrorCode =
  /** The GPU or the backend behind the device is gone; make a new device. */
  | 'lost'
  /** A buffer or the whole plan exceeds what the device allows. */
  | 'memory'
  /** This machine does not offer the device. */
  | 'unavailable'
  /** The program asks for something the device cannot execute. */
  | 'unsupported'
  /** A person stopped the run while the device was at work on it. */
  | 'abandoned'
  /** The stepper or device was disposed. */
  | 'disposed';

/** An error of a device, with a code the run engine acts upon. */
export class DeviceError extends Error {
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string) {
    super(message);
    this.name = 'DeviceError';
    this.code = code;
  }
}

/** Bytes as a person reads them: `1.2 GB`, `640 kB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  // Ends at the largest unit.
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}`;
}
