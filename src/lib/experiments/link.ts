/**
 * Share links: a whole experiment in the fragment of a URL, so that no server sees it.
 *
 *   #x1=base64url( length (u32, little-endian) · checksum (6 bytes) · deflate(JSON) )
 *
 * `length` is that of the deflated part and `checksum` the start of its SHA-256: they tell a truncated link from a damaged
 * one. Neither keeps a hostile one out; the limits and the strict decoders do.
 */
import { Inflate, deflateSync, strFromU8, strToU8 } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Fingerprint, GraphDocument } from '../runtime/graph/document.ts';
import { canonicalJson, sha256Hex } from '../runtime/graph/hash.ts';
import { JsonError, parseJson } from '../runtime/graph/json.ts';
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import { decodeDocument, type DocumentProblem } from '../runtime/graph/schema.ts';
import { message as short, show } from '../runtime/graph/show.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { storedTables } from './records.ts';
import { decodeFingerprint, encodeFingerprint } from './wire-schemas.ts';

export const LINK_PREFIX = 'x1=';
/** Characters of the fragment: browsers take more, but chats and mail programs cut longer ones. */
export const MAX_LINK_LENGTH = 32_000;
/** Bytes after inflation. */
export const MAX_INFLATED = 8_000_000;

const HEADER = 10;
const CHECKSUM = 6;
/** Bytes given to the inflater at once: each can become at most about a thousandfold before the size is looked at. */
const SLICE = 512;

export type LinkErrorKind =
  /** Not a link of this application. */
  | 'not-a-link'
  | 'unknown-version'
  /** The end is missing. */
  | 'truncated'
  | 'corrupt'
  | 'too-large'
  /** The document names a table whose content was not given. */
  | 'missing-table';

export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly kind: LinkErrorKind;
  /** Of a link that is too large: its size and the limit, in characters (to write) or bytes (to read). */
  readonly size?: number;
  readonly limit?: number;
  constructor(kind: LinkErrorKind, message: string, sizes: { size?: number; limit?: number } = {}) {
    super(short(message));
    this.kind = kind;
    this.size = sizes.size;
    this.limit = sizes.limit;
  }
}

export interface LinkedTable {
  readonly name: string;
  readonly csv: string;
}

export interface LinkContent {
  readonly document: GraphDocument;
  /** By hash; exactly those that the document names. */
  readonly tables: ReadonlyMap<string, LinkedTable>;
  /** The sender's numbers, to compare with. */
  readonly fingerprint: Fingerprint | null;
}

export interface DecodedLink extends LinkContent {
  /** Flaws of a document that can be opened all the same. */
  readonly problems: readonly DocumentProblem[];
}

/**
 * The fragment, `#` included. Tables the document does not name are left out.
 * @throws LinkError `too-large` or `missing-table`
 */
export function encodeLink(content: LinkContent): string {
  const tables = storedTables(content.document).map((hash) => {
    const table = content.tables.get(hash);
    if (!table)
      throw new LinkError(
        'missing-table',
        `link: expected the content of table ${hash.slice(0, 8)}…, got none. Load the table again.`,
      );
    return { hash, name: table.name, csv: table.csv };
  });
  const json = canonicalJson({
    document: content.document,
    tables,
    fingerprint: content.fingerprint && encodeFingerprint(content.fingerprint),
  });
  const bytes = strToU8(json);
  const deflated = bytes.length <= MAX_INFLATED ? deflateSync(bytes, { level: 9 }) : null;
  const framed = deflated && frame(deflated);
  const length = framed
    ? 1 + LINK_PREFIX.length + Math.ceil((framed.length * 4) / 3)
    : Math.ceil(bytes.length / 2);
  if (!framed || length > MAX_LINK_LENGTH)
    throw new LinkError(
      'too-large',
      `link: expected at most ${MAX_LINK_LENGTH} characters, got ${framed ? '' : 'about '}${length}. Send the experiment as a file instead.`,
      { size: length, limit: MAX_LINK_LENGTH },
    );
  return `#${LINK_PREFIX}${toBase64Url(framed)}`;
}

/** Whether a fragment claims to be a link of any version. */
export function isLink(fragment: string): boolean {
  return /^#?x\d+=/.test(fragment);
}

/**
 * Reads a fragment, with or without `#`.
 * @throws LinkError when it is damaged or too large, DocumentError when its document is none
 */
export function decodeLink(fragment: string, registry: NodeRegistry): DecodedLink {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  if (!text.startsWith(LINK_PREFIX)) {
    const version = /^x(\d{1,9})=/.exec(text);
    throw version
      ? new LinkError(
          'unknown-version',
          `link: expected version 1, got ${version[1]}. It was made by a newer Adjoint; reload the page to update.`,
        )
      : new LinkError(
          'not-a-link',
          'link: expected an address that ends with #x1=…, got none. Copy the whole link.',
        );
  }
  if (text.length > MAX_LINK_LENGTH)
    throw new LinkError(
      'too-large',
      `link: expected at most ${MAX_LINK_LENGTH} characters, got ${text.length}. Ask for the experiment as a file.`,
      { size: text.length, limit: MAX_LINK_LENGTH },
    );
  // A messenger may have encoded or wrapped what it did not know.
  const clean = text
    .slice(LINK_PREFIX.length)
    .replace(/[\s\u200b]|%20/g, '')
    .replace(/={1,4}$/, '');
  const json = inflate(unframe(clean));
  let raw: unknown;
  try {
    raw = parseJson(json);
  } catch (error) {
    throw corrupt('JSON inside', error instanceof JsonError ? error.message : 'something else');
  }
  return decodeContent(raw, registry);
}

function decodeContent(raw: unknown, registry: NodeRegistry): DecodedLink {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw corrupt('an object inside', 'something else');
  const fields = raw as Readonly<Record<string, unknown>>;
  const extra = Object.keys(fields).find((k) => !['document', 'tables', 'fingerprint'].includes(k));
  if (extra !== undefined) throw corrupt('known fields', show(extra));
  const { document, problems } = decodeDocument(fields.document, registry);
  const named = new Set(storedTables(document));
  const tables = decodeTables(fields.tables, named);
  const missing = [...named].find((hash) => !tables.has(hash));
  if (missing !== undefined)
    throw corrupt('every table the graph reads', `none for ${missing.slice(0, 8)}…`);
  const fingerprint = fields.fingerprint === null ? null : decodeFingerprint(fields.fingerprint);
  if (fingerprint === null && fields.fingerprint !== null)
    throw corrupt('results as numbers by node', 'something else');
  return { document, problems, tables, fingerprint };
}

function decodeTables(raw: unknown, named: ReadonlySet<string>): Map<string, LinkedTable> {
  if (!Array.isArray(raw)) throw corrupt('a list of tables', 'something else');
  const tables = new Map<string, LinkedTable>();
  for (const item of raw as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) throw corrupt('a table', 'something else');
    const { hash, name, csv } = item as Readonly<Record<string, unknown>>;
    if (typeof hash !== 'string' || typeof name !== 'string' || typeof csv !== 'string')
      throw corrupt('a table with hash, name and content', 'something else');
    if (!named.has(hash) || tables.has(hash) || name.length > 200)
      throw corrupt('tables that the graph reads, once each', 'another one');
    if (sha256Hex(csv) !== hash) throw corrupt('a table with the content it claims', 'another');
    tables.set(hash, { name, csv });
  }
  return tables;
}

function frame(deflated: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER + deflated.length);
  new DataView(framed.buffer).setUint32(0, deflated.length, true);
  framed.set(sha256(deflated).subarray(0, CHECKSUM), HEADER - CHECKSUM);
  framed.set(deflated, HEADER);
  return framed;
}

function unframe(text: string): Uint8Array {
  if (!/^[\w-]*$/.test(text)) throw corrupt('letters, digits, - and _', 'others');
  // A cut leaves a last group of characters that is none.
  const exact = fromBase64Url(text);
  const bytes = exact ?? fromBase64Url(text.slice(0, text.length - (text.length % 4)));
  if (!bytes) throw corrupt('base64url', 'something else');
  if (bytes.length < HEADER) throw truncated();
  const declared = declaredLength(bytes);
  if (declared > bytes.length - HEADER) {
    // A damaged length asks for more than any link can hold.
    if (declared > MAX_LINK_LENGTH) throw corrupt('a possible length', String(declared));
    throw truncated();
  }
  if (!exact) throw corrupt('base64url', 'something else');
  const deflated = bytes.subarray(HEADER, HEADER + declared);
  const checksum = sha256(deflated);
  for (let i = 0; i < CHECKSUM; i++)
    if (bytes[HEADER - CHECKSUM + i] !== checksum[i])
      throw corrupt('the checksum it carries', 'another');
  if (bytes.length !== HEADER + declared) throw corrupt('nothing after its end', 'more');
  return deflated;
}

function declaredLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** Inflates in slices and stops as soon as the limit is passed. */
function inflate(deflated: Uint8Array): string {
  const parts: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  try {
    const inflater = new Inflate((part, final) => {
      size += part.length;
      parts.push(part);
      ended = final;
    });
    for (let at = 0; at < deflated.length && size <= MAX_INFLATED; at += SLICE)
      inflater.push(deflated.subarray(at, at + SLICE), at + SLICE >= deflated.length);
  } catch {
    throw corrupt('deflated data', 'something else');
  }
  if (size > MAX_INFLATED)
    throw new LinkError(
      'too-large',
      `link: expected at most ${MAX_INFLATED} bytes once unpacked, got more. It is not a link that Adjoint made.`,
      { size, limit: MAX_INFLATED },
    );
  if (!ended) throw corrupt('deflated data with an end', 'none');
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return strFromU8(whole);
}

function corrupt(expected: string, got: string): LinkError {
  return new LinkError(
    'corrupt',
    `link: expected ${expected}, got ${got}. It was changed on its way; ask for it again.`,
  );
}

function truncated(): LinkError {
  return new LinkError(
    'truncated',
    'link: expected its end, got a part of it. Copy the whole link; some programs cut long ones.',
  );
}
