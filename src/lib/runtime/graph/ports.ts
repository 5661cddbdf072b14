import type { Ball } from '../../numerics/ball.ts';
import type { HostArray, Shape, Value } from '../ir/types.ts';
import type { RunValue } from '../run/run-value.ts';
import type { Effort } from './node-definition.ts';

/** Announces work before it begins, as `EvaluateContext.reserve`. */
export type Reserve = (effort: Effort) => void;

/** What a wire may carry. */
export interface PortValues {
  dataset: DatasetValue;
  operator: OperatorValue;
  model: ModelValue;
  regularizer: RegularizerValue;
  objective: ObjectiveValue;
  run: RunValue;
  array: HostArray;
  scalar: ScalarValue;
}
export type PortType = keyof PortValues;
export type PortValue = PortValues[PortType];

/**
 * What a number or a dataset is worth. `pending`: the run it comes from goes on, or its f* is being computed. `outdated`: it was computed with
 * other live values than the graph has now, or by a run that was changed on the way and does not follow from them. `unavailable`: it could not
 * be had. The reason is for a person, with what to do; the note of a final one says what else to know.
 */
export type Standing =
  | { readonly state: 'final'; readonly note?: string }
  | { readonly state: 'pending' | 'outdated' | 'unavailable'; readonly reason: string };

/** A number with its origin, so a check or view can say how it was computed. */
export interface ScalarValue {
  readonly kind: 'scalar';
  readonly value: number;
  readonly label: string;
  readonly precision: 'float64' | 'float32';
  /** @default final */
  readonly standing?: Standing;
  /** Set where the number is f − f*. */
  readonly excess?: Excess;
  /**
   * Why the number cannot be what it says: f below its certified minimum, or better than optimal outside the constraints. No claim about it
   * passes.
   */
  readonly alarm?: string;
}

/** How well f − f* is known. */
export interface Excess {
  /** The minimum lies in [f* − gap, f*]. */
  readonly gap: number;
  /** A bound on the rounding of f. */
  readonly rounding: number;
  /** How far the iterate is outside the constraints. */
  readonly infeasibility: number;
}

export type Targets =
  | { readonly kind: 'none' }
  /** Real values, float [N]. */
  | { readonly kind: 'values'; readonly name: string; readonly values: HostArray }
  /** Class indices, int [N], into `classes`. */
  | {
      readonly kind: 'labels';
      readonly name: string;
      readonly labels: HostArray;
      readonly classes: readonly string[];
    };

/** The category of a column of texts that a feature stands for. */
export interface Indicator {
  readonly column: string;
  readonly category: string;
}

/** x′ = (x − shift) / scale, float [D] each; target values lose `center`. */
export interface Scaling {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
  readonly center: number;
}

/** N samples of D features with their targets. */
export interface DatasetValue {
  readonly kind: 'dataset';
  readonly name: string;
  /** float [N, D]. */
  readonly features: HostArray;
  readonly featureNames: readonly string[];
  /** Where a feature is 1 for one category of a column of texts and 0 else, which; in the order of the features. */
  readonly indicators?: readonly (Indicator | null)[];
  /** The scalings that the features and target values went through, the first one first. */
  readonly scalings?: readonly Scaling[];
  readonly targets: Targets;
  /** Ground truth where the data were generated, for comparison (float [D]). */
  readonly trueCoefficients?: HostArray;
  /** log p of the density that the samples were drawn from, where it is known: points float [N, D], row by row → [N]; −∞ where p is 0. */
  readonly logDensity?: (points: ArrayLike<number>) => Float64Array;
  /** Set where the samples are the values of a signal [n] or of an image [H, W], row by row; `truth` is without noise. */
  readonly grid?: { readonly shape: Shape; readonly truth: HostArray };
  /**
   * Set where the signal or image of `grid` was seen through K: `values` are Kx and noise, in the shape of the operator's output. The
   * targets are then what a person is shown for them, by the name `shown`: the values, or their back-projection Kᵀ(values).
   */
  readonly observation?: {
    readonly operator: LinearOperator;
    readonly values: HostArray;
    readonly shown: string;
  };
  /** Of the run that makes the samples; checks of them share it. @default final */
  readonly standing?: Standing;
}

export interface VariableSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** A parameter of a model. */
export interface ModelParameter extends VariableSpec {
  /** Regularizers and weight decay act on it: so for weights, not for intercepts and biases. */
  readonly penalized: boolean;
}

/** Scalars a person may change while it runs, traced as program inputs; keys are `nodeId.paramName`. */
export type LiveValues = Readonly<Record<string, Value>>;
/** Their numbers, by the same keys. */
export type LiveNumbers = Readonly<Record<string, number>>;
export interface LiveRef {
  readonly key: string;
  readonly value: number;
}

/** A parametric function bound to the data it will be trained on. Functions are called while tracing. */
export interface ModelValue {
  readonly kind: 'model';
  readonly title: string;
  readonly dataset: DatasetValue;
  readonly parameters: readonly ModelParameter[];
  /** K: columns of the output. */
  readonly outputs: number;
  /** `apply` is affine in the parameters, so convex losses stay convex. */
  readonly linear: boolean;
  /** key int [2] → initial parameters in the order of `parameters`. */
  init(key: Value): Value[];
  /** x float [B, D] → float [B, K]. */
  apply(parameters: readonly Value[], x: Value): Value;
  /** Set where the model is a probability density of its inputs; `apply` is then its logarithm, [B, 1]. */
  readonly density?: DensityModel;
  /** Set where the outputs are those of a kernel machine, k(x, X) α; the only parameter is α [N, K]. */
  readonly kernel?: KernelModel;
  /** Set where the outputs at the model's own inputs are a cloud of free points. */
  readonly cloud?: CloudModel;
  /** Set where the inputs are draws of N(0, I) and the outputs samples, so that new ones can be drawn. */
  readonly generator?: true;
  /** Set for a deep model whose hidden states h₀, …, h_L all have one width. */
  readonly depth?: DeepModel;
}

/** The inside of a deep model. Functions are called while tracing. */
export interface DeepModel {
  /** L. */
  readonly layers: number;
  /** Numbers of one hidden state. */
  readonly width: number;
  /** h₀, …, h_L of x float [B, D], float [L + 1, B, width]. */
  states(parameters: readonly Value[], x: Value): Value;
  /** `apply` with `shifts` float [L + 1, B, width] added to the states on the way: its derivatives in them are those in the states. */
  applyShifted(parameters: readonly Value[], x: Value, shifts: Value): Value;
}

/** A function Σ αᵢ k(·, xᵢ) of the samples xᵢ. Objectives add half of λ times its squared norm, λ/2 tr(αᵀ K α). */
export interface KernelModel {
  readonly lambda: number;
  /** k(xᵢ, xⱼ) in double-double; takes some `preciseFlops` operations. */
  precisely(i: number, j: number): Ball;
  readonly preciseFlops: number;
  /** The η for which float64 gives every k(x, x′) to within η √(k(x, x) k(x′, x′)). */
  readonly rounding: number;
  /** The kernel matrix of points that are all different is positive definite. */
  readonly definite: boolean;
  /** v float [N, K] → K v, by blocks of rows, so that memory is linear in N. */
  multiply(v: Value): Value;
  /** x float [B, D] → the rows (k(x, xᵢ))ᵢ, float [B, N]. */
  rows(x: Value): Value;
}

/** Points that are parameters themselves. */
export interface CloudModel {
  /** Of the coordinates, where they are those of a dataset. */
  readonly names?: readonly string[];
  /** x float [B, D] → weights of the outputs, float [B], ≥ 0 with sum 1. @default equal */
  weights?(parameters: readonly Value[], x: Value): Value;
}

/** A normalised density p of points in D dimensions. Functions are called while tracing. */
export interface DensityModel {
  readonly dimension: number;
  /** Random directions [B, D] that `logProb` wants with each sample for a cheap unbiased estimate; without them it is exact. */
  readonly noise: 'none' | 'rademacher' | 'gaussian';
  /** x float [B, D], noise float [B, D] or null → log p(x), float [B]. */
  logProb(parameters: readonly Value[], x: Value, noise: Value | null): Value;
  /** `logProb` with what it costs to carry each sample to the base, ∫ ½‖v‖² dt, both float [B]. */
  logProbAndTransport?(
    parameters: readonly Value[],
    x: Value,
    noise: Value | null,
  ): { logProb: Value; transport: Value };
  /** Draws of the base distribution N(0, I), float [B, D], to samples of p, float [B, D]. */
  sample(parameters: readonly Value[], z: Value): Value;
  /** The way of each draw to its sample at `frames` equally spaced times, float [frames, B, D]. */
  trajectory?(parameters: readonly Value[], z: Value, frames: number): Value;
  /** Where samples move along an ordinary differential equation dz/dt = v(z, t) from the base at 0 to p at `horizon`. */
  readonly flow?: VelocityField;
}

export interface VelocityField {
  readonly horizon: number;
  /** z float [B, D], t float scalar → v(z, t) and its divergence Σ ∂vᵢ/∂zᵢ, float [B, D] and [B]. */
  at(parameters: readonly Value[], z: Value, t: Value): { velocity: Value; divergence: Value };
}

/** A function g of the parameters with a proximal operator, or a smooth one. */
export interface RegularizerValue {
  readonly kind: 'regularizer';
  readonly title: string;
  /** TeX, for the assembled problem statement. */
  readonly formula: string;
  readonly convex: boolean;
  readonly smooth: boolean;
  /** Gradient Lipschitz constant where smooth, given the live values. */
  lipschitzGrad?(live: LiveNumbers): number;
  strongConvexity?(live: LiveNumbers): number;
  /** `lipschitzGrad` as a traced float scalar, so that a step 1/L follows a live weight. */
  tracedLipschitzGrad?(live: LiveValues): Value;
  /** `strongConvexity`, traced likewise. */
  tracedStrongConvexity?(live: LiveValues): Value;
  /** Set where g(x) = l1·‖x‖₁ + (l2/2)·‖x‖²; certificates need it. */
  elasticWeights?(live: LiveNumbers): {
    readonly l1: number;
    readonly l2: number;
  };
  /** Set where g(Kx) = w·(total variation of x), w the number returned; certificates need it. */
  variationWeight?(live: LiveNumbers): number;
  readonly live: readonly LiveRef[];
  /** Set where g = λ‖x‖ for a norm; optimality is then a condition on the dual norm of a gradient. */
  readonly norm?: PenaltyNorm;
  /**
   * Set where g is the indicator of a set. `value` is then 0 everywhere, so that a run may start outside, and `distance` says how far
   * outside: float scalar, 0 on the set. Runs report it as 'infeasibility'.
   */
  readonly constraint?: { distance(x: readonly Value[], live: LiveValues): Value };
  /** Set where the penalty is g(Kx) of one array x of the shape: `value` and `prox` are those of g and take Kx. */
  operatorOf?(shape: Shape): LinearOperator;
  /**
   * Sum over the variables given. A regularizer on a wire is given weights only; one inside an objective (`terms`, `smoothTerms`)
   * is bound to it: it takes all variables and leaves those with `penalized[i]` false (biases) out, and its prox leaves them as they are.
   */
  value(x: readonly Value[], live: LiveValues): Value;
  /** argmin_u g(u) + ‖u − v‖²/(2·stepSize), variable by variable. */
  prox(v: readonly Value[], stepSize: Value, live: LiveValues): Value[];
}

export interface PenaltyNorm {
  /** λ. */
  weight(live: LiveNumbers): number;
  /** max ⟨y, x⟩ over ‖x‖ ≤ 1, of float64 arrays in the shapes of x. */
  dual(y: readonly HostArray[], signal: AbortSignal): Promise<number>;
}

/** Evidence for f*: the true minimum, of the problem in exact arithmetic, lies in [value − gap, value]. */
export interface Certificate {
  readonly value: number;
  readonly gap: number;
  readonly method: string;
  readonly precision: 'float64';
  /** In the order of `variables`, where every minimiser is proved to be within `minimiserError` of it as far as the objective sees them (`seen`). */
  readonly minimiser?: readonly HostArray[];
  /** Bound of the difference of its entries to the true ones. */
  readonly minimiserError?: number;
  /** Set where f* is an infimum that no point reaches; `reason` says why, for a person. */
  readonly attained?: false;
  readonly reason?: string;
}

/** minimise f(x) + Σ gᵢ(x) over the variables. */
export interface ObjectiveValue {
  readonly kind: 'objective';
  readonly title: string;
  /** The assembled problem in TeX. */
  readonly formula: string;
  readonly variables: readonly VariableSpec[];
  /** Which variables a regularizer penalises (weights yes, biases no). */
  readonly penalized: readonly boolean[];
  init(key: Value): Value[];
  /** Arrays the data term reads; with `samples` set, each has a leading axis of N and may be given in rows. */
  readonly data: readonly HostArray[];
  /** N when the data term is a mean over samples (minibatches make sense), else null. */
  readonly samples: number | null;
  /** f: the data term plus smooth regularizers. `reason` explains a non-smooth one to a person. */
  readonly smooth: { readonly yes: true } | { readonly yes: false; readonly reason: string };
  readonly convex: boolean;
  value(x: readonly Value[], data: readonly Value[], live: LiveValues): Value;
  /** Non-smooth terms, handled by their prox; the objective is `value` plus the sum of their values. */
  readonly terms: readonly RegularizerValue[];
  /** Smooth regularizers, for reporting and constants; `value` contains them already. */
  readonly smoothTerms: readonly RegularizerValue[];
  readonly live: readonly LiveRef[];
  /** The loss alone, without regularizers, for reporting: same signature as `value`. */
  dataTerm(x: readonly Value[], data: readonly Value[], live: LiveValues): Value;
  /** Known constants of the data term; those of f add the constants of `smoothTerms`, which depend on live values. */
  readonly constants: {
    readonly lipschitzGrad?: number;
    readonly strongConvexity?: number;
  };
  /**
   * Takes from a difference of two points what changes neither f nor a term, such as one number added to the intercepts of all classes, so that
   * points are compared by what the objective sees. @default nothing
   */
  seen?(difference: readonly Float64Array[]): Float64Array[];
  /** Computes f* with a certificate, in float64, if it can be had; `live` are the present values by key. */
  certify?(live: LiveNumbers, signal: AbortSignal): Promise<Certificate>;
  /** Terms g(Kx), whose prox is in general not known from that of g; the objective adds their values. @default none */
  readonly composed?: readonly ComposedTerm[];
  /** `value` is quadratic in x, so that its Hessian is constant and conjugate gradients give its prox. @default false */
  readonly quadratic?: boolean;
  /** f ≥ 0 everywhere, so that f + g at one point bounds g at a minimiser. */
  readonly nonnegative?: true;
  /** f is 0: the objective is its terms alone. */
  readonly zero?: true;
  /** The noisy signal or image that x estimates. */
  readonly observed?: DatasetValue;
  /** The model inside, where there is one; views predict with it. */
  readonly model?: ModelValue;
  /** Set where minimisers are the solutions of A x = b with A symmetric positive semidefinite. */
  readonly linearSystem?: LinearSystem;
  /** Set where f is a smooth convex loss of a model's outputs, and perhaps a rest. */
  readonly outputLoss?: OutputLoss;
}

/** f(x) = loss(outputs(x)) + rest(x). Functions are called while tracing; `data` is the objective's. */
export interface OutputLoss {
  /** float [B, K]. */
  outputs(x: readonly Value[], data: readonly Value[]): Value;
  loss(outputs: Value, data: readonly Value[]): Value;
  readonly rest?: ((x: readonly Value[], live: LiveValues) => Value) | undefined;
}

/** g(Kx): the regularizer takes the one array Kx. */
export interface ComposedTerm {
  readonly regularizer: RegularizerValue;
  readonly operator: LinearOperator;
  /** g(Kx) as a function of x, where its prox is known too. */
  readonly whole?: RegularizerValue;
}

/** A linear map of a signal or an image, bound to the shape of the one it was wired to. */
export interface OperatorValue {
  readonly kind: 'operator';
  readonly operator: LinearOperator;
}

/** What a linear map does to the entries of an array in a row. */
export type OperatorEntries =
  /** A matrix [P, N]. */
  | { readonly kind: 'matrix'; readonly matrix: HostArray }
  /** A square matrix along each axis, then 0 in the places that `kept` leaves out. */
  | { readonly kind: 'axes'; readonly matrices: readonly HostArray[]; readonly kept?: HostArray }
  /** Itself, with 0 in the places that `kept` leaves out. */
  | { readonly kind: 'selection'; readonly kept?: HostArray }
  /** Forward differences, 0 across the last row and column. */
  | { readonly kind: 'differences' };

/** A linear map K of one array. Functions are called while tracing. */
export interface LinearOperator {
  readonly title: string;
  readonly input: Shape;
  readonly output: Shape;
  /** A bound on ‖K‖. */
  readonly norm: number;
  /** A c with ‖Kx‖ ≥ c‖x‖ for all x. @default 0 */
  readonly lowerBound?: number;
  /** Float 0 or 1 in the shape of the output: where 0, Kx is 0 for all x and nothing is observed. @default 1 everywhere */
  readonly support?: HostArray;
  /** A word for Kx where it is a signal or image on the same places again, e.g. 'blurred'. */
  readonly seenAs?: string;
  apply(x: Value): Value;
  /** Kᵀy. */
  adjoint(y: Value): Value;
  /** The same map by its entries, so that products with it can be taken in any arithmetic. */
  readonly entries: OperatorEntries;
  /** The map K⁺, where it can be had to machine precision; may factorize in float64 on the host. */
  pseudoInverse?(signal: AbortSignal, reserve: Reserve): Promise<(y: Value) => Value>;
}

/** A x = b, x in the order of the objective's variables. */
export interface LinearSystem {
  /** What helps where an iteration for it diverges. */
  readonly remedy?: string;
  /** Why no x solves it, where that is certain. */
  readonly unsolvable?: string | undefined;
  /** TeX. */
  readonly formula: string;
  /** A x. */
  apply(x: readonly Value[], data: readonly Value[], live: LiveValues): Value[];
  rhs(data: readonly Value[], live: LiveValues): Value[];
  /** Factorizes A in float64 on the host, where its matrix is known; throws the reason when it is singular or too large. */
  factorize?: ((signal: AbortSignal, reserve: Reserve) => Promise<FactorizedSystem>) | undefined;
}

export interface FactorizedSystem {
  /** How, for a person. */
  readonly method: string;
  /** The solution; called while tracing. */
  solve(live: LiveValues): Value[];
}
