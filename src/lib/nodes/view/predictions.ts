import { defineNode } from '../../runtime/graph/node-definition.ts';
import { datasetTable } from '../../runtime/graph/node-table.ts';
import type { NodeTable } from '../../runtime/graph/node-table.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import { featureCount } from '../shared/dataset.ts';
import { brief } from '../shared/format.ts';
import {
  evaluationData,
  gridOver,
  modelOf,
  predict,
  requireValues,
  singleFeature,
  widenedRange,
} from '../shared/predict.ts';
import { thin } from '../shared/preview.ts';
import { determination, rootMeanSquareError } from '../shared/scores.ts';

/** Points of the fitted curve. */
const CURVE_POINTS = 257;

/**
 * Predictions of a regression: with one feature the fitted curve over the data, with more the predicted against the true
 * values and the diagonal on which they would agree.
 */
export default defineNode({
  type: 'view/predictions',
  version: 1,
  family: 'view',
  title: 'Predictions',
  summary: 'The fitted curve over the data, or predicted against true values.',
  formula: String.raw`\hat y_i = z_\theta(x_i),\qquad R^2 = 1 - \frac{\sum_i(\hat y_i-y_i)^2}{\sum_i(y_i-\bar y)^2}`,
  keywords: ['regression', 'fit', 'curve', 'rmse', 'r2', 'truth'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., §2.3' },
  ],
  params: {},
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const run = context.input('run', 'run');
    const model = modelOf(run, 'Predictions');
    const data = evaluationData(context, model, 'Predictions');
    const { name, values } = requireValues(
      data,
      'Predictions (run)',
      'For classes use decision regions or a confusion matrix.',
    );
    const truth = Float64Array.from(values.data);
    const predicted = await predict(context, run, model, data.features);
    const rmse = rootMeanSquareError(predicted, truth);
    const scores = `RMSE ${brief(rmse)}, R² ${brief(determination(predicted, truth))}`;
    const shown = (all: Float64Array) => thin(all.length, (i) => all[i]);
    let view: LineView;
    if (featureCount(data) === 1) {
      const x = Float64Array.from(data.features.data);
      const grid = gridOver(x, CURVE_POINTS);
      const curve = await predict(context, run, model, singleFeature(grid));
      view = {
        kind: 'line',
        xLabel: data.featureNames[0],
        yLabel: name,
        points: [{ x: shown(x), y: shown(truth), label: data.name }],
        lines: [{ x: grid, y: curve, label: run.plan.label, nodeId: run.nodeId }],
      };
    } else {
      const range = Float64Array.from(widenedRange(joined(truth, predicted)));
      view = {
        kind: 'line',
        xLabel: `${name}, true`,
        yLabel: `${name}, predicted`,
        points: [{ x: shown(truth), y: shown(predicted), label: `${data.name}: ${scores}` }],
        lines: [{ x: range, y: range, label: 'predicted = true', dashed: true }],
      };
    }
    const table = (): NodeTable => {
      const { columns } = datasetTable(data);
      const more = {
        [`${name}, predicted`]: predicted,
        residual: truth.map((value, i) => value - predicted[i]),
      };
      const added = Object.entries(more).map(([column, values]) => ({
        name: column,
        values: [...values],
      }));
      return { columns: [...columns, ...added] };
    };
    return { view, status: `${scores} (${run.precision})`, table };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { resolution: 3 }, message: /resolution/ }],
  },
});

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
