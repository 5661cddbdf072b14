import { deflateSync, strToU8 } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../runtime/graph/hash.ts';
import { decodeDocument, DocumentError } from '../runtime/graph/schema.ts';
import { fromBase64Url, textToFloats, floatsToText, toBase64Url } from './bytes.ts';
import { decodeLink, encodeLink, LinkError, MAX_INFLATED, MAX_LINK_LENGTH } from './link.ts';
import type { LinkContent } from './link.ts';
import {
  CSV,
  CSV_HASH,
  fingerprint,
  registry,
  sampleDocument,
  wrap,
  wrapJson,
} from './testing/samples.ts';
import { encodeFingerprint } from './wire-schemas.ts';

const content: LinkContent = {
  document: sampleDocument('Race', { table: true }),
  tables: new Map([[CSV_HASH, { name: 't.csv', csv: CSV }]]),
  fingerprint,
};
const link = encodeLink(content);

const plain = (): Record<string, unknown> =>
  JSON.parse(
    canonicalJson({
      document: content.document,
      tables: [{ hash: CSV_HASH, name: 't.csv', csv: CSV }],
      fingerprint: encodeFingerprint(fingerprint),
    }),
  ) as Record<string, unknown>;

function failure(fragment: string): LinkError | DocumentError {
  try {
    decodeLink(fragment, registry);
  } catch (error) {
    if (error instanceof LinkError || error instanceof DocumentError) return error;
    throw error;
  }
  throw new Error('the link was accepted');
}
const kind = (fragment: string): string => {
  const error = failure(fragment);
  return error instanceof LinkError ? error.kind : error.name;
};

describe('a share link', () => {
  it('brings back document, tables and results exactly, infinities and NaN included', () => {
    const decoded = decodeLink(link, registry);
    expect(decoded.document).toEqual(content.document);
    expect(decoded.tables).toEqual(content.tables);
    expect(decoded.fingerprint).toEqual(fingerprint);
    expect(decodeLink(link.slice(1), registry).document).toEqual(content.document);
  });

  it('made before the arithmetic was counted carries numbers of arithmetic 0', () => {
    const old = plain();
    delete (old.fingerprint as Record<string, unknown>).arithmetic;
    expect(decodeLink(wrapJson(old), registry).fingerprint).toEqual({
      ...fingerprint,
      arithmetic: 0,
    });
  });

  it('is a fragment of safe characters, the same for the same experiment', () => {
    expect(link).toMatch(/^#x1=[\w-]+$/);
    expect(encodeLink({ ...content, document: structuredClone(content.document) })).toBe(link);
  });

  it('leaves out tables that the graph does not read', () => {
    const tables = new Map([...content.tables, ['00'.repeat(32), { name: 'u.csv', csv: 'u' }]]);
    expect(encodeLink({ ...content, tables })).toBe(link);
  });

  it('refuses to be made without a table the graph reads', () => {
    expect(() => encodeLink({ ...content, tables: new Map() })).toThrow(
      expect.objectContaining({ kind: 'missing-table' }),
    );
  });

  it('refuses to be longer than chats and mails keep whole, and says the sizes', () => {
    // Hexadecimal of hashes does not compress below a half: 100,000 characters give some 67,000.
    const noise = Array.from({ length: 1_500 }, (_, i) =>
      toBase64Url(sha256(strToU8(String(i)))),
    ).join('\n');
    const notes = { ...content, document: { ...content.document, notes: noise } };
    try {
      encodeLink(notes);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(LinkError);
      const { kind, size, limit, message } = error as LinkError;
      expect([kind, limit]).toEqual(['too-large', MAX_LINK_LENGTH]);
      expect(size).toBeGreaterThan(MAX_LINK_LENGTH);
      expect(message).toContain('file');
    }
  });

  it('survives white space and padding that messengers add', () => {
    const body = link.slice(4);
    const folded = `#x1=${body.slice(0, 70)}\n ${body.slice(70)}==`;
    expect(decodeLink(folded, registry).document).toEqual(content.document);
  });
});

describe('a bad link', () => {
  it('names what is wrong with it', () => {
    expect(kind('')).toBe('not-a-link');
    expect(kind('#section')).toBe('not-a-link');
    expect(kind('#x2=AAAA')).toBe('unknown-version');
    expect(kind('#x1=')).toBe('truncated');
    expect(kind('#x1=%%%')).toBe('corrupt');
    expect(kind(`#x1=${'A'.repeat(MAX_LINK_LENGTH)}`)).toBe('too-large');
    expect(kind(`${link}AAAA`)).toBe('corrupt');
    expect(kind(wrap(Uint8Array.of(255, 255, 255)))).toBe('corrupt');
    expect(kind(wrap(new Uint8Array(0)))).toBe('corrupt');
    expect(kind(wrapJson('{"document":'))).toBe('corrupt');
    expect(kind(wrapJson([]))).toBe('corrupt');
    expect(kind(wrapJson({}))).toBe('DocumentError');
    expect(kind(wrapJson({ ...plain(), more: 1 }))).toBe('corrupt');
  });

  it('is called truncated wherever it is cut', () => {
    for (let end = 5; end < link.length; end += 7)
      expect(kind(link.slice(0, end)), `cut at ${end}`).toBe('truncated');
  });

  it('is called corrupt when one character is another', () => {
    for (let at = 4 + 14; at < link.length; at += 11) {
      const other = link[at] === 'A' ? 'B' : 'A';
      expect(kind(link.slice(0, at) + other + link.slice(at + 1)), `at ${at}`).toBe('corrupt');
    }
  });

  it('cannot inflate past the limit', () => {
    const bomb = deflateSync(new Uint8Array(20_000_000), { level: 9 });
    const started = performance.now();
    const error = failure(wrap(bomb));
    expect(error).toMatchObject({ kind: 'too-large', limit: MAX_INFLATED });
    // Measured at 30 ms; it must stop soon after 8 MB.
    expect(performance.now() - started).toBeLessThan(2_000);
    expect((error as LinkError).size).toBeLessThan(MAX_INFLATED + 2_000_000);
  });

  it('cannot pass another table for the one the graph names', () => {
    const tables = [{ hash: CSV_HASH, name: 't.csv', csv: `${CSV} ` }];
    expect(kind(wrapJson({ ...plain(), tables }))).toBe('corrupt');
    expect(kind(wrapJson({ ...plain(), tables: [] }))).toBe('corrupt');
  });

  it('cannot carry names that every object has', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const json = JSON.stringify(plain()).replaceAll('"number-1"', `"${name}"`);
      expect(kind(wrapJson(json)), name).toBe('DocumentError');
      const results = JSON.stringify(plain()).replaceAll('"fista-1"', `"${name}"`);
      expect(kind(wrapJson(results)), name).toBe('corrupt');
    }
    expect(({} as Record<string, unknown>).steps).toBeUndefined();
  });
});

describe('mutations', () => {
  /** Marsaglia's xorshift32. */
  function generator(seed: number): (n: number) => number {
    let state = seed;
    return (n) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % n;
    };
  }
  const ODD: readonly unknown[] = [
    null,
    -1,
    1e308,
    -1e308,
    2 ** 53,
    0.5,
    '',
    '__proto__',
    'x'.repeat(20_000),
    '<img src=x onerror=alert(1)>',
    '\ud800',
    [],
    {},
    [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],
    JSON.parse('{"__proto__":{"polluted":true}}'),
    JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
    true,
    false,
    [1, 2, 3],
    { source: 'stored', hash: '00'.repeat(32), name: 'x' },
    { source: 'builtin', name: '../../etc/passwd' },
  ];

  /** Also sets `__proto__` as a field of its own, as JSON.parse does. */
  function set(at: object, key: string, value: unknown): void {
    const field = { value, enumerable: true, configurable: true, writable: true };
    if (!(Array.isArray(at) && key === 'length')) Object.defineProperty(at, key, field);
  }

  /** Changes one place of a JSON value: replaces, deletes, adds or doubles. */
  function mutate(value: unknown, pick: (n: number) => number): unknown {
    const root = { value };
    let at: Record<string, unknown> = root;
    let key = 'value';
    for (let depth = pick(7); depth >= 0; depth--) {
      const child = at[key];
      if (typeof child !== 'object' || child === null) break;
      const keys = Object.keys(child);
      if (keys.length === 0) break;
      at = child as Record<string, unknown>;
      key = keys[pick(keys.length)];
    }
    const odd = structuredClone(ODD[pick(ODD.length)]);
    switch (pick(6)) {
      case 0:
        delete at[key];
        break;
      case 1:
        if (Array.isArray(at)) at.push(structuredClone(at[Number(key)]));
        else set(at, `${key}2`, at[key]);
        break;
      case 2:
        set(at, ['__proto__', 'constructor', 'x', 'toString'][pick(4)], odd);
        break;
      case 3:
        set(
          at,
          key,
          typeof at[key] === 'number' ? ['HUGE', 1e300, -0, 1e-320, 2 ** 31][pick(5)] : odd,
        );
        break;
      default:
        set(at, key, odd);
    }
    return root.value;
  }

  /** True when it was accepted; then the document must be one. */
  function attempt(fragment: string): boolean {
    try {
      const decoded = decodeLink(fragment, registry);
      expect(decodeDocument(decoded.document, registry).document).toEqual(decoded.document);
      return true;
    } catch (error) {
      if (error instanceof LinkError || error instanceof DocumentError) return false;
      throw error;
    }
  }

  it('never throw anything but a LinkError or DocumentError, over 100,000 of them', () => {
    const pick = generator(20_231);
    const characters = link.split('');
    let accepted = 0;
    // Of the text: flips, cuts, insertions, swaps, foreign characters.
    for (let i = 0; i < 60_000; i++) {
      const copy = characters.slice();
      for (let n = pick(3); n >= 0; n--) {
        const at = pick(copy.length);
        const odd = String.fromCharCode(pick(4) === 0 ? pick(0xffff) : 33 + pick(94));
        const kind = pick(5);
        if (kind === 0) copy[at] = odd;
        else if (kind === 1) copy.length = at;
        else if (kind === 2) copy.splice(at, 0, odd);
        else if (kind === 3) copy.splice(at, 1 + pick(5));
        else [copy[at], copy[copy.length - 1 - at]] = [copy[copy.length - 1 - at], copy[at]];
        if (copy.length === 0) break;
      }
      if (attempt(copy.join(''))) accepted++;
    }
    // Of the deflated bytes, under a right checksum.
    const deflated = deflateSync(strToU8(canonicalJson(plain())));
    for (let i = 0; i < 15_000; i++) {
      const bytes = deflated.slice(0, pick(8) === 0 ? pick(deflated.length) : undefined);
      for (let n = pick(4); n >= 0 && bytes.length > 0; n--) bytes[pick(bytes.length)] = pick(256);
      if (attempt(wrap(bytes))) accepted++;
    }
    // Of the JSON, under a right checksum.
    const json = JSON.stringify(plain());
    for (let i = 0; i < 25_000; i++) {
      let value: unknown = JSON.parse(json);
      for (let n = pick(3); n >= 0; n--) value = mutate(value, pick);
      // JSON can write numbers that no double holds.
      const text = (JSON.stringify(value) ?? '').replaceAll('"HUGE"', '1e999');
      if (attempt(wrap(deflateSync(strToU8(text), { level: 1 })))) accepted++;
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    // Some mutations are harmless (a title, a position): the test would be idle if none or nearly all were.
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(20_000);
  }, 60_000);
});

describe('base64url', () => {
  it('brings back any bytes, and refuses what no encoder writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes));
      }),
      { seed: 1 },
    );
    for (const bad of ['A', 'AB', 'A=', 'A+AA', 'AAA\u00e9']) expect(fromBase64Url(bad)).toBeNull();
  });

  it('brings back doubles bit by bit', () => {
    const values = [0, -0, 1 / 3, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE];
    const back = textToFloats(floatsToText(values));
    expect(back).toHaveLength(values.length);
    values.forEach((value, i) => expect(back?.[i]).toBe(value));
  });
});
