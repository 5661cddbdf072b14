/**
 * Runs templates in float64 in Node, Chromium and Firefox (where installed) and compares the SHA-256 of all their numbers:
 * `npm run hashes [-- TEMPLATE…]`. Ends with 1 if two differ.
 */
import { findFirefox, openChromium, openFirefox } from './hashes/browsers.ts';
import { inNode } from './hashes/node.ts';
import { differences, type ResultHash } from './hashes/results.ts';
import { servePage } from './hashes/serve.ts';

/** Networks, kernels, transport, a flow, total variation, minibatches: every elementary function, and the solvers. */
const TEN = [
  'curve-fit',
  'gauss-newton',
  'digits-mlp',
  'iris-softmax',
  'lasso-diabetes',
  'tv-image',
  'kernel-moons',
  'kantorovich',
  'sinkhorn-limit',
  'eight-gaussians-flow',
];

async function main(chosen: readonly string[]): Promise<boolean> {
  const page = await servePage();
  const browsers = [inNode];
  try {
    browsers.push(await openChromium(page.url));
    const firefox = findFirefox();
    if (firefox) browsers.push(await openFirefox(firefox, page.url));
    else console.log('Firefox: none found, left out.');
    let same = true;
    for (const template of chosen) {
      const results: ResultHash[] = [];
      for (const browser of browsers) results.push(await browser.hash(template));
      console.log(`${template}, ${results[0].numbers} numbers`);
      results.forEach((result, i) => {
        const seconds = (result.time / 1000).toFixed(1);
        console.log(`  ${browsers[i].name.padEnd(24)} ${result.hash}  ${seconds} s`);
        const apart = differences(results[0], result);
        if (apart.length > 0) console.log(`    differs in ${apart.join('; ')}`);
        same &&= result.hash === results[0].hash;
      });
    }
    console.log(same ? 'All alike.' : 'Not all alike.');
    return same;
  } finally {
    for (const browser of browsers) await browser.close();
    page.close();
  }
}

const chosen = process.argv.slice(2);
main(chosen.length > 0 ? chosen : TEN).then(
  (same) => process.exit(same ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  },
);
