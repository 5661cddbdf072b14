/** Chooses a device for a problem, and keeps one of each kind. Tells why, in words for the page. */
import type { DeviceManager, DeviceRequest } from '../run/devices.ts';
import type { DeviceReport } from '../run/protocol.ts';
import { createCpu64 } from './cpu64/index.ts';
import type { Device, DeviceChoice, DeviceName } from './device.ts';
import { DeviceError } from './errors.ts';
import type { WasmOptions } from './tfjs/wasm.ts';
import { adapterLabel, gpuOf, isSoftware, requestAdapter } from './webgpu/adapter.ts';

/** From this many operations a step on, a real GPU's lead outweighs float64. */
export const GPU_FLOPS = 1e6;
/** From this many operations a step on, WebAssembly's lead outweighs float64 (it is about five times the interpreter there). */
export const WASM_FLOPS = 2e7;

/** Against the float64 interpreter, roughly and rather low: `bench/widths.ts`. */
const LEADS: Readonly<Record<DeviceName, number>> = { cpu64: 1, wasm: 5, webgpu: 100 };
const SOFTWARE_GPU_LEAD = 2;

export interface Machine {
  /** A WebGPU adapter, if there is one. */
  readonly gpu?: { readonly label: string; readonly software: boolean };
  /** Why there is no adapter. */
  readonly gpuMissing?: string;
  readonly wasm: boolean;
}

export interface Selection {
  readonly name: DeviceName;
  readonly reason: string;
}

/** 12,000 or 3.4 million. */
function operations(flops: number): string {
  if (flops >= 1e9) return `${(flops / 1e9).toPrecision(2)} billion operations`;
  if (flops >= 1e6) return `${(flops / 1e6).toPrecision(2)} million operations`;
  return `${Math.round(flops).toLocaleString('en')} operations`;
}

/** The choice of `auto`, a function of the problem and the machine only. */
export function selectDevice(
  request: Pick<DeviceRequest, 'flopsPerStep' | 'hostWork'>,
  machine: Machine,
): Selection {
  const { flopsPerStep, hostWork } = request;
  if (hostWork !== undefined)
    return { name: 'cpu64', reason: `each step needs ${hostWork}, on the CPU` };
  const size = `a step takes about ${operations(flopsPerStep)}`;
  const { gpu } = machine;
  if (gpu && !gpu.software && flopsPerStep >= GPU_FLOPS)
    return { name: 'webgpu', reason: `${size}: large enough for the GPU (${gpu.label})` };
  const without = !gpu
    ? 'there is no GPU here'
    : gpu.software
      ? `the GPU here is software (${gpu.label})`
      : 'the GPU would not gain';
  if (flopsPerStep >= WASM_FLOPS && machine.wasm)
    return { name: 'wasm', reason: `${size}: large enough for float32, and ${without}` };
  return { name: 'cpu64', reason: `${size}: float64 is fast enough and more precise` };
}

/** Looks at the machine without opening a device. */
export async function inspectMachine(): Promise<Machine> {
  const wasm = typeof WebAssembly !== 'undefined';
  if (!gpuOf()) return { wasm, gpuMissing: 'no WebGPU here' };
  try {
    const adapter = await requestAdapter();
    if (!adapter) return { wasm, gpuMissing: 'WebGPU found no adapter' };
    return { wasm, gpu: { label: adapterLabel(adapter.info), software: isSoftware(adapter.info) } };
  } catch (error) {
    return { wasm, gpuMissing: error instanceof Error ? error.message : String(error) };
  }
}

export interface DeviceManagerOptions {
  readonly wasmPaths?: WasmOptions['wasmPaths'];
  /** Provides `navigator.gpu` where the platform has none: `installNodeGpu` of webgpu/node.ts. */
  readonly installGpu?: () => Promise<boolean>;
}

/** The devices of one worker, page or process. Each is made when first needed, and again after it was lost. */
export function createDeviceManager(options: DeviceManagerOptions = {}): DeviceManager {
  const devices = new Map<DeviceName, Promise<Device>>();
  let installed: Promise<unknown> | undefined;
  let machine: Promise<Machine> | undefined;
  /** The machine as last inspected; before that, one without a GPU. */
  let seen: Machine = { wasm: typeof WebAssembly !== 'undefined' };

  const inspect = (): Promise<Machine> =>
    (machine ??= (async () => {
      await (installed ??= options.installGpu?.() ?? Promise.resolve());
      return (seen = await inspectMachine());
    })());

  const make = async (name: DeviceName): Promise<Device> => {
    switch (name) {
      case 'cpu64':
        return createCpu64();
      case 'wasm': {
        const { createWasm } = await import('./tfjs/wasm.ts');
        return createWasm(options.wasmPaths === undefined ? {} : { wasmPaths: options.wasmPaths });
      }
      case 'webgpu': {
        await inspect();
        const { createWebGpu } = await import('./webgpu/device.ts');
        return createWebGpu();
      }
    }
  };

  const open = (name: DeviceName): Promise<Device> => {
    let device = devices.get(name);
    if (!device) {
      const made = make(name);
      device = made;
      devices.set(name, made);
      const forget = (): void => {
        if (devices.get(name) === made) devices.delete(name);
        if (name === 'webgpu') machine = undefined;
      };
      made.then((opened) => opened.lost.then(forget)).catch(forget);
    }
    return device;
  };

  const choose: DeviceManager['choose'] = async (request) => {
    const { without = [] } = request;
    if (without.length > 0) {
      const { gpu, ...rest } = await inspect();
      const left: Machine = {
        wasm: rest.wasm && !without.includes('wasm'),
        ...(gpu && !without.includes('webgpu') ? { gpu } : {}),
      };
      const { name, reason } = selectDevice(request, left);
      return { device: await open(name), reason: `${without.join(' and ')} was lost; ${reason}` };
    }
    if (request.choice === 'webgpu' && request.hostWork !== undefined)
      return {
        device: await open('cpu64'),
        reason: `webgpu was chosen, but each step needs ${request.hostWork}, which a GPU cannot do`,
      };
    if (request.choice !== 'auto')
      return { device: await open(request.choice), reason: 'chosen by hand' };
    const { name, reason } = selectDevice(request, await inspect());
    try {
      return { device: await open(name), reason };
    } catch (error) {
      if (name === 'cpu64' || !(error instanceof DeviceError)) throw error;
      const next = name === 'webgpu' && request.flopsPerStep >= WASM_FLOPS ? 'wasm' : 'cpu64';
      return {
        device: await open(next),
        reason: `${name} was the choice, but did not open: ${error.message}`,
      };
    }
  };

  const expect: DeviceManager['expect'] = (request) => {
    const { choice, hostWork } = request;
    const impossible = choice === 'webgpu' && hostWork !== undefined;
    const name =
      choice === 'auto' ? selectDevice(request, seen).name : impossible ? 'cpu64' : choice;
    const software = name === 'webgpu' && seen.gpu?.software === true;
    return {
      precision: name === 'cpu64' ? 'float64' : 'float32',
      lead: software ? SOFTWARE_GPU_LEAD : LEADS[name],
    };
  };

  const report = async (choice: DeviceChoice): Promise<DeviceReport> => {
    const { gpu, gpuMissing, wasm } = await inspect();
    const available: DeviceReport['available'] = [
      { name: 'cpu64', available: true, note: 'float64, exact to about 15 digits' },
      {
        name: 'wasm',
        available: wasm,
        note: wasm ? 'float32 on one CPU core' : 'no WebAssembly here',
      },
      {
        name: 'webgpu',
        available: gpu !== undefined,
        note: !gpu
          ? (gpuMissing ?? 'no adapter')
          : gpu.software
            ? `${gpu.label}: a GPU in software, used only when chosen`
            : `${gpu.label}, float32`,
      },
    ];
    const large =
      gpu && !gpu.software ? `the GPU (${gpu.label})` : wasm ? 'WebAssembly (float32)' : 'the same';
    const chosen = choice === 'auto' ? 'cpu64' : choice;
    const reason =
      choice === 'auto'
        ? `small problems run in float64 on the CPU, large ones on ${large}`
        : 'chosen by hand';
    const description =
      chosen === 'webgpu'
        ? `${gpu?.label ?? 'no GPU'} (WebGPU, float32)`
        : chosen === 'wasm'
          ? 'CPU (WebAssembly, float32)'
          : 'CPU (float64)';
    const precision = chosen === 'cpu64' ? 'float64' : 'float32';
    return { choice, chosen, reason, description, precision, available };
  };

  return {
    choose,
    expect,
    report,
    dispose: () => {
      for (const device of devices.values())
        device.then((opened) => opened.dispose()).catch(() => undefined);
      devices.clear();
    },
  };
}
