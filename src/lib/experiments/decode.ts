/**
 * Decoding beside the page: a worker of its own unpacks, migrates and validates a link or a file, and is ended when it is
 * done, cancelled or silent for too long. The page only receives what was found to be within the limits.
 */
import { DocumentError } from '../runtime/graph/schema.ts';
import { ArchiveError, type ArchivedExperiment } from './archive.ts';
import {
  requireFileSize,
  type DecodeFailure,
  type DecodeJob,
  type DecodeReply,
} from './decode-jobs.ts';
import { LinkError, MAX_LINK_LENGTH, type DecodedLink } from './link.ts';

/** Milliseconds without a word from the worker after which it is ended. */
const SILENCE_MS = 20_000;

/** The part of `Worker` that is used, so that tests can stand in for it. */
export interface DecodeWorker {
  postMessage(job: DecodeJob): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<DecodeReply>) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
}

export interface DecodeOptions {
  readonly signal?: AbortSignal;
  /** The part of a file that is read, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** @default the worker of the app */
  readonly createWorker?: () => DecodeWorker;
  /** @default SILENCE_MS */
  readonly silence?: number;
}

export interface ImportedTable {
  readonly hash: string;
  readonly name: string;
  readonly csv: Blob;
}

/** What a file holds, ready for the library. */
export interface ImportedArchive {
  readonly experiments: readonly ArchivedExperiment[];
  readonly tables: readonly ImportedTable[];
}

/** Reads a fragment. @throws LinkError, DocumentError, or the signal's reason */
export async function readLink(
  fragment: string,
  options: DecodeOptions = {},
): Promise<DecodedLink> {
  if (fragment.length > MAX_LINK_LENGTH + 1)
    throw new LinkError(
      'too-large',
      `link: expected at most ${MAX_LINK_LENGTH} characters, got ${fragment.length}. Ask for the experiment as a file.`,
      { size: fragment.length, limit: MAX_LINK_LENGTH },
    );
  let link: DecodedLink | null = null;
  await converse({ type: 'link', fragment }, options, (reply) => {
    if (reply.type === 'link') link = reply.link;
    return reply.type === 'link';
  });
  if (!link) throw new Error('internal: expected a link, got none.');
  return link;
}

/**
 * Reads an `.adjoint` file or the JSON of a graph. Its size is looked at before it is read.
 * @throws ArchiveError, DocumentError, or the signal's reason
 */
export async function readArchive(
  file: Blob,
  options: DecodeOptions = {},
): Promise<ImportedArchive> {
  requireFileSize(file);
  const experiments: ArchivedExperiment[] = [];
  const tables: ImportedTable[] = [];
  await converse({ type: 'archive', file }, options, (reply) => {
    if (reply.type === 'progress') options.onProgress?.(reply.fraction);
    else if (reply.type === 'experiment') experiments.push(reply.experiment);
    else if (reply.type === 'table') tables.push(reply);
    return reply.type === 'archived';
  });
  return { experiments, tables };
}

/** Gives a job to a new worker and hears it out until `hear` says that this was all. */
function converse(
  job: DecodeJob,
  options: DecodeOptions,
  hear: (reply: DecodeReply) => boolean,
): Promise<void> {
  const { signal, silence = SILENCE_MS } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const worker = (options.createWorker ?? createDecodeWorker)();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      worker.terminate();
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    const late = () =>
      end(() =>
        reject(
          new Error(
            `decode: expected an answer within ${silence / 1000} s, got none. The content may be damaged; ask for it again.`,
          ),
        ),
      );
    let timer = setTimeout(late, silence);
    signal?.addEventListener('abort', abort);
    worker.addEventListener('message', ({ data }) => {
      clearTimeout(timer);
      timer = setTimeout(late, silence);
      if (data.type === 'failed') end(() => reject(errorOf(data.failure)));
      else if (hear(data)) end(resolve);
    });
    const crashed = (event: Event) => {
      event.preventDefault?.();
      end(() =>
        reject(
          new Error(
            'decode: expected the worker to go on, got a crash: there may be too little memory. Close other pages and try again.',
          ),
        ),
      );
    };
    worker.addEventListener('error', crashed);
    worker.addEventListener('messageerror', crashed);
    worker.postMessage(job);
  });
}

function createDecodeWorker(): DecodeWorker {
  return new Worker(new URL('./decode-worker.ts', import.meta.url), {
    type: 'module',
    name: 'adjoint-decode',
  });
}

function errorOf(failure: DecodeFailure): Error {
  switch (failure.name) {
    case 'LinkError':
      return new LinkError(failure.kind, failure.message);
    case 'ArchiveError':
      return new ArchiveError(failure.kind, failure.message);
    case 'DocumentError':
      return new DocumentError(failure.path, failure.message);
    case 'Error':
      return new Error(failure.message);
  }
}
