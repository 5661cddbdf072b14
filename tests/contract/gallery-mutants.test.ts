/** The checks of the gallery fail for the plausible wrong thing. */
import { describe, expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { mutants, mutated } from './support/gallery-mutants.ts';
import { runDocument } from './support/run-template.ts';

it('knows a wrong thing for every check of every template', () => {
  for (const { id, document } of templates.filter((template) => template.id in mutants)) {
    const checks = document.nodes.filter(({ type }) => type === 'check/compare');
    const failed = new Set(mutants[id].flatMap(({ fails }) => fails));
    expect([...failed].sort(), id).toEqual(checks.map((check) => check.id).sort());
  }
});

describe.each(
  templates
    .filter((template) => template.id in mutants)
    .map(({ id, document }) => [id, document] as const),
)('%s', (id, document) => {
  const quick = (mutants[id] ?? []).filter(({ slow }) => slow !== true);
  it.each(quick.map((mutant) => [mutant.wrong, mutant] as const))(
    'does not pass with %s',
    { timeout: 60_000 },
    async (_, mutant) => {
      const { checks } = await runDocument(mutated(document, mutant));
      for (const check of mutant.fails) {
        expect(checks[check]?.status, `${check}: ${checks[check]?.measured}`).not.toBe('pass');
      }
    },
  );
});
