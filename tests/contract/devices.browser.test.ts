/** Every float32 device against the float64 reference, and recorded steps against eager execution, in a real browser. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createCpu64, executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import { WASM_PATHS } from '../../src/lib/runtime/device/tfjs/wasm-paths.vite.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import { CapturedStepper } from '../../src/lib/runtime/device/webgpu/captured-stepper.ts';
import { createWebGpu } from '../../src/lib/runtime/device/webgpu/device.ts';
import type { WebGpuDevice } from '../../src/lib/runtime/device/webgpu/device.ts';
import { PRODUCT_KERNELS } from '../../src/lib/runtime/device/webgpu/kernels/product-choice.ts';
import { hostFloat, hostScalar } from '../../src/lib/runtime/ir/host.ts';
import { projectOnSimplex } from '../../src/lib/nodes/regularizer/simplex-projection.ts';
import { nuclearNorm, shrinkSingularValues } from '../../src/lib/nodes/shared/polar.ts';
import {
  add,
  argmax,
  logsumexp,
  matmul,
  max,
  mul,
  reshape,
  sub,
  sum,
  transport,
  tanh,
} from '../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostUniform } from '../../src/lib/runtime/ir/random.ts';
import { sizeOf } from '../../src/lib/runtime/ir/shape.ts';
import { trace } from '../../src/lib/runtime/ir/trace.ts';
import type { ArrayType, HostArray, Shape, Value } from '../../src/lib/runtime/ir/types.ts';
import {
  checkPrimitive,
  expectClose,
  PRIMITIVES,
  SIZES,
  tolerance,
  toFloat32,
} from './support/device-agreement.ts';
import { CURVED, curvatureProgram } from './support/second-order.ts';
import { mlpSpec } from './support/mlp-step.ts';
import { SAMPLINGS, minibatchSpec } from './support/minibatch-step.ts';
import { checkDistance, DISTANCES } from './support/transport-programs.ts';

const SCALAR: ArrayType = { shape: [], dtype: 'float' };

let gpu: WebGpuDevice;
let wasm: Device;

beforeAll(async () => {
  gpu = await createWebGpu();
  wasm = await createWasm({ wasmPaths: WASM_PATHS });
});

afterAll(() => {
  gpu.dispose();
  wasm.dispose();
});

function floats(seed: number, shape: Shape): HostArray {
  const unit = hostUniform(hostKey(seed), sizeOf(shape));
  return toFloat32(
    hostFloat(
      unit.map((u) => 4 * u - 2),
      shape,
    ),
  );
}

describe.each(PRIMITIVES.filter((name) => name !== 'transport'))('%s', (primitive) => {
  it(`agrees with float64 on webgpu at sizes ${SIZES.join(', ')}`, async () => {
    for (const size of SIZES)
      await checkPrimitive(primitive, size, (program, inputs) => gpu.execute(program, inputs));
  });

  it(`agrees with float64 on wasm at sizes ${SIZES.join(', ')}`, async () => {
    for (const size of SIZES)
      await checkPrimitive(primitive, size, (program, inputs) => wasm.execute(program, inputs));
  });

  it('agrees with float64 on webgpu operation by operation, at sizes 0, 7, 65', async () => {
    for (const size of [0, 7, 65])
      await checkPrimitive(primitive, size, (program, inputs) => gpu.executeEager(program, inputs));
  });
});

describe('proximal operators that are loops', () => {
  it('threshold singular values and project on the simplex on webgpu as in float64', async () => {
    for (const shape of [
      [6, 4],
      [9, 17],
    ]) {
      const inputs = [floats(3, shape), hostScalar(1.5)];
      const program = trace(
        (a, t) => [
          nuclearNorm(a),
          shrinkSingularValues(a, t),
          projectOnSimplex(a, t, [0]),
          projectOnSimplex(a, t, [0, 1]),
        ],
        inputs,
      );
      const expected = executeSync(program, inputs);
      const got = await gpu.execute(program, inputs);
      // Of entries up to 2 in size: a sum of four or nine singular values below 20 rounds to 1e-6 of each.
      const allowed = [1e-4, 2e-5, 2e-6, 2e-6];
      expected.forEach((want, k) =>
        expectClose(got[k], want, allowed[k], `output ${k} of ${shape}`),
      );
    }
  });
});

describe.each([
  { kernels: 'workgroups that wait at barriers', barriers: true },
  { kernels: 'invocations by themselves', barriers: false },
])('large arrays on webgpu, with $kernels', ({ barriers }) => {
  let device: WebGpuDevice;

  beforeAll(async () => {
    device = await createWebGpu({ barriers });
  });

  afterAll(() => device.dispose());

  async function compare(
    fn: (...xs: Value[]) => Value[],
    inputs: HostArray[],
    terms: number,
  ): Promise<void> {
    const program = trace(fn, inputs);
    const expected = executeSync(program, inputs);
    const got = await device.execute(program, inputs);
    expected.forEach((want, k) =>
      expectClose(got[k], want, tolerance(want, 1, terms), `output ${k}`),
    );
  }

  it('reduces 200,000 elements in parts to the float64 results', async () => {
    const reduce = (x: Value): Value[] => [sum(x), max(x), argmax(x, 0), logsumexp(x)];
    await compare(reduce, [floats(1, [200_000])], 200_000);
  });

  it.each(['sum', 'max', 'argmax', 'logsumexp', 'scatterAdd'] as const)(
    'computes %s as float64 does at size 1000',
    async (primitive) => {
      await checkPrimitive(primitive, 1000, (program, inputs) => device.execute(program, inputs));
    },
  );

  it('reduces long rows and columns', async () => {
    const reduce = (x: Value): Value[] => [sum(x, 0), sum(x, 1), argmax(x, 1), logsumexp(x, 0)];
    await compare(reduce, [floats(2, [700, 300])], 700);
  });

  it('multiplies matrices whose sides are not multiples of the tile', async () => {
    const product = (a: Value, b: Value): Value[] => [matmul(a, b), matmul(b, a)];
    await compare(product, [floats(3, [130, 61]), floats(4, [61, 130])], 130);
  });

  it('refuses what exceeds the adapter, naming needed and allowed bytes, before allocating', async () => {
    const n = 60_000;
    const outer = trace(
      (x) => [matmul(x, x, { transposeB: true })],
      [{ shape: [n, 1], dtype: 'float' }],
    );
    const before = await device.memoryBytes();
    await expect(
      device.execute(outer, [hostFloat(new Float64Array(n), [n, 1])]),
    ).rejects.toMatchObject({
      name: 'DeviceError',
      code: 'memory',
      message: expect.stringMatching(/14400000000 bytes/),
    });
    expect(await device.memoryBytes()).toBe(before);
  });
});

describe.each(PRODUCT_KERNELS)('the matrix product kernel %s', (product) => {
  let device: WebGpuDevice;

  beforeAll(async () => {
    device = await createWebGpu({ barriers: true, product });
  });

  afterAll(() => device.dispose());

  // 33 columns of the tiles of 32 and 64 leave edges along every axis; the activation and bias are fused behind the product.
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('multiplies batches with edges, transposed %s and %s', async (transposeA, transposeB) => {
    const [B, m, k, n] = [2, 67, 19, 33];
    const a = floats(5, transposeA ? [B, k, m] : [B, m, k]);
    const b = floats(6, transposeB ? [B, n, k] : [B, k, n]);
    const inputs = [a, b, floats(7, [n])];
    const program = trace(
      (x, y, bias) => [tanh(add(matmul(x, y, { transposeA, transposeB }), bias))],
      inputs,
    );
    const [want] = executeSync(program, inputs);
    const [got] = await device.execute(program, inputs);
    expectClose(got, want, tolerance(want, 1, k), product);
  });
});

describe('second derivatives', () => {
  // Curvatures here are at most about 1 and vanish in the tails; float32 evaluates them to a few roundings of the terms they cancel from.
  const TOLERANCE = 5e-6;

  it.each(Object.keys(CURVED))('of %s are right on every device, also far from 0', async (name) => {
    const { program, inputs } = curvatureProgram(name);
    const [want] = executeSync(program, inputs);
    for (const x of want.data) expect(Number.isFinite(x)).toBe(true);
    for (const execute of [
      () => gpu.execute(program, inputs),
      () => gpu.executeEager(program, inputs),
      () => wasm.execute(program, inputs),
    ]) {
      const [got] = await execute();
      expectClose(got, want, TOLERANCE, name);
    }
  });
});

describe('a recorded step', () => {
  it('of an MLP agrees with eager execution for its first 30 steps and is then replayed', async () => {
    const stepper = await gpu.createStepper(mlpSpec(0.1, {}, 30));
    expect(stepper.mode).toEqual({ kind: 'captured' });
    const rows = await stepper.advance(30, 1);
    const reference = await createCpu64().createStepper(mlpSpec(0.1));
    const expected = await reference.advance(30, 1);
    expect(rows.steps).toEqual(expected.steps);
    // Thirty steps of gradient descent amplify float32 roundings of the gradient (1e−6) little: the loss falls monotonically.
    rows.values.forEach((x, i) => expect(Math.abs(x - expected.values[i])).toBeLessThan(1e-5));
    stepper.dispose();
  });

  it('gives the same rows in one advance as in several', async () => {
    const one = await gpu.createStepper(mlpSpec(0.1));
    const several = await gpu.createStepper(mlpSpec(0.1));
    const whole = await one.advance(20, 5);
    const parts = [
      await several.advance(7, 5),
      await several.advance(1, 5),
      await several.advance(12, 5),
    ];
    expect(parts.flatMap((rows) => rows.steps)).toEqual(whole.steps);
    expect(parts.flatMap((rows) => [...rows.values])).toEqual([...whole.values]);
    const seconds = parts.flatMap((rows) => rows.seconds);
    expect(seconds[0]).toBe(0);
    for (let i = 1; i < seconds.length; i += 1) expect(seconds[i]).toBeGreaterThan(seconds[i - 1]);
    one.dispose();
    several.dispose();
  });

  it('reads a live scalar anew with each chunk', async () => {
    const step = trace(
      (x, rate) => [sub(x, mul(rate, x))],
      [{ shape: [3], dtype: 'float' }, SCALAR],
    );
    const metrics = trace((x) => [sum(x)], [{ shape: [3], dtype: 'float' }, SCALAR]);
    const state = [hostFloat([8, 16, 24])];
    const stepper = await gpu.createStepper({ step, metrics, state, data: [], live: [0.5] });
    await stepper.advance(1, 1);
    expect([...(await stepper.readState())[0].data]).toEqual([4, 8, 12]);
    stepper.setLive([0.25]);
    await stepper.advance(1, 1);
    expect([...(await stepper.readState())[0].data]).toEqual([3, 6, 9]);
    stepper.setLive([0]);
    await stepper.advance(5, 1);
    expect([...(await stepper.readState())[0].data]).toEqual([3, 6, 9]);
    stepper.dispose();
  });

  it.each(SAMPLINGS)(
    'draws minibatches (%s) on the device: the same points as in float64, for 40 steps over several epochs',
    async (sampling) => {
      const { spec, indicesOf } = minibatchSpec(sampling);
      const stepper = await gpu.createStepper({ ...spec, verifySteps: 30 });
      expect(stepper.mode.kind).toBe('captured');
      const reference = await createCpu64().createStepper(spec);
      for (let step = 0; step < 40; step += 1) {
        await stepper.advance(1, 1000);
        await reference.advance(1, 1000);
        const [got, want] = [await stepper.readState(), await reference.readState()];
        expect(Array.from(indicesOf(got))).toEqual(Array.from(indicesOf(want)));
        want.forEach((x, k) =>
          expectClose(got[k], x, tolerance(x, 20, 1), `step ${step}, state ${k}`),
        );
      }
      stepper.dispose();
    },
  );

  it('goes back to a checkpoint exactly', async () => {
    const stepper = await gpu.createStepper(mlpSpec(0.1));
    await stepper.advance(5, 5);
    const checkpoint = await stepper.readState();
    const first = await stepper.advance(10, 5);
    stepper.restore(checkpoint, 5, 0.25);
    const second = await stepper.advance(10, 5);
    expect(second.steps).toEqual(first.steps);
    expect([...second.values]).toEqual([...first.values]);
    expect(second.seconds[0]).toBeGreaterThan(0.25);
    stepper.dispose();
  });

  it('wraps its ring of metrics without losing rows', async () => {
    const step = trace((x) => [add(x, 1)], [SCALAR]);
    const metrics = trace((x) => [x, mul(x, 2)], [SCALAR]);
    const state = [hostFloat([0], [])];
    const stepper = await gpu.createStepper({ step, metrics, state, data: [], live: [] });
    const rows = await stepper.advance(2500, 1);
    expect(rows.steps).toEqual(Array.from({ length: 2501 }, (_, i) => i));
    expect([...rows.values]).toEqual(rows.steps.flatMap((i) => [i, 2 * i]));
    stepper.dispose();
  });

  it.each(['captured', 'eager'] as const)(
    'reads metrics that are arrays entry by entry, %s',
    async (kind) => {
      const types = [{ shape: [130], dtype: 'float' as const }, SCALAR];
      const step = trace((x, k) => [add(x, 1), add(k, 1)], types);
      const metrics = trace((x, k) => [k, reshape(x, [13, 10]), mul(k, 2)], types);
      const start = Array.from({ length: 130 }, (_, i) => 1000 * i);
      const state = [hostFloat(start), hostFloat([0], [])];
      const spec = { step, metrics, state, data: [], live: [] };
      const stepper =
        kind === 'captured' ? await gpu.createStepper(spec) : await gpu.createEagerStepper(spec);
      expect(stepper.mode.kind).toBe(kind);
      const rows = await stepper.advance(20, 4);
      expect([...rows.values]).toEqual(
        [0, 4, 8, 12, 16, 20].flatMap((k) => [k, ...start.map((x) => x + k), 2 * k]),
      );
      stepper.dispose();
    },
  );

  it('frees everything it allocated', async () => {
    const before = await gpu.memoryBytes();
    const stepper = await gpu.createStepper(mlpSpec(0.1));
    await stepper.advance(3, 1);
    expect(await gpu.memoryBytes()).toBeGreaterThan(before);
    stepper.dispose();
    expect(await gpu.memoryBytes()).toBe(before);
    await expect(stepper.advance(1, 1)).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('eager execution', () => {
  it('steps as the recorded step does, and frees its tensors', async () => {
    const before = await gpu.memoryBytes();
    const eager = await gpu.createEagerStepper(mlpSpec(0.1));
    const captured = await CapturedStepper.create(gpu.gpu, mlpSpec(0.1));
    const [a, b] = [await eager.advance(3, 1), await captured.advance(3, 1)];
    expect(a.steps).toEqual(b.steps);
    a.values.forEach((x, i) => expect(Math.abs(x - b.values[i])).toBeLessThan(1e-6));
    eager.dispose();
    captured.dispose();
    expect(await gpu.memoryBytes()).toBe(before);
  });
});

describe('a recording that disagrees with eager execution', () => {
  it('is dropped: the run goes on eagerly and says why', async () => {
    const before = await gpu.memoryBytes();
    const step = trace((x) => [add(x, 1)], [SCALAR]);
    const metrics = trace((x) => [x], [SCALAR]);
    const spec = { step, metrics, state: [hostFloat([0], [])], data: [], live: [] };
    const eager = vi.spyOn(gpu, 'executeEager').mockResolvedValue([hostFloat([1.5], [])]);
    const stepper = await gpu.createStepper(spec).finally(() => eager.mockRestore());
    expect(stepper.mode.kind).toBe('eager');
    expect(stepper.mode.note).toMatch(/step 1 the recording disagreed .* recorded 1, eager 1\.5/);
    expect([...(await stepper.advance(3, 1)).values]).toEqual([0, 1, 2, 3]);
    stepper.dispose();
    expect(await gpu.memoryBytes()).toBe(before);
  });
});

describe('a lost device', () => {
  it('says so, and rejects what is asked of its steppers', async () => {
    const device = await createWebGpu();
    const stepper = await CapturedStepper.create(device.gpu, mlpSpec(0.1));
    const work = stepper.advance(2000, 1);
    device.gpu.device.destroy();
    await expect(work).rejects.toMatchObject({ name: 'DeviceError', code: 'lost' });
    expect(await device.lost).toBeTypeOf('string');
    await expect(stepper.readState()).rejects.toMatchObject({ code: 'lost' });
    await expect(device.createStepper(mlpSpec(0.1))).rejects.toMatchObject({ code: 'lost' });
  });
});

describe('distances between clouds on webgpu', () => {
  it.each(Object.entries(DISTANCES))(
    'have the values and gradients of float64: %s',
    async (_, f) => {
      for (const apart of [0, 30])
        await checkDistance(f, apart, (program, inputs) => gpu.execute(program, inputs));
    },
  );
});

describe('an exact transport plan on webgpu', () => {
  it('is refused with the reason, by itself and in a step', async () => {
    const types: ArrayType[] = [
      { shape: [2, 2], dtype: 'float' },
      { shape: [2], dtype: 'float' },
      { shape: [2], dtype: 'float' },
    ];
    const inputs = [hostFloat([0, 1, 1, 0], [2, 2]), hostFloat([0.5, 0.5]), hostFloat([0.5, 0.5])];
    const program = trace((cost, a, b) => [transport(cost, a, b).plan], types);
    const refusal = /expected a program of GPU kernels alone, got an exact transport plan/;
    await expect(gpu.execute(program, inputs)).rejects.toThrow(refusal);
    const step = trace((cost, a, b) => [transport(cost, a, b).plan, a, b], types);
    const metrics = trace((cost) => [sum(cost)], types);
    await expect(
      gpu.createStepper({ step, metrics, state: inputs, data: [], live: [] }),
    ).rejects.toThrow(refusal);
  });
});
