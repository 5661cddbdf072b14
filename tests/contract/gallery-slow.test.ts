/** Templates that train for several seconds run to their end and pass their own checks, each from its own seed. */
import { it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { expectToPass, SLOW } from './support/expect-to-pass.ts';

it.each(
  templates.filter(({ id }) => SLOW.has(id)).map((template) => [template.id, template] as const),
)('%s passes its checks', { timeout: 180_000 }, (_, template) => expectToPass(template));
