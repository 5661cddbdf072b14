import type { ParamValue, TableRef } from './document.ts';
import type { NodeDefinition, ParamSpec } from './node-definition.ts';
import { message, show } from './show.ts';

/** What is wrong with one parameter; `message` names the accepted range. */
export interface ParamProblem {
  readonly param: string;
  readonly message: string;
}

export interface ResolvedParams {
  /** Every declared parameter; the default stands in for one that is missing or has a problem. */
  readonly values: Readonly<Record<string, ParamValue>>;
  /** Not empty: the node must not be evaluated. */
  readonly problems: readonly ParamProblem[];
}

type DefinitionParams = Pick<NodeDefinition, 'title' | 'params'>;

/** Checks the parameters of a node against its declaration and fills in the defaults of those that are absent. */
export function validateParams(
  definition: DefinitionParams,
  params: Readonly<Record<string, unknown>>,
): ResolvedParams {
  const values: Record<string, ParamValue> = {};
  const problems: ParamProblem[] = [];
  for (const [name, spec] of Object.entries(definition.params)) {
    values[name] = spec.default;
    if (!Object.hasOwn(params, name) || params[name] === undefined) continue;
    const problem = paramProblem(spec, params[name]);
    if (problem === null) values[name] = params[name] as ParamValue;
    else
      problems.push({
        param: name,
        message: message(
          `${definition.title} (${spec.label}): expected ${problem.expected}, got ${show(params[name])}. ${problem.remedy}`,
        ),
      });
  }
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(definition.params, name))
      problems.push({
        param: name,
        message: message(
          `${definition.title}: expected one of the parameters ${Object.keys(definition.params).join(', ') || '(none)'}, got ${show(name)}. Remove it.`,
        ),
      });
  }
  return { values, problems };
}

/** The message for one value of one parameter, or null when it is accepted. For the inspector. */
export function checkParam(spec: ParamSpec, value: unknown): string | null {
  const problem = paramProblem(spec, value);
  return problem && `${spec.label}: expected ${problem.expected}, got ${show(value)}.`;
}

/** The accepted values in words, e.g. "a number > 0 and ≤ 10". */
export function describeDomain(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'number':
      return spec.exclusiveMin
        ? `a number > ${spec.min} and ≤ ${spec.max}`
        : `a number in [${spec.min}, ${spec.max}]`;
    case 'integer':
      return `an integer in [${spec.min}, ${spec.max}]`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${spec.options.map((option) => `'${option.value}'`).join(', ')}`;
    case 'text':
      return `text of at most ${spec.maxLength} characters`;
    case 'integers':
      return `at most ${spec.maxLength} integers in [${spec.min}, ${spec.max}]`;
    case 'table':
      return 'a table';
    case 'picture':
      return 'a picture';
    case 'column':
      return 'the name of a column';
  }
}

const MAX_COLUMN_NAME = 200;

function paramProblem(
  spec: ParamSpec,
  value: unknown,
): { expected: string; remedy: string } | null {
  if (accepts(spec, value)) return null;
  const ranged = spec.kind === 'number' || spec.kind === 'integer' || spec.kind === 'integers';
  return {
    expected: describeDomain(spec),
    remedy: ranged
      ? 'Choose a value in the range.'
      : spec.kind === 'table'
        ? 'Load a table or choose one that is shipped.'
        : spec.kind === 'picture'
          ? 'Choose a PNG, JPEG or WebP file.'
          : 'Choose an accepted value.',
  };
}

function accepts(spec: ParamSpec, value: unknown): boolean {
  switch (spec.kind) {
    case 'number':
      return (
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (spec.exclusiveMin ? value > spec.min : value >= spec.min) &&
        value <= spec.max
      );
    case 'integer':
      return Number.isInteger(value) && inRange(value as number, spec);
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return spec.options.some((option) => option.value === value);
    case 'text':
      return typeof value === 'string' && value.length <= spec.maxLength;
    case 'integers':
      return (
        Array.isArray(value) &&
        value.length <= spec.maxLength &&
        value.every((item) => Number.isInteger(item) && inRange(item, spec))
      );
    case 'table':
      return isTableRef(value);
    case 'picture':
      return value === '' || isTableRef(value);
    case 'column':
      return typeof value === 'string' && value.length <= MAX_COLUMN_NAME;
  }
}

function inRange(value: number, range: { readonly min: number; readonly max: number }): boolean {
  return value >= range.min && value <= range.max;
}

export const BUILTIN_TABLE_NAME = /^[a-z0-9-]{1,64}$/;
export const TABLE_HASH = /^[0-9a-f]{64}$/;

function isTableRef(value: unknown): value is TableRef {
  if (typeof value !== 'object' || value === null || !('source' in value)) return false;
  if (!('name' in value) || typeof value.name !== 'string') return false;
  if (value.source === 'builtin') return BUILTIN_TABLE_NAME.test(value.name);
  return (
    value.source === 'stored' &&
    value.name.length <= 200 &&
    'hash' in value &&
    typeof value.hash === 'string' &&
    TABLE_HASH.test(value.hash)
  );
}
