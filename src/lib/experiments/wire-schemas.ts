/**
 * What links and archives say beside the document, decoded strictly: fingerprints and checkpoints. Numbers that JSON lacks
 * (NaN, infinities: a run that diverged) travel as their names, and long series as base64url of doubles.
 */
import * as v from 'valibot';
import type { Fingerprint } from '../runtime/graph/document.ts';
import type { HostArray } from '../runtime/ir/types.ts';
import type { Checkpoint } from '../runtime/run/protocol.ts';
import { floatsToText, textToFloats } from './bytes.ts';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;
const MAX_ENTRIES = 4_000;
/** Elements of one array of a checkpoint. */
const MAX_SIZE = 2 ** 26;

/** Changes of live values on the way of one run. */
const MAX_SEGMENTS = 100_000;

/** Names that every object has would be looked up as if they were entries. */
function isSafeKey(key: string): boolean {
  return /^[\w .:/()-]{1,129}$/.test(key) && !(key in Object.prototype);
}

const Key = v.pipe(v.string(), v.check(isSafeKey, 'a plain name'));
const WireNumber = v.union([
  v.pipe(v.number(), v.finite()),
  v.pipe(v.picklist(NON_FINITE), v.transform(Number)),
]);
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Device = v.picklist(['cpu64', 'wasm', 'webgpu']);
const ShortText = v.pipe(v.string(), v.maxLength(2_000));

function boundedRecord<T extends v.GenericSchema>(schema: T) {
  return v.pipe(
    v.record(Key, schema),
    v.check((record) => Object.keys(record).length <= MAX_ENTRIES, `at most ${MAX_ENTRIES}`),
  );
}

/** The deepest there is: a number of a shape of an array of the state of a checkpoint. */
const MAX_DEPTH = 6;

/** Own keys of the raw value, seen before a schema can drop one of them; false also for what nests deeper than anything here. */
function hasSafeKeys(raw: unknown, depth = 0): boolean {
  if (typeof raw !== 'object' || raw === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(raw)) return raw.every((item) => hasSafeKeys(item, depth + 1));
  return Object.entries(raw).every(
    ([key, value]) => isSafeKey(key) && hasSafeKeys(value, depth + 1),
  );
}

const FingerprintSchema = v.strictObject({
  device: Device,
  precision: v.picklist(['float64', 'float32']),
  // Links made before it was counted have none.
  arithmetic: v.optional(Count, 0),
  runs: boundedRecord(v.strictObject({ steps: Count, objective: WireNumber })),
  scalars: boundedRecord(WireNumber),
});

export function encodeFingerprint(fingerprint: Fingerprint): unknown {
  const number = (x: number) => (Number.isFinite(x) ? x : String(x));
  return {
    ...fingerprint,
    runs: mapValues(fingerprint.runs, (run) => ({ ...run, objective: number(run.objective) })),
    scalars: mapValues(fingerprint.scalars, number),
  };
}

/** Null when it is not a fingerprint. */
export function decodeFingerprint(raw: unknown): Fingerprint | null {
  if (!hasSafeKeys(raw)) return null;
  const result = v.safeParse(FingerprintSchema, raw, { abortEarly: true });
  return result.success ? result.output : null;
}

const Shape = v.pipe(v.array(Count), v.maxLength(8));
const ArraySchema = v.strictObject({
  shape: Shape,
  dtype: v.picklist(['float', 'int', 'bool']),
  data: v.string(),
});
/** Rows of a series: the engine measures some three thousand in a billion steps. */
const MAX_ROWS = 20_000;
const Series = v.pipe(
  v.string(),
  v.maxLength(Math.ceil((MAX_ROWS * 8 * 4) / 3)),
  v.transform((text) => textToFloats(text)),
  v.check((values) => values !== null),
  v.transform((values) => Array.from(values ?? [])),
);
/** Iterates along the path: rows of up to 512 unknowns. */
const Floats = v.pipe(
  v.string(),
  v.transform((text) => textToFloats(text)),
  v.check((values) => values !== null),
  v.transform((values) => values ?? new Float64Array(0)),
);
const CheckpointSchema = v.strictObject({
  nodeId: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  device: Device,
  stepsDone: Count,
  seconds: v.pipe(v.number(), v.finite(), v.minValue(0)),
  status: v.picklist([
    'idle',
    'running',
    'paused',
    'converged',
    'maxSteps',
    'diverged',
    'nonfinite',
    'cancelled',
    'failed',
  ]),
  message: ShortText,
  state: v.pipe(v.array(ArraySchema), v.maxLength(1_000)),
  series: boundedRecord(Series),
  path: v.optional(v.strictObject({ steps: Series, iterates: Floats })),
  /** Of older versions, which did not keep the values that steps were done with. */
  edited: v.optional(v.boolean()),
  segments: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          from: Count,
          live: boundedRecord(v.pipe(v.number(), v.finite())),
        }),
      ),
      v.maxLength(MAX_SEGMENTS),
    ),
    [],
  ),
});

export function encodeCheckpoint(checkpoint: Checkpoint): unknown {
  return {
    ...checkpoint,
    message: checkpoint.message.slice(0, 2_000),
    state: checkpoint.state.map(({ shape, dtype, data }) => ({
      shape,
      dtype,
      data: floatsToText(data),
    })),
    series: mapValues(checkpoint.series, floatsToText),
    ...(checkpoint.path && {
      path: {
        steps: floatsToText(checkpoint.path.steps),
        iterates: floatsToText(checkpoint.path.iterates),
      },
    }),
  };
}

/** Null when it is not a checkpoint. One of an older version has no segments, and is not used. */
export function decodeCheckpoint(raw: unknown): Checkpoint | null {
  if (!hasSafeKeys(raw)) return null;
  const result = v.safeParse(CheckpointSchema, raw, { abortEarly: true });
  if (!result.success) return null;
  const { state, path, edited: _edited, ...rest } = result.output;
  const arrays: HostArray[] = [];
  for (const raw of state) {
    const array = decodeArray(raw);
    if (!array) return null;
    arrays.push(array);
  }
  const lengths = new Set(Object.values(rest.series).map((column) => column.length));
  if (lengths.size > 1) return null;
  return { ...rest, state: arrays, ...(path && { path }) };
}

function decodeArray(raw: v.InferOutput<typeof ArraySchema>): HostArray | null {
  const { shape, dtype } = raw;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size > MAX_SIZE) return null;
  const data = textToFloats(raw.data);
  if (!data || data.length !== size) return null;
  if (dtype === 'float') return { shape, dtype, data };
  if (dtype === 'int') {
    const ints = Int32Array.from(data);
    return data.every((x, i) => x === ints[i]) ? { shape, dtype, data: ints } : null;
  }
  return data.every((x) => x === 0 || x === 1)
    ? { shape, dtype, data: Uint8Array.from(data) }
    : null;
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
