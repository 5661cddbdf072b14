import type { Device } from '../device/device.ts';
import type { ParamValue, TableRef } from './document.ts';
import type { LiveRef, PortType, PortValues } from './ports.ts';
import type { NodeTable } from './node-table.ts';
import type { RunPlan } from '../run/run-value.ts';
import type { Program } from '../ir/types.ts';
import type { ViewData } from './view-data.ts';

export const FAMILIES = [
  'data',
  'operator',
  'model',
  'regularizer',
  'loss',
  'optimizer',
  'check',
  'view',
] as const;
export type Family = (typeof FAMILIES)[number];

interface ParamBase {
  readonly label: string;
  readonly help?: string;
  /** Shown only when another parameter has one of these values. */
  readonly visibleWhen?: {
    readonly param: string;
    readonly in: readonly (string | boolean | number)[];
  };
}

/** One declaration serves the inspector, the validator, the share link and the reference page. */
export type ParamSpec =
  | (ParamBase & {
      readonly kind: 'number';
      readonly default: number;
      /** Inclusive range; `exclusiveMin` excludes the lower end. */
      readonly min: number;
      readonly max: number;
      readonly exclusiveMin?: boolean;
      readonly scale?: 'linear' | 'log';
      readonly unit?: string;
      /** An input of the running step: a change acts on the next chunk. Otherwise structural. */
      readonly live?: boolean;
    })
  | (ParamBase & {
      readonly kind: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly scale?: 'linear' | 'log';
      readonly unit?: string;
    })
  | (ParamBase & { readonly kind: 'boolean'; readonly default: boolean })
  | (ParamBase & {
      readonly kind: 'choice';
      readonly default: string;
      readonly options: readonly { readonly value: string; readonly label: string }[];
    })
  | (ParamBase & { readonly kind: 'text'; readonly default: string; readonly maxLength: number })
  /** Integers separated by commas, e.g. hidden widths. */
  | (ParamBase & {
      readonly kind: 'integers';
      readonly default: readonly number[];
      readonly min: number;
      readonly max: number;
      readonly maxLength: number;
    })
  | (ParamBase & { readonly kind: 'table'; readonly default: TableRef })
  /** A person's picture, kept as a table of grey values; '' is none. */
  | (ParamBase & { readonly kind: 'picture'; readonly default: '' })
  /** The name of a column of the table in parameter `table`; '' means the last one. */
  | (ParamBase & { readonly kind: 'column'; readonly default: string; readonly table: string });

export type ParamTable = Readonly<Record<string, ParamSpec>>;

export type ParamOf<S extends ParamSpec> = S['kind'] extends 'number' | 'integer'
  ? number
  : S['kind'] extends 'boolean'
    ? boolean
    : S['kind'] extends 'integers'
      ? readonly number[]
      : S['kind'] extends 'table'
        ? TableRef
        : S['kind'] extends 'picture'
          ? TableRef | ''
          : string;
export type ParamsOf<T extends ParamTable> = { readonly [K in keyof T]: ParamOf<T[K]> };

export interface InputPort {
  readonly name: string;
  readonly type: PortType;
  readonly label: string;
  /** Takes any number of wires, in order of the edges. @default false */
  readonly many?: boolean;
  /** @default false */
  readonly optional?: boolean;
}
export interface OutputPort {
  readonly name: string;
  readonly type: PortType | 'plan';
  readonly label: string;
  /** The optional input it comes from: without a wire there it has no value, and what is wired to it waits. */
  readonly needs?: string;
}

export interface Reference {
  readonly text: string;
  readonly url?: string;
}

/** A parsed table, column by column. */
export interface Table {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}
export type TableColumn =
  | { readonly name: string; readonly kind: 'numeric'; readonly values: Float64Array }
  | {
      readonly name: string;
      readonly kind: 'categorical';
      readonly codes: Int32Array;
      readonly categories: readonly string[];
    };

/** A piece of work as it is announced before it begins. */
export interface Effort {
  /** Bytes of the arrays that it holds at once, its results included. @default 0 */
  readonly bytes?: number;
  /** The arrays stay, hidden in functions that the node returns. @default false */
  readonly kept?: boolean;
  /** Floating point operations; a function value such as exp counts 8. @default 0 */
  readonly flops?: number;
  /** A program that is executed on the host besides, and how often. @default none, once */
  readonly program?: Program;
  readonly times?: number;
  /** What to do where it is too much: a sentence that applies here. */
  readonly remedy: string;
}

export interface EvaluateContext<T extends ParamTable> {
  readonly nodeId: string;
  readonly params: ParamsOf<T>;
  /** One value, or a list for a `many` port, or undefined for an unconnected optional port. */
  input<P extends PortType>(name: string, type: P): PortValues[P];
  optional<P extends PortType>(name: string, type: P): PortValues[P] | undefined;
  list<P extends PortType>(name: string, type: P): readonly PortValues[P][];
  /** A live parameter as a reference; its traced value is `live[ref.key]`. */
  live(param: string): LiveRef;
  /** Present live values by key, for views and certificates. */
  readonly liveValues: Readonly<Record<string, number>>;
  /** This node's random key, int [2] on the host: a function of the graph's seed and the node's `seed` parameter. */
  readonly key: readonly [number, number];
  /** float64, always there; for one-off computations. What it executes is announced by itself; of a stepper only the memory. */
  readonly cpu64: Device;
  /**
   * Announces work before it begins, on top of what this evaluation announced before. Needed where arrays of more than some megabytes
   * or more than some hundredths of a second depend on sizes that a person chooses.
   * @throws CostError when it must not begin: let it through
   */
  reserve(effort: Effort): void;
  readonly signal: AbortSignal;
  progress(fraction: number, text?: string): void;
  table(ref: TableRef): Promise<Table>;
}

/** What a person should know of a node that works all the same, and a node that helps when it is put on the wire into a port. */
export interface NodeNote {
  readonly text: string;
  readonly insert?: { readonly type: string; readonly port: string; readonly label: string };
}

/** Outputs by port name, and what the node shows of itself. */
export interface Evaluation {
  readonly outputs?: Readonly<Record<string, PortValues[PortType] | RunPlan>>;
  readonly view?: ViewData;
  /** A short line under the title, e.g. "442 × 10". */
  readonly status?: string;
  /** Shown below it, and by the headless runner. */
  readonly notes?: readonly NodeNote[];
  /** All rows of what it shows, where its picture holds only some; called when a file is asked for. */
  readonly table?: () => NodeTable;
}

export interface NodeFixtures {
  /** Partial parameters that are accepted. */
  readonly valid: readonly Readonly<Record<string, ParamValue>>[];
  /** Partial parameters that are refused, each with a part of the message. */
  readonly invalid: readonly {
    readonly params: Readonly<Record<string, ParamValue>>;
    readonly message: RegExp;
  }[];
}

type StoredParams = Readonly<Record<string, ParamValue>>;

/** A step from a version of a node to the next. */
export interface Migration {
  /** What became of what, e.g. "sampling: a choice instead of a switch". */
  readonly change: string;
  /** Parameters as they are stored, of which any may be missing. */
  migrate(params: StoredParams): StoredParams;
  /** Documents before and after are compared by a test. */
  readonly example: { readonly before: StoredParams; readonly after: StoredParams };
}

export interface NodeDefinition<T extends ParamTable = ParamTable> {
  /** `family/name`, the path of its file below src/lib/nodes. */
  readonly type: string;
  readonly version: number;
  readonly family: Family;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  /** TeX. */
  readonly formula: string;
  /** Markdown-free paragraphs for the reference page: variants, domains, advice. */
  readonly description?: readonly string[];
  readonly keywords?: readonly string[];
  readonly references: readonly Reference[];
  readonly params: T;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
  /** Why a wire that has the right type is refused all the same, e.g. a non-smooth loss into FISTA; null when it fits. */
  evaluate(context: EvaluateContext<T>): Evaluation | Promise<Evaluation>;
  /** `migrations[v]` leads from version v to v + 1. */
  readonly migrations: Readonly<Record<number, Migration>>;
  readonly fixtures: NodeFixtures;
}

/** Keeps the parameter types while the registry holds definitions of any kind. */
export function defineNode<const T extends ParamTable>(
  definition: NodeDefinition<T>,
): NodeDefinition {
  return definition as unknown as NodeDefinition;
}

export type NodeRegistry = ReadonlyMap<string, NodeDefinition>;
