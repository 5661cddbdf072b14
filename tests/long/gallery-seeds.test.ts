/** Every template passes its checks on the seeds 0 to 9. */
import { describe, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { expectToPass } from '../contract/support/expect-to-pass.ts';

describe.each(templates.map((template) => [template.id, template] as const))(
  '%s',
  (_, template) => {
    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('seed %i', (seed) => expectToPass(template, seed));
  },
);
