/**
 * Archives: one experiment or the whole library as an `.adjoint` file, a zip of
 *
 *   manifest.json                     { format, version, files: { path: SHA-256 }, tables: { hash: name } }
 *   experiments/<n>/document.json     the graph document
 *   experiments/<n>/runs.json         { created, fingerprint, checkpoints }
 *   tables/<hash>.csv                 each table once
 *
 * Reading also takes a graph document as plain JSON. Whatever is not as above is refused before it is unpacked.
 */
import { strFromU8, strToU8, unzipSync, zipSync, type Zippable } from 'fflate';
import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import { decodeDocument, parseDocument, type DocumentProblem } from '../runtime/graph/schema.ts';
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
  /** Bytes of all entries together, unpacked. */
  total: 600_000_000,
  table: 100_000_000,
  document: 20_000_000,
  runs: 200_000_000,
  manifest: 2_000_000,
} as const;

export type ArchiveErrorKind = 'not-an-archive' | 'unknown-version' | 'corrupt' | 'too-large';

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly kind: ArchiveErrorKind;
  constructor(kind: ArchiveErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
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
  const zip: Zippable = { 'manifest.json': strToU8(canonicalJson(manifest)), ...files };
  return zipSync(zip, { level: 6 });
}

/** @throws ArchiveError, or DocumentError when a document inside is none */
export function decodeArchive(bytes: Uint8Array, registry: NodeRegistry): DecodedArchive {
  if (bytes.length > ARCHIVE_LIMITS.file)
    throw tooLarge(`a file of at most ${ARCHIVE_LIMITS.file} bytes`, String(bytes.length));
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return decodeZip(bytes, registry);
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

function decodeZip(bytes: Uint8Array, registry: NodeRegistry): DecodedArchive {
  const files = unzip(bytes);
  const manifest = readManifest(files);
  const experiments: ArchivedExperiment[] = [];
  const problems: DocumentProblem[] = [];
  const tables = new Map<string, { name: string; csv: Uint8Array }>();
  const numbers = [...files.keys()]
    .map((path) => /^experiments\/(\d+)\/document\.json$/.exec(path)?.[1])
    .filter((number) => number !== undefined)
    .sort((a, b) => Number(a) - Number(b));
  for (const number of numbers) {
    const decoded = decodeDocument(
      readJson(files, `experiments/${number}/document.json`),
      registry,
    );
    problems.push(...decoded.problems);
    const runs = readRuns(files, `experiments/${number}/runs.json`);
    experiments.push({ document: decoded.document, ...runs });
  }
  for (const [path, csv] of files) {
    const hash = /^tables\/([0-9a-f]{64})\.csv$/.exec(path)?.[1];
    if (hash === undefined) continue;
    // The manifest's checksum was checked: the name of the file must be the same one.
    if (manifest.files.get(path) !== hash)
      throw corrupt(`${path} to be named by its content`, 'another');
    tables.set(hash, { name: manifest.tables.get(hash) ?? 'table.csv', csv });
  }
  return { experiments, tables, problems };
}

/** Unpacks after looking at every entry's path and size. */
function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const seen = new Set<string>();
  let total = 0;
  try {
    const entries = unzipSync(bytes, {
      filter: ({ name, originalSize, compression }) => {
        const known = PATHS.find(({ pattern }) => pattern.test(name));
        const shown = JSON.stringify(name.slice(0, 60));
        if (!known) throw corrupt('only files of an experiment inside', shown);
        if (seen.has(name)) throw corrupt('each file once', `${shown} again`);
        if (compression !== 0 && compression !== 8)
          throw corrupt('stored or deflated files', `method ${compression}`);
        seen.add(name);
        total += originalSize;
        if (seen.size > ARCHIVE_LIMITS.entries)
          throw tooLarge(`at most ${ARCHIVE_LIMITS.entries} files inside`, 'more');
        if (!(originalSize <= known.limit))
          throw tooLarge(`${shown} of at most ${known.limit} bytes`, String(originalSize));
        if (total > ARCHIVE_LIMITS.total)
          throw tooLarge(`at most ${ARCHIVE_LIMITS.total} bytes inside`, 'more');
        return true;
      },
    });
    return new Map(Object.entries(entries));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(
      'corrupt',
      `file: expected a whole zip archive, got a damaged one (${error instanceof Error ? error.message : String(error)}). Download or copy it again.`,
      { cause: error },
    );
  }
}

interface Manifest {
  readonly files: ReadonlyMap<string, string>;
  readonly tables: ReadonlyMap<string, string>;
}

/** Reads the manifest and checks that exactly its files are there, unchanged. */
function readManifest(files: ReadonlyMap<string, Uint8Array>): Manifest {
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
      `file: expected format '${ARCHIVE_FORMAT}', got ${JSON.stringify(fields.format) ?? 'none'}. Export the experiment again.`,
    );
  if (fields.version !== ARCHIVE_VERSION)
    throw new ArchiveError(
      'unknown-version',
      `file: expected version ${ARCHIVE_VERSION}, got ${JSON.stringify(fields.version) ?? 'none'}. It was made by a newer Adjoint; reload the page to update.`,
    );
  const manifest = {
    files: textMap(fields.files, 'files'),
    tables: textMap(fields.tables, 'tables'),
  };
  for (const path of manifest.files.keys())
    if (!files.has(path)) throw corrupt(path, 'no such file');
  for (const [path, data] of files) {
    if (path !== 'manifest.json' && manifest.files.get(path) !== sha256Hex(data))
      throw corrupt(`${path} as it was written`, 'another content');
  }
  return manifest;
}

function readRuns(
  files: ReadonlyMap<string, Uint8Array>,
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

function readJson(files: ReadonlyMap<string, Uint8Array>, path: string): unknown {
  const data = files.get(path);
  if (!data) throw corrupt(path, 'no such file');
  try {
    return JSON.parse(strFromU8(data)) as unknown;
  } catch {
    throw corrupt(`${path} as JSON`, 'something else');
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
