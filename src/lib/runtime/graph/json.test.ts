import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JSON_LIMITS, JsonError, parseJson } from './json.ts';

function refusal(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('parseJson', () => {
  it('agrees with JSON.parse on JSON of every shape', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary', maxDepth: 8 }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { seed: 1 },
    );
  });

  it('does not count what stands in texts', () => {
    const text = JSON.stringify({ csv: '[{,"\\'.repeat(200_000), end: '\\' });
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('refuses too many and too deep values before they are made', () => {
    const { depth, values } = JSON_LIMITS;
    const nested = (n: number) => '['.repeat(n) + ']'.repeat(n);
    expect(refusal(nested(depth))).toBe('accepted');
    expect(refusal(nested(depth + 1))).toContain('nested deeper than');
    expect(refusal('{"a":'.repeat(2_000_000))).toContain('nested deeper than');
    expect(refusal(`[${'0,'.repeat(values)}0]`)).toContain('more than');
    expect(refusal(`[${'{},'.repeat(2_000_000)}0]`)).toContain('more than');
    expect(refusal(`[${'[],'.repeat(values / 2)}0]`)).toContain('more than');
  });

  it('says briefly why text is none', () => {
    for (const text of ['', '{', '"', '"\\', 'x'.repeat(1e6), '{"a":\u202e}', ']'.repeat(1e6)])
      expect(refusal(text)).toMatch(/^text that is not \(.{1,100}\)$/u);
  });
});
