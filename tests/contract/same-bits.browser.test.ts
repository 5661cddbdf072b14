import { it } from 'vitest';
import { expectSameBits } from './support/expect-same-bits.ts';

it('every elementary function and primitive computes the stored bits in Chromium', () => {
  expectSameBits();
});
