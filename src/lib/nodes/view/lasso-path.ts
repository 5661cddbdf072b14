/**
 * The lasso path of a linear model in float64: the weights that minimise 1/(2N) ‖Xw + b − y‖² + λ‖w‖₁ for every λ ≥ 0, b where the model
 * has an intercept. They are linear in λ between knots, which the homotopy method follows from λ₁ = ‖Xᵀ(y − ȳ)‖∞/N, above which all are 0,
 * to least squares at 0 (Osborne, Presnell & Turlach 2000; Efron, Hastie, Johnstone & Tibshirani 2004, section 3.1).
 *
 * It is judged by the optimality conditions, computed anew at every knot and half way between two: with g = Xᵀ(y − b − Xw)/N,
 * g_j = λ sign w_j where w_j ≠ 0 and |g_j| ≤ λ elsewhere; the residual is the largest violation over λ₁.
 * Runs of a lasso on the same model are points over it.
 */
import * as elementary from '../../numerics/elementary/index.ts';
import { followPath } from '../../numerics/lasso-path.ts';
import { multiplyTransposed, multiply, transposed } from '../../numerics/linear-algebra.ts';
import { createPacer } from '../../numerics/pacer.ts';
import type { Pacer } from '../../numerics/pacer.ts';
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue, Reserve, ScalarValue } from '../../runtime/graph/ports.ts';
import type { LineView } from '../../runtime/graph/view-data.ts';
import type { RunValue } from '../../runtime/run/run-value.ts';
import { describeTargets } from '../shared/align.ts';
import { brief } from '../shared/format.ts';
import { requireFinite } from '../shared/operators/signal.ts';
import { hasEnded, standingOf, worstOf } from '../shared/standing.ts';

const WHERE = 'Lasso path';
/** Entries of X: a knot takes four products with it. */
const MOST_CELLS = 1_000_000;
/** Lines that can be told apart, the ones whose weights grow largest. */
const MOST_LINES = 12;

interface Path {
  /** Falling, the last 0. */
  readonly lambdas: readonly number[];
  /** Weights at each. */
  readonly weights: readonly Float64Array[];
  /** What is followed: K [N, D] and b [N] of ½‖Kw − b‖² + λ‖w‖₁. */
  readonly problem: {
    readonly k: Float64Array;
    readonly b: Float64Array;
    readonly shape: readonly [n: number, d: number];
  };
}

export default defineNode({
  type: 'view/lasso-path',
  version: 1,
  family: 'view',
  title: WHERE,
  summary: 'The weights of the lasso over λ, from all zero to least squares, and runs as points.',
  formula: String.raw`w(\lambda) = \arg\min_w \tfrac1{2N}\lVert Xw + b - y\rVert^2 + \lambda\lVert w\rVert_1`,
  description: [
    'Each line is one weight. They are straight between knots, where a weight leaves zero or comes back to it; the path is followed from knot to knot and exact but for rounding.',
    'Wire runs with an ℓ1 penalty on the same model: each is a column of points at its λ, and the distance is the largest difference of any weight to the path.',
    'With a number of values the path is drawn as programs for the lasso commonly do, straight between solutions at values of λ that fall by equal factors to a thousandth: exact there, and not between.',
    'The residual is the largest violation of the optimality conditions along what is drawn, at its corners and half way between, as a share of the largest λ.',
  ],
  keywords: ['regularization path', 'lars', 'homotopy', 'sparsity', 'coefficients', 'shrinkage'],
  references: [
    {
      text: 'Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression, Ann. Statist. 32(2), 2004, section 3.1',
      url: 'https://doi.org/10.1214/009053604000000067',
    },
    {
      text: 'Osborne, Presnell, Turlach, A new approach to variable selection in least squares problems, IMA J. Numer. Anal. 20, 2000',
      url: 'https://doi.org/10.1093/imanum/20.3.389',
    },
  ],
  params: {
    values: {
      kind: 'integer',
      label: 'Values of λ',
      help: '0 for the knots, where the path is exact.',
      default: 0,
      min: 0,
      max: 1000,
    },
  },
  inputs: [
    { name: 'model', type: 'model', label: 'Linear model' },
    { name: 'runs', type: 'run', label: 'Runs', many: true, optional: true },
  ],
  outputs: [
    { name: 'largest', type: 'scalar', label: 'Largest λ' },
    { name: 'residual', type: 'scalar', label: 'Optimality residual' },
    { name: 'distance', type: 'scalar', label: 'Distance of the runs' },
  ],
  async evaluate({ params, input, list, reserve, signal, progress }) {
    const model = input('model', 'model');
    const runs = list('runs', 'run');
    for (const run of runs) requireLasso(run, model);
    const pacer = createPacer(signal, (fraction) => progress(fraction, 'following the path'));
    const { path, residual } = await shownPath(model, params.values, reserve, pacer);
    const [largest] = path.lambdas;
    const names = model.dataset.featureNames;

    const states = runs.map((run) => ({
      run,
      lambda: lambdaOf(run),
      w: run.parameters.length === 0 ? null : Float64Array.from(run.parameters[0].data),
    }));
    const distance = states.reduce((worst, { lambda, w }) => {
      const there = weightsAt(path, lambda);
      // Math.max hands on NaN, of a run that has no weights yet.
      return Math.max(worst, w === null ? NaN : farthest(w, there));
    }, 0);
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${label} of the lasso path of ${model.dataset.name}`,
      precision: 'float64',
      standing: model.dataset.standing,
    });
    const view: LineView = {
      kind: 'line',
      xLabel: 'λ',
      yLabel: 'w',
      lines: longest(path).map((j) => ({
        x: Float64Array.from(path.lambdas),
        y: Float64Array.from(path.weights, (w) => w[j]),
        label: names[j],
      })),
      points: states.flatMap(({ run, lambda, w }) =>
        w === null
          ? []
          : [{ x: new Float64Array(w.length).fill(lambda), y: w, label: run.plan.label }],
      ),
    };
    return {
      outputs: {
        largest: scalar(largest, 'largest λ'),
        residual: scalar(residual, 'optimality residual'),
        distance: {
          ...scalar(runs.length === 0 ? NaN : distance, 'distance of runs'),
          precision: runs.every(({ precision }) => precision === 'float64') ? 'float64' : 'float32',
          standing: worstOf(
            model.dataset.standing,
            ...runs.map((run) => standingOf(run)),
            ...(runs.length === 0
              ? [{ state: 'unavailable', reason: 'no run is wired to the path' } as const]
              : []),
          ),
        },
      },
      view,
      status: [
        `${path.lambdas.length} ${params.values === 0 ? 'knots' : 'values of λ'}, residual ${brief(residual)}`,
        runs.length > 0 && runs.every(hasEnded) && `runs within ${brief(distance)}`,
      ]
        .filter(Boolean)
        .join(', '),
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { values: 20 }],
    invalid: [{ params: { values: -1 }, message: /\[0, 1000\], got -1/ }],
  },
});

function requireLasso(run: RunValue, model: ModelValue): void {
  const { objective } = run.plan;
  const { terms, smoothTerms, composed = [], quadratic, title } = objective;
  if (objective.model?.dataset !== model.dataset || objective.model.title !== model.title) {
    throw new NodeError(
      'model',
      `${WHERE} (runs): expected runs of the model that is wired, got "${run.plan.label}" on ${objective.model?.dataset.name ?? title}. Wire the model it trains.`,
      'runs',
    );
  }
  const plain = terms.length === 1 && smoothTerms.length === 0 && composed.length === 0;
  if (quadratic !== true || !plain || terms[0].elasticWeights?.({}).l2 !== 0) {
    throw new NodeError(
      'requirement',
      `${WHERE} (runs): expected the squared error with an ℓ1 norm, got "${title}" of "${run.plan.label}". Wire a lasso.`,
      'runs',
    );
  }
}

/** That of the values its state was computed with. */
function lambdaOf({ plan, segments }: RunValue): number {
  const { live } = segments[segments.length - 1];
  return plan.objective.terms[0].elasticWeights?.(live).l1 ?? NaN;
}

interface Shown {
  readonly values: number;
  readonly path: Path;
  readonly residual: number;
}

const shownPaths = new WeakMap<ModelValue, Shown>();

/** Of a model whose runs are drawn several times a second: found and judged once. */
async function shownPath(
  model: ModelValue,
  values: number,
  reserve: Reserve,
  pacer: Pacer,
): Promise<Shown> {
  const found = shownPaths.get(model);
  if (found?.values === values) return found;
  const exact = await pathOf(model, values, reserve, pacer);
  const path = values === 0 ? exact : sampled(exact, values);
  const shown: Shown = { values, path, residual: await residualOf(path, pacer) };
  shownPaths.set(model, shown);
  return shown;
}

async function pathOf(
  model: ModelValue,
  count: number,
  reserve: Reserve,
  pacer: Pacer,
): Promise<Path> {
  const { dataset, parameters, linear, outputs } = model;
  const [n, d] = dataset.features.shape;
  if (!linear || outputs !== 1 || parameters[0]?.shape[0] !== d || model.kernel) {
    throw new NodeError(
      'not-linear',
      `${WHERE} (model): expected a linear model with one output, got ${model.title}. Wire a linear model of one target.`,
      'model',
    );
  }
  if (dataset.targets.kind !== 'values') {
    throw new NodeError(
      'targets',
      `${WHERE} (model): expected data with target values, got ${describeTargets(dataset.targets)} in "${dataset.name}". Choose a target of numbers.`,
      'model',
    );
  }
  const { values } = dataset.targets;
  if (n * d > MOST_CELLS) {
    throw new NodeError(
      'size',
      `${WHERE} (model): expected at most ${MOST_CELLS} numbers, got ${n} × ${d}. Choose fewer features or samples.`,
      'model',
    );
  }
  requireFinite(dataset.features, `${WHERE} (model)`, dataset.name, 'model');
  requireFinite(values, `${WHERE} (model)`, dataset.name, 'model');
  reserve({
    bytes: 40 * n * d,
    // The path, and two products at each of its knots or values and half way to the next.
    flops: 16 * n * d * Math.min(n, d) + 8 * n * d * (count || Math.min(n, d)),
    remedy: 'Choose fewer features or samples.',
  });
  const intercept = parameters.length > 1;
  const share = 1 / Math.sqrt(n);
  const across = transposed(Float64Array.from(dataset.features.data), n, d);
  const y = Float64Array.from(values.data);
  const scale = (column: Float64Array): void => {
    const mean = intercept ? column.reduce((sum, v) => sum + v, 0) / n : 0;
    column.forEach((v, i) => (column[i] = (v - mean) * share));
  };
  for (let j = 0; j < d; j++) scale(across.subarray(j * n, (j + 1) * n));
  scale(y);
  const k = transposed(across, d, n);
  const [lambdas, weights]: [number[], Float64Array[]] = [[], []];
  const rank = Math.min(d, intercept ? n - 1 : n);
  const end = await followPath(k, across, n, d, y, pacer, rank, (lambda, x) => {
    lambdas.push(lambda);
    weights.push(x.slice());
  });
  if (!end) {
    throw new NodeError(
      'degenerate',
      lambdas.length === 0
        ? `${WHERE} (model): expected targets that some feature explains, got slopes that are all 0. Choose another target or other features.`
        : `${WHERE} (model): expected a path without ties, of features none of which depends on the others, got one that is lost at λ = ${brief(lambdas[lambdas.length - 1])}. Leave out features that repeat others.`,
      'model',
    );
  }
  return { lambdas, weights, problem: { k, b: y, shape: [n, d] } };
}

/** Solutions at values of λ that fall by equal factors from the largest to a thousandth of it, then 0. */
function sampled(path: Path, count: number): Path {
  const [largest] = path.lambdas;
  const lambdas = Array.from(
    { length: count },
    (_, i) => largest * elementary.pow(1e-3, i / Math.max(1, count - 1)),
  );
  lambdas.push(0);
  return { ...path, lambdas, weights: lambdas.map((lambda) => weightsAt(path, lambda)) };
}

/** The largest violation of the optimality conditions at corners and half way between two, over the largest λ. */
async function residualOf(
  { lambdas, weights, problem: { k, b, shape } }: Path,
  pacer: Pacer,
): Promise<number> {
  const [n, d] = shape;
  let worst = 0;
  const judge = (lambda: number, w: Float64Array): void => {
    const image = multiply(k, n, d, w);
    const g = multiplyTransposed(
      k,
      n,
      d,
      b.map((v, i) => v - image[i]),
    );
    g.forEach((slope, j) => {
      const off =
        w[j] === 0
          ? Math.max(0, Math.abs(slope) - lambda)
          : Math.abs(slope - Math.sign(w[j]) * lambda);
      worst = Math.max(worst, off);
    });
  };
  for (const [i, lambda] of lambdas.entries()) {
    judge(lambda, weights[i]);
    if (i > 0)
      judge(
        (lambda + lambdas[i - 1]) / 2,
        weights[i].map((v, j) => (v + weights[i - 1][j]) / 2),
      );
    if (pacer.due()) await pacer.pause();
  }
  return worst / lambdas[0];
}

/** Weights at any λ ≥ 0. */
function weightsAt({ lambdas, weights }: Path, lambda: number): Float64Array {
  const next = lambdas.findIndex((knot) => knot < lambda);
  if (next === 0) return weights[0];
  if (next < 0) return weights[weights.length - 1];
  const share = (lambda - lambdas[next]) / (lambdas[next - 1] - lambdas[next]);
  return weights[next].map((w, j) => w + share * (weights[next - 1][j] - w));
}

const farthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((worst, v, j) => Math.max(worst, Math.abs(v - b[j])), 0);

/** The features whose weights are largest anywhere on the path, in the order of the table. */
function longest({ weights }: Path): number[] {
  const sizes = Array.from(weights[0], (_, j) => Math.max(...weights.map((w) => Math.abs(w[j]))));
  return sizes
    .map((_, j) => j)
    .sort((a, b) => sizes[b] - sizes[a] || a - b)
    .slice(0, MOST_LINES)
    .sort((a, b) => a - b);
}
