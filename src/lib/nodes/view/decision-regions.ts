import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { FieldView } from '../../runtime/graph/view-data.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { featureCount } from '../shared/dataset.ts';
import { percent } from '../shared/format.ts';
import { decide, evaluationData, gridOver, modelOf, predict } from '../shared/predict.ts';
import { scatter } from '../shared/preview.ts';
import { accuracy } from '../shared/scores.ts';

/** A cell of the field is one byte. */
const MAX_CLASSES = 256;

/**
 * What a model of two features decides at each point of the plane: for classes the most probable one and its probability
 * under the softmax of the outputs, for values the prediction.
 */
export default defineNode({
  type: 'view/decision-regions',
  version: 1,
  family: 'view',
  title: 'Decision regions',
  summary: 'The class a model of two features chooses at each point of the plane.',
  formula: String.raw`x \mapsto \arg\max_k z_\theta(x)_k`,
  description: [
    'The shade is the probability of the chosen class under the softmax of the outputs. It is calibrated for cross-entropy losses only; the hinge loss gives scores, not probabilities.',
  ],
  keywords: ['classification', '2d', 'boundary', 'field', 'map'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., §2.3' },
  ],
  params: {
    resolution: {
      kind: 'integer',
      label: 'Grid resolution',
      help: 'Points along each side.',
      default: 64,
      min: 8,
      max: 256,
    },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run' },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
  ],
  outputs: [],
  async evaluate(context) {
    const run = context.input('run', 'run');
    const model = modelOf(run, 'Decision regions');
    const data = evaluationData(context, model, 'Decision regions');
    if (featureCount(data) !== 2) {
      throw new NodeError(
        'shape',
        `Decision regions (run): expected a model of 2 features, got ${featureCount(data)} (${model.title}). Choose two feature columns, or use a confusion matrix or predictions.`,
        'run',
      );
    }
    const { data: x } = data.features;
    const side = context.params.resolution;
    const along = (feature: number): Float64Array =>
      gridOver(
        Float64Array.from({ length: x.length / 2 }, (_, i) => x[2 * i + feature]),
        side,
      );
    const [columns, rows] = [along(0), along(1)];
    const grid = new Float64Array(2 * side * side);
    for (let r = 0; r < side; r++) {
      for (let c = 0; c < side; c++) {
        grid[2 * (r * side + c)] = columns[c];
        grid[2 * (r * side + c) + 1] = rows[r];
      }
    }
    const outputs = await predict(context, run, model, hostFloat(grid, [side * side, 2]));
    const base = {
      kind: 'field' as const,
      columns: side,
      rows: side,
      xRange: [columns[0], columns[side - 1]] as const,
      yRange: [rows[0], rows[side - 1]] as const,
      points: scatter(data, 0, 1),
      precision: run.precision,
    };
    const { targets } = data;
    if (targets.kind !== 'labels') {
      const view: FieldView = { ...base, classes: [], values: Float32Array.from(outputs) };
      return { view, status: run.precision };
    }
    if (targets.classes.length > MAX_CLASSES) {
      throw new NodeError(
        'classes',
        `Decision regions (run): expected at most ${MAX_CLASSES} classes, got ${targets.classes.length}. More cannot be told apart by colour; measure the accuracy instead.`,
        'run',
      );
    }
    const decisions = decide(outputs, model.outputs);
    const view: FieldView = {
      ...base,
      classes: targets.classes,
      classIndex: Uint8Array.from(decisions.labels),
      confidence: decisions.confidence,
    };
    const logits = await predict(context, run, model, data.features);
    const score = accuracy(decide(logits, model.outputs).labels, targets.labels.data);
    return { view, status: `accuracy ${percent(score)} (${run.precision})` };
  },
  migrations: {},
  fixtures: {
    valid: [{ resolution: 16 }],
    invalid: [{ params: { resolution: 4 }, message: /\[8, 256\], got 4/ }],
  },
});
