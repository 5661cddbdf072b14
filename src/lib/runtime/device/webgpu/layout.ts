/**
 * Assigns the values of a plan to buffers. Liveness is known, so buffers are shared between values that are never alive together; the
 * result tells what an execution needs before anything is allocated.
 */
import { sizeOf } from '../../ir/shape.ts';
import type { HostArray, Value } from '../../ir/types.ts';
import { DeviceError, formatBytes } from '../errors.ts';
import type { Kernel } from './kernels/kernel.ts';
import type { Plan, PlanItem } from './plan.ts';

/** A buffer of the layout. */
export interface Slot {
  bytes: number;
  /** Given by the caller (inputs and outputs), or filled once from a constant. */
  readonly source: 'scratch' | 'external' | HostArray;
}

export type Dispatch =
  | { readonly kind: 'dispatch'; readonly kernel: Kernel; readonly slots: readonly number[] }
  /** `steps` times, alternating between `even` and `odd`. */
  | {
      readonly kind: 'repeat';
      readonly steps: number;
      readonly even: readonly Dispatch[];
      readonly odd: readonly Dispatch[];
    };

export interface Layout {
  readonly slots: readonly Slot[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly dispatches: readonly Dispatch[];
  /** Bytes of scratch buffers and constants; inputs and outputs are the caller's. */
  readonly scratchBytes: number;
}

export interface BufferLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

/** Storage of a value: four bytes an element, at least one element. */
export function bytesOf(value: Pick<Value, 'shape'>): number {
  return Math.max(sizeOf(value.shape), 1) * 4;
}

/** Throws a DeviceError that names the needed and the allowed bytes. */
export function checkBytes(where: string, bytes: number, limits: BufferLimits): void {
  const allowed = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (bytes > allowed)
    throw new DeviceError(
      'memory',
      `${where}: expected arrays of at most ${formatBytes(allowed)} (${allowed} bytes, the adapter's limit), ` +
        `got one of ${formatBytes(bytes)} (${bytes} bytes). Use fewer samples or a smaller batch, or the cpu64 or wasm device.`,
    );
}

class Assignment {
  readonly slots: Slot[] = [];
  private readonly free: number[] = [];
  private readonly constants = new Map<HostArray, number>();

  external(value: Value): number {
    return this.slots.push({ bytes: bytesOf(value), source: 'external' }) - 1;
  }

  constant(host: HostArray): number {
    let slot = this.constants.get(host);
    if (slot === undefined) {
      slot = this.slots.push({ bytes: bytesOf(host), source: host }) - 1;
      this.constants.set(host, slot);
    }
    return slot;
  }

  /** A free buffer that is large enough and not wastefully so, or a new one. */
  scratch(value: Value): number {
    const bytes = bytesOf(value);
    let best = -1;
    this.free.forEach((slot, i) => {
      const size = this.slots[slot].bytes;
      if (
        size >= bytes &&
        size <= 2 * bytes + 256 &&
        (best < 0 || size < this.slots[this.free[best]].bytes)
      )
        best = i;
    });
    if (best >= 0) return this.free.splice(best, 1)[0];
    return this.slots.push({ bytes, source: 'scratch' }) - 1;
  }

  release(slot: number): void {
    if (this.slots[slot].source === 'scratch') this.free.push(slot);
  }
}

type Environment = Map<number, number>;

export function layOut(plan: Plan): Layout {
  const assignment = new Assignment();
  const environment: Environment = new Map();
  const inputs = plan.inputs.map((v) => assignment.external(v));
  plan.inputs.forEach((v, i) => environment.set(v.id, inputs[i]));
  const outputs = plan.outputs.map((v) => assignment.external(v));
  plan.outputs.forEach((v, i) => environment.set(v.id, outputs[i]));
  const dispatches = place(plan, environment, assignment);
  let scratchBytes = 0;
  for (const slot of assignment.slots) if (slot.source !== 'external') scratchBytes += slot.bytes;
  return { slots: assignment.slots, inputs, outputs, dispatches, scratchBytes };
}

function valuesOf(item: PlanItem): { reads: readonly Value[]; writes: readonly Value[] } {
  if (item.kind === 'kernel') return { reads: item.kernel.reads, writes: item.kernel.writes };
  return {
    reads: [...item.initial, ...item.shared.map(({ outer }) => outer)],
    writes: [...item.results, ...item.stacked],
  };
}

/** Lays out one plan; inputs and outputs must be in the environment. */
function place(plan: Plan, environment: Environment, assignment: Assignment): Dispatch[] {
  const last = new Map<number, number>();
  plan.items.forEach((item, i) => {
    const { reads, writes } = valuesOf(item);
    for (const v of [...reads, ...writes]) last.set(v.id, i);
  });
  const kept = new Set(environment.keys());
  const slotOf = (v: Value): number => {
    let slot = environment.get(v.id);
    if (slot === undefined) {
      const host = plan.constants.get(v.id);
      slot = host ? assignment.constant(host) : assignment.scratch(v);
      environment.set(v.id, slot);
    }
    return slot;
  };
  return plan.items.map((item, i) => {
    const { reads, writes } = valuesOf(item);
    const dispatch =
      item.kind === 'kernel' ? bind(item.kernel, slotOf) : placeLoop(item, slotOf, assignment);
    for (const v of new Set([...reads, ...writes]))
      if (last.get(v.id) === i && !kept.has(v.id)) assignment.release(slotOf(v));
    return dispatch;
  });
}

function bind(kernel: Kernel, slotOf: (v: Value) => number): Dispatch {
  return { kind: 'dispatch', kernel, slots: [...kernel.reads, ...kernel.writes].map(slotOf) };
}

function placeLoop(
  item: Extract<PlanItem, { kind: 'loop' }>,
  slotOf: (v: Value) => number,
  assignment: Assignment,
): Dispatch {
  const counter = assignment.scratch(item.counter);
  const other = item.carryIn.map((v) => assignment.scratch(v));
  const results = item.results.map(slotOf);
  // The last of the alternating sets is the loop's results.
  const first = item.steps % 2 === 0 ? results : other;
  const second = item.steps % 2 === 0 ? other : results;
  const shared: Environment = new Map([[item.counter.id, counter]]);
  for (const { inner, outer } of item.shared) shared.set(inner.id, slotOf(outer));
  for (const v of item.stacked) shared.set(v.id, slotOf(v));

  const step = (from: readonly number[], to: readonly number[]): Dispatch[] => {
    const environment: Environment = new Map(shared);
    item.carryIn.forEach((v, k) => environment.set(v.id, from[k]));
    item.carryOut.forEach((v, k) => environment.set(v.id, to[k]));
    const rows = item.body.outputs.slice(item.carryOut.length);
    const rowSlots = rows.map((v) => assignment.scratch(v));
    rows.forEach((v, k) => environment.set(v.id, rowSlots[k]));
    const body = place(item.body, environment, assignment);
    const after = item.after.map((kernel) =>
      bind(kernel, (v) => {
        const slot = environment.get(v.id);
        if (slot === undefined) throw new Error(`internal: loop value ${v.id} has no buffer`);
        return slot;
      }),
    );
    rowSlots.forEach((slot) => assignment.release(slot));
    return [...body, ...after];
  };
  const even = step(first, second);
  const odd = step(second, first);
  const copies = item.initial.map((v, k): Dispatch => {
    const kernel = item.copies[k];
    return { kind: 'dispatch', kernel, slots: [slotOf(v), first[k]] };
  });
  const start: Dispatch = { kind: 'dispatch', kernel: item.start, slots: [counter] };
  for (const slot of [counter, ...other]) assignment.release(slot);
  return {
    kind: 'repeat',
    steps: 1,
    even: [...copies, start, { kind: 'repeat', steps: item.steps, even, odd }],
    odd: [],
  };
}
