/**
 * WebGPU in Node through Dawn (the npm package `webgpu`). Import this file dynamically, before any other part of the WebGPU device, and
 * end the process with `process.exit`: Dawn's threads keep it alive.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';

/** Where Chromium's packages keep SwiftShader and the Vulkan loader. */
const CHROMIUM_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
const SYSTEM_DRIVERS = [
  '/usr/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
];
/** dlopen: keep the library when the handle is closed. Node closes it because it is not an addon. */
const RTLD_NODELETE = 0x1000;

/** Makes Chromium's software Vulkan driver visible to Dawn where the system has none. */
function offerSoftwareDriver(): void {
  if (process.platform !== 'linux' || process.env.VK_ICD_FILENAMES) return;
  if (SYSTEM_DRIVERS.some((folder) => existsSync(folder))) return;
  const folder = CHROMIUM_FOLDERS.find((path) => existsSync(`${path}/vk_swiftshader_icd.json`));
  if (!folder) return;
  process.env.VK_ICD_FILENAMES = `${folder}/vk_swiftshader_icd.json`;
  const loader = `${folder}/libvulkan.so.1`;
  if (!existsSync(loader)) return;
  try {
    process.dlopen(
      { exports: {} },
      loader,
      constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE,
    );
  } catch {
    // Always thrown: the loader is a plain library, now resident under its name, where Dawn finds it.
  }
}

/** Sets `navigator.gpu` and WebGPU's globals. Returns false where the package is missing. */
export async function installNodeGpu(): Promise<boolean> {
  if (typeof navigator !== 'undefined' && navigator.gpu) return true;
  offerSoftwareDriver();
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch {
    return false;
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  if (typeof navigator === 'undefined')
    Object.defineProperty(globalThis, 'navigator', {
      value: { gpu, userAgent: `Node.js/${process.versions.node}` },
      configurable: true,
    });
  else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return true;
}
