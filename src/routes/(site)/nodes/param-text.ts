import type { ParamSpec, ParamTable } from '$lib/runtime/graph/node-definition.ts';

/** What a parameter may be, e.g. "0 < s ≤ 10", "1 … 64", "none, by gradient". */
export function domainOf(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'number':
      return spec.exclusiveMin
        ? `> ${number(spec.min)}, ≤ ${number(spec.max)}`
        : `${number(spec.min)} … ${number(spec.max)}`;
    case 'integer':
      return `integer, ${number(spec.min)} … ${number(spec.max)}`;
    case 'integers':
      return `up to ${spec.maxLength} integers, ${number(spec.min)} … ${number(spec.max)}`;
    case 'boolean':
      return 'yes or no';
    case 'choice':
      return spec.options.map((option) => option.label).join(', ');
    case 'text':
      return `text, up to ${number(spec.maxLength)} characters`;
    case 'table':
      return 'a table';
    case 'picture':
      return 'a PNG, JPEG or WebP file';
    case 'column':
      return 'a column of the table';
  }
}

export function defaultOf(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'number':
    case 'integer':
      return `${number(spec.default)}${spec.unit ? ` ${spec.unit}` : ''}`;
    case 'integers':
      return spec.default.join(', ') || 'none';
    case 'boolean':
      return spec.default ? 'yes' : 'no';
    case 'choice':
      return spec.options.find((option) => option.value === spec.default)?.label ?? spec.default;
    case 'text':
      return spec.default === '' ? 'empty' : `“${spec.default}”`;
    case 'table':
      return spec.default.name;
    case 'picture':
      return 'none';
    case 'column':
      return spec.default === '' ? 'the last' : spec.default;
  }
}

/** When it is shown at all, e.g. "with Step = constant". */
export function conditionOf(spec: ParamSpec, params: ParamTable): string | null {
  const { visibleWhen } = spec;
  if (!visibleWhen) return null;
  const other: ParamSpec | undefined = params[visibleWhen.param];
  const names = visibleWhen.in.map((value) => {
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    const option =
      other?.kind === 'choice' ? other.options.find((each) => each.value === value) : undefined;
    return option?.label ?? String(value);
  });
  return `with ${other?.label ?? visibleWhen.param} = ${names.join(' or ')}`;
}

/** Short, with a real minus sign; powers of ten from 10⁶ on. */
function number(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? '∞' : '−∞';
  const size = Math.abs(x);
  const text = size !== 0 && (size >= 1e6 || size < 1e-3) ? x.toExponential() : String(x);
  return text.replace('e+', 'e').replaceAll('-', '−');
}
