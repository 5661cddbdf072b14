/** A quadratic, gradient descent with noise from its key, and readers of runs: enough to test the engine. */
import type { GraphDocument } from '../../graph/document.ts';
import { defineNode } from '../../graph/node-definition.ts';
import type { NodeDefinition } from '../../graph/node-definition.ts';
import type { LiveRef, LiveValues, ObjectiveValue } from '../../graph/ports.ts';
import { hostFloat, hostInt, hostScalar } from '../../ir/host.ts';
import {
  add,
  cast,
  constant,
  div,
  equal,
  mul,
  select,
  sqrt,
  stack,
  sub,
  sum,
  sumSquares,
} from '../../ir/ops.ts';
import { foldIn, normal } from '../../ir/random.ts';
import type { Value } from '../../ir/types.ts';
import { grad } from '../../transform/index.ts';
import { cpu64Only } from '../devices.ts';
import type { DeviceManager } from '../devices.ts';
import { Engine } from '../engine.ts';
import type { Checkpoint, FromWorker, NodeReport, RunReport } from '../protocol.ts';
import type { RunPlan, RunValue } from '../run-value.ts';
import type { TableSource } from '../tables.ts';

const common = {
  version: 1,
  formula: '',
  summary: 'For tests.',
  references: [],
  migrations: {},
  fixtures: { valid: [], invalid: [] },
};

/** f(x) = (weight/2)·(x₁² + curvature·x₂²) from a random start; the certificate is exact. */
export const quadraticNode = defineNode({
  ...common,
  type: 'loss/quadratic',
  family: 'loss',
  title: 'Quadratic',
  params: {
    curvature: { kind: 'number', label: 'Curvature', default: 10, min: 1, max: 1e6 },
    weight: { kind: 'number', label: 'Weight', default: 1, min: 0, max: 10, live: true },
  },
  inputs: [],
  outputs: [{ name: 'objective', type: 'objective', label: 'objective' }],
  evaluate: ({ params, live }) => {
    const weight = live('weight');
    const value: ObjectiveValue['value'] = (x, data, lives) =>
      div(mul(lives[weight.key], sum(mul(data[0], mul(x[0], x[0])))), 2);
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: 'Quadratic',
      formula: '',
      variables: [{ name: 'x', shape: [2] }],
      penalized: [true],
      init: (key) => [add(normal(key, [2]), 3)],
      data: [hostFloat([1, params.curvature])],
      samples: null,
      smooth: { yes: true },
      convex: true,
      value,
      dataTerm: value,
      terms: [],
      smoothTerms: [],
      live: [weight],
      constants: { lipschitzGrad: params.curvature, strongConvexity: 1 },
      certify: async () => ({ value: 0, gap: 0, method: 'closed form', precision: 'float64' }),
    };
    return { outputs: { objective } };
  },
});

interface DescentOptions {
  readonly noise: number;
  /** The step at which the iterate becomes NaN; 0 never. */
  readonly poison: number;
  readonly maxSteps: number;
  readonly tolerance: number;
}

/** x ← x − s·(∇f(x) + noise·ξ_k), ξ_k a function of the key and the step. */
function descentPlan(
  objective: ObjectiveValue,
  stepSize: LiveRef,
  options: DescentOptions,
): RunPlan {
  const slope = (x: Value, data: readonly Value[], live: LiveValues) =>
    grad(([at]) => objective.value([at], data, live))([x])[0];
  return {
    kind: 'plan',
    label: 'Descent',
    remedy: 'Lower the step size.',
    objective,
    live: [stepSize],
    init: (x0, key) => [...x0, key, constant(hostInt([0], []))],
    step: ([x, key, k], data, live) => {
      const xi = mul(normal(foldIn(key, k), [2]), options.noise);
      const next = sub(x, mul(live[stepSize.key], add(slope(x, data, live), xi)));
      const count = add(k, 1);
      const poisoned = select(equal(count, options.poison), NaN, next);
      return [options.poison > 0 ? poisoned : next, key, count];
    },
    parameters: ([x]) => [x],
    counters: ([, , k]) => {
      const iterations = cast(k, 'float');
      const zero = constant(hostScalar(0));
      return {
        iterations,
        oracles: { gradients: iterations, values: zero, prox: zero, matvecs: zero, passes: zero },
      };
    },
    residual: ([x], data, live) => sqrt(sumSquares(slope(x, data, live))),
    maxSteps: options.maxSteps,
    tolerance: options.tolerance,
  };
}

const objectiveIn = [{ name: 'objective', type: 'objective', label: 'Objective' }] as const;
const runOut = [{ name: 'run', type: 'plan', label: 'run' }] as const;

export const descentNode = defineNode({
  ...common,
  type: 'optimizer/descent',
  family: 'optimizer',
  title: 'Descent',
  params: {
    stepSize: { kind: 'number', label: 'Step', default: 0.05, min: 0, max: 1e6, live: true },
    noise: { kind: 'number', label: 'Noise', default: 0, min: 0, max: 1 },
    poison: { kind: 'integer', label: 'Poison', default: 0, min: 0, max: 1e6 },
    maxSteps: { kind: 'integer', label: 'Steps', default: 100, min: 1, max: 1e6 },
    tolerance: { kind: 'number', label: 'Tolerance', default: 0, min: 0, max: 1 },
  },
  inputs: objectiveIn,
  outputs: runOut,
  evaluate: ({ params, input, live }) => ({
    outputs: { run: descentPlan(input('objective', 'objective'), live('stepSize'), params) },
  }),
});

/** The first parameter of a run, as a number for checks and fingerprints. */
export const readerNode = defineNode({
  ...common,
  type: 'view/reader',
  family: 'view',
  title: 'Reader',
  params: {},
  inputs: [{ name: 'run', type: 'run', label: 'Run' }],
  outputs: [{ name: 'scalar', type: 'scalar', label: 'x₁' }],
  evaluate: ({ input }) => {
    const run = input('run', 'run');
    const value = run.parameters[0].data[0];
    return {
      outputs: { scalar: { kind: 'scalar', value, label: 'x₁', precision: run.precision } },
      view: { kind: 'value', label: run.plan.label, value, precision: run.precision },
    };
  },
});

/** Shows how many runs it was given. */
export const countNode = defineNode({
  ...common,
  type: 'view/count',
  family: 'view',
  title: 'Count',
  params: {},
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  evaluate: ({ list }) => ({ status: `${list('runs', 'run').length} runs` }),
});

/** An optimizer whose step does not keep the shape of its state. */
export const brokenNode = defineNode({
  ...common,
  type: 'optimizer/broken',
  family: 'optimizer',
  title: 'Broken',
  params: { stepSize: { kind: 'number', label: 'Step', default: 1, min: 0, max: 1, live: true } },
  inputs: objectiveIn,
  outputs: runOut,
  evaluate: ({ input, live }) => {
    const options = { noise: 0, poison: 0, maxSteps: 1, tolerance: 0 };
    const plan = descentPlan(input('objective', 'objective'), live('stepSize'), options);
    return { outputs: { run: { ...plan, step: ([x, ...rest]) => [stack([x, x], 0), ...rest] } } };
  },
});

export const raceNodes: readonly NodeDefinition[] = [
  quadraticNode,
  descentNode,
  readerNode,
  countNode,
  brokenNode,
];

export interface Harness {
  readonly engine: Engine;
  readonly messages: FromWorker[];
  readonly logs: string[];
  readonly checkpoints: Checkpoint[];
  send(document: GraphDocument): void;
  /** Resolves at the next `settled`. */
  settled(): Promise<Extract<FromWorker, { type: 'settled' }>>;
  /** Resolves when a message satisfies the condition. */
  until(condition: (message: FromWorker) => boolean): Promise<FromWorker>;
  node(id: string): NodeReport;
  report(id: string): RunReport;
  run(id: string): RunValue;
}

export interface HarnessOptions {
  readonly devices?: DeviceManager;
  /** @default none */
  readonly tables?: TableSource;
  readonly now?: () => number;
}

export function harness(
  definitions: readonly NodeDefinition[],
  options: HarnessOptions = {},
): Harness {
  const messages: FromWorker[] = [];
  const waiting = new Set<(message: FromWorker) => void>();
  let revision = 0;
  const engine = new Engine({
    registry: new Map(definitions.map((definition) => [definition.type, definition])),
    devices: options.devices ?? cpu64Only(),
    tables: options.tables ?? {
      builtin: async (name) => {
        throw new Error(`no table ${name}`);
      },
      stored: async () => null,
    },
    send: (message) => {
      messages.push(structuredClone(message));
      for (const listener of waiting) listener(message);
    },
    ...(options.now ? { now: options.now } : {}),
  });
  const until = (condition: (message: FromWorker) => boolean) =>
    new Promise<FromWorker>((resolve) => {
      const listener = (message: FromWorker) => {
        if (!condition(message)) return;
        waiting.delete(listener);
        resolve(message);
      };
      waiting.add(listener);
    });
  const find = <T extends { nodeId: string }>(list: readonly T[], id: string): T => {
    const found = list.find((item) => item.nodeId === id);
    if (!found) throw new Error(`no report of ${id}`);
    return found;
  };
  return {
    engine,
    messages,
    get logs() {
      return messages.flatMap((message) => (message.type === 'log' ? [message.message] : []));
    },
    get checkpoints() {
      return messages.flatMap((message) =>
        message.type === 'checkpoint' ? [message.checkpoint] : [],
      );
    },
    send(document) {
      engine.receive({ type: 'document', document, revision: ++revision });
    },
    settled: async () =>
      (await until((message) => message.type === 'settled')) as Extract<
        FromWorker,
        { type: 'settled' }
      >,
    until,
    node: (id) => find(engine.nodeStates(), id),
    report: (id) => find(engine.runReports(), id),
    run: (id) => find(engine.runValues(), id),
  };
}
