/**
 * Conjugate gradients for kernel ridge regression without a stored kernel matrix, on the WebGPU device: milliseconds an iteration and bytes of
 * GPU buffers against the number of samples n, and the solution against the float64 one at a smaller n.
 *
 * The problem: D standard normal features, y = sin(x₁) + x₂x₃/2 + noise, Gaussian kernel with σ = √D, so that entries of K are spread over
 * (0, 1), and λ = 10⁻³. A step is one product with K (n²(3D + 10) operations, of which the 10 count the exponential) and a few products of vectors.
 *
 * Checked: buffers grow no faster than n (bytes a sample at the largest n are at most 1.1 times those at the smallest), and in float32 the solution is as near to (K + nλI)⁻¹y as
 * rounding allows: ‖α − α*‖ ≤ 8·κ·2⁻²⁴·‖α*‖ with κ ≤ (n + nλ)/(nλ) the condition number, 8 for what rounds in an entry of K.
 *
 * tsx bench/kernel-cg.ts [n,n,…] [n of the comparison] [D] [iterations]
 */
import { installNodeGpu } from '../src/lib/runtime/device/webgpu/node.ts';
import { hostFloat } from '../src/lib/runtime/ir/host.ts';
import { hostFoldIn, hostKey, hostNormal } from '../src/lib/runtime/ir/random.ts';
import { compilePlan, initialParameters } from '../src/lib/runtime/run/compile-plan.ts';
import { batchKey, initialKey } from '../src/lib/runtime/run/keys.ts';
import { dataset, loss, model, plan, values } from '../tests/contract/support/problems.ts';

const [
  sizesText = '5000,10000,20000',
  comparedText = '2000',
  featuresText = '8',
  stepsText = '20',
] = process.argv.slice(2);
const SIZES = sizesText.split(',').map(Number);
const COMPARED = Number(comparedText);
const D = Number(featuresText);
const STEPS = Number(stepsText);
const LAMBDA = 1e-3;
const REPEATS = 3;
const NO_METRICS = Number.MAX_SAFE_INTEGER;

if (![...SIZES, COMPARED, D, STEPS].every((x) => Number.isInteger(x) && x > 0) || D < 3) {
  console.error(
    'kernel-cg: expected sizes n,n,…, n, D ≥ 3 and a number of iterations, all positive whole numbers.',
  );
  process.exit(2);
}

function regression(n: number) {
  const key = hostKey(n);
  const x = hostNormal(hostFoldIn(key, 1), n * D);
  const noise = hostNormal(hostFoldIn(key, 2), n);
  const y = Float64Array.from(
    noise,
    (e, i) => Math.sin(x[i * D]) + 0.5 * x[i * D + 1] * x[i * D + 2] + 0.1 * e,
  );
  return dataset(hostFloat(x, [n, D]), values(y));
}

async function problem(n: number) {
  const kernel = { kernel: 'gaussian', bandwidth: Math.sqrt(D), lambda: LAMBDA };
  const objective = await loss(
    'loss/squared-error',
    await model('model/kernel', regression(n), kernel),
  );
  const runPlan = await plan('optimizer/conjugate-gradient', objective);
  const x0 = initialParameters(runPlan, initialKey(0));
  return { objective, compiled: compilePlan(runPlan, { x0, key: batchKey(0) }) };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

await installNodeGpu();
const { createWebGpu } = await import('../src/lib/runtime/device/webgpu/device.ts');
const { CapturedStepper } = await import('../src/lib/runtime/device/webgpu/captured-stepper.ts');
const { makePlan } = await import('../src/lib/runtime/device/webgpu/plan.ts');
const { layOut } = await import('../src/lib/runtime/device/webgpu/layout.ts');

const device = await createWebGpu();
console.log(`${device.description}; D = ${D}, Gaussian kernel, conjugate gradients, float32`);

const failures: string[] = [];
const rows: { n: number; bytes: number }[] = [];
for (const n of SIZES) {
  const { compiled } = await problem(n);
  const begin = performance.now();
  const before = await device.memoryBytes();
  // Not `device.createStepper`, which compares with eager execution first and so holds a block of the matrix for a moment.
  const stepper = await CapturedStepper.create(device.gpu, compiled.spec);
  const ready = performance.now() - begin;
  const bytes = (await device.memoryBytes()) - before;
  const layout = layOut(makePlan(compiled.spec.step, device.gpu.limits));
  const widest = Math.max(...layout.slots.map((slot) => slot.bytes));
  await stepper.advance(1, NO_METRICS);
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const start = performance.now();
    await stepper.advance(STEPS, NO_METRICS);
    await stepper.readState();
    times.push((performance.now() - start) / STEPS);
  }
  const best = Math.min(...times);
  const work = n * n * (3 * D + 10);
  console.log(
    `n = ${String(n).padStart(6)}: ${best.toPrecision(4)} ms an iteration (${times.map((t) => t.toPrecision(4)).join(', ')}), ` +
      `${(work / best / 1e6).toPrecision(3)} Gflop/s, ${stepper.dispatchesPerStep} dispatches; ` +
      `buffers ${megabytes(bytes)}, scratch of a step ${megabytes(layout.scratchBytes)}, largest ${megabytes(widest)} ` +
      `(K would take ${megabytes(4 * n * n)}); ready in ${(ready / 1000).toFixed(1)} s`,
  );
  rows.push({ n, bytes });
  stepper.dispose();
}
const [first, final] = [rows[0], rows[rows.length - 1]];
const ratio = final.bytes / final.n / (first.bytes / first.n);
console.log(`bytes a sample, n = ${final.n} over n = ${first.n}: ${ratio.toFixed(3)}`);
if (!(ratio <= 1.1)) failures.push('buffers grow faster than n');

const { objective, compiled } = await problem(COMPARED);
const stepper = await device.createStepper(compiled.spec);
console.log(
  `n = ${COMPARED} against float64: ${stepper.mode.kind === 'captured' ? 'recorded, its first steps agree with eager execution' : `not recorded: ${JSON.stringify(stepper.mode)}`}`,
);
if (stepper.mode.kind !== 'captured') failures.push('the step was not recorded');
const certificate = await objective.certify?.({}, new AbortController().signal);
if (!certificate?.minimiser) throw new Error('kernel-cg: expected a direct solution');
const [{ data: expected }] = certificate.minimiser;
const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));
const tolerance = 8 * ((1 + LAMBDA) / LAMBDA) * 2 ** -24;
let deviation = NaN;
for (let done = 0; done < 200; done += 20) {
  const measured = await stepper.advance(20, 20);
  // Rows may end with the iterate.
  const width = measured.values.length / measured.steps.length;
  const residual =
    measured.values[measured.values.length - width + compiled.columns.indexOf('residual')];
  const [{ data: got }] = compiled.parameters(await stepper.readState());
  deviation = norm(Array.from(got, (a, i) => a - expected[i])) / norm(expected);
  console.log(
    `after ${done + 20} iterations: ‖α − α*‖/‖α*‖ = ${deviation.toExponential(2)}, ‖b − Aα‖ = ${residual.toExponential(2)}`,
  );
  if (deviation <= tolerance && done >= 40) break;
}
if (!(deviation <= tolerance))
  failures.push(
    `α deviates by ${deviation.toExponential(2)}, more than ${tolerance.toExponential(2)}`,
  );
else console.log(`within ${tolerance.toExponential(2)} = 8 κ 2⁻²⁴`);

for (const failure of failures) console.error(`failed: ${failure}`);
// Dawn's threads would keep the process.
process.exit(failures.length === 0 ? 0 : 1);
