/**
 * The intermediate representation: a graph of nodes is traced into a `Program`, a flat list of equations over values
 * with static shapes. Everything else (derivatives, execution, cost analysis) is a function of a Program.
 */

/** `float` is float32 or float64: the device that executes the program decides. */
export type Dtype = 'float' | 'int' | 'bool';

/** Sizes of each axis, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** What is known of an array before anything runs. */
export interface ArrayType {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** A variable of a Program. Ids are unique within the process, never reused. */
export interface Value extends ArrayType {
  readonly id: number;
}

/**
 * An array on the host, row-major. Floats are always `Float64Array` here; a float32 device rounds on upload and widens
 * on read, and whoever shows the number says which precision computed it.
 */
export type HostArray =
  | { readonly shape: Shape; readonly dtype: 'float'; readonly data: Float64Array }
  | { readonly shape: Shape; readonly dtype: 'int'; readonly data: Int32Array }
  | { readonly shape: Shape; readonly dtype: 'bool'; readonly data: Uint8Array };

/** Parameters of each primitive. A primitive exists when it is listed here; every table over `PrimitiveName` must then have it. */
export interface PrimitiveParams {
  // Elementwise, one operand (float unless noted).
  neg: None; // float | int
  abs: None; // float | int
  sign: None; // float | int; sign(0) = 0
  exp: None;
  expm1: None;
  log: None;
  log1p: None;
  sqrt: None;
  sin: None;
  cos: None;
  tanh: None;
  sigmoid: None;
  softplus: None; // log(1 + exp x), stable
  erf: None;
  floor: None;
  not: None; // bool
  stopGradient: None; // identity with derivative zero; any dtype
  cast: { dtype: Dtype }; // float → int truncates toward zero; bool → 0/1; number → bool is (x ≠ 0)

  // Elementwise, several operands of one shape (the public operations insert `broadcast`).
  add: None; // float | int
  sub: None; // float | int
  mul: None; // float | int
  div: None; // float
  pow: None; // float, x > 0 or an integer exponent
  maximum: None; // float | int
  minimum: None; // float | int
  floorDiv: None; // int, rounds toward −∞
  mod: None; // int, sign of the divisor
  less: None; // → bool
  lessEqual: None; // → bool
  equal: None; // → bool
  and: None; // bool
  or: None; // bool
  select: None; // (condition: bool, a, b): a where condition, else b

  // Reductions; reduced axes are removed.
  sum: { axes: readonly number[] }; // float | int
  max: { axes: readonly number[] }; // float | int
  argmax: { axis: number }; // → int; the first maximum wins
  logsumexp: { axes: readonly number[] };
  cumsum: { axis: number; reverse: boolean };

  // Shape.
  reshape: { shape: Shape };
  transpose: { permutation: readonly number[] };
  /** NumPy rule: operand axes align to the right, axes of size 1 repeat. */
  broadcast: { shape: Shape };
  slice: { start: readonly number[]; size: readonly number[] };
  pad: { before: readonly number[]; after: readonly number[] }; // zeros, counts ≥ 0
  concat: { axis: number };
  reverse: { axes: readonly number[] };
  iota: { shape: Shape; axis: number }; // int: the index along `axis`; no operand

  // Indexing along axis 0.
  gather: None; // (operand [N, …S], indices int [...M]) → [...M, …S]; 0 ≤ index < N
  scatterAdd: { size: number }; // (indices int [...M], updates [...M, …S]) → [size, …S], duplicates add

  // Linear algebra. Batched over equal leading axes.
  matmul: { transposeA: boolean; transposeB: boolean }; // [..., m, k] × [..., k, n] after the transposes

  /**
   * The exact coupling of two discrete measures: (cost [n, m], a [n], b [m], n, m ≥ 1) → [n + 1, m + 1], the transportation tableau.
   * Rows and columns but the last hold the plan, the last column the potentials f with f₀ = 0, the last row g, the corner the cost. Weights are divided
   * by their sum. Solved in float64 on the host; NaN where weights or costs are not finite. Constant for derivatives.
   */
  transport: None;

  // Randomness: pure functions of a key (int [2]); identical bits on every device.
  randomBits: { shape: Shape; bits: number }; // Threefry-2x32-20; int in [0, 2^bits), 1 ≤ bits ≤ 31
  /** (key int [2], positions int [...M] in [0, n)) → the image of each position under a pseudorandom permutation of [0, n). */
  randomPermutation: { n: number };

  // Control.
  loop: LoopParams;
}

export type None = Record<string, never>;

/**
 * A loop with a fixed number of steps.
 * Equation inputs: [...constants, ...carry, ...sequences]; sequences have a leading axis of length `steps`.
 * Body inputs: [i (int scalar), ...constants, ...carry, ...slices]; body outputs: [...carry, ...stacked].
 * Equation outputs: [...carry, ...stacked], stacked outputs with a leading axis of length `steps`.
 * With `reverse`, i runs from steps − 1 down to 0, and sequences and stacked outputs keep their positions.
 */
export interface LoopParams {
  steps: number;
  body: Program;
  constants: number;
  carry: number;
  reverse: boolean;
  /** Reverse mode keeps the carry every `checkpoint` steps and recomputes between; 1 keeps all. */
  checkpoint: number;
}

export type PrimitiveName = keyof PrimitiveParams;

export interface EquationOf<P extends PrimitiveName> {
  readonly primitive: P;
  readonly params: PrimitiveParams[P];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** One line of a Program; discriminated by `primitive`. */
export type Equation = { [P in PrimitiveName]: EquationOf<P> }[PrimitiveName];

export interface Program {
  readonly inputs: readonly Value[];
  /** Arrays known when the program was traced, by value id. */
  readonly constants: ReadonlyMap<number, HostArray>;
  readonly equations: readonly Equation[];
  readonly outputs: readonly Value[];
}
