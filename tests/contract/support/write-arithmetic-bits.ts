/** `npx tsx tests/contract/support/write-arithmetic-bits.ts`, after `ARITHMETIC` was raised. */
import { writeFileSync } from 'node:fs';
import { ARITHMETIC } from '../../../src/lib/numerics/arithmetic.ts';
import { arithmeticBits } from './arithmetic-bits.ts';

writeFileSync(
  new URL('arithmetic-bits.json', import.meta.url),
  `${JSON.stringify({ arithmetic: ARITHMETIC, bits: arithmeticBits() }, null, 2)}\n`,
);
