/** Finding a GPU, and telling real ones from software. */
import { DeviceError } from '../errors.ts';

export interface GpuHandle {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  /** What a person reads. */
  readonly label: string;
  /** Rendered by the CPU: correct, and slower than the other devices. */
  readonly software: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software/i;

export function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter ||
    SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`)
  );
}

export function adapterLabel(info: GPUAdapterInfo): string {
  const named = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  return named || 'GPU';
}

/** Limits that compute needs, raised from WebGPU's defaults to what the adapter has. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** The page's or process's WebGPU entry point, if there is one. */
export function gpuOf(): GPU | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.gpu;
}

export async function requestAdapter(): Promise<GPUAdapter | undefined> {
  const gpu = gpuOf();
  if (!gpu) return undefined;
  return (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined;
}

export async function requestGpu(): Promise<GpuHandle> {
  const adapter = await requestAdapter();
  if (!adapter)
    throw new DeviceError(
      'unavailable',
      `webgpu: expected a WebGPU adapter, got ${gpuOf() ? 'none from this browser' : 'a browser without WebGPU'}. Use cpu64 or wasm.`,
    );
  const requiredLimits: Record<string, number> = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({ label: 'adjoint', requiredLimits });
  const { info } = adapter;
  return { device, info, label: adapterLabel(info), software: isSoftware(info) };
}
