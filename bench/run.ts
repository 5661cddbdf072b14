/**
 * Time per step of full-batch gradient descent on a 2-32-32-1 tanh MLP with 256 points: this runtime against its peers.
 *
 * Everything runs in one Node process; WebGPU is Dawn (the npm package `webgpu`) on one adapter for all. Where the machine has no GPU driver, that
 * is Chromium's SwiftShader, which computes on the same cores as this thread: totals then compare kernels on a CPU, while host times
 * keep their meaning.
 *
 * Total: until the device has finished the steps; the median of several repeats, each of as many steps as take about a second.
 * Host time: the calling thread is busy issuing steps; the median over batches of ten steps, each begun with an idle device, because a software
 * adapter's threads otherwise preempt the thread that is measured. All is measured after a warm-up. All contestants start at the same weights, and the comparison is
 * void unless their losses after the same number of steps agree.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { installNodeGpu } from '../src/lib/runtime/device/webgpu/node.ts';
import type { Contestant } from './contestants/contestant.ts';

const STEP_SIZE = 0.1;
/** Losses are compared after this many steps. */
const CHECKED_STEPS = 51;
/** Float32 trajectories of a smooth descent stay this close to the float64 one (losses are about 0.08 there). */
const LOSS_TOLERANCE = 1e-4;
const REPEATS = 5;
const REPEAT_MS = 1000;
const HOST_BATCH = 10;
const HOST_BATCHES = 50;
/** Slow contestants do fewer batches. */
const HOST_MS = 5000;

interface Result {
  readonly name: string;
  readonly form: string;
  readonly loss: number;
  readonly stepsPerRepeat: number;
  /** Milliseconds a step, by batch and by repeat. */
  readonly host: number[];
  readonly total: number[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function measure(contestant: Contestant): Promise<Result> {
  const trainer = await contestant.prepare(STEP_SIZE);
  await trainer.train(CHECKED_STEPS - 1);
  const loss = await trainer.loss();
  const pilot = await trainer.train(20);
  const steps = Math.min(5000, Math.max(10, Math.round((REPEAT_MS * 20) / pilot.total)));
  const total: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1)
    total.push((await trainer.train(steps)).total / steps);
  const host: number[] = [];
  const end = performance.now() + HOST_MS;
  while (host.length < 3 || (host.length < HOST_BATCHES && performance.now() < end))
    host.push((await trainer.train(HOST_BATCH)).host / HOST_BATCH);
  trainer.dispose();
  const { name, form } = contestant;
  return { name, form, loss, stepsPerRepeat: steps, host, total };
}

function milliseconds(x: number): string {
  return x.toPrecision(3).padStart(9);
}

await installNodeGpu();
const { requestAdapter, adapterLabel, isSoftware } =
  await import('../src/lib/runtime/device/webgpu/adapter.ts');
const adapter = await requestAdapter();
if (!adapter) {
  console.error(
    'bench: expected a WebGPU adapter, got none. Install a Vulkan driver, or Chromium for SwiftShader.',
  );
  process.exit(1);
}
const label = `${adapterLabel(adapter.info)}${isSoftware(adapter.info) ? ' (software)' : ''}`;
console.log(`MLP 2-32-32-1, 256 points, full-batch gradient descent; ms per step, medians`);
console.log(
  `WebGPU: Dawn in Node ${process.versions.node}, ${label}; CPU: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n`,
);

// tfjs's own backend goes before ours, which takes over its name.
const { tfjsWebGpu, tfjsWasm } = await import('./contestants/tfjs.ts');
const { jaxJs } = await import('./contestants/jax-js.ts');
const adjoint = await import('./contestants/adjoint.ts');
const contestants = [
  tfjsWebGpu,
  tfjsWasm,
  jaxJs,
  adjoint.recorded,
  adjoint.eager,
  adjoint.wasm,
  adjoint.cpu64,
];

const results: Result[] = [];
for (const contestant of contestants) {
  const result = await measure(contestant);
  results.push(result);
  console.log(
    `${result.name.padEnd(26)} host ${milliseconds(median(result.host))}  total ${milliseconds(median(result.total))}` +
      `  loss ${result.loss.toFixed(6)}  (${result.form})`,
  );
}

const byName = (name: string): Result => {
  const found = results.find((result) => result.name === name);
  if (!found) throw new Error(`bench: no result named ${name}`);
  return found;
};
const own = byName('adjoint webgpu, recorded');
console.log('\nadjoint webgpu, recorded, against');
const ratios = results
  .filter((result) => result !== own)
  .map(({ name, host, total }) => {
    const ratio = {
      name,
      host: median(own.host) / median(host),
      total: median(own.total) / median(total),
    };
    console.log(
      `${name.padEnd(26)} host × ${ratio.host.toPrecision(2).padEnd(8)} total × ${ratio.total.toPrecision(2)}`,
    );
    return ratio;
  });

const reference = byName('adjoint cpu64').loss;
const strayed = results.filter(({ loss }) => !(Math.abs(loss - reference) <= LOSS_TOLERANCE));
for (const { name, loss } of strayed)
  console.error(
    `void: ${name} has loss ${loss} after ${CHECKED_STEPS} steps, float64 has ${reference}`,
  );
const peer = ratios.find(({ name }) => name === 'tfjs webgpu, eager');
const fastHost = peer !== undefined && peer.host <= 1 / 20;
const fastTotal = peer !== undefined && peer.total <= 1;
console.log(
  `\nhost at most 1/20 of eager tfjs-webgpu: ${fastHost ? 'yes' : 'no'}; total no worse: ${fastTotal ? 'yes' : 'no'}`,
);

const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const file = new URL(`${new Date().toISOString().replace(/[:.]/g, '-')}.json`, folder);
const machine = {
  adapter: label,
  node: process.versions.node,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
};
writeFileSync(file, `${JSON.stringify({ machine, results, ratios }, null, 2)}\n`);
console.log(`wrote ${file.pathname}`);

// Dawn's threads would keep the process.
process.exit(strayed.length === 0 ? 0 : 1);
