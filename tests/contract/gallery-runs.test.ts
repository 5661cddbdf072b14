/** Templates run to their end within seconds and pass their own checks, each from its own seed. */
import { expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { expectToPass, SLOW } from './support/expect-to-pass.ts';

it('knows which templates are slow', () => {
  const ids = new Set(templates.map(({ id }) => id));
  expect([...SLOW].filter((id) => !ids.has(id))).toEqual([]);
});

it.each(
  templates.filter(({ id }) => !SLOW.has(id)).map((template) => [template.id, template] as const),
)('%s passes its checks', { timeout: 60_000 }, (_, template) => expectToPass(template));
