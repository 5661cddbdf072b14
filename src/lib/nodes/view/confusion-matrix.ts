import { datasetTable } from '../../runtime/graph/node-table.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { sampleCount } from '../shared/dataset.ts';
import { percent } from '../shared/format.ts';
import { decide, evaluationData, modelOf, predict, requireLabels } from '../shared/predict.ts';
import { accuracy } from '../shared/scores.ts';

/** Counts of samples by true class (row) and predicted class (column). */
export default defineNode({
  type: 'view/confusion-matrix',
  version: 1,
  family: 'view',
  title: 'Confusion matrix',
  summary: 'How often each true class is predicted as each class.',
  formula: String.raw`C_{jk} = \#\{i : y_i = j,\ \hat y_i = k\}`,
  keywords: ['classification', 'accuracy', 'errors', 'multiclass'],
  references: [
    {
      text: 'Sokolova, Lapalme, A Systematic Analysis of Performance Measures for Classification Tasks, Inf. Process. Manag. 45(4), 2009',
      url: 'https://doi.org/10.1016/j.ipm.2009.03.002',
    },
  ],
  params: {},
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const run = context.input('run', 'run');
    const model = modelOf(run, 'Confusion matrix');
    const data = evaluationData(context, model, 'Confusion matrix');
    const { classes, labels } = requireLabels(
      data,
      'Confusion matrix (run)',
      'For values use predictions.',
    );
    const outputs = await predict(context, run, model, data.features);
    const predicted = decide(outputs, model.outputs).labels;
    const values = new Float64Array(classes.length ** 2);
    predicted.forEach((label, i) => values[labels.data[i] * classes.length + label]++);
    const score = percent(accuracy(predicted, labels.data));
    const right = predicted.filter((label, i) => label === labels.data[i]).length;
    return {
      view: {
        kind: 'matrix',
        rowLabel: 'true',
        columnLabel: 'predicted',
        rowNames: classes,
        columnNames: classes,
        values,
        summary: `accuracy ${score} (${right} of ${sampleCount(data)}), ${data.name}, ${run.precision}`,
      },
      status: `accuracy ${score} (${run.precision})`,
      table: () => ({
        columns: [
          ...datasetTable(data).columns,
          { name: 'predicted', values: Array.from(predicted, (label) => classes[label]) },
          ...Array.from({ length: model.outputs }, (_, k) => ({
            name: `logit of ${model.outputs === 1 ? classes[1] : classes[k]}`,
            values: Array.from(predicted, (_label, i) => outputs[i * model.outputs + k]),
          })),
        ],
      }),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { normalize: true }, message: /normalize/ }],
  },
});
