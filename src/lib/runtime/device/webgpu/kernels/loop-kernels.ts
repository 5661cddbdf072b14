/** The bookkeeping of a loop on the device: its counter and its stacked outputs. */
import { sizeOf } from '../../../ir/shape.ts';
import type { Value } from '../../../ir/types.ts';
import { storageType } from './emit.ts';
import { assemble, bufferName, grid, invocationNumber } from './kernel.ts';
import type { Kernel } from './kernel.ts';

const SIZE = 64;

/** Sets the counter (an int scalar) before the first step. */
export function counterStart(counter: Value, start: number): Kernel {
  return assemble({
    label: 'loop.start',
    reads: [],
    writes: [counter],
    workgroups: [1, 1],
    workgroupSize: 1,
    main: `  ${bufferName('o', counter)}[0] = ${start}i;`,
  });
}

export function counterAdvance(counter: Value, by: number): Kernel {
  return assemble({
    label: 'loop.advance',
    reads: [],
    writes: [counter],
    workgroups: [1, 1],
    workgroupSize: 1,
    main: `  ${bufferName('o', counter)}[0] += ${by}i;`,
  });
}

/** Copies this step's row to its place in the stacked output. */
export function stackRow(counter: Value, row: Value, stacked: Value): Kernel {
  const size = sizeOf(row.shape);
  const workgroups = grid(Math.ceil(size / SIZE));
  return assemble({
    label: `loop.stack[${size}]`,
    reads: [counter, row],
    writes: [stacked],
    workgroups,
    workgroupSize: SIZE,
    main: `  let i = ${invocationNumber(workgroups, SIZE)};
  if (i >= ${size}u) { return; }
  ${bufferName('o', stacked)}[u32(${bufferName('b', counter)}[0]) * ${size}u + i] = ${bufferName('b', row)}[i];`,
  });
}

/** An element for element copy. */
export function copyKernel(from: Value, to: Value): Kernel {
  const size = sizeOf(from.shape);
  const workgroups = grid(Math.ceil(size / SIZE));
  return assemble({
    label: `copy.${storageType(from)}[${size}]`,
    reads: [from],
    writes: [to],
    workgroups,
    workgroupSize: SIZE,
    main: `  let i = ${invocationNumber(workgroups, SIZE)};
  if (i >= ${size}u) { return; }
  ${bufferName('o', to)}[i] = ${bufferName('b', from)}[i];`,
  });
}
