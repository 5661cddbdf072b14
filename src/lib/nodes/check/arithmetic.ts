import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import { isAwaited, scalarStatus, scalarView } from '../shared/scalar-view.ts';
import { worstOf } from '../shared/standing.ts';

type Operation = (m: number, n: number) => number;

const OPERATIONS: Readonly<Record<string, { readonly label: string; readonly of: Operation }>> = {
  sum: { label: 'α m + β n + γ', of: (m, n) => m + n },
  product: { label: 'α m · n + γ', of: (m, n) => m * n },
  ratio: { label: 'α m / n + γ', of: (m, n) => m / n },
};

/**
 * A number made of one or two others: α m + β n + γ, α m n + γ or α m / n + γ, so that what a check expects can be a formula of what
 * other nodes compute. Without a second number it is α m + γ. Division by zero gives ±∞ or NaN, which fail every check.
 */
export default defineNode({
  type: 'check/arithmetic',
  version: 1,
  family: 'check',
  title: 'Arithmetic',
  summary: 'A sum, product or ratio of measured numbers, for a check or a display.',
  formula: String.raw`\alpha m + \beta n + \gamma,\qquad \alpha\, m\, n + \gamma,\qquad \alpha\, m / n + \gamma`,
  description: [
    'Wire its result to the expected side of a check, to compare a number with a bound that depends on other measured numbers; or divide a difference by its standard error.',
    'Without a second number the result is α m + γ.',
  ],
  keywords: ['formula', 'difference', 'quotient', 'bound', 'sum', 'calculate'],
  references: [],
  params: {
    label: {
      kind: 'text',
      label: 'Name',
      help: 'Of the result; made of the names of the inputs when empty.',
      default: '',
      maxLength: 200,
    },
    operation: {
      kind: 'choice',
      label: 'Operation',
      default: 'sum',
      options: Object.entries(OPERATIONS).map(([value, { label }]) => ({ value, label })),
    },
    alpha: { kind: 'number', label: 'α', default: 1, min: -1e300, max: 1e300 },
    beta: {
      kind: 'number',
      label: 'β',
      default: 1,
      min: -1e300,
      max: 1e300,
      visibleWhen: { param: 'operation', in: ['sum'] },
    },
    gamma: { kind: 'number', label: 'γ', default: 0, min: -1e300, max: 1e300 },
  },
  inputs: [
    { name: 'm', type: 'scalar', label: 'm' },
    { name: 'n', type: 'scalar', label: 'n', optional: true },
  ],
  outputs: [{ name: 'value', type: 'scalar', label: 'Value' }],
  evaluate({ params, input, optional }) {
    const m = input('m', 'scalar');
    const n = optional('n', 'scalar');
    const { alpha, beta, gamma, operation } = params;
    const second = operation === 'sum' ? beta * (n?.value ?? 0) : n?.value;
    const number =
      (second === undefined ? alpha * m.value : OPERATIONS[operation].of(alpha * m.value, second)) +
      gamma;
    const between = { sum: ' and ', product: ' × ', ratio: ' / ' }[operation];
    const label =
      params.label !== '' ? params.label : n ? `${m.label}${between}${n.label}` : m.label;
    const alarm = m.alarm ?? n?.alarm;
    const value: ScalarValue = {
      kind: 'scalar',
      value: number,
      label,
      precision: [m, n].some((scalar) => scalar?.precision === 'float32') ? 'float32' : 'float64',
      standing: worstOf(m.standing, n?.standing),
      ...(alarm !== undefined && { alarm }),
    };
    const status = scalarStatus(value);
    return { outputs: { value }, status, ...(!isAwaited(value) && { view: scalarView(value) }) };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { operation: 'ratio', alpha: 2 }, { operation: 'product', gamma: -1, label: 'ab' }],
    invalid: [
      { params: { operation: 'power' }, message: /'sum'.*got .?power/ },
      { params: { alpha: 1e301 }, message: /α.*got 1e\+301/ },
    ],
  },
});
