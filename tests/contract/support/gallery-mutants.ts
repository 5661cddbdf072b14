/**
 * Wrong things that the checks of the gallery must not pass: each an edit of a template's document and the checks that notice it.
 * Together the edits of a template fail every one of its checks, so that none of them is always true.
 */
import { expect } from 'vitest';
import { templates } from '../../../src/lib/gallery/index.ts';
import { registry } from '../../../src/lib/nodes/index.ts';
import type { GraphDocument, ParamValue } from '../../../src/lib/runtime/graph/document.ts';
import type {
  Evaluation,
  NodeDefinition,
  NodeRegistry,
} from '../../../src/lib/runtime/graph/node-definition.ts';
import type { LinearOperator, OperatorValue } from '../../../src/lib/runtime/graph/ports.ts';
import { neg } from '../../../src/lib/runtime/ir/ops.ts';
import { runDocument } from './run-template.ts';

type Outputs = NonNullable<Evaluation['outputs']>;
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
  /** Wrong implementations: what a type of node gives, in the place of what it should give. */
  readonly nodes?: Readonly<Record<string, (right: Outputs) => Outputs>>;
  /** Checks that must not pass. */
  readonly fails: readonly string[];
  /** It takes more than a few seconds: for `npm run test:long`. */
  readonly slow?: true;
}

function mutated(document: GraphDocument, mutant: Mutant): GraphDocument {
  const { params = {}, types = {}, wires = [] } = mutant;
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
    nodes: document.nodes.map((node) => ({
      ...node,
      type: types[node.id] ?? node.type,
      params: { ...(types[node.id] === undefined && node.params), ...params[node.id] },
    })),
    edges: [...document.edges.filter(({ to }) => !replaced.has(to.join('.'))), ...added],
  };
}

/** The registry with the wrong implementations of a mutant. */
function registryOf(mutant: Mutant): NodeRegistry {
  const changed = Object.entries(mutant.nodes ?? {}).map(([type, change]) => {
    const right = registry.get(type);
    if (!right) throw new Error(`no node type '${type}'`);
    const wrong: NodeDefinition = {
      ...right,
      async evaluate(context) {
        const evaluation = await right.evaluate(context);
        return { ...evaluation, outputs: change(evaluation.outputs ?? {}) };
      },
    };
    return [type, wrong] as const;
  });
  return new Map([...registry, ...changed]);
}

const operator =
  (change: (right: LinearOperator) => Partial<LinearOperator>) =>
  (outputs: Outputs): Outputs => {
    const right = (outputs.operator as OperatorValue).operator;
    return { operator: { kind: 'operator', operator: { ...right, ...change(right) } } };
  };

const after = (steps: number, ...ids: readonly string[]): Mutant['params'] =>
  Object.fromEntries(ids.map((id) => [id, { maxSteps: steps }]));

export const mutants: Readonly<Record<string, readonly Mutant[]>> = {
  'checkerboard-flow': [
    { wrong: 'one step', params: after(1, 'adam'), fails: ['excess-check'], slow: true },
    {
      wrong: 'one coarse step in place of a solver',
      params: { ...after(40, 'adam'), flow: { steps: 1 }, mass: { solver: 'model' } },
      fails: ['mass-check'],
      slow: true,
    },
  ],
  'curve-fit': [
    {
      wrong: 'no hidden layer',
      params: { model: { widths: [] } },
      fails: ['error-check', 'objective-check'],
    },
    { wrong: 'one step', params: after(1, 'adam'), fails: ['error-check', 'objective-check'] },
  ],
  deblurring: [
    {
      wrong: 'one step',
      params: after(1, 'admm', 'cg'),
      fails: ['admm-check', 'cg-check', 'tv-check'],
      slow: true,
    },
    {
      wrong: 'penalties that leave nothing',
      params: { tv: { lambda: 100 }, l2: { lambda: 100 } },
      fails: ['tv-check', 'ridge-check'],
      slow: true,
    },
    {
      wrong: 'an adjoint of the wrong sign and a norm that is too small',
      nodes: {
        'operator/blur': operator((right) => ({
          adjoint: (y) => neg(right.adjoint(y)),
          norm: 0.5,
        })),
      },
      params: after(1, 'admm', 'cg'),
      fails: ['adjoint-check', 'norm-check'],
      slow: true,
    },
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
  'eight-gaussians-flow': [
    { wrong: 'one step', params: after(1, 'adam'), fails: ['excess-check'], slow: true },
    {
      wrong: 'a quarter of the steps',
      params: after(75, 'adam'),
      fails: ['excess-check'],
      slow: true,
    },
    {
      wrong: 'one coarse step in place of a solver',
      params: { ...after(40, 'adam'), flow: { steps: 1 }, mass: { solver: 'model' } },
      fails: ['mass-check'],
      slow: true,
    },
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
  inpainting: [
    {
      wrong: 'two steps',
      params: after(2, 'admm', 'fista'),
      fails: ['gap-check', 'optimality-check', 'tv-check'],
      slow: true,
    },
    {
      wrong: 'a nuclear norm that leaves nothing',
      params: { nuclear: { lambda: 100 } },
      fails: ['nuclear-check'],
      slow: true,
    },
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
  'low-rank': [
    {
      wrong: 'two steps',
      params: after(2, 'small', 'large', 'beyond'),
      fails: ['optimality-check'],
    },
    {
      wrong: 'random weights as they began',
      params: { model: { initialScale: 1 }, ...after(2, 'small', 'large', 'beyond') },
      fails: ['small-check', 'beyond-check'],
    },
    {
      wrong: 'λ beyond the bound',
      params: { 'large-norm': { lambda: 0.3 }, ...after(30, 'small', 'large') },
      fails: ['large-check'],
    },
    {
      wrong: 'pixels of another scale',
      params: { scale: { method: 'variance' }, ...after(1, 'small', 'large', 'beyond') },
      fails: ['above-check'],
    },
    {
      wrong: 'centred pixels of norm 1',
      params: { scale: { method: 'norm' }, ...after(1, 'small', 'large', 'beyond') },
      fails: ['below-check'],
    },
  ],
  'moons-transport-flow': [
    {
      wrong: 'no transport cost',
      params: { transport: { lambda: 0 }, ...after(60, 'ot', 'free') },
      fails: ['saved-check'],
      slow: true,
    },
    { wrong: 'one step', params: after(1, 'ot', 'free'), fails: ['excess-check'] },
  ],
  'sinkhorn-generator': [
    { wrong: 'one step', params: after(1, 'adam'), fails: ['near'] },
    {
      wrong: 'a linear generator',
      params: { generator: { widths: [] } },
      fails: ['near'],
      slow: true,
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
  'tv-image': [
    {
      wrong: 'one step',
      params: after(1, 'cp', 'admm'),
      fails: ['cp-check', 'admm-check'],
      slow: true,
    },
    {
      wrong: 'hardly a penalty',
      params: { loss: { lambda: 1e-4 } },
      fails: ['gain-check'],
      slow: true,
    },
  ],
  'tv-signal': [
    {
      wrong: 'one step',
      params: after(1, 'cp', 'admm'),
      fails: ['cp-check', 'admm-check', 'much-check'],
    },
    { wrong: 'a small λ', params: { loss: { lambda: 0.03 } }, fails: ['little-check'] },
    { wrong: 'a large λ', params: { loss: { lambda: 3 } }, fails: ['much-check'] },
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

/** [template, what is wrong, its document, the mutant], of those that take long or of the others. */
export function listMutants(
  slow: boolean,
): readonly (readonly [string, string, GraphDocument, Mutant])[] {
  return templates.flatMap(({ id, document }) =>
    (mutants[id] ?? [])
      .filter((mutant) => (mutant.slow === true) === slow)
      .map((mutant) => [id, mutant.wrong, document, mutant] as const),
  );
}

export async function expectToFail(document: GraphDocument, mutant: Mutant): Promise<void> {
  const { checks } = await runDocument(mutated(document, mutant), {
    registry: registryOf(mutant),
  });
  for (const check of mutant.fails) {
    expect(checks[check]?.status, `${check}: ${checks[check]?.measured}`).not.toBe('pass');
  }
}
