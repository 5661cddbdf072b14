import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { EvaluateContext, ParamTable } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { ProblemView } from '../../runtime/graph/view-data.ts';
import type { HostArray } from '../../runtime/ir/types.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { brief } from '../shared/format.ts';
import { pairedScores } from '../shared/paired-scores.ts';
import {
  decide,
  evaluationData,
  modelOf,
  predict,
  requireLabels,
  requireValues,
} from '../shared/predict.ts';
import { hasEnded, remarkOf, standingOf, worstOf } from '../shared/standing.ts';

type Context = Pick<EvaluateContext<ParamTable>, 'cpu64' | 'optional'>;
const WHERE = 'Paired comparison';

/** The loss at each sample, less is better. */
type Losses = (context: Context, run: RunValue) => Promise<Float64Array>;

const SCORES: Readonly<Record<string, { readonly label: string; readonly of: Losses }>> = {
  error: { label: 'share of errors', of: errors },
  squares: { label: 'mean squared error', of: squaredErrors },
  signal: { label: 'mean squared distance to the truth', of: signalErrors },
};

/**
 * Is run A better than run B on the same N samples? With the losses aᵢ and bᵢ of each sample and dᵢ = bᵢ − aᵢ, the advantage is the
 * mean of d, its standard error under the hypothesis that neither is better √(Σ dᵢ²)/N, and z their ratio. For errors of
 * classification z is (n_B − n_A)/√(n_B + n_A), n_B and n_A the samples that B alone and A alone takes wrong: McNemar 1947.
 * |z| ≤ √N. Differences up to 10⁻³ of the larger mean are ties, d = 0. Predictions are computed in float64.
 */
export default defineNode({
  type: 'check/paired',
  version: 1,
  family: 'check',
  title: WHERE,
  summary: 'Whether one run is better than another on the same samples, in standard errors.',
  formula: String.raw`\bar d = \tfrac1N\textstyle\sum_i (b_i - a_i),\qquad z = \frac{\sum_i d_i}{\sqrt{\sum_i d_i^2}}`,
  description: [
    'Both runs are judged sample by sample, so what is hard for both does not blur the comparison. The advantage is positive where A has the smaller loss; z beyond 2 happens by chance once in 44 times if neither is better.',
    'The scores are wrong classes, squared errors of predicted values, or squared distances of the entries of a signal or image to the truth. Of a signal, what was observed takes the place of B where no second run is wired.',
    'Where the two models have different features, wire the same samples in the same order twice, as each of the models sees them.',
    'Differences up to a thousandth of the larger mean are ties and count as 0: two runs that were stopped near one minimiser differ by as much, and always in the same direction.',
    'The standard error takes samples as independent: of signals, whose neighbours err alike, z says too much.',
  ],
  keywords: ['mcnemar', 'baseline', 'significance', 'better', 'accuracy', 'test', 'z score'],
  references: [
    {
      text: 'McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12, 1947',
      url: 'https://doi.org/10.1007/BF02295996',
    },
    {
      text: 'Dietterich, Approximate statistical tests for comparing supervised classification learning algorithms, Neural Comput. 10, 1998',
      url: 'https://doi.org/10.1162/089976698300017197',
    },
  ],
  params: {
    score: {
      kind: 'choice',
      label: 'Score',
      default: 'error',
      options: Object.entries(SCORES).map(([value, { label }]) => ({ value, label })),
    },
  },
  inputs: [
    { name: 'run', type: 'run', label: 'Run A' },
    { name: 'baseline', type: 'run', label: 'Run B', optional: true },
    { name: 'dataset', type: 'dataset', label: 'Test data', optional: true },
    { name: 'other', type: 'dataset', label: 'As B sees them', optional: true },
  ],
  outputs: [
    { name: 'advantage', type: 'scalar', label: 'Advantage' },
    { name: 'error', type: 'scalar', label: 'Standard error' },
    { name: 'z', type: 'scalar', label: 'z' },
  ],
  async evaluate(context) {
    const { params } = context;
    const run = context.input('run', 'run');
    const baseline = context.optional('baseline', 'run');
    const { label, of } = SCORES[params.score];
    if (baseline === undefined && params.score !== 'signal') {
      throw new NodeError('waiting', 'Wire the run to compare with.', 'baseline');
    }
    const names = [run.plan.label, baseline?.plan.label ?? 'what was observed'];
    const standing = worstOf(
      standingOf(run),
      baseline && standingOf(baseline),
      context.optional('dataset', 'dataset')?.standing,
      context.optional('other', 'dataset')?.standing,
    );
    const scalar = (value: number, name: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${name}, ${names[0]} against ${names[1]}`,
      precision:
        run.precision === 'float32' || baseline?.precision === 'float32' ? 'float32' : 'float64',
      standing,
    });
    const outputs = (advantage: number, error: number, z: number) => ({
      advantage: scalar(advantage, 'advantage'),
      error: scalar(error, 'standard error'),
      z: scalar(z, 'z'),
    });
    if (!hasEnded(run) || (baseline !== undefined && !hasEnded(baseline))) {
      return { outputs: outputs(NaN, NaN, NaN), status: 'waits for the runs' };
    }
    const a = await of(context, run);
    // The same samples with other features, where B was trained on those.
    const ofBaseline: Context = {
      cpu64: context.cpu64,
      optional: (name, type) =>
        context.optional(name === 'dataset' ? 'other' : name, type) ?? context.optional(name, type),
    };
    const b = baseline ? await of(ofBaseline, baseline) : observedErrors(run);
    if (a.length !== b.length) {
      throw new NodeError(
        'shape',
        `${WHERE} (Run B): expected as many samples as of run A, ${a.length}, got ${b.length}. Wire test data, or train both on the same.`,
        'baseline',
      );
    }
    const { meanA, meanB, advantage, error, z } = pairedScores(a, b);
    const view: ProblemView = {
      kind: 'problem',
      formula: String.raw`z = \textstyle\sum_i d_i / \sqrt{\sum_i d_i^2}`,
      facts: [
        { label: `${label}, A`, value: brief(meanA) },
        { label: `${label}, B`, value: brief(meanB) },
        { label: 'Advantage of A', value: `${brief(advantage)} ± ${brief(error)}` },
        { label: 'z', value: brief(z) },
        { label: 'Samples', value: String(a.length) },
      ],
    };
    const remark = remarkOf(standing);
    const status = [`z = ${brief(z)}`, standing.state === 'outdated' && 'outdated', remark];
    return {
      outputs: outputs(advantage, error, z),
      view,
      status: status.filter(Boolean).join(', '),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { score: 'squares' }, { score: 'signal' }],
    invalid: [{ params: { score: 'auc' }, message: /'error'.*got .?auc/ }],
  },
});

async function errors(context: Context, run: RunValue): Promise<Float64Array> {
  const model = modelOf(run, WHERE);
  const data = evaluationData(context, model, WHERE);
  const { labels } = requireLabels(data, `${WHERE} (errors)`, 'Compare squared errors instead.');
  const decided = decide(await predict(context, run, model, data.features), model.outputs).labels;
  return Float64Array.from(decided, (label, i) => (label === labels.data[i] ? 0 : 1));
}

async function squaredErrors(context: Context, run: RunValue): Promise<Float64Array> {
  const model = modelOf(run, WHERE);
  const data = evaluationData(context, model, WHERE);
  const { values } = requireValues(
    data,
    `${WHERE} (squares)`,
    'Compare errors of classes instead.',
  );
  const predicted = await predict(context, run, model, data.features);
  return predicted.map((z, i) => (z - values.data[i]) ** 2);
}

async function signalErrors(_: Context, run: RunValue): Promise<Float64Array> {
  return distances(run.parameters[0].data, truthOf(run).data);
}

/** Those of the noisy, blurred or masked values, or of the back-projection, as a reconstruction shows them. */
function observedErrors(run: RunValue): Float64Array {
  const truth = truthOf(run);
  const targets = run.plan.objective.observed?.targets;
  return targets?.kind === 'values'
    ? distances(targets.values.data, truth.data)
    : new Float64Array(truth.data.length).fill(NaN);
}

function truthOf(run: RunValue): HostArray {
  const grid = run.plan.objective.observed?.grid;
  if (grid !== undefined) return grid.truth;
  throw new NodeError(
    'no-truth',
    `${WHERE} (run): expected the estimate of a signal or image, got "${run.plan.objective.title}". Compare errors or squares instead.`,
    'run',
  );
}

function distances(estimate: ArrayLike<number>, truth: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: truth.length }, (_, i) => (estimate[i] - truth[i]) ** 2);
}
