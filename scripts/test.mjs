// `npm test`: installs what is missing, then format, lint and types side by side, Node tests, WebGPU tests in Chromium, and end-to-end
// tests against the built app. Every stage runs even if an earlier one failed. Ends with `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installChromium, installPackages, ROOT, runBeside, runPackage } from './setup.mjs';

const RESULTS = join(ROOT, 'test-results');

installPackages();
await installChromium();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
// Writes the TypeScript settings that linting and type checks extend.
runPackage(['svelte-kit', 'sync']);

/** Passed and failed counts of a vitest JSON report; a missing report is one failure. */
function vitestCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

function playwrightCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { stats } = JSON.parse(readFileSync(file, 'utf8'));
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
}

function vitest(project) {
  const file = join(RESULTS, `${project}.json`);
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const ok = runPackage(['vitest', 'run', '--project', project, ...reporters]);
  return { ok, ...vitestCounts(file) };
}

function single(args) {
  const ok = runPackage(args);
  return { ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

function endToEnd() {
  const file = join(RESULTS, 'e2e.json');
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const ok = runPackage(['playwright', 'test', '--reporter=list,json'], { env });
  return { ok, ...playwrightCounts(file) };
}

/** What each reads the sources with one thread. */
const READERS = {
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  lint: ['eslint', '.', '--max-warnings', '0'],
  types: ['svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
};

async function readers() {
  const results = await Promise.all(
    Object.entries(READERS).map(async ([name, args]) => ({ name, ...(await runBeside(args)) })),
  );
  for (const { name, output } of results) if (output.trim()) console.log(`${name}:\n${output}`);
  const failed = results.filter(({ ok }) => !ok).length;
  return { ok: failed === 0, passed: results.length - failed, failed };
}

const stages = [
  ['format, lint, types', readers],
  ['Node tests', () => vitest('node')],
  ['WebGPU tests', () => vitest('browser')],
  ['build', () => single(['vite', 'build', '--logLevel', 'warn'])],
  ['end-to-end tests', endToEnd],
];

const rows = [];
for (const [name, stage] of stages) {
  console.log(`\n── ${name} ──`);
  const start = performance.now();
  const { ok, passed, failed } = await stage();
  // A runner that exits non-zero without a failed test (a crash, an unhandled error) still fails.
  rows.push({
    name,
    passed,
    failed: ok ? failed : Math.max(failed, 1),
    seconds: (performance.now() - start) / 1000,
  });
}

console.log('\n── summary ──');
for (const { name, passed, failed, seconds } of rows)
  console.log(
    `${failed ? '✗' : '✓'} ${name.padEnd(20)} ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`,
  );
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
const line = `${total('passed')} passed, ${total('failed')} failed`;
writeFileSync(join(RESULTS, 'summary.txt'), `${line}\n`);
console.log(`\n${line}`);
process.exit(total('failed') ? 1 : 0);
