import { defineNode } from '../../runtime/graph/node-definition.ts';
import { brief } from '../shared/format.ts';

/** The assembled optimization problem in formulas, with what is known of it. */
export default defineNode({
  type: 'view/problem',
  version: 1,
  family: 'view',
  title: 'Problem',
  summary: 'The assembled optimization problem in formulas, with what is known of it.',
  formula: String.raw`\min_x\ f(x) + \textstyle\sum_i g_i(x)`,
  keywords: ['formula', 'statement', 'objective', 'convex', 'lipschitz'],
  references: [
    {
      text: 'Beck, First-Order Methods in Optimization, SIAM 2017, ch. 10 (the composite model)',
      url: 'https://doi.org/10.1137/1.9781611974997',
    },
  ],
  params: {},
  inputs: [{ name: 'objective', type: 'objective', label: 'Objective' }],
  outputs: [],
  evaluate({ input }) {
    const objective = input('objective', 'objective');
    const { constants, samples, smooth, terms } = objective;
    const count = objective.variables.reduce(
      (total, { shape }) => total + shape.reduce((product, size) => product * size, 1),
      0,
    );
    const facts = [
      { label: 'Problem', value: objective.title },
      {
        label: 'Variables',
        value: `${count} (${objective.variables.map(({ name, shape }) => `${name} ${shape.join('×') || '1'}`).join(', ')})`,
      },
      { label: 'Samples', value: samples === null ? 'none' : String(samples) },
      { label: 'Convex', value: objective.convex ? 'yes' : 'no' },
      { label: 'Smooth part f', value: smooth.yes ? 'yes' : `no: ${smooth.reason}` },
      {
        label: 'Non-smooth terms',
        value: terms.length === 0 ? 'none' : terms.map((term) => term.title).join(', '),
      },
      ...(constants.lipschitzGrad === undefined
        ? []
        : [{ label: 'L (gradient of the data term)', value: brief(constants.lipschitzGrad) }]),
      ...(constants.strongConvexity === undefined
        ? []
        : [{ label: 'μ (data term)', value: brief(constants.strongConvexity) }]),
      { label: 'f* certified', value: objective.certify === undefined ? 'no' : 'yes' },
    ];
    return {
      view: { kind: 'problem', formula: objective.formula, facts },
      status: objective.title,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { facts: false }, message: /facts/ }],
  },
});
