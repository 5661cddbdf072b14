/** Discrete measures and the one result type of every transport solver. */

export type TransportFault = 'weights' | 'shape' | 'cost' | 'regularization' | 'iterations';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportFault;
  constructor(code: TransportFault, message: string) {
    super(message);
    this.code = code;
  }
}

/** A coupling of n sources and m targets with its certificate. */
export interface TransportPlan {
  /** float [rows, columns], row-major, ≥ 0. */
  readonly plan: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** float [rows], float [columns]: dual potentials. */
  readonly potentialA: Float64Array;
  readonly potentialB: Float64Array;
  /** ⟨plan, cost⟩, without entropy. */
  readonly cost: number;
  /** Primal minus dual value of the problem solved; 0 at the optimum up to rounding. */
  readonly dualityGap: number;
  /** ‖plan·1 − a‖₁ + ‖planᵀ·1 − b‖₁. */
  readonly marginalError: number;
}

/** How far two total masses may differ and still count as equal: rounding of sums of a few thousand float64 numbers. */
const MASS_TOLERANCE = 1e-9;

/**
 * Checks what every solver needs.
 * @throws TransportError naming the first offending value
 */
export function checkTransport(
  where: string,
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
): void {
  if (cost.length !== a.length * b.length || a.length === 0 || b.length === 0)
    throw new TransportError(
      'shape',
      `${where}(cost): expected ${a.length} × ${b.length} entries, both sides at least 1, got ${cost.length}.`,
    );
  const massA = checkWeights(`${where}(a)`, a);
  const massB = checkWeights(`${where}(b)`, b);
  if (Math.abs(massA - massB) > MASS_TOLERANCE * Math.max(massA, massB))
    throw new TransportError(
      'weights',
      `${where}: expected equal total masses, got ${massA} and ${massB}. Normalise the weights.`,
    );
  const bad = cost.findIndex((c) => !Number.isFinite(c));
  if (bad >= 0)
    throw new TransportError(
      'cost',
      `${where}(cost): expected finite entries, got ${cost[bad]} between point ${Math.floor(bad / b.length)} and point ${bad % b.length}. Remove points with missing coordinates.`,
    );
}

/** @returns the total mass, > 0 */
function checkWeights(where: string, weights: Float64Array): number {
  const bad = weights.findIndex((w) => !(w >= 0 && w < Infinity));
  if (bad >= 0)
    throw new TransportError(
      'weights',
      `${where}: expected finite weights ≥ 0, got ${weights[bad]} at index ${bad}.`,
    );
  const mass = weights.reduce((sum, w) => sum + w, 0);
  if (!(mass > 0))
    throw new TransportError(
      'weights',
      `${where}: expected a positive total mass, got ${mass}. Give at least one point weight.`,
    );
  return mass;
}

/** The plan's distance to its marginals in ℓ1. */
export function marginalError(plan: Float64Array, a: Float64Array, b: Float64Array): number {
  const m = b.length;
  const columns = new Float64Array(m);
  let error = 0;
  for (let i = 0; i < a.length; i++) {
    let row = 0;
    for (let j = 0; j < m; j++) {
      row += plan[i * m + j];
      columns[j] += plan[i * m + j];
    }
    error += Math.abs(row - a[i]);
  }
  for (let j = 0; j < m; j++) error += Math.abs(columns[j] - b[j]);
  return error;
}
