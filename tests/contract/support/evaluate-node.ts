import { readFileSync } from 'node:fs';
import type { ParamValue, TableRef } from '../../../src/lib/runtime/graph/document.ts';
import type {
  EvaluateContext,
  Evaluation,
  NodeDefinition,
  ParamTable,
  Table,
} from '../../../src/lib/runtime/graph/node-definition.ts';
import { validateParams } from '../../../src/lib/runtime/graph/params.ts';
import type { PortType, PortValue, PortValues } from '../../../src/lib/runtime/graph/ports.ts';
import { createCpu64 } from '../../../src/lib/runtime/device/cpu64/index.ts';
import { hostFoldIn, hostKey } from '../../../src/lib/runtime/ir/random.ts';
import { parseTable } from '../../../src/lib/runtime/table/index.ts';

export interface NodeCall {
  /** Part of the keys of live parameters. @default 'node' */
  readonly nodeId?: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
  /** One value, or a list for a port that takes many. */
  readonly inputs?: Readonly<Record<string, PortValue | readonly PortValue[]>>;
  readonly liveValues?: Readonly<Record<string, number>>;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly progress?: EvaluateContext<ParamTable>['progress'];
  /** @default allows everything */
  readonly reserve?: EvaluateContext<ParamTable>['reserve'];
  /** Instead of the shipped tables. */
  readonly table?: (ref: TableRef) => Promise<Table>;
}

const cpu64 = createCpu64();

/** Evaluates one node as the engine does: parameters validated, key from the graph's seed and the node's. */
export async function evaluateNode(
  definition: NodeDefinition,
  call: NodeCall = {},
): Promise<Evaluation> {
  const { values, problems } = validateParams(definition, call.params ?? {});
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join('\n'));
  const inputs = call.inputs ?? {};
  const own = typeof values.seed === 'number' ? values.seed : 0;
  const context: EvaluateContext<ParamTable> = {
    nodeId: call.nodeId ?? 'node',
    params: values as EvaluateContext<ParamTable>['params'],
    input<P extends PortType>(name: string, _type: P) {
      if (!Object.hasOwn(inputs, name)) throw new Error(`internal: input ${name} is not given`);
      return inputs[name] as PortValues[P];
    },
    optional<P extends PortType>(name: string, _type: P) {
      return inputs[name] as PortValues[P] | undefined;
    },
    list<P extends PortType>(name: string, _type: P) {
      return (inputs[name] ?? []) as readonly PortValues[P][];
    },
    live: (param) => ({ key: `${call.nodeId ?? 'node'}.${param}`, value: values[param] as number }),
    liveValues: call.liveValues ?? {},
    key: hostFoldIn(hostKey(call.seed ?? 0), own),
    cpu64,
    signal: call.signal ?? new AbortController().signal,
    reserve: call.reserve ?? (() => undefined),
    progress: call.progress ?? (() => undefined),
    table: call.table ?? shippedTable,
  };
  return definition.evaluate(context);
}

export async function shippedTable(ref: TableRef): Promise<Table> {
  if (ref.source !== 'builtin') throw new Error('internal: tests use shipped tables');
  const url = new URL(`../../../static/data/${ref.name}.csv`, import.meta.url);
  return (await parseTable(readFileSync(url, 'utf8'), { name: ref.name })).table;
}

/** Output `name` of an evaluation, which must be of the kind asked for. */
export function output<P extends 'dataset' | 'model' | 'objective' | 'run' | 'scalar'>(
  evaluation: Evaluation,
  name: string,
  kind: P,
): PortValues[P] {
  const value = evaluation.outputs?.[name];
  if (value === undefined || !('kind' in value) || value.kind !== kind) {
    throw new Error(
      `output ${name}: expected a ${kind}, got ${JSON.stringify(value)?.slice(0, 80)}`,
    );
  }
  return value as PortValues[P];
}
