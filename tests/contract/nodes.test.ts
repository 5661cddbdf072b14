/** What holds for every node type in the registry. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import type { GraphDocument } from '../../src/lib/runtime/graph/document.ts';
import { FAMILIES } from '../../src/lib/runtime/graph/node-definition.ts';
import type { NodeDefinition } from '../../src/lib/runtime/graph/node-definition.ts';
import { describeDomain, validateParams } from '../../src/lib/runtime/graph/params.ts';
import type { DatasetValue, PortType, PortValue } from '../../src/lib/runtime/graph/ports.ts';
import {
  decodeDocument,
  emptyDocument,
  parseDocument,
} from '../../src/lib/runtime/graph/schema.ts';
import { gradientOperator } from '../../src/lib/nodes/shared/operators/gradient.ts';
import { definitions, registry } from '../../src/lib/nodes/index.ts';
import { evaluateNode } from './support/evaluate-node.ts';
import {
  dataset,
  gaussianClasses,
  gaussianRegression,
  liveOf,
  loss,
  model,
  noisySignal,
  quadratic,
  regularizer,
  values,
} from './support/problems.ts';

const ROOT = fileURLToPath(new URL('../../src/lib/nodes', import.meta.url));

/** Types of all files that define a node. */
function typesOnDisk(): string[] {
  return FAMILIES.flatMap((family) =>
    readdirSync(`${ROOT}/${family}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => /\bdefineNode\(/.test(readFileSync(`${ROOT}/${family}/${file}`, 'utf8')))
      .map((file) => `${family}/${file.slice(0, -3)}`),
  );
}

describe('the registry', () => {
  test('lists every file that defines a node, each once', () => {
    expect(definitions.map(({ type }) => type).sort()).toEqual(typesOnDisk().sort());
    expect(registry.size).toBe(definitions.length);
  });

  test('is sorted by family and then by name', () => {
    const order = definitions.map(({ family, type }) => [FAMILIES.indexOf(family), type] as const);
    const sorted = [...order].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
    expect(order).toEqual(sorted);
  });

  test('gives every node a title of its own', () => {
    const titles = definitions.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

const REAL = gaussianRegression(24, 3, 1);
const TWO = gaussianClasses(24, 3, 2, 2);
const COUNTS = dataset(REAL.features, values(Array.from({ length: 24 }, (_, i) => i % 5)));

/** Losses that need other targets than real values. */
const DATA: Readonly<Record<string, DatasetValue>> = {
  'data/group-classes': TWO,
  'data/observation': noisySignal(24),
  'loss/basis-pursuit': noisySignal(24),
  'loss/hinge': TWO,
  'loss/inverse-problem': noisySignal(24),
  'loss/logistic': TWO,
  'loss/poisson': COUNTS,
  'loss/softmax-cross-entropy': TWO,
  'loss/tv-denoising': noisySignal(24),
  // Images of 8 × 2 pixels.
  'model/conv-resnet': gaussianRegression(24, 16, 1),
  'model/exponential': gaussianRegression(24, 1, 1),
};
/** Optimizers that split off a non-smooth term. */
const SPLITTING = ['optimizer/admm', 'optimizer/chambolle-pock', 'optimizer/douglas-rachford'];

/** Optimizers that need a mean over samples, or the outputs of a model. */
const SAMPLES = ['optimizer/adam', 'optimizer/adamw', 'optimizer/gauss-newton', 'optimizer/sgd'];

/** Nodes that need another model than a linear one. */
const MODEL: Readonly<Record<string, string>> = {
  'check/gradient-decay': 'model/resnet',
  'loss/density-likelihood': 'model/cnf',
  'view/adjoint-error': 'model/cnf',
  'view/kernel-matrix': 'model/kernel',
  'view/spectrum': 'model/kernel',
  'loss/wasserstein': 'model/generator',
};

const dataFor = ({ type, family }: NodeDefinition): DatasetValue =>
  DATA[type] ?? (family === 'operator' ? noisySignal(24) : REAL);

/** A plain value for a port, or undefined where only an engine can make one. */
async function sample(type: PortType, definition: NodeDefinition): Promise<PortValue | undefined> {
  switch (type) {
    case 'dataset':
      return dataFor(definition);
    case 'model':
      return model(MODEL[definition.type] ?? 'model/linear', dataFor(definition));
    case 'operator':
      return { kind: 'operator', operator: gradientOperator([24]) };
    case 'regularizer':
      return regularizer('regularizer/squared-l2', {}, 'reg');
    case 'objective':
      if (SPLITTING.includes(definition.type)) {
        return loss('loss/squared-error', await model('model/linear', REAL), [
          await regularizer('regularizer/l1-norm', {}, 'l1'),
        ]);
      }
      return SAMPLES.includes(definition.type)
        ? loss('loss/squared-error', await model('model/linear', gaussianRegression(64, 3, 1)))
        : quadratic({});
    case 'scalar':
      return {
        kind: 'scalar',
        value: 1,
        label: 'one',
        precision: 'float64',
        standing: { state: 'final' },
      };
    default:
      return undefined;
  }
}

/** Inputs that a node takes only in the place of another. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = { 'view/spectrum': ['data'] };

/** Inputs for every port, or null where one of them is a run. */
async function inputsOf(definition: NodeDefinition) {
  const inputs: Record<string, PortValue | readonly PortValue[]> = {};
  for (const port of definition.inputs) {
    if (INSTEAD[definition.type]?.includes(port.name)) continue;
    const value = await sample(port.type, definition);
    if (value !== undefined) inputs[port.name] = port.many ? [value] : value;
    else if (!port.optional) return null;
  }
  return inputs;
}

describe.each(definitions.map((definition) => [definition.type, definition] as const))(
  '%s',
  (type, definition) => {
    test('is named for its family and file', () => {
      expect(type.startsWith(`${definition.family}/`)).toBe(true);
      expect(type).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
    });

    test('is documented: a sentence, a formula that KaTeX sets, references with text', () => {
      expect(definition.summary).toMatch(/^\S.*\.$/s);
      const set = () => katex.renderToString(definition.formula, { throwOnError: true });
      expect(set).not.toThrow();
      for (const { text, url } of definition.references) {
        expect(text.length).toBeGreaterThan(10);
        if (url !== undefined) expect(new URL(url).protocol).toBe('https:');
      }
      if (['model', 'regularizer', 'loss', 'optimizer'].includes(definition.family)) {
        expect(definition.references.length).toBeGreaterThan(0);
      }
    });

    test('declares parameters with labels, sound ranges and accepted defaults', () => {
      const { problems, values } = validateParams(definition, {});
      expect(problems).toEqual([]);
      for (const [name, spec] of Object.entries(definition.params)) {
        expect(spec.label.length).toBeGreaterThan(0);
        expect(describeDomain(spec).length).toBeGreaterThan(0);
        expect(validateParams(definition, { [name]: spec.default }).problems).toEqual([]);
        expect(values[name]).toEqual(spec.default);
        if (spec.kind === 'number' || spec.kind === 'integer' || spec.kind === 'integers') {
          expect(spec.min).toBeLessThan(spec.max);
        }
        const shown = spec.visibleWhen;
        if (shown) {
          const other = definition.params[shown.param];
          expect(other).toBeDefined();
          for (const value of shown.in) {
            expect(validateParams(definition, { [shown.param]: value }).problems).toEqual([]);
          }
        }
      }
    });

    test('names its ports once each, with labels', () => {
      for (const ports of [definition.inputs, definition.outputs]) {
        expect(new Set(ports.map(({ name }) => name)).size).toBe(ports.length);
        for (const { label } of ports) expect(label).not.toBe('');
      }
    });

    test('makes an output depend only on inputs that exist and are optional', () => {
      for (const { needs } of definition.outputs) {
        if (needs === undefined) continue;
        expect(definition.inputs.find(({ name }) => name === needs)?.optional).toBe(true);
      }
    });

    test('has fixtures, and refuses the invalid ones as they say', async () => {
      expect(definition.fixtures.valid.length).toBeGreaterThan(0);
      expect(definition.fixtures.invalid.length).toBeGreaterThan(0);
      for (const { params, message } of definition.fixtures.invalid) {
        const { problems } = validateParams(definition, params);
        if (problems.length > 0) {
          expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
          continue;
        }
        const inputs = await inputsOf(definition);
        if (inputs === null) throw new Error(`no inputs to refuse ${JSON.stringify(params)} with`);
        await expect(async () => evaluateNode(definition, { params, inputs })).rejects.toThrow(
          message,
        );
      }
    });

    test('evaluates with every valid fixture to outputs it declares', async () => {
      const inputs = await inputsOf(definition);
      const declared = definition.outputs.map(({ name }) => name);
      for (const params of definition.fixtures.valid) {
        expect(validateParams(definition, params).problems).toEqual([]);
        if (inputs === null) continue;
        const wired = Object.values(inputs).flat();
        const refs = wired.flatMap((value) => ('live' in value ? value.live : []));
        const call = { params, inputs, liveValues: liveOf(refs) };
        const { outputs = {} } = await evaluateNode(definition, call);
        for (const name of Object.keys(outputs)) expect(declared).toContain(name);
        const kinds = definition.outputs.filter(({ name }) => outputs[name] !== undefined);
        for (const { name, type: port } of kinds) {
          const value = outputs[name];
          if ('kind' in value) expect(value.kind).toBe(port);
        }
      }
    });

    test('keeps its parameters through JSON', () => {
      for (const params of definition.fixtures.valid) {
        const document: GraphDocument = {
          ...emptyDocument(),
          nodes: [
            { id: 'a', type, version: definition.version, params, position: { x: 1, y: -2.5 } },
          ],
        };
        const decoded = parseDocument(JSON.stringify(document), registry);
        expect(decoded.problems).toEqual([]);
        expect(decoded.document).toEqual(document);
      }
    });

    test('migrates from every version there ever was', () => {
      const versions = Array.from({ length: definition.version - 1 }, (_, i) => String(i + 1));
      expect(Object.keys(definition.migrations)).toEqual(versions);
      for (const version of versions) {
        const { change, example } = definition.migrations[Number(version)];
        expect(change).not.toBe('');
        const opened = (params: typeof example.before, of: number) => {
          const node = { id: 'a', type, version: of, params, position: { x: 0, y: 0 } };
          return decodeDocument({ ...emptyDocument(), nodes: [node] }, registry);
        };
        const { document, problems } = opened(example.before, Number(version));
        expect(problems).toEqual([]);
        expect(document).toEqual(opened(example.after, Number(version) + 1).document);
        expect(opened({}, Number(version)).problems).toEqual([]);
      }
    });
  },
);
