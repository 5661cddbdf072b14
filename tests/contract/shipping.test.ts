import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHeaders } from '../../scripts/headers.mjs';
import { licenceOf } from '../../scripts/notices.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the headers a host must send', () => {
  const rules = parseHeaders(read('static/_headers'));
  const policies = (path: string) =>
    rules
      .filter(({ matches }) => matches.test(path))
      .flatMap(({ headers }) => headers)
      .filter(([name]) => name === 'Content-Security-Policy')
      .map(([, value]) => value);

  it('say who may frame a page', () => {
    expect(policies('/lab/').join()).toContain("frame-ancestors 'self'");
    expect(policies('/lab/')).toHaveLength(1);
  });

  it('hold the worker to the code of the site', () => {
    const policy = policies('/_app/immutable/workers/engine-worker-a.b_c.js').join();
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("'unsafe-eval'");
    expect(policies('/_app/immutable/workersX.js')).toHaveLength(1);
  });

  it('are the same for every host that is described', () => {
    const text = read('docs/hosting.md');
    for (const { headers } of rules)
      for (const [, value] of headers) {
        // Once in the table, once for each of nginx, Apache and Caddy.
        expect(text.split(value).length - 1, value).toBeGreaterThanOrEqual(4);
      }
  });
});

describe('licences of packages', () => {
  it('are named by the one of several that is taken', () => {
    expect(licenceOf({ name: 'a', license: 'MIT' })).toBe('MIT');
    expect(licenceOf({ name: 'a', license: '(GPL-3.0 OR MIT)' })).toBe('MIT');
    expect(licenceOf({ name: 'a', license: 'Apache-2.0 AND MIT' })).toBe('Apache-2.0 AND MIT');
    expect(licenceOf({ name: 'elkjs', license: 'EPL-2.0 OR GPL-3.0-or-later' })).toBe('EPL-2.0');
  });

  it.each([
    { name: 'a', license: 'GPL-3.0-only' },
    { name: 'a', license: 'MIT AND GPL-3.0-only' },
    { name: 'a' },
    { name: 'a', license: { type: 'MIT' } },
    { name: 'elkjs', license: 'GPL-3.0-or-later' },
  ])('fail the build when they are not on the list: %o', (manifest) => {
    expect(() => licenceOf(manifest)).toThrow(/licences: expected .* to be under one of/);
  });
});
