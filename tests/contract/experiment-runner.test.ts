import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeLink } from '../../src/lib/experiments/link.ts';
import { templates } from '../../src/lib/gallery/index.ts';
import type { GraphDocument } from '../../src/lib/runtime/graph/document.ts';
import { setParam } from '../../src/lib/runtime/graph/edit.ts';
import { parseArguments, UsageError } from '../../scripts/experiment/arguments.ts';

const root = join(import.meta.dirname, '../..');
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'adjoint-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const tsx = join(root, 'node_modules/.bin/tsx');
  const { status, stdout, stderr } = spawnSync(tsx, ['scripts/experiment.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const lasso = templates.find((template) => template.id === 'lasso-diabetes')!.document;

describe('npm run experiment', () => {
  it('prints the comparison and the checks, writes results, and exits with 0 when all pass', () => {
    const out = join(folder, 'results.json');
    const { status, stdout } = run(file('lasso.json', JSON.stringify(lasso)), '--out', out);
    expect(stdout).toMatch(/^Run +Status +Steps +Objective/m);
    expect(stdout).toMatch(/FISTA +\w+ +\d+ +1839\.14/);
    expect(stdout).toMatch(/^PASS/m);
    expect(status).toBe(0);
    const results = JSON.parse(readFileSync(out, 'utf8')) as {
      runs: { series: Record<string, number[]> }[];
    };
    expect(results.runs).toHaveLength(3);
    expect(results.runs[0].series.step[0]).toBe(0);
  });

  it('exits with 1 when a check fails, and runs a link', () => {
    const check = lasso.nodes.find((node) => node.type === 'check/compare')!;
    const strict: GraphDocument = setParam(
      setParam(lasso, check.id, 'relation', 'atMost'),
      check.id,
      'expected',
      -1e9,
    );
    const link = encodeLink({ document: strict, tables: new Map(), fingerprint: null });
    const { status, stdout } = run(`https://example.org/lab/${link}`, '--seed', '3');
    expect(stdout).toMatch(/^FAIL/m);
    expect(stdout).toContain('(seed 3)');
    expect(status).toBe(1);
  });

  it('says what is wrong with a file and exits without a trace of the program', () => {
    const { status, stderr } = run(file('broken.json', '{"format": "adjoint"'));
    expect(stderr).toContain('expected the JSON of a graph');
    expect(stderr).not.toMatch(/\n +at /);
    expect(status).toBe(1);
  });
});

describe('the arguments of npm run experiment', () => {
  it.each([
    [['a.json', '--device', 'cuda'], /--device: expected one of .*, got 'cuda'/],
    [['a.json', '--seed', '-1'], /--seed/],
    [['a.json', '--seed', '1.5'], /--seed: expected an integer .*, got '1.5'/],
    [['a.json', '--out', 'x.xlsx'], /--out: expected a name ending in .json or .csv/],
    [['a.json', '--nonsense'], /nonsense/],
    [[], /expected one FILE, got 0/],
    [['a.json', 'b.json'], /expected one FILE, got 2/],
  ])('%j are refused', (args, message) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
    expect(() => parseArguments(args)).toThrow(message);
  });
});
