/** The examples of the guides are whole: they compile where they say they belong, and what they define keeps the promises of its family. */
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type { NodeDefinition } from '../../src/lib/runtime/graph/node-definition.ts';
import type { RegularizerValue } from '../../src/lib/runtime/graph/ports.ts';
import type { RunPlan } from '../../src/lib/runtime/run/run-value.ts';
import { hostedRegularizer } from '../../src/lib/nodes/shared/hosted-regularizer.ts';
import { proxOracle, proxProblem } from '../../src/lib/nodes/shared/prox-oracle.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import { last, liveOf, quadratic, run } from './support/problems.ts';
import { parameterSets, points } from './support/prox.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guides = join(root, 'docs/how-to');

interface Example {
  readonly guide: string;
  /** Where it says it belongs. */
  readonly file: string;
  readonly code: string;
}

const examples: readonly Example[] = readdirSync(guides).flatMap((guide) =>
  [...readFileSync(join(guides, guide), 'utf8').matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(
    ([, path, code]) => ({ guide, file: join(root, path), code }),
  ),
);

/** The default export, with its imports read from where it belongs. */
async function definitionIn({ file, code }: Example): Promise<NodeDefinition> {
  const moved = code.replace(/from '(\.[^']+)'/g, (_, path: string) => {
    const target = pathToFileURL(resolve(dirname(file), path)).pathname;
    return `from '${target}'`;
  });
  const copy = join(mkdtempSync(join(tmpdir(), 'how-to-')), 'example.ts');
  writeFileSync(copy, moved);
  const module = (await import(/* @vite-ignore */ copy)) as { default: NodeDefinition };
  return module.default;
}

const exampleOf = (guide: string): Example => {
  const found = examples.find((example) => example.guide === guide);
  if (!found) throw new Error(`no example in ${guide}`);
  return found;
};

test('every guide has an example', () => {
  expect(examples.map(({ guide }) => guide).sort()).toEqual(readdirSync(guides).sort());
});

test('examples compile as files of the project', { timeout: 120_000 }, () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const codeOf = (path: string) => examples.find(({ file }) => file === path)?.code;
  host.fileExists = (path) => codeOf(path) !== undefined || fileExists(path);
  host.getSourceFile = (path, ...rest) => {
    const code = codeOf(path);
    return code === undefined
      ? getSourceFile.call(host, path, ...rest)
      : ts.createSourceFile(path, code, rest[0], true);
  };
  const program = ts.createProgram(
    examples.map(({ file }) => file),
    { ...options, types: [], skipLibCheck: true },
    host,
  );
  const faults = examples.flatMap(({ file }) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  expect(
    faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  ).toEqual([]);
});

describe('the regularizer', () => {
  test('has the prox that the ellipsoid method finds', async () => {
    const definition = await definitionIn(exampleOf('regularizer.md'));
    for (const params of parameterSets(definition)) {
      const { outputs } = await evaluateNode(definition, { params });
      const g = outputs?.regularizer as RegularizerValue;
      const own = hostedRegularizer(g, liveOf(g.live), [4]);
      for (const v of points(1, 3, 4)) {
        const u = own.prox(v, 0.7);
        const problem = proxProblem(own, false, v, 0.7);
        const gap = problem.value(u) - proxOracle(problem, v, u).lower;
        expect(Math.sqrt(2 * Math.max(gap, 0))).toBeLessThan(1e-5 * Math.hypot(...v) + 1e-14);
      }
    }
  });
});

describe('the optimizer', () => {
  test('reaches the minimum of a quadratic, and refuses what it says it refuses', async () => {
    const definition = await definitionIn(exampleOf('optimizer.md'));
    const objective = await quadratic({ condition: 10 });
    const { signal } = new AbortController();
    const certificate = await objective.certify?.(liveOf(objective.live), signal);
    const { outputs } = await evaluateNode(definition, { inputs: { objective }, nodeId: 'opt' });
    const { columns } = await run(outputs?.run as RunPlan, 2000);
    const gap = last(columns.objective) - (certificate?.value ?? NaN);
    expect(Math.abs(gap)).toBeLessThan(
      1e-10 * (columns.objective[0] - (certificate?.value ?? NaN)),
    );
    for (const { params, message } of definition.fixtures.invalid)
      await expect(evaluateNode(definition, { params })).rejects.toThrow(message);
  });
});
