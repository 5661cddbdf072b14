/** Runs an experiment without a browser: the same engine, the same numbers. `npm run experiment -- --help`. */
import { writeFile } from 'node:fs/promises';
import { compareFingerprints } from '../src/lib/experiments/fingerprint.ts';
import { registry } from '../src/lib/nodes/index.ts';
import { createDeviceManager } from '../src/lib/runtime/device/select.ts';
import { runHeadless } from '../src/lib/runtime/run/headless.ts';
import { parseArguments, USAGE, UsageError } from './experiment/arguments.ts';
import {
  checkLines,
  comparisonTable,
  errorLines,
  missingLines,
  noteLines,
  progressLine,
  resultsCsv,
  resultsJson,
  runLines,
} from './experiment/output.ts';
import { readExperiment } from './experiment/source.ts';

const OK = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const options = parseArguments(args);
  if (!options) {
    console.log(USAGE);
    return OK;
  }
  const experiment = await readExperiment(options.file, options.pick, registry);
  for (const { message } of experiment.problems) console.error(message);

  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const bar = process.stderr.isTTY;
  const result = await runHeadless(experiment.document, {
    registry,
    devices: createDeviceManager({
      installGpu: async () =>
        (await import('../src/lib/runtime/device/webgpu/node.ts')).installNodeGpu(),
    }),
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    tables: experiment.tables,
    numbers: options.out?.format === 'json',
    allowHeavy: options.allowHeavy,
    signal: interrupt.signal,
    onLog: (level, message) => {
      if (bar) process.stderr.write('\r\x1b[K');
      console.error(`${level}: ${message}`);
    },
    onProgress: (reports) => {
      const width = (process.stderr.columns || 80) - 1;
      if (bar) process.stderr.write(`\r\x1b[K${progressLine(reports).slice(0, width)}`);
    },
  });
  if (bar) process.stderr.write('\r\x1b[K');

  const { document, fingerprint } = result;
  console.log(`${document.title} (seed ${document.seed})`);
  if (result.runs.length > 0) console.log(`\n${comparisonTable(result)}`);
  for (const { label, message, status } of result.reports)
    if (status !== 'maxSteps' && status !== 'converged') console.log(`${label}: ${message}`);
  const missing = missingLines(result);
  const lines = [
    ...runLines(result),
    ...checkLines(result),
    ...missing,
    ...noteLines(result),
    ...errorLines(result),
  ];
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
  if (experiment.fingerprint && fingerprint)
    console.log(`\n${compareFingerprints(experiment.fingerprint, fingerprint).sentence}`);
  if (options.out) {
    const text = options.out.format === 'json' ? resultsJson(result) : resultsCsv(result);
    await writeFile(options.out.path, text);
    console.log(`\nWritten to ${options.out.path}.`);
  }
  const failed =
    Object.values(result.checks).some((check) => check.status !== 'pass') ||
    missing.length > 0 ||
    result.reports.some((report) => report.status === 'failed' || report.alarm !== null) ||
    result.nodes.some(({ state }) => state === 'error' || state === 'blocked' || state === 'held');
  return failed ? FAILED : OK;
}

// `exit`, because a GPU's threads would keep the process alive.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') process.exit(INTERRUPTED);
    const usage = error instanceof UsageError;
    console.error(error instanceof Error ? error.message : String(error));
    if (usage) console.error(`\n${USAGE}`);
    process.exit(usage ? WRONG_USAGE : FAILED);
  },
);
