import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import type { BarsView } from '../../runtime/graph/view-data.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import { certificateOf } from '../../runtime/run/run-value.ts';
import { modelOf } from '../shared/predict.ts';

type Bars = BarsView['series'][number];

/** Weights of linear models by feature, one series per run (and class), beside the true and the certified ones if known. */
export default defineNode({
  type: 'view/coefficients',
  version: 1,
  family: 'view',
  title: 'Coefficients',
  summary: 'The weights of linear models by feature, run by run.',
  formula: String.raw`z = xW + b,\qquad W\in\mathbb R^{D\times K}`,
  keywords: ['weights', 'linear', 'lasso', 'sparsity', 'bars'],
  references: [
    { text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., ch. 3' },
  ],
  params: {
    reference: {
      kind: 'boolean',
      label: 'Show true and certified coefficients',
      help: 'Where the data were generated, or the minimiser is certified.',
      default: true,
    },
  },
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  evaluate({ params, list }) {
    const runs = list('runs', 'run');
    const models = runs.map((run) => linearModel(modelOf(run, 'Coefficients')));
    const names = models[0]?.dataset.featureNames ?? [];
    for (const { dataset } of models) {
      if (dataset.featureNames.join('\n') !== names.join('\n')) {
        throw new NodeError(
          'shape',
          `Coefficients (runs): expected runs on the same features, got ${names.length} (${names.slice(0, 4).join(', ')}, …) and ${dataset.featureNames.length} (${dataset.featureNames.slice(0, 4).join(', ')}, …). Use one view for each set of features.`,
          'runs',
        );
      }
    }
    const series = runs.flatMap((run, r) =>
      barsOf(models[r], run.parameters, run.plan.label, run.nodeId),
    );
    const first = runs[0];
    if (params.reference && first !== undefined) {
      const { trueCoefficients } = models[0].dataset;
      if (trueCoefficients !== undefined) {
        series.push({ label: 'true', values: Float64Array.from(trueCoefficients.data) });
      }
      // Runs done with several values have several.
      const known = new Map(
        runs.flatMap((run, r) => {
          const minimiser = certificateOf(run)?.minimiser;
          return minimiser ? [[minimiser, r] as const] : [];
        }),
      );
      for (const [minimiser, r] of known) {
        const whose = known.size > 1 ? `, ${runs[r].plan.label}` : '';
        series.push(...barsOf(models[r], minimiser, `certified minimiser${whose}`));
      }
    }
    const precision = runs.every((run) => run.precision === 'float64') ? 'float64' : 'float32';
    return {
      view: { kind: 'bars', names, series, precision },
      status: `${names.length} features (${precision})`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{ reference: false }],
    invalid: [{ params: { reference: 1 }, message: /true or false, got 1/ }],
  },
});

function linearModel(model: ModelValue): ModelValue {
  const weights = model.parameters[0]?.shape ?? [];
  if (model.linear && weights[0] === model.dataset.featureNames.length) return model;
  throw new NodeError(
    'not-linear',
    `Coefficients (runs): expected linear models, whose weights belong to features, got ${model.title}. Use predictions or decision regions.`,
    'runs',
  );
}

function barsOf(
  model: ModelValue,
  parameters: readonly HostArray[],
  label: string,
  nodeId?: string,
): Bars[] {
  const { data } = parameters[0];
  const { outputs, dataset } = model;
  const { targets } = dataset;
  return Array.from({ length: outputs }, (_, k) => ({
    label:
      outputs === 1
        ? label
        : `${label}: ${targets.kind === 'labels' ? targets.classes[k] : `output ${k + 1}`}`,
    values: Float64Array.from({ length: data.length / outputs }, (_, j) => data[j * outputs + k]),
    ...(nodeId !== undefined && { nodeId }),
  }));
}
