/** Content hashes: what a node's outputs depend on, and nothing else (not its position, label or live parameters). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { GraphNode, ParamValue } from './document.ts';
import type { NodeDefinition } from './node-definition.ts';

/** JSON with sorted keys, so that equal values have equal text. Numbers must be finite. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error(`canonicalJson: expected finite numbers, got ${value}.`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 in hexadecimal. */
export function sha256Hex(data: string | Uint8Array): string {
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data));
}

export interface HashedInput {
  readonly port: string;
  /** Output port of the source and the hash of the source node, in wire order. */
  readonly sources: readonly { readonly port: string; readonly hash: string }[];
}

/**
 * Hash of (type, version, structural parameters, inputs, graph seed). A node with live parameters or a run has its id
 * in the hash: live keys and runs are named by it.
 */
export function nodeHash(
  node: GraphNode,
  definition: NodeDefinition,
  params: Readonly<Record<string, ParamValue>>,
  inputs: readonly HashedInput[],
  seed: number,
): string {
  const live = liveParams(definition);
  const named = live.length > 0 || definition.outputs.some((port) => port.type === 'plan');
  return sha256Hex(
    canonicalJson({
      type: definition.type,
      version: definition.version,
      params: Object.fromEntries(Object.entries(params).filter(([name]) => !live.includes(name))),
      inputs,
      seed,
      id: named ? node.id : null,
    }),
  );
}

/** Names of the parameters that act while a run goes on. */
export function liveParams(definition: NodeDefinition): string[] {
  return Object.entries(definition.params)
    .filter(([, spec]) => spec.kind === 'number' && spec.live)
    .map(([name]) => name);
}

/** The key of a live parameter among live values. */
export function liveKey(nodeId: string, param: string): string {
  return `${nodeId}.${param}`;
}
