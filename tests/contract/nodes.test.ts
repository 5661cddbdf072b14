import { readdirSync } from 'node:fs';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { definitions, registry } from '../../src/lib/nodes/index.ts';
import { FAMILIES } from '../../src/lib/runtime/graph/node-definition.ts';
import type { NodeDefinition, ParamSpec } from '../../src/lib/runtime/graph/node-definition.ts';
import { checkParam, validateParams } from '../../src/lib/runtime/graph/params.ts';

const nodes = new URL('../../src/lib/nodes/', import.meta.url);

/** Default exports of the files of a family that are node definitions. */
async function filesOf(family: string): Promise<string[]> {
  const types: string[] = [];
  for (const file of readdirSync(new URL(`${family}/`, nodes))) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'index.ts') continue;
    const module = (await import(new URL(`${family}/${file}`, nodes).href)) as {
      default?: Partial<NodeDefinition>;
    };
    if (module.default?.evaluate !== undefined) types.push(`${family}/${file.slice(0, -3)}`);
  }
  return types.sort();
}

describe('the registry', () => {
  it.each(FAMILIES)('lists every node file of %s, sorted, under its path', async (family) => {
    const listed = definitions.filter((node) => node.family === family).map(({ type }) => type);
    expect(listed).toEqual(await filesOf(family));
  });

  it('has each type once, families in order', () => {
    expect(registry.size).toBe(definitions.length);
    const order = definitions.map(({ family }) => FAMILIES.indexOf(family));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe.each(definitions.map((node) => [node.type, node] as const))('%s', (_, node) => {
  it('says what it is: title, sentence, formula that KaTeX accepts, ports with labels', () => {
    expect(node.title).not.toBe('');
    expect(node.summary).toMatch(/\.$/);
    expect(() => katex.renderToString(node.formula, { throwOnError: true })).not.toThrow();
    for (const port of [...node.inputs, ...node.outputs]) expect(port.label).not.toBe('');
    for (const names of [node.inputs, node.outputs].map((ports) => ports.map(({ name }) => name))) {
      expect(new Set(names).size).toBe(names.length);
    }
    for (const { text, url } of node.references) {
      expect(text).not.toBe('');
      if (url !== undefined) expect(url).toMatch(/^https:\/\//);
    }
  });

  it('has defaults within their own domains, and conditions on parameters that exist', () => {
    for (const [name, spec] of Object.entries<ParamSpec>(node.params)) {
      expect(checkParam(spec, spec.default), name).toBeNull();
      const condition = spec.visibleWhen;
      if (condition === undefined) continue;
      const other = node.params[condition.param];
      expect(other, `${name} depends on ${condition.param}`).toBeDefined();
      for (const value of condition.in) expect(checkParam(other, value)).toBeNull();
    }
  });

  it('accepts its valid fixtures, which survive JSON', () => {
    expect(node.fixtures.valid.length).toBeGreaterThan(0);
    for (const params of node.fixtures.valid) {
      expect(validateParams(node, params).problems).toEqual([]);
      expect(JSON.parse(JSON.stringify(params))).toEqual(params);
    }
  });

  it('refuses its invalid fixtures, by the domain or when it is evaluated', () => {
    expect(node.fixtures.invalid.length).toBeGreaterThan(0);
    let refused = 0;
    for (const { params, message } of node.fixtures.invalid) {
      const { problems } = validateParams(node, params);
      if (problems.length === 0) continue;
      refused++;
      expect(problems.map((problem) => problem.message).join(' ')).toMatch(message);
    }
    // Tests of the data nodes evaluate theirs, which may depend on the table.
    if (node.family !== 'data') expect(refused).toBe(node.fixtures.invalid.length);
  });

  it('migrates from every earlier version', () => {
    const versions = Array.from({ length: node.version - 1 }, (_, i) => String(i + 1));
    expect(Object.keys(node.migrations)).toEqual(versions);
  });

  it('needs inputs that exist and are optional', () => {
    for (const { needs } of node.outputs) {
      if (needs === undefined) continue;
      expect(node.inputs.find(({ name }) => name === needs)?.optional).toBe(true);
    }
  });
});
