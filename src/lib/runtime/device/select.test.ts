import { describe, expect, it } from 'vitest';
import { hostFloat } from '../ir/host.ts';
import { hostWork as findHostWork } from '../ir/host-work.ts';
import { constant, loop, transport } from '../ir/ops.ts';
import { trace } from '../ir/trace.ts';
import type { ArrayType } from '../ir/types.ts';
import { createDeviceManager, GPU_FLOPS, selectDevice, WASM_FLOPS } from './select.ts';
import type { Machine } from './select.ts';

const real: Machine = { wasm: true, gpu: { label: 'Radeon', software: false } };
const software: Machine = { wasm: true, gpu: { label: 'SwiftShader', software: true } };
const bare: Machine = { wasm: false, gpuMissing: 'no WebGPU here' };

describe('auto', () => {
  it('runs small problems in float64 whatever the machine has', () => {
    for (const machine of [real, software, bare])
      expect(selectDevice({ flopsPerStep: 20_000 }, machine)).toEqual({
        name: 'cpu64',
        reason: 'a step takes about 20,000 operations: float64 is fast enough and more precise',
      });
  });

  it('runs large problems on a real GPU', () => {
    const { name, reason } = selectDevice({ flopsPerStep: GPU_FLOPS }, real);
    expect(name).toBe('webgpu');
    expect(reason).toContain('Radeon');
  });

  it('counts a software adapter as none', () => {
    const { name, reason } = selectDevice({ flopsPerStep: WASM_FLOPS }, software);
    expect(name).toBe('wasm');
    expect(reason).toContain('software (SwiftShader)');
  });

  it('has float64 left where there is neither GPU nor WebAssembly', () => {
    expect(selectDevice({ flopsPerStep: 1e12 }, bare).name).toBe('cpu64');
  });
});

describe('work for the host', () => {
  const hostWork = 'an exact plan';

  it('runs in float64 on the CPU, however large', () => {
    const { name, reason } = selectDevice({ flopsPerStep: 1e9, hostWork }, real);
    expect(name).toBe('cpu64');
    expect(reason).toContain('an exact plan');
  });

  it('runs in float64, saying why, where WebGPU was chosen by hand', async () => {
    const manager = createDeviceManager();
    const { device, reason } = await manager.choose({
      choice: 'webgpu',
      flopsPerStep: 1,
      bytes: 1,
      hostWork,
    });
    expect(device.name).toBe('cpu64');
    expect(reason).toBe(
      'webgpu was chosen, but each step needs an exact plan, which a GPU cannot do',
    );
    manager.dispose();
  });

  it('is found in the body of a loop', () => {
    const types: ArrayType[] = [{ shape: [2, 2], dtype: 'float' }];
    const inLoop = trace((cost) => {
      const weights = constant(hostFloat([0.5, 0.5]));
      const body = () => ({ carry: [transport(cost, weights, weights).f] });
      return loop({ steps: 2, carry: [weights], body }).carry;
    }, types);
    expect(findHostWork(inLoop)).toContain('linear program');
    expect(findHostWork(trace((x) => [x], types))).toBeUndefined();
  });
});

describe('the device manager', () => {
  it('hands out the same device again', async () => {
    const manager = createDeviceManager();
    const request = { choice: 'cpu64', flopsPerStep: 1, bytes: 1 } as const;
    const [first, second] = [await manager.choose(request), await manager.choose(request)];
    expect(second.device).toBe(first.device);
    manager.dispose();
  });

  it('refuses WebGPU where there is none, naming the alternatives', async () => {
    const manager = createDeviceManager();
    await expect(
      manager.choose({ choice: 'webgpu', flopsPerStep: 1, bytes: 1 }),
    ).rejects.toMatchObject({
      name: 'DeviceError',
      code: 'unavailable',
      message: expect.stringContaining('Use cpu64 or wasm'),
    });
    manager.dispose();
  });

  it('takes another device in place of one that was lost, even where that was chosen by hand', async () => {
    const manager = createDeviceManager();
    const small = { choice: 'webgpu', flopsPerStep: 100, bytes: 1, without: ['webgpu'] } as const;
    const chosen = await manager.choose(small);
    expect(chosen.device.name).toBe('cpu64');
    expect(chosen.reason).toBe(
      'webgpu was lost; a step takes about 100 operations: float64 is fast enough and more precise',
    );
    manager.dispose();
  });

  it('lists every device with a note', async () => {
    const manager = createDeviceManager();
    const report = await manager.report('auto');
    expect(report.chosen).toBe('cpu64');
    expect(report.available.map((device) => [device.name, device.available])).toEqual([
      ['cpu64', true],
      ['wasm', true],
      ['webgpu', false],
    ]);
    for (const { note } of report.available) expect(note).not.toBe('');
  });
});
