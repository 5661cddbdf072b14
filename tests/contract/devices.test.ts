/** WebAssembly in Node against the float64 reference; the browser suite covers every device. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpu64, executeSync } from '../../src/lib/runtime/device/cpu64/index.ts';
import type { Device } from '../../src/lib/runtime/device/device.ts';
import { createWasm } from '../../src/lib/runtime/device/tfjs/wasm.ts';
import {
  checkPrimitive,
  expectClose,
  PRIMITIVES,
  SIZES,
  tolerance,
} from './support/device-agreement.ts';
import { SAMPLINGS, minibatchSpec } from './support/minibatch-step.ts';
import { mlpSpec } from './support/mlp-step.ts';
import { CURVED, curvatureProgram } from './support/second-order.ts';
import { checkDistance, DISTANCES, EXACT } from './support/transport-programs.ts';

let wasm: Device;

beforeAll(async () => {
  wasm = await createWasm();
});

afterAll(() => wasm.dispose());

describe('wasm', () => {
  it.each(PRIMITIVES)(
    `computes %s as float64 does, at sizes ${SIZES.join(', ')}`,
    async (primitive) => {
      for (const size of SIZES)
        await checkPrimitive(primitive, size, (program, inputs) => wasm.execute(program, inputs));
    },
  );

  it.each(Object.keys(CURVED))(
    'has the second derivatives of %s right, also far from 0',
    async (name) => {
      const { program, inputs } = curvatureProgram(name);
      const [want] = executeSync(program, inputs);
      const [got] = await wasm.execute(program, inputs);
      expectClose(got, want, 5e-6, name);
    },
  );

  it.each(Object.entries({ ...DISTANCES, ...EXACT }))(
    'has the values and gradients of float64: %s',
    async (_, distance) => {
      for (const apart of [0, 30])
        await checkDistance(distance, apart, (program, inputs) => wasm.execute(program, inputs));
    },
  );

  it('trains an MLP along the float64 trajectory', async () => {
    const stepper = await wasm.createStepper(mlpSpec(0.1));
    const reference = await createCpu64().createStepper(mlpSpec(0.1));
    const [rows, expected] = [await stepper.advance(30, 10), await reference.advance(30, 10)];
    expect(rows.steps).toEqual([0, 10, 20, 30]);
    rows.values.forEach((x, i) => expect(Math.abs(x - expected.values[i])).toBeLessThan(1e-5));
    for (let i = 1; i < 4; i += 1) expect(rows.seconds[i]).toBeGreaterThan(rows.seconds[i - 1]);
    stepper.dispose();
  });

  it.each(SAMPLINGS)(
    'draws the same minibatches (%s) as float64 and returns exactly to a checkpoint',
    async (sampling) => {
      const { spec, indicesOf } = minibatchSpec(sampling);
      const stepper = await wasm.createStepper(spec);
      const reference = await createCpu64().createStepper(spec);
      await stepper.advance(9, 1000);
      await reference.advance(9, 1000);
      const [got, want] = [await stepper.readState(), await reference.readState()];
      expect(Array.from(indicesOf(got))).toEqual(Array.from(indicesOf(want)));
      want.forEach((x, k) => expectClose(got[k], x, tolerance(x, 20, 1), `state ${k}`));

      const first = await stepper.advance(5, 1);
      stepper.restore(got, 9, 1);
      const second = await stepper.advance(5, 1);
      expect([...second.values]).toEqual([...first.values]);
      expect(second.steps).toEqual(first.steps);
      expect(second.seconds[0]).toBeGreaterThan(1);
      stepper.dispose();
    },
  );

  it('reads live scalars with each chunk, refuses another count of them, and frees its tensors', async () => {
    const tf = await import('@tensorflow/tfjs-core');
    const before = tf.memory().numTensors;
    const stepper = await wasm.createStepper(mlpSpec(0));
    const rows = await stepper.advance(2, 1);
    expect(rows.values[2]).toBe(rows.values[0]);
    stepper.setLive([0.1]);
    const moved = await stepper.advance(1, 1);
    expect(moved.values[0]).toBeLessThan(rows.values[0]);
    expect(() => stepper.setLive([])).toThrow('setLive: expected 1 numbers, got 0');
    stepper.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
