/** The numbers of an experiment as SHA-256: the same code in Node and in a page. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { templates } from '../../src/lib/gallery/index.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { cpu64Only } from '../../src/lib/runtime/run/devices.ts';
import { runHeadless } from '../../src/lib/runtime/run/headless.ts';
import type { HeadlessResult } from '../../src/lib/runtime/run/headless.ts';

export interface ResultHash {
  readonly template: string;
  /** How many numbers were hashed. */
  readonly numbers: number;
  readonly hash: string;
  /** By what they belong to (a run's column, a node's view), to name what differs. */
  readonly parts: Readonly<Record<string, string>>;
  /** Of the runs, in milliseconds. */
  readonly time: number;
}

/** Runs a template in float64 and hashes every number of its runs, scalars and views. `csv` reads a shipped table. */
export async function hashTemplate(
  id: string,
  csv: (name: string) => Promise<string>,
): Promise<ResultHash> {
  const template = templates.find((candidate) => candidate.id === id);
  if (!template) {
    const known = templates.map((candidate) => candidate.id).join(', ');
    throw new Error(`hashes: expected a template, got '${id}'. Choose among ${known}.`);
  }
  const devices = cpu64Only();
  const start = performance.now();
  try {
    const result = await runHeadless(template.document, {
      registry,
      devices,
      device: 'cpu64',
      tables: { builtin: csv, stored: async () => null },
    });
    return { template: id, ...hashResult(result), time: performance.now() - start };
  } finally {
    devices.dispose();
  }
}

/** The parts of which two results have not the same bits. */
export function differences(a: ResultHash, b: ResultHash): string[] {
  const names = new Set([...Object.keys(a.parts), ...Object.keys(b.parts)]);
  return [...names].filter((name) => a.parts[name] !== b.parts[name]);
}

/** Everything but times. */
function hashResult(result: HeadlessResult): Pick<ResultHash, 'numbers' | 'hash' | 'parts'> {
  const parts: Record<string, string> = {};
  let total = 0;
  const add = (name: string, value: unknown) => {
    const numbers = [...numbersIn(value)];
    if (numbers.length === 0) return;
    total += numbers.length;
    parts[name] = bytesToHex(sha256(bytesOf(numbers)));
  };
  for (const run of result.runs) {
    for (const [column, values] of Object.entries(run.series))
      if (column !== 'seconds') add(`${run.nodeId}, ${column}`, values);
    add(`${run.nodeId}, parameters`, [run.initialParameters, run.parameters]);
    add(`${run.nodeId}, path`, run.path);
    add(`${run.nodeId}, certificates`, run.segments);
  }
  add('scalars', result.scalars);
  for (const { nodeId, view } of result.nodes) add(`${nodeId}, view`, view);
  const lines = Object.keys(parts)
    .sort()
    .map((name) => `${name}: ${parts[name]}\n`);
  return { numbers: total, hash: bytesToHex(sha256(utf8ToBytes(lines.join('')))), parts };
}

/** All numbers inside, in the order of sorted keys; those named for seconds are left out. */
function* numbersIn(value: unknown): Generator<number> {
  if (typeof value === 'number') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* numbersIn(item);
  else if (ArrayBuffer.isView(value)) yield* value as Float64Array;
  else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, item] of entries) if (!/seconds/i.test(key)) yield* numbersIn(item);
  }
}

/** Eight bytes a number, the lower first; engines may store NaN with any payload, so it gets one. */
function bytesOf(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((x, i) => {
    if (Number.isNaN(x)) view.setUint32(8 * i + 4, 0x7ff80000, true);
    else view.setFloat64(8 * i, x, true);
  });
  return bytes;
}
