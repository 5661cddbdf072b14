/**
 * Matrix products on a GPU: every kernel of this runtime at the shapes that training meets, and tfjs's own, in one process on one adapter.
 *
 * Milliseconds a product, the median of several submissions of as many products as take about 50 ms, until the device has finished. The
 * last column is the kernel that the runtime chooses by the shape. Software adapters are slow at barriers: their numbers say nothing.
 */
import { installNodeGpu } from '../src/lib/runtime/device/webgpu/node.ts';
import { matmul, sum } from '../src/lib/runtime/ir/ops.ts';
import { hostFloat } from '../src/lib/runtime/ir/host.ts';
import { hostKey, hostNormal } from '../src/lib/runtime/ir/random.ts';
import { trace } from '../src/lib/runtime/ir/trace.ts';

interface Shape {
  readonly name: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const SHAPES: readonly Shape[] = [
  { name: 'small layer', m: 256, k: 32, n: 32 },
  { name: 'its weight gradient', m: 32, k: 256, n: 32, transposeA: true },
  { name: 'digits layer', m: 1024, k: 64, n: 128 },
  { name: 'its weight gradient', m: 64, k: 1024, n: 128, transposeA: true },
  { name: 'wide layer', m: 1024, k: 512, n: 512 },
  { name: 'its weight gradient', m: 512, k: 1024, n: 512, transposeA: true },
  { name: 'its input gradient', m: 1024, k: 512, n: 512, transposeB: true },
  { name: 'square', m: 2048, k: 2048, n: 2048 },
  { name: 'kernel times coefficients', m: 4096, k: 4096, n: 1 },
];
const REPEATS = 7;
const REPEAT_MS = 50;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

async function clock(run: (count: number) => Promise<unknown>, count: number): Promise<number> {
  const start = performance.now();
  await run(count);
  return performance.now() - start;
}

async function time(run: (count: number) => Promise<unknown>): Promise<number> {
  await run(2);
  let count = 4;
  let spent = await clock(run, count);
  while (spent < REPEAT_MS / 4 && count < 4096) {
    count *= 2;
    spent = await clock(run, count);
  }
  const steps = Math.max(1, Math.min(8192, Math.round((count * REPEAT_MS) / spent)));
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i += 1) times.push((await clock(run, steps)) / steps);
  return median(times);
}

await installNodeGpu();
const { requestAdapter, adapterLabel } =
  await import('../src/lib/runtime/device/webgpu/adapter.ts');
const adapter = await requestAdapter();
if (!adapter) {
  console.error('bench: expected a WebGPU adapter, got none. Install a Vulkan driver.');
  process.exit(1);
}
console.log(`Matrix products, ms each, on ${adapterLabel(adapter.info)}`);

const tf = await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
tf.env().set('WEBGPU_CPU_FORWARD', false);
await tf.setBackend('webgpu');
const matrix = (seed: number, rows: number, columns: number) =>
  hostFloat(hostNormal(hostKey(seed), rows * columns).map(Math.fround), [rows, columns]);
const operands = ({ m, k, n, transposeA, transposeB }: Shape) => [
  matrix(1, transposeA ? k : m, transposeA ? m : k),
  matrix(2, transposeB ? n : k, transposeB ? k : n),
];

const peers: number[] = [];
for (const shape of SHAPES) {
  const [a, b] = operands(shape).map((x) =>
    tf.tensor2d(Float32Array.from(x.data), [x.shape[0], x.shape[1]]),
  );
  const { transposeA = false, transposeB = false } = shape;
  peers.push(
    await time(async (count) => {
      let last = tf.matMul(a, b, transposeA, transposeB);
      for (let i = 1; i < count; i += 1) {
        last.dispose();
        last = tf.matMul(a, b, transposeA, transposeB);
      }
      const one = last.slice([0, 0], [1, 1]);
      await one.data();
      last.dispose();
      one.dispose();
    }),
  );
  tf.dispose([a, b]);
}

const { createWebGpu } = await import('../src/lib/runtime/device/webgpu/device.ts');
const { CapturedStepper } = await import('../src/lib/runtime/device/webgpu/captured-stepper.ts');
const { PRODUCT_KERNELS, productKernel } =
  await import('../src/lib/runtime/device/webgpu/kernels/product-choice.ts');

const columns = [...PRODUCT_KERNELS];
console.log(
  `${'m×k×n'.padEnd(44)}${'tfjs'.padStart(10)}${columns.map((c) => c.padStart(11)).join('')}   chosen`,
);
for (const [row, shape] of SHAPES.entries()) {
  const { transposeA = false, transposeB = false } = shape;
  const data = operands(shape);
  const step = trace(
    (c, a, b) => [matmul(a, b, { transposeA, transposeB })],
    [hostFloat(new Float64Array(shape.m * shape.n), [shape.m, shape.n]), ...data],
  );
  const metrics = trace((c) => [sum(c)], [step.outputs[0], ...data]);
  const state = [hostFloat(new Float64Array(shape.m * shape.n), [shape.m, shape.n])];
  const cells: string[] = [];
  for (const product of columns) {
    const device = await createWebGpu({ barriers: true, product });
    const stepper = await CapturedStepper.create(device.gpu, {
      step,
      metrics,
      state,
      data,
      live: [],
    });
    const ms = await time((count) => stepper.advance(count, Number.MAX_SAFE_INTEGER));
    stepper.dispose();
    device.dispose();
    cells.push(ms.toFixed(4).padStart(11));
  }
  const equation = step.equations.find(({ primitive }) => primitive === 'matmul');
  const chosen = equation?.primitive === 'matmul' ? productKernel(equation, true) : 'none';
  const { m, k, n, name } = shape;
  console.log(
    `${`${m}×${k}×${n} ${name}`.padEnd(44)}${peers[row].toFixed(4).padStart(10)}${cells.join('')}   ${chosen}`,
  );
}
// Dawn's threads would keep the process.
process.exit(0);
