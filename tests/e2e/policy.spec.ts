import { openLab } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test('the worker evaluates no text and reaches no other site; the page is not framed elsewhere', async ({
  page,
}) => {
  const headers = (await page.goto('lab/?new'))?.headers() ?? {};
  expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
  await openLab(page);
  const [worker] = page.workers();
  const verdicts = await worker.evaluate(async () => {
    const refused = async (attempt: () => unknown) => {
      try {
        await attempt();
        return false;
      } catch {
        return true;
      }
    };
    const evaluate = globalThis.eval;
    // The debugger that calls this function may evaluate text; what comes a turn later may not.
    await new Promise((resolve) => setTimeout(resolve));
    const violated: string[] = [];
    addEventListener('securitypolicyviolation', (event) =>
      violated.push((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    const answers = {
      eval: await refused(() => evaluate('1 + 1')),
      elsewhere: await refused(() => fetch('http://127.0.0.1:9/')),
      // Its own site it must reach.
      here: await refused(() => fetch(`${location.origin}/data/iris.csv`)),
    };
    return { ...answers, violated };
  });
  expect(verdicts).toEqual({
    eval: true,
    elsewhere: true,
    here: false,
    violated: ['script-src', 'connect-src'],
  });
  const notices = await page.request.get('third-party-notices.txt');
  expect(await notices.text()).toMatch(/elkjs .*\nLicence: EPL-2\.0\nSource: /);
});
