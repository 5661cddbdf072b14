import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, MESSAGE, printable, show, SHOWN } from './show.ts';

/** What could hide, or turn the direction of, the text around it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

describe('a foreign value in a message', () => {
  it('is shown as JSON as far as it is short', () => {
    expect(show('a b')).toBe("'a b'");
    expect(show(-0.5)).toBe('-0.5');
    expect(show(NaN)).toBe('NaN');
    expect(show(undefined)).toBe('nothing');
    expect(show(null)).toBe('null');
    expect(show([1, 'x', [2]])).toBe('[1,"x",[2]]');
    expect(show({ a: 1, b: { c: 2 } })).toBe('{"a":1,"b":{"c":2}}');
    expect(show([[[1]]])).toBe('[[[…]]]');
  });

  it('writes what is invisible or turns the direction as escapes', () => {
    expect(show('a\u202eb')).toBe("'a\\u{202e}b'");
    expect(show('\u200b')).toBe("'\\u{200b}'");
    expect(show('a\nb\tc')).toBe("'a b c'");
    expect(printable('e\u0301')).toBe('e\u0301');
    expect(printable('e' + '\u0301'.repeat(4))).toBe(`e${'\\u{301}'.repeat(4)}`);
    expect(printable('\ud800')).toBe('\\u{d800}');
  });

  it('is short, visible and found at once, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const shown = show(value);
        expect(shown.length).toBeLessThanOrEqual(SHOWN);
        expect(HIDDEN.test(shown)).toBe(false);
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(printable(text).length).toBeLessThanOrEqual(SHOWN);
        expect(HIDDEN.test(printable(text))).toBe(false);
      }),
      { seed: 2 },
    );
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = i % 2 ? { deep } : [deep];
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const started = process.cpuUsage();
    for (const value of [deep, wide, 'x'.repeat(1e7), '\u202e'.repeat(1e6), new Array(1e6)])
      expect(show(value).length).toBeLessThanOrEqual(SHOWN);
    // Measured at 60 ms, nearly all of it for the keys of the widest.
    expect(process.cpuUsage(started).user / 1e3).toBeLessThan(500);
  });

  it('cuts a whole message without halving a character', () => {
    expect(message('short')).toBe('short');
    const long = message(`${'x'.repeat(MESSAGE - 2)}😀 and more`);
    expect(long).toBe(`${'x'.repeat(MESSAGE - 2)}…`);
  });
});
