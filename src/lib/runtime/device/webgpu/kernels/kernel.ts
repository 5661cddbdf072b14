/** One dispatch: WGSL text and the values bound to it. */
import type { Value } from '../../../ir/types.ts';
import { functionsFor } from './functions.ts';
import { storageType } from './emit.ts';

/** A value that only this plan knows, e.g. the partial results of a long reduction. */
export type Operand = Value;

export interface Kernel {
  readonly label: string;
  readonly wgsl: string;
  /** Values bound for reading, then those written, in binding order. */
  readonly reads: readonly Operand[];
  readonly writes: readonly Operand[];
  readonly workgroups: readonly [number, number];
}

/** Largest number of workgroups along x that is used; more go along y. */
const ROW = 32768;

/** Splits a count of workgroups over two dimensions. */
export function grid(workgroups: number): [number, number] {
  return workgroups <= ROW ? [Math.max(workgroups, 1), 1] : [ROW, Math.ceil(workgroups / ROW)];
}

/** The row-major number of this invocation (with `size` per workgroup) or workgroup. */
export function invocationNumber(workgroups: readonly [number, number], size: number): string {
  return workgroups[1] === 1 ? 'global.x' : `global.y * ${workgroups[0] * size}u + global.x`;
}

export function workgroupNumber(workgroups: readonly [number, number]): string {
  return workgroups[1] === 1 ? 'group.x' : `group.y * ${workgroups[0]}u + group.x`;
}

export interface KernelSource {
  readonly label: string;
  readonly reads: readonly Operand[];
  readonly writes: readonly Operand[];
  readonly workgroups: readonly [number, number];
  /** Declarations before `main`. */
  readonly declarations?: string;
  readonly workgroupSize: number;
  readonly main: string;
}

/** Bindings are named b<value id> for reads and o<value id> for writes; ids may be negative. */
export function bufferName(prefix: 'b' | 'o', value: Operand): string {
  return `${prefix}${value.id < 0 ? `n${-value.id}` : value.id}`;
}

/** Assembles the text. Names of values are numbered by binding, so that equal kernels have equal text and share a pipeline. */
export function assemble(source: KernelSource): Kernel {
  const bindings = [
    ...source.reads.map((v) => ({ v, name: bufferName('b', v), access: 'read' })),
    ...source.writes.map((v) => ({ v, name: bufferName('o', v), access: 'read_write' })),
  ];
  const declarations = bindings.map(
    ({ v, name, access }, i) =>
      `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${storageType(v)}>;`,
  );
  const body = `${source.declarations ?? ''}
@compute @workgroup_size(${source.workgroupSize})
fn main(
  @builtin(global_invocation_id) global: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
${source.main}
}`;
  let wgsl = `${declarations.join('\n')}\n${functionsFor(body)}\n${body}\n`;
  bindings.forEach(({ name }, i) => {
    wgsl = wgsl.replace(new RegExp(`\\b${name}\\b`, 'g'), `v${i}`);
  });
  const { label, reads, writes, workgroups } = source;
  return { label, wgsl, reads, writes, workgroups };
}
