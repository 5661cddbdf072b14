/** Wrong things that take long to run, and that the checks of the gallery notice. */
import { it } from 'vitest';
import { expectToFail, listMutants } from '../contract/support/gallery-mutants.ts';

it.each(listMutants(true))('%s does not pass with %s', (_, __, document, mutant) =>
  expectToFail(document, mutant),
);
