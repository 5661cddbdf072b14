import { expect, it } from 'vitest';
import { ago, bytes } from './text.ts';

it('says how long ago in words', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  expect(ago(now - 59_000, now)).toBe('just now');
  expect(ago(now - 61_000, now)).toBe('1 minute ago');
  expect(ago(now - 3 * 3_600_000, now)).toBe('3 hours ago');
  expect(ago(now - 30 * 3_600_000, now)).toBe('yesterday');
  expect(ago(now - 40 * 86_400_000, now)).toBe('May 6, 2026');
});

it('says sizes in decimal units', () => {
  expect([0, 999, 1000, 1_234_567, 12_345_678, 999_999].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 MB',
    '12 MB',
    '1.0 MB',
  ]);
});
