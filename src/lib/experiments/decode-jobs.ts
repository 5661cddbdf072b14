/** What the decoding worker does, without its globals, so that tests can run it: links and archives as messages. */
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import { DocumentError, type DocumentProblem } from '../runtime/graph/schema.ts';
import { printable } from '../runtime/graph/show.ts';
import {
  ARCHIVE_LIMITS,
  ArchiveError,
  decodeArchive,
  type ArchivedExperiment,
  type ArchiveErrorKind,
} from './archive.ts';
import { decodeLink, LinkError, type DecodedLink, type LinkErrorKind } from './link.ts';

export type DecodeJob =
  | { readonly type: 'link'; readonly fragment: string }
  | { readonly type: 'archive'; readonly file: Blob };

export type DecodeReply =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'link'; readonly link: DecodedLink }
  /** One message an experiment, so that none is long to receive. */
  | { readonly type: 'experiment'; readonly experiment: ArchivedExperiment }
  | { readonly type: 'table'; readonly hash: string; readonly name: string; readonly csv: Blob }
  | { readonly type: 'archived'; readonly problems: readonly DocumentProblem[] }
  | { readonly type: 'failed'; readonly failure: DecodeFailure };

/** An error as a message carries it. */
export type DecodeFailure =
  | { readonly name: 'LinkError'; readonly kind: LinkErrorKind; readonly message: string }
  | { readonly name: 'ArchiveError'; readonly kind: ArchiveErrorKind; readonly message: string }
  | { readonly name: 'DocumentError'; readonly path: string; readonly message: string }
  | { readonly name: 'Error'; readonly message: string };

/** Milliseconds between two messages of progress. */
const PROGRESS_MS = 50;

/** Does one job and sends what it found; never throws. */
export async function decodeJob(
  job: DecodeJob,
  registry: NodeRegistry,
  send: (reply: DecodeReply, transfer?: ArrayBufferLike[]) => void,
): Promise<void> {
  try {
    if (job.type === 'link') send({ type: 'link', link: decodeLink(job.fragment, registry) });
    else await decodeFile(job.file, registry, send);
  } catch (error) {
    send({ type: 'failed', failure: failureOf(error) });
  }
}

async function decodeFile(
  file: Blob,
  registry: NodeRegistry,
  send: (reply: DecodeReply, transfer?: ArrayBufferLike[]) => void,
): Promise<void> {
  requireFileSize(file);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let told = 0;
  const archive = decodeArchive(bytes, registry, {
    onProgress: (fraction) => {
      const now = performance.now();
      if (now - told < PROGRESS_MS) return;
      told = now;
      send({ type: 'progress', fraction });
    },
  });
  for (const [hash, { name, csv }] of archive.tables)
    send({ type: 'table', hash, name, csv: new Blob([csv.slice()], { type: 'text/csv' }) });
  for (const experiment of archive.experiments)
    send({ type: 'experiment', experiment }, buffersOf(experiment));
  send({ type: 'archived', problems: archive.problems });
}

/** The numbers of the checkpoints: handed over instead of copied. */
function buffersOf({ checkpoints }: ArchivedExperiment): ArrayBufferLike[] {
  return checkpoints.flatMap(({ state, path }) => [
    ...state.map(({ data }) => data.buffer),
    ...(path ? [path.iterates.buffer] : []),
  ]);
}

/** Said before the file is read. @throws ArchiveError */
export function requireFileSize({ size }: Blob): void {
  if (size > ARCHIVE_LIMITS.file)
    throw new ArchiveError(
      'too-large',
      `file: expected at most ${ARCHIVE_LIMITS.file / 1e6} MB, got ${Math.ceil(size / 1e6)} MB. It is not a file that Adjoint made, or the library must be exported in parts.`,
    );
}

function failureOf(error: unknown): DecodeFailure {
  if (error instanceof LinkError)
    return { name: 'LinkError', kind: error.kind, message: error.message };
  if (error instanceof ArchiveError)
    return { name: 'ArchiveError', kind: error.kind, message: error.message };
  if (error instanceof DocumentError)
    return { name: 'DocumentError', path: error.path, message: error.message };
  // Memory may run out on what is within the limits.
  return {
    name: 'Error',
    message: printable(error instanceof Error ? error.message : String(error), 200),
  };
}
