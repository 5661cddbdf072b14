import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { grouped } from './limits.ts';
import type { TableLimits } from './limits.ts';
import { TableError } from './table-error.ts';

export interface TextChunk {
  /** Line ends are `\n`; a byte order mark is removed. */
  readonly text: string;
  /** Of the whole source, after this chunk. */
  readonly fraction: number;
  readonly last: boolean;
}

export interface TextSource {
  chunks(): AsyncGenerator<TextChunk, void>;
  /** SHA-256 of the source's bytes, hex; known once the chunks are read. A string counts as its UTF-8 bytes. */
  hash(): string;
  bytesRead(): number;
}

/**
 * Reads a file or a string in pieces, so that the thread stays free for messages between them and only one piece of a
 * large file is in memory.
 */
export function textSource(
  table: string,
  source: Blob | string,
  limits: TableLimits,
  chunkSize: number,
  signal: AbortSignal | undefined,
): TextSource {
  // A string of n UTF-16 units has at least n UTF-8 bytes, so this refuses only what is too large.
  refuseSize(table, typeof source === 'string' ? source.length : source.size, limits);
  const digest = sha256.create();
  let bytesRead = 0;

  async function* chunks(): AsyncGenerator<TextChunk, void> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let carriageReturn = '';
    for await (const piece of pieces(source, chunkSize)) {
      signal?.throwIfAborted();
      digest.update(piece.bytes);
      bytesRead += piece.bytes.length;
      refuseSize(table, bytesRead, limits);
      let text: string;
      try {
        text = carriageReturn + decoder.decode(piece.bytes, { stream: !piece.last });
      } catch {
        throw notText(table, 'bytes that are not UTF-8');
      }
      if (text.includes('\0')) throw notText(table, 'a zero byte');
      // A carriage return at the end may be the first half of \r\n.
      carriageReturn = !piece.last && text.endsWith('\r') ? '\r' : '';
      if (carriageReturn !== '') text = text.slice(0, -1);
      if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
      yield { text, fraction: piece.fraction, last: piece.last };
    }
  }

  return { chunks, hash: () => bytesToHex(digest.digest()), bytesRead: () => bytesRead };
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly fraction: number;
  readonly last: boolean;
}

async function* pieces(source: Blob | string, chunkSize: number): AsyncGenerator<Piece, void> {
  if (typeof source !== 'string') {
    for (let start = 0; start === 0 || start < source.size; start += chunkSize) {
      const end = Math.min(start + chunkSize, source.size);
      const bytes = new Uint8Array(await source.slice(start, end).arrayBuffer());
      yield {
        bytes,
        fraction: source.size === 0 ? 1 : end / source.size,
        last: end === source.size,
      };
    }
    return;
  }
  const encoder = new TextEncoder();
  let start = 0;
  // Ends since chunkSize ≥ 1 moves the start on.
  do {
    let end = Math.min(start + chunkSize, source.length);
    // A surrogate pair stays in one piece, else its halves would be encoded as two replacement characters.
    if (end < source.length && isHighSurrogate(source.charCodeAt(end - 1))) end++;
    yield {
      bytes: encoder.encode(source.slice(start, end)),
      fraction: source.length === 0 ? 1 : end / source.length,
      last: end === source.length,
    };
    start = end;
    // A turn of the event loop, so that a cancel message gets through.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } while (start < source.length);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function refuseSize(table: string, bytes: number, limits: TableLimits): void {
  if (bytes <= limits.bytes) return;
  throw new TableError(
    'too-large',
    table,
    {},
    `at most ${grouped(limits.bytes)} bytes`,
    `${grouped(bytes)}`,
    'Keep the rows and columns you need, or aggregate them, and load the smaller file.',
  );
}

function notText(table: string, got: string): TableError {
  return new TableError(
    'not-text',
    table,
    {},
    'text in UTF-8',
    got,
    'Export the table as CSV in UTF-8 (a spreadsheet file is not CSV).',
  );
}
