/**
 * Where each device overtakes the others: ms per step of full-batch gradient descent on a 2-w-w-1 tanh MLP, against the width w and the
 * number of points. The operations a step are those that `auto` sees; the last column is the device that it chooses on this machine.
 */
import { installNodeGpu } from '../src/lib/runtime/device/webgpu/node.ts';
import type { Device, StepperSpec } from '../src/lib/runtime/device/device.ts';
import { createCpu64 } from '../src/lib/runtime/device/cpu64/index.ts';
import { inspectMachine, selectDevice } from '../src/lib/runtime/device/select.ts';
import { createWasm } from '../src/lib/runtime/device/tfjs/wasm.ts';
import { estimate } from '../src/lib/runtime/ir/estimate.ts';
import { mlpSpec } from '../tests/contract/support/mlp-step.ts';

const CASES = [
  { width: 8, points: 64 },
  { width: 16, points: 128 },
  { width: 32, points: 256 },
  { width: 64, points: 256 },
  { width: 128, points: 512 },
  { width: 256, points: 1024 },
  { width: 512, points: 4096 },
];
/** About this long for each measurement. */
const MS = 400;
/** A device that needs longer for one step is not asked for larger ones. */
const GIVE_UP_MS = 3000;

async function perStep(device: Device, spec: StepperSpec): Promise<number> {
  const stepper = await device.createStepper(spec);
  const run = async (count: number): Promise<number> => {
    const start = performance.now();
    await stepper.advance(count, Number.MAX_SAFE_INTEGER);
    return performance.now() - start;
  };
  await run(1);
  const pilot = await run(2);
  const count = Math.max(2, Math.min(20_000, Math.round((2 * MS) / Math.max(pilot, 0.01))));
  const times = [await run(count), await run(count), await run(count)].sort((a, b) => a - b);
  stepper.dispose();
  return times[1] / count;
}

await installNodeGpu();
const machine = await inspectMachine();
console.log(`GPU: ${machine.gpu?.label ?? 'none'}; ms per step`);
const { createWebGpu } = await import('../src/lib/runtime/device/webgpu/device.ts');
const devices: Device[] = [createCpu64(), await createWasm()];
if (machine.gpu) devices.push(await createWebGpu());
console.log(
  `${'width, points'.padEnd(16)}${'operations'.padStart(12)}${devices.map(({ name }) => name.padStart(12)).join('')}   auto`,
);
const slow = new Set<Device>();
for (const { width, points } of CASES) {
  const spec = mlpSpec(0.1, { points, width });
  const flops = estimate(spec.step).flops;
  const cells: string[] = [];
  for (const device of devices) {
    if (slow.has(device)) {
      cells.push('–'.padStart(12));
      continue;
    }
    const ms = await perStep(device, spec);
    if (ms > GIVE_UP_MS / 10) slow.add(device);
    cells.push(ms.toPrecision(3).padStart(12));
  }
  const { name } = selectDevice({ flopsPerStep: flops }, machine);
  console.log(
    `${`${width}, ${points}`.padEnd(16)}${flops.toExponential(1).padStart(12)}${cells.join('')}   ${name}`,
  );
}
// Dawn's threads would keep the process.
process.exit(0);
