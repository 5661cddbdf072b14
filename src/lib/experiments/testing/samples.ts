/** Documents, links, checkpoints and locks for the tests of this folder. */
import { sha256 } from '@noble/hashes/sha2.js';
import { deflateSync, strToU8 } from 'fflate';
import type { Fingerprint, GraphDocument } from '../../runtime/graph/document.ts';
import { sha256Hex } from '../../runtime/graph/hash.ts';
import { emptyDocument } from '../../runtime/graph/schema.ts';
import { addNode, numberNode, registryOf } from '../../runtime/graph/testing/fake-nodes.ts';
import type { Checkpoint } from '../../runtime/run/protocol.ts';
import { toBase64Url } from '../bytes.ts';
import type { Locks } from '../tab-locks.ts';

export const registry = registryOf(numberNode, addNode);

export const CSV = 'x,y\n1,2\n3,4\n';
export const CSV_HASH = sha256Hex(CSV);

/** Two numbers and their sum; with `table`, a node of an unknown type that reads a stored table. */
export function sampleDocument(title = 'Sample', options: { table?: boolean } = {}): GraphDocument {
  return {
    ...emptyDocument(title),
    notes: 'Two **numbers**: $a + b$.',
    seed: 7,
    nodes: [
      node('number-1', 'data/number', { value: 2, gain: 0.5 }),
      node('number-2', 'data/number', { value: -3.25 }),
      { ...node('add-1', 'check/add', { offset: 1 }), label: 'Σ — sum' },
      ...(options.table
        ? [
            node('table-1', 'data/unknown', {
              table: { source: 'stored', hash: CSV_HASH, name: 't.csv' } as const,
            }),
          ]
        : []),
    ],
    edges: [
      { from: ['number-1', 'scalar'], to: ['add-1', 'a'] },
      { from: ['number-2', 'scalar'], to: ['add-1', 'b'] },
    ],
  };
}

function node(
  id: string,
  type: string,
  params: GraphDocument['nodes'][number]['params'],
): GraphDocument['nodes'][number] {
  return { id, type, version: 1, params, position: { x: 10, y: 20.5 } };
}

export const fingerprint: Fingerprint = {
  device: 'cpu64',
  precision: 'float64',
  arithmetic: 1,
  runs: {
    'fista-1': { steps: 120, objective: 0.1234567890123456 },
    'gd-1': { steps: 12, objective: NaN },
  },
  scalars: { 'add-1': -0.25, 'check-1': Infinity },
};

export function checkpoint(nodeId = 'fista-1', stepsDone = 3): Checkpoint {
  return {
    nodeId,
    hash: 'ab'.repeat(32),
    device: 'cpu64',
    stepsDone,
    seconds: 0.5,
    status: 'paused',
    message: '',
    state: [
      { shape: [2, 1], dtype: 'float', data: Float64Array.of(1 / 3, -0) },
      { shape: [], dtype: 'int', data: Int32Array.of(stepsDone) },
      { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
    ],
    series: { step: [0, 1, 2], objective: [3, Infinity, NaN] },
    path: { steps: [0, 1], iterates: Float64Array.of(0, -0, NaN, 1e-300) },
    segments: [
      { from: 0, live: { 'l1.lambda': 5 } },
      { from: 1, live: { 'l1.lambda': 20 } },
    ],
  };
}

/** Locks as a browser gives them to its tabs: first come, first served. */
export class FakeLocks implements Locks {
  readonly #tails = new Map<string, { holders: number; tail: Promise<void> }>();

  async request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    held: (lock: unknown) => Promise<void>,
  ): Promise<unknown> {
    const entry = this.#tails.get(name) ?? { holders: 0, tail: Promise.resolve() };
    this.#tails.set(name, entry);
    if (options.ifAvailable && entry.holders > 0) return held(null);
    const before = entry.tail;
    let free = (): void => undefined;
    entry.tail = new Promise((resolve) => (free = resolve));
    entry.holders++;
    const aborted = new Promise<never>((_, reject) =>
      options.signal?.addEventListener('abort', () => reject(new Error('AbortError'))),
    );
    try {
      await Promise.race([before, aborted]);
    } catch (error) {
      // Whoever waits behind still waits for those before.
      void before.then(free);
      entry.holders--;
      throw error;
    }
    try {
      return await held({ name });
    } finally {
      entry.holders--;
      free();
    }
  }
}

/** A link around any deflated bytes, with a right length and checksum. */
export function wrap(deflated: Uint8Array): string {
  const framed = new Uint8Array(10 + deflated.length);
  new DataView(framed.buffer).setUint32(0, deflated.length, true);
  framed.set(sha256(deflated).subarray(0, 6), 4);
  framed.set(deflated, 10);
  return `#x1=${toBase64Url(framed)}`;
}

/** A link around any JSON, or any text in its place. */
export function wrapJson(value: unknown): string {
  return wrap(deflateSync(strToU8(typeof value === 'string' ? value : JSON.stringify(value))));
}
