import { defineNode } from '../../runtime/graph/node-definition.ts';
import { brief } from '../shared/format.ts';

/** A number with its name and precision. */
export default defineNode({
  type: 'view/value',
  version: 1,
  family: 'view',
  title: 'Value',
  summary: 'Shows one number.',
  formula: String.raw`m\in\mathbb R`,
  keywords: ['number', 'scalar', 'display', 'readout'],
  references: [],
  params: {},
  inputs: [{ name: 'value', type: 'scalar', label: 'Number' }],
  outputs: [],
  evaluate({ input }) {
    const { label, value, precision, final } = input('value', 'scalar');
    if (final === false && Number.isNaN(value)) return { status: 'waits for the run' };
    return {
      view: { kind: 'value', label, value, precision },
      status: final === false ? `${brief(value)} so far` : brief(value),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { digits: 3 }, message: /digits/ }],
  },
});
