import { expect } from 'vitest';
import { ARITHMETIC } from '../../../src/lib/numerics/arithmetic.ts';
import { arithmeticBits } from './arithmetic-bits.ts';
import stored from './arithmetic-bits.json' with { type: 'json' };

/**
 * Fails where this engine computes other bits than those stored. If a kernel was changed on purpose, raise `ARITHMETIC`, so that the numbers
 * of earlier links are not compared exactly, and write the file again.
 */
export function expectSameBits(): void {
  const changed = Object.entries(arithmeticBits()).filter(
    ([name, hash]) => (stored.bits as Record<string, string>)[name] !== hash,
  );
  expect(changed.map(([name]) => name)).toEqual([]);
  expect(Object.keys(stored.bits).length).toBe(Object.keys(arithmeticBits()).length);
  expect(stored.arithmetic).toBe(ARITHMETIC);
}
