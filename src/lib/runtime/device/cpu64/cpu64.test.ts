import { describe, expect, it } from 'vitest';
import { hostFloat, hostInt, hostScalar } from '../../ir/host.ts';
import { add, cast, mul, reshape, sub, sum } from '../../ir/ops.ts';
import { trace } from '../../ir/trace.ts';
import type { ArrayType, Program, Value } from '../../ir/types.ts';
import type { StepperSpec } from '../device.ts';
import { createCpu64, executeSync } from './index.ts';

const float = (...shape: number[]): ArrayType => ({ shape, dtype: 'float' });

/** x ← x − rate·(x − target), and a counter. */
function spec(overrides: Partial<StepperSpec> = {}): StepperSpec {
  const types: ArrayType[] = [float(2), { shape: [], dtype: 'int' }, float(2), float()];
  const step = trace((x, n, target, rate) => [sub(x, mul(rate, sub(x, target))), add(n, 1)], types);
  const metrics = trace((x, n) => [sum(x), cast(n, 'float')], types);
  return {
    step,
    metrics,
    state: [hostFloat([8, 16]), hostInt([0], [])],
    data: [hostFloat([0, 0])],
    live: [0.5],
    ...overrides,
  };
}

describe('executeSync', () => {
  it('returns arrays that later calls do not change, and leaves the inputs alone', () => {
    const program = trace((x) => [x, mul(x, 2), reshape(x, [1, 2])], [float(2)]);
    const first = hostFloat([1, 2]);
    const results = executeSync(program, [first]);
    executeSync(program, [hostFloat([5, 6])]);
    expect(results.map((x) => [...x.data])).toEqual([
      [1, 2],
      [2, 4],
      [1, 2],
    ]);
    results[0].data[0] = 99;
    expect(first.data[0]).toBe(1);
  });

  it('names the input that does not fit', () => {
    const program = trace((x) => [x], [float(2)]);
    expect(() => executeSync(program, [hostFloat([1, 2, 3])])).toThrow(
      'executeSync(input 0): expected float [2], got float [3].',
    );
    expect(() => executeSync(program, [])).toThrow('executeSync: expected 1 inputs, got 0.');
  });
});

describe('the stepper', () => {
  it('measures before the first step and after every step that is a multiple of `every`', async () => {
    const stepper = await createCpu64().createStepper(spec());
    const first = await stepper.advance(4, 2);
    expect(first.steps).toEqual([0, 2, 4]);
    expect([...first.values]).toEqual([24, 0, 6, 2, 1.5, 4]);
    const second = await stepper.advance(3, 2);
    expect(second.steps).toEqual([6]);
    expect(stepper.stepsDone).toBe(7);
    expect(stepper.mode.kind).toBe('interpreted');
  });

  it('has seconds that never decrease', async () => {
    const stepper = await createCpu64().createStepper(spec());
    const { seconds } = await stepper.advance(100, 1);
    expect(seconds[0]).toBe(0);
    expect(seconds.every((s, k) => k === 0 || s >= seconds[k - 1])).toBe(true);
  });

  it('applies live values from the next chunk on', async () => {
    const stepper = await createCpu64().createStepper(spec());
    await stepper.advance(1, 1);
    stepper.setLive([1]);
    await stepper.advance(1, 1);
    expect((await stepper.readState()).map((x) => [...x.data])).toEqual([[0, 0], [2]]);
  });

  it('reads copies of the state that later steps do not overwrite', async () => {
    const initial = spec();
    const stepper = await createCpu64().createStepper(initial);
    const before = await stepper.readState();
    await stepper.advance(1, 1);
    expect([...before[0].data]).toEqual([8, 16]);
    expect([...initial.state[0].data]).toEqual([8, 16]);
  });

  it('repeats exactly after a restore, seconds continuing', async () => {
    const stepper = await createCpu64().createStepper(spec());
    await stepper.advance(3, 1);
    const checkpoint = await stepper.readState();
    const first = await stepper.advance(5, 1);
    stepper.restore(checkpoint, 3, 10);
    const again = await stepper.advance(5, 1);
    expect(again.steps).toEqual(first.steps);
    expect([...again.values]).toEqual([...first.values]);
    expect(again.seconds[0]).toBeGreaterThanOrEqual(10);
  });

  it('measures the initial state again after a rewind to step 0', async () => {
    const initial = spec();
    const stepper = await createCpu64().createStepper(initial);
    const first = await stepper.advance(2, 1);
    stepper.restore(initial.state, 0, 0);
    const again = await stepper.advance(2, 1);
    expect(again.steps).toEqual(first.steps);
    expect([...again.values]).toEqual([...first.values]);
  });

  it('handles a step that exchanges its state arrays', async () => {
    const types = [float(1), float(1)];
    const swap: Program = trace((a: Value, b: Value) => [b, a], types);
    const metrics = trace((a) => [reshape(a, [])], types);
    const stepper = await createCpu64().createStepper({
      step: swap,
      metrics,
      state: [hostFloat([1]), hostFloat([2])],
      data: [],
      live: [],
    });
    const rows = await stepper.advance(3, 1);
    expect([...rows.values]).toEqual([1, 2, 1, 2]);
  });

  it('refuses a step that does not return the state', async () => {
    const types = [float()];
    const wrong = trace((x) => [x, x], types);
    await expect(
      createCpu64().createStepper({
        step: wrong,
        metrics: trace((x) => [x], types),
        state: [hostScalar(1)],
        data: [],
        live: [],
      }),
    ).rejects.toThrow(
      'createStepper(step): expected outputs as the state, (float []), got (float [], float [])',
    );
  });

  it('puts the entries of metrics that are arrays one after another into a row', async () => {
    const metrics = trace((x, n) => [cast(n, 'float'), x], spec().step.inputs);
    const stepper = await createCpu64().createStepper(spec({ metrics }));
    const rows = await stepper.advance(1, 1);
    expect(rows.values).toHaveLength(2 * 3);
    const [{ data }] = await stepper.readState();
    expect([...rows.values].slice(3)).toEqual([1, ...data]);
  });

  it('refuses metrics that are not float arrays', async () => {
    const metrics = trace((x, n) => [x, n], spec().step.inputs);
    await expect(createCpu64().createStepper(spec({ metrics }))).rejects.toThrow(
      'createStepper(metrics): expected float arrays as outputs, got (float [2], int []).',
    );
  });

  it('refuses to go on once disposed', async () => {
    const stepper = await createCpu64().createStepper(spec());
    stepper.dispose();
    await expect(stepper.advance(1, 1)).rejects.toMatchObject({ code: 'disposed' });
  });
});
