import { defineNode } from '../../runtime/graph/node-definition.ts';
import { isAwaited, scalarStatus, scalarView } from '../shared/scalar-view.ts';

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
    const scalar = input('value', 'scalar');
    const status = scalarStatus(scalar);
    return isAwaited(scalar) ? { status } : { view: scalarView(scalar), status };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { digits: 3 }, message: /digits/ }],
  },
});
