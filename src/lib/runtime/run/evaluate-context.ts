/** What a node sees while it is evaluated. */
import type { TableRef } from '../graph/document.ts';
import { liveKey } from '../graph/hash.ts';
import type {
  EvaluateContext,
  NodeDefinition,
  ParamTable,
  Table,
} from '../graph/node-definition.ts';
import type { PortType, PortValue, PortValues } from '../graph/ports.ts';
import { outputType } from '../graph/schedule.ts';
import type { Schedule, ScheduledNode, Source } from '../graph/schedule.ts';
import { nodeKey } from './keys.ts';
import type { Meter } from './meter.ts';
import type { LoadOptions } from './tables.ts';

export interface ContextSources {
  readonly schedule: Schedule;
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** The value at an output that was evaluated. */
  output(source: Source): PortValue | undefined;
  table(ref: TableRef, options: LoadOptions): Promise<Table>;
  progress(progress: { readonly fraction: number; readonly text?: string }): void;
}

export function createContext(
  { id, params, inputs }: ScheduledNode,
  definition: NodeDefinition,
  { schedule, signal, meter, output, table, progress }: ContextSources,
): EvaluateContext<ParamTable> {
  const read = <P extends PortType>(source: Source, type: P): PortValues[P] => {
    const from = schedule.byId.get(source[0]);
    const value = output(source);
    if (!from || value === undefined || outputType(from, source[1]) !== type)
      throw new Error(
        `internal: ${definition.type}: expected a '${type}' from ${source.join('.')}.`,
      );
    return value as PortValues[P];
  };
  const sources = (name: string): readonly Source[] => {
    if (!definition.inputs.some((port) => port.name === name))
      throw new Error(`internal: ${definition.type}: expected a declared input, got '${name}'.`);
    return inputs.get(name) ?? [];
  };
  const report = (fraction: number, text?: string) => {
    if (!signal.aborted) progress({ fraction, ...(text === undefined ? {} : { text }) });
  };
  return {
    nodeId: id,
    params: params as EvaluateContext<ParamTable>['params'],
    input: (name, type) => {
      const [source] = sources(name);
      if (!source) throw new Error(`internal: ${definition.type}: no wire at '${name}'.`);
      return read(source, type);
    },
    optional: (name, type) => {
      const [source] = sources(name);
      return source && read(source, type);
    },
    list: (name, type) => sources(name).map((source) => read(source, type)),
    live: (param) => {
      const key = liveKey(id, param);
      const value = schedule.liveValues[key];
      if (value === undefined)
        throw new Error(`internal: ${definition.type}: '${param}' is not a live parameter.`);
      return { key, value };
    },
    liveValues: schedule.liveValues,
    key: nodeKey(schedule.seed, typeof params.seed === 'number' ? params.seed : 0),
    cpu64: meter.cpu64,
    reserve: meter.reserve,
    signal,
    progress: report,
    table: (ref) => table(ref, { signal, onProgress: (fraction) => report(fraction, 'Parsing') }),
  };
}
