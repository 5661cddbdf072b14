/** Tables that the worker parses for the page: each ends with its summary, a message for the person, or the signal's reason. */
import type { FromWorker, TableSummary, ToWorker } from '../runtime/run/protocol.ts';

export interface ParseOptions {
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ParsedTable {
  readonly hash: string;
  readonly summary: TableSummary;
}

interface Pending {
  readonly onProgress: ParseOptions['onProgress'];
  readonly resolve: (value: ParsedTable) => void;
  readonly reject: (reason: unknown) => void;
}

export class Parses {
  private readonly pending = new Map<number, Pending>();
  private readonly post: (message: ToWorker) => void;
  private ids = 0;

  constructor(post: (message: ToWorker) => void) {
    this.post = post;
  }

  begin(
    name: string,
    source: Blob | string,
    { onProgress, signal }: ParseOptions,
  ): Promise<ParsedTable> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const id = ++this.ids;
      this.pending.set(id, { onProgress, resolve, reject });
      signal?.addEventListener('abort', () => {
        if (!this.pending.delete(id)) return;
        this.post({ type: 'cancel-parse', id });
        reject(signal.reason);
      });
      this.post({ type: 'parse', id, name, source });
    });
  }

  /** @returns whether the message was about a parse */
  receive(message: FromWorker): boolean {
    switch (message.type) {
      case 'parse-progress':
        this.pending.get(message.id)?.onProgress?.(message.fraction);
        return true;
      case 'parsed': {
        const { id, hash, summary } = message;
        this.pending.get(id)?.resolve({ hash, summary });
        this.pending.delete(id);
        return true;
      }
      case 'parse-failed':
        this.pending.get(message.id)?.reject(new Error(message.message));
        this.pending.delete(message.id);
        return true;
      default:
        return false;
    }
  }

  rejectAll(message: string): void {
    for (const { reject } of this.pending.values()) reject(new Error(message));
    this.pending.clear();
  }
}
