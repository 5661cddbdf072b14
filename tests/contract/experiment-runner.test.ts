import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeArchive } from '../../src/lib/experiments/archive.ts';
import { encodeLink } from '../../src/lib/experiments/link.ts';
import { templates } from '../../src/lib/gallery/index.ts';
import { sketch } from '../../src/lib/gallery/template.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import type { GraphDocument } from '../../src/lib/runtime/graph/document.ts';
import { setParam } from '../../src/lib/runtime/graph/edit.ts';
import { parseTable, textOf } from '../../src/lib/runtime/table/index.ts';
import { parseArguments, UsageError } from '../../scripts/experiment/arguments.ts';
import { readExperiment } from '../../scripts/experiment/source.ts';

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

describe('a table that begins with a byte order mark, as Excel writes it', () => {
  it('is the same table on the page, in a link and in a file', async () => {
    const bytes = new TextEncoder().encode('\ufeffa,b,y\r\n1,2,3\r\n4,5,6\r\n7,8,9\r\n');
    const { hash, table } = await parseTable(new Blob([bytes]), { name: 'bom.csv' });
    expect(table.columns.map(({ name }) => name)).toEqual(['a', 'b', 'y']);
    const document = sketch({
      title: 'Table',
      explanation: [],
      device: 'cpu64',
      columns: [
        [
          {
            id: 't',
            type: 'data/table',
            params: { table: { source: 'stored', hash, name: 'bom.csv' } },
          },
        ],
      ],
      wires: [],
    });
    const archive = encodeArchive({
      experiments: [{ document, fingerprint: null, checkpoints: [] }],
      tables: new Map([[hash, { name: 'bom.csv', csv: bytes }]]),
    });
    writeFileSync(join(folder, 'bom.adjoint'), archive);
    const link = encodeLink({
      document,
      tables: new Map([[hash, { name: 'bom.csv', csv: textOf(bytes) }]]),
      fingerprint: null,
    });
    for (const source of [join(folder, 'bom.adjoint'), link]) {
      const { tables } = await readExperiment(source, undefined, registry);
      const read = (await tables.stored(hash)) ?? '';
      const again = await parseTable(read, { name: 'bom.csv' });
      expect(again.hash).toBe(hash);
      expect(again.table.columns).toEqual(table.columns);
    }
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
