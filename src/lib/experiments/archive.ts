/**
 * Archives: one experiment or the whole library as an `.adjoint` file, a zip of
 *
 *   manifest.json                     { format, version, files: { path: SHA-256 }, tables: { hash: name } }
 *   experiments/<n>/document.json     the graph document
 *   experiments/<n>/runs.json         { created, fingerprint, checkpoints }
 *   tables/<hash>.csv                 each table once
 *
 * Reading also takes a graph document as plain JSON. Whatever is not as above is refused before it is unpacked; sizes are
 * looked at where they are declared, and again while unpacking, since a declaration may lie.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  strFromU8,
  strToU8,
  Unzip,
  UnzipInflate,
  unzipSync,
  zipSync,
  type UnzipFile,
  type Zippable,
} from 'fflate';
import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import { JsonError, parseJson } from '../runtime/graph/json.ts';
import { decodeDocument, parseDocument, type DocumentProblem } from '../runtime/graph/schema.ts';
import { message as short, printable, show } from '../runtime/graph/show.ts';
import type { Checkpoint } from '../runtime/run/protocol.ts';
import {
  decodeCheckpoint,
  decodeFingerprint,
  encodeCheckpoint,
  encodeFingerprint,
} from './wire-schemas.ts';

export const ARCHIVE_FORMAT = 'adjoint-archive';
export const ARCHIVE_VERSION = 1;
export const ARCHIVE_EXTENSION = '.adjoint';

export const ARCHIVE_LIMITS = {
  /** Bytes of the file. */
  file: 300_000_000,
  entries: 5_000,
  experiments: 1_000,
  /** Bytes of all entries together, unpacked. */
  total: 400_000_000,
  table: 100_000_000,
  document: 8_000_000,
  runs: 100_000_000,
  manifest: 2_000_000,
} as const;

export type ArchiveErrorKind = 'not-an-archive' | 'unknown-version' | 'corrupt' | 'too-large';

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly kind: ArchiveErrorKind;
  constructor(kind: ArchiveErrorKind, message: string, options?: ErrorOptions) {
    super(short(message), options);
    this.kind = kind;
  }
}

export interface ArchivedExperiment {
  readonly document: GraphDocument;
  readonly fingerprint: Fingerprint | null;
  /** Milliseconds since 1970, where known. */
  readonly created?: number;
  readonly checkpoints: readonly Checkpoint[];
}

export interface Archive {
  readonly experiments: readonly ArchivedExperiment[];
  /** By hash. A table that is missing is asked for where the graph reads it. */
  readonly tables: ReadonlyMap<string, { readonly name: string; readonly csv: Uint8Array }>;
}

export interface DecodedArchive extends Archive {
  readonly problems: readonly DocumentProblem[];
}

export function encodeArchive(archive: Archive): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = {};
  archive.experiments.forEach((experiment, index) => {
    const folder = `experiments/${index + 1}`;
    files[`${folder}/document.json`] = strToU8(JSON.stringify(experiment.document, null, 2));
    files[`${folder}/runs.json`] = strToU8(
      JSON.stringify({
        created: experiment.created,
        fingerprint: experiment.fingerprint && encodeFingerprint(experiment.fingerprint),
        checkpoints: experiment.checkpoints.map(encodeCheckpoint),
      }),
    );
  });
  for (const [hash, table] of archive.tables) files[`tables/${hash}.csv`] = table.csv;
  const manifest = {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    files: Object.fromEntries(Object.entries(files).map(([path, data]) => [path, sha256Hex(data)])),
    tables: Object.fromEntries([...archive.tables].map(([hash, { name }]) => [hash, name])),
  };
  const zip: Record<string, Uint8Array> = {
    'manifest.json': strToU8(canonicalJson(manifest)),
    ...files,
  };
  assertReadable(zip);
  return zipSync(zip satisfies Zippable, { level: 6 });
}

/** What is written can be read again. */
function assertReadable(files: Readonly<Record<string, Uint8Array>>): void {
  const sizes = Object.entries(files).map(([path, { length }]) => ({ path, length }));
  const big = sizes.find(({ path, length }) => length > (limitOf(path) ?? 0));
  const total = sizes.reduce((sum, { length }) => sum + length, 0);
  const refuse = (expected: string, got: number) =>
    new ArchiveError(
      'too-large',
      `export: expected ${expected}, got ${got}. Rewind the runs first, or export fewer experiments at once.`,
    );
  if (big) throw refuse(`${big.path} of at most ${limitOf(big.path)} bytes`, big.length);
  if (total > ARCHIVE_LIMITS.total)
    throw refuse(`at most ${ARCHIVE_LIMITS.total} bytes in all`, total);
  if (sizes.length > ARCHIVE_LIMITS.entries)
    throw refuse(`at most ${ARCHIVE_LIMITS.entries} files inside`, sizes.length);
}

export interface ReadOptions {
  /** Called with the part that is read, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** Bytes of all files together, unpacked. @default ARCHIVE_LIMITS.total */
  readonly total?: number;
}

/**
 * @throws ArchiveError, or DocumentError when a document inside is none
 */
export function decodeArchive(
  bytes: Uint8Array,
  registry: NodeRegistry,
  options: ReadOptions = {},
): DecodedArchive {
  if (bytes.length > ARCHIVE_LIMITS.file)
    throw tooLarge(`a file of at most ${ARCHIVE_LIMITS.file} bytes`, String(bytes.length));
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return decodeZip(bytes, registry, options);
  if (/^[\s\ufeff]*\{/.test(strFromU8(bytes.subarray(0, 64)))) return decodePlain(bytes, registry);
  throw new ArchiveError(
    'not-an-archive',
    'file: expected an .adjoint file or the JSON of a graph, got something else. Tables (CSV) are opened on a table node.',
  );
}

function decodePlain(bytes: Uint8Array, registry: NodeRegistry): DecodedArchive {
  if (bytes.length > ARCHIVE_LIMITS.document)
    throw tooLarge(`JSON of at most ${ARCHIVE_LIMITS.document} bytes`, String(bytes.length));
  const json = strFromU8(bytes).replace(/^\ufeff/, '');
  const { document, problems } = parseDocument(json, registry);
  const experiment = { document, fingerprint: null, checkpoints: [] };
  return { experiments: [experiment], tables: new Map(), problems };
}

/** The largest time a Date holds. */
const MAX_TIME = 8.64e15;

const PATHS = [
  { pattern: /^manifest\.json$/, limit: ARCHIVE_LIMITS.manifest },
  { pattern: /^experiments\/[1-9]\d{0,3}\/document\.json$/, limit: ARCHIVE_LIMITS.document },
  { pattern: /^experiments\/[1-9]\d{0,3}\/runs\.json$/, limit: ARCHIVE_LIMITS.runs },
  { pattern: /^tables\/[0-9a-f]{64}\.csv$/, limit: ARCHIVE_LIMITS.table },
] as const;

/** Bytes that a file may have, or undefined where its path is none of an archive. */
function limitOf(path: string): number | undefined {
  return PATHS.find(({ pattern }) => pattern.test(path))?.limit;
}

function decodeZip(
  bytes: Uint8Array,
  registry: NodeRegistry,
  options: ReadOptions,
): DecodedArchive {
  const files = unzip(bytes, options);
  const manifest = readManifest(files);
  const experiments: ArchivedExperiment[] = [];
  const problems: DocumentProblem[] = [];
  const tables = new Map<string, { name: string; csv: Uint8Array }>();
  const numbers = [...files.keys()]
    .map((path) => /^experiments\/(\d+)\/document\.json$/.exec(path)?.[1])
    .filter((number) => number !== undefined)
    .sort((a, b) => Number(a) - Number(b));
  if (numbers.length > ARCHIVE_LIMITS.experiments)
    throw tooLarge(`at most ${ARCHIVE_LIMITS.experiments} experiments`, String(numbers.length));
  for (const number of numbers) {
    const decoded = decodeDocument(
      readJson(files, `experiments/${number}/document.json`),
      registry,
    );
    problems.push(...decoded.problems);
    const runs = readRuns(files, `experiments/${number}/runs.json`);
    experiments.push({ document: decoded.document, ...runs });
  }
  for (const [path, { data: csv }] of files) {
    const hash = /^tables\/([0-9a-f]{64})\.csv$/.exec(path)?.[1];
    if (hash === undefined) continue;
    // The manifest's checksum was checked: the name of the file must be the same one.
    if (manifest.files.get(path) !== hash)
      throw corrupt(`${path} to be named by its content`, 'another');
    tables.set(hash, { name: manifest.tables.get(hash) ?? 'table.csv', csv });
  }
  return { experiments, tables, problems };
}

interface Unpacked {
  readonly data: Uint8Array;
  /** SHA-256 of the data, hexadecimal. */
  readonly hash: string;
}

/** Bytes given to the inflater at once: each can become about a thousand before the size is looked at. */
const SLICE = 16_384;

/** Unpacks after looking at every entry's path and declared size, and stops where more comes than is allowed. */
function unzip(
  bytes: Uint8Array,
  { onProgress, total: allowed = ARCHIVE_LIMITS.total }: ReadOptions,
): Map<string, Unpacked> {
  const listed = new Set<string>();
  const files = new Map<string, Unpacked>();
  let total = 0;
  let open: string | null = null;
  try {
    unzipSync(bytes, {
      filter: ({ name, originalSize, compression }) => {
        list(name, originalSize, compression, listed);
        total += originalSize;
        if (total > allowed) throw tooLarge(`at most ${allowed} bytes inside`, 'more');
        return false;
      },
    });
    total = 0;
    const unzipper = new Unzip((file) => {
      const shown = show(file.name);
      if (!listed.has(file.name)) throw corrupt('files that the directory lists', shown);
      if (files.has(file.name)) throw corrupt('each file once', `${shown} again`);
      open = file.name;
      receive(file, {
        grown: (length) => {
          total += length;
          if (total > allowed) throw tooLarge(`at most ${allowed} bytes inside`, 'more');
        },
        done: (unpacked) => {
          files.set(file.name, unpacked);
          open = null;
        },
      });
    });
    unzipper.register(UnzipInflate);
    for (let at = 0; at < bytes.length; at += SLICE) {
      unzipper.push(bytes.subarray(at, at + SLICE), at + SLICE >= bytes.length);
      onProgress?.(Math.min(1, (at + SLICE) / bytes.length));
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(
      'corrupt',
      `file: expected a whole zip archive, got a damaged one (${printable(error instanceof Error ? error.message : String(error), 80)}). Download or copy it again.`,
      { cause: error },
    );
  }
  if (open !== null || files.size < listed.size)
    throw corrupt('a whole zip archive', 'a part of one');
  return files;
}

/** Refuses a file by what the directory says of it. */
function list(name: string, size: number, compression: number, listed: Set<string>): void {
  const limit = limitOf(name);
  const shown = show(name);
  if (limit === undefined) throw corrupt('only files of an experiment inside', shown);
  if (listed.has(name)) throw corrupt('each file once', `${shown} again`);
  if (compression !== 0 && compression !== 8)
    throw corrupt('stored or deflated files', `method ${compression}`);
  listed.add(name);
  if (listed.size > ARCHIVE_LIMITS.entries)
    throw tooLarge(`at most ${ARCHIVE_LIMITS.entries} files inside`, 'more');
  if (!(size <= limit)) throw tooLarge(`${shown} of at most ${limit} bytes`, String(size));
}

/** Unpacks one file as its bytes arrive, up to its limit. */
function receive(
  file: UnzipFile,
  tell: { grown: (length: number) => void; done: (unpacked: Unpacked) => void },
): void {
  const limit = limitOf(file.name) ?? 0;
  const hash = sha256.create();
  const parts: Uint8Array[] = [];
  let size = 0;
  file.ondata = (error, part, final) => {
    if (error) throw error;
    size += part.length;
    if (size > limit) throw tooLarge(`${show(file.name)} of at most ${limit} bytes`, 'more');
    tell.grown(part.length);
    hash.update(part);
    parts.push(part);
    if (final) tell.done({ data: joined(parts, size), hash: bytesToHex(hash.digest()) });
  };
  file.start();
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Manifest {
  readonly files: ReadonlyMap<string, string>;
  readonly tables: ReadonlyMap<string, string>;
}

/** Reads the manifest and checks that exactly its files are there, unchanged. */
function readManifest(files: ReadonlyMap<string, Unpacked>): Manifest {
  if (!files.has('manifest.json'))
    throw new ArchiveError(
      'not-an-archive',
      'file: expected an .adjoint file, got a zip archive without manifest.json. Export the experiment again.',
    );
  const raw = readJson(files, 'manifest.json');
  const fields = isObject(raw) ? raw : {};
  if (fields.format !== ARCHIVE_FORMAT)
    throw new ArchiveError(
      'not-an-archive',
      `file: expected format '${ARCHIVE_FORMAT}', got ${show(fields.format)}. Export the experiment again.`,
    );
  if (fields.version !== ARCHIVE_VERSION)
    throw new ArchiveError(
      'unknown-version',
      `file: expected version ${ARCHIVE_VERSION}, got ${show(fields.version)}. It was made by a newer Adjoint; reload the page to update.`,
    );
  const manifest = {
    files: textMap(fields.files, 'files'),
    tables: textMap(fields.tables, 'tables'),
  };
  for (const path of manifest.files.keys())
    if (!files.has(path)) throw corrupt(printable(path, 100), 'no such file');
  for (const [path, { hash }] of files) {
    if (path !== 'manifest.json' && manifest.files.get(path) !== hash)
      throw corrupt(`${path} as it was written`, 'another content');
  }
  return manifest;
}

function readRuns(
  files: ReadonlyMap<string, Unpacked>,
  path: string,
): Omit<ArchivedExperiment, 'document'> {
  const raw = readJson(files, path);
  if (!isObject(raw) || !Array.isArray(raw.checkpoints))
    throw corrupt(`${path} with its runs`, 'something else');
  const { created } = raw;
  if (created !== undefined && !(typeof created === 'number' && Math.abs(created) <= MAX_TIME))
    throw corrupt(`${path} with the time it was created`, 'something else');
  const fingerprint = raw.fingerprint === null ? null : decodeFingerprint(raw.fingerprint);
  if (fingerprint === null && raw.fingerprint !== null)
    throw corrupt(`${path} with a fingerprint`, 'something else');
  const checkpoints = (raw.checkpoints as readonly unknown[]).map((item, index) => {
    const checkpoint = decodeCheckpoint(item);
    if (!checkpoint) throw corrupt(`run ${index + 1} of ${path}`, 'something else');
    return checkpoint;
  });
  return { ...(created === undefined ? {} : { created }), fingerprint, checkpoints };
}

function readJson(files: ReadonlyMap<string, Unpacked>, path: string): unknown {
  const file = files.get(path);
  if (!file) throw corrupt(path, 'no such file');
  try {
    return parseJson(strFromU8(file.data));
  } catch (error) {
    throw corrupt(`${path} as JSON`, error instanceof JsonError ? error.message : 'something else');
  }
}

function textMap(raw: unknown, name: string): Map<string, string> {
  if (!isObject(raw)) throw corrupt(`manifest.json with ${name}`, 'none');
  const map = new Map<string, string>();
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== 'string' || value.length > 200)
      throw corrupt(`${name} of manifest.json as text`, 'something else');
    map.set(key, value);
  }
  return map;
}

function isObject(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

function corrupt(expected: string, got: string): ArchiveError {
  return new ArchiveError(
    'corrupt',
    `file: expected ${expected}, got ${got}. Download or copy it again.`,
  );
}

function tooLarge(expected: string, got: string): ArchiveError {
  return new ArchiveError(
    'too-large',
    `file: expected ${expected}, got ${got}. It is not a file that Adjoint made, or the library must be exported in parts.`,
  );
}
