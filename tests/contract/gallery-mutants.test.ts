/** The checks of the gallery fail for the plausible wrong thing; what takes long is in `tests/long`. */
import { expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { expectToFail, listMutants, mutants } from './support/gallery-mutants.ts';

it('knows a wrong thing for every check of every template', () => {
  for (const { id, document } of templates) {
    const checks = document.nodes.filter(({ type }) => type === 'check/compare');
    const failed = new Set((mutants[id] ?? []).flatMap(({ fails }) => fails));
    expect([...failed].sort(), id).toEqual(checks.map((check) => check.id).sort());
  }
});

it.each(listMutants(false))(
  '%s does not pass with %s',
  { timeout: 60_000 },
  (_, __, document, mutant) => expectToFail(document, mutant),
);
