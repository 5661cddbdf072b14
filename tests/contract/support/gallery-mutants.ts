/**
 * Wrong things that the checks of the gallery must not pass: each an edit of a template's document and the checks that notice it.
 * Together the edits of a template fail every one of its checks, so that none of them is always true.
 */
import type { GraphDocument, ParamValue } from '../../../src/lib/runtime/graph/document.ts';

type Params = Readonly<Record<string, ParamValue>>;

export interface Mutant {
  /** What is wrong, in words. */
  readonly wrong: string;
  /** Parameters by node id, put over those of the template. */
  readonly params?: Readonly<Record<string, Params>>;
  /** Node types by node id; the node then has the parameters of `params` alone. */
  readonly types?: Readonly<Record<string, string>>;
  /** `'node.port > node.port'`, each in the place of all wires that end there. */
  readonly wires?: readonly string[];
  /** Of the graph. */
  readonly seed?: number;
  /** Checks that must not pass. */
  readonly fails: readonly string[];
  /** It takes more than a few seconds: for `npm run test:long`. */
  readonly slow?: true;
}

export function mutated(document: GraphDocument, mutant: Mutant): GraphDocument {
  const { params = {}, types = {}, wires = [], seed = document.seed } = mutant;
  const ids = new Set(document.nodes.map(({ id }) => id));
  for (const id of [...Object.keys(params), ...Object.keys(types)]) {
    if (!ids.has(id)) throw new Error(`no node '${id}' in "${document.title}"`);
  }
  const added = wires.map((text) => {
    const [from, to] = text.split(' > ').map((end) => end.split('.') as [string, string]);
    return { from, to };
  });
  const replaced = new Set(added.map(({ to }) => to.join('.')));
  return {
    ...document,
    seed,
    nodes: document.nodes.map((node) => ({
      ...node,
      type: types[node.id] ?? node.type,
      params: { ...(types[node.id] === undefined && node.params), ...params[node.id] },
    })),
    edges: [...document.edges.filter(({ to }) => !replaced.has(to.join('.'))), ...added],
  };
}

const after = (steps: number, ...ids: readonly string[]): Mutant['params'] =>
  Object.fromEntries(ids.map((id) => [id, { maxSteps: steps }]));

export const mutants: Readonly<Record<string, readonly Mutant[]>> = {
  'curve-fit': [
    {
      wrong: 'no hidden layer',
      params: { model: { widths: [] } },
      fails: ['error-check', 'objective-check'],
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['error-check', 'objective-check'] },
  ],
  'digits-conv-resnet': [
    { wrong: 'no convolutions', types: { model: 'model/linear' }, fails: ['paired-check'] },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['paired-check'] },
    {
      wrong: 'a poor line',
      params: { ...after(1, 'adam'), ...after(3, 'lbfgs') },
      fails: ['gap-check'],
    },
  ],
  'digits-mlp': [
    { wrong: 'no hidden layer', params: { model: { widths: [] } }, fails: ['paired-check'] },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['paired-check'] },
    { wrong: 'a poor line', params: after(5, 'lbfgs'), fails: ['gap-check'] },
  ],
  'gauss-newton': [
    {
      wrong: 'gradient descent with exact data',
      types: { gn: 'optimizer/gradient-descent' },
      params: { gn: { step: 'constant', stepSize: 0.5, maxSteps: 30 } },
      fails: ['gn-check', 'gn-error-check'],
    },
    {
      wrong: 'Newton with noisy data',
      types: { 'noisy-gn': 'optimizer/newton' },
      params: { 'noisy-gn': { maxSteps: 30, tolerance: 1e-14 } },
      fails: ['noisy-order-check'],
    },
    {
      wrong: 'two steps',
      params: after(2, 'noisy-lm', 'gn'),
      fails: ['agree-check', 'gn-error-check'],
    },
    {
      wrong: 'another noise than the claim is about',
      params: { noisy: { noise: 0.1 } },
      fails: ['noise-check'],
    },
  ],
  'hinge-refusal': [
    {
      wrong: 'twenty steps',
      params: after(20, 'sgd', 'smooth'),
      fails: ['sgd-gap-check', 'smooth-gap-check'],
    },
    {
      wrong: 'clouds nearer than the claim is about',
      params: { clouds: { separation: 2.5 }, fresh: { separation: 2.5 } },
      fails: ['sgd-check', 'smooth-check'],
    },
    { wrong: 'one step', params: after(1, 'sgd'), fails: ['sgd-gap-check'] },
  ],
  'iris-softmax': [
    {
      wrong: 'twenty steps',
      params: after(20, 'fista', 'one-fista'),
      fails: ['gap-check', 'one-gap-check'],
    },
    {
      wrong: 'no more than the baseline sees',
      params: { table: { features: 'sepal_width_cm' } },
      fails: ['paired-check'],
    },
  ],
  'kernel-bandwidth': [
    {
      wrong: 'the wide bandwidth',
      params: { 'model-good': { bandwidth: 3 } },
      fails: ['check-good', 'check-wide', 'check-narrow'],
    },
    {
      wrong: 'the tight bandwidth',
      params: { 'model-good': { bandwidth: 0.05 } },
      fails: ['check-tight'],
    },
    { wrong: 'ten steps', params: after(10, 'cg'), fails: ['check-distance'] },
    {
      wrong: 'another λ of the other solver',
      params: { 'model-tight': { lambda: 1e-9 } },
      fails: ['check-distance'],
    },
  ],
  'kernel-moons': [
    { wrong: 'one step', params: after(1, 'newton'), fails: ['gap-check'] },
    {
      wrong: 'a linear kernel',
      params: { model: { kernel: 'polynomial', degree: 1, offset: 1, bandwidth: 1 } },
      fails: ['paired-check'],
    },
    { wrong: 'a very wide kernel', params: { model: { bandwidth: 50 } }, fails: ['paired-check'] },
  ],
  'kernel-spectrum': [
    {
      wrong: 'random places',
      params: { curve: { places: 'random' } },
      fails: ['determinant', 'dimension', 'condition'],
    },
    {
      wrong: 'another bandwidth',
      params: { laplace: { bandwidth: 0.21 } },
      fails: ['determinant', 'dimension', 'condition'],
    },
    {
      wrong: 'kernels exchanged',
      params: { laplace: { kernel: 'gaussian' }, gaussian: { kernel: 'laplace' } },
      fails: ['smoother', 'determinant'],
    },
    {
      wrong: 'a constant term in the kernel',
      params: { linear: { offset: 1 } },
      fails: ['rank', 'duality'],
    },
    {
      wrong: 'another λ on one side',
      params: { primal: { lambda: 1.001e-3 } },
      fails: ['duality'],
    },
  ],
  'sinkhorn-limit': [
    {
      wrong: 'a large ε',
      params: { small: { unit: 'mean', entropicReg: 1 } },
      fails: ['below', 'sharper'],
    },
    {
      wrong: 'a plan for other points',
      wires: ['target.dataset > small.source'],
      fails: ['above'],
    },
    {
      wrong: 'ε in another order',
      params: { large: { entropicReg: 0.05 } },
      fails: ['blurred'],
    },
    {
      wrong: 'three iterations',
      params: { middle: { maxIterations: 12, tolerance: 1e-13 } },
      fails: ['rate-check', 'gap-check'],
    },
  ],
  'two-moons': [
    {
      wrong: 'one hidden unit',
      params: { model: { widths: [1] } },
      fails: ['adam-check', 'sgd-check'],
    },
    {
      wrong: 'one step',
      params: after(1, 'adam', 'sgd', 'lbfgs'),
      fails: ['adam-check', 'sgd-check', 'gap-check'],
    },
  ],
};
