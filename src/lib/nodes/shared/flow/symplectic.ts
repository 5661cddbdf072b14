/**
 * Steps that keep the symplectic form of a separable system p′ = F(q), q′ = G(p): what they compute is, up to their order, the exact
 * solution of a nearby system, so that an energy stays near its start for long. Hairer, Lubich & Wanner, Geometric Numerical Integration,
 * section I.1.2 (symplectic Euler, (1.9)) and I.1.4 (Störmer–Verlet, (1.17)).
 */
import { add, mul } from '../../../runtime/ir/ops.ts';
import type { Value } from '../../../runtime/ir/types.ts';

export const SYMPLECTIC_METHODS = {
  symplectic: { label: 'symplectic Euler (order 1)', order: 1 },
  verlet: { label: 'Störmer–Verlet (order 2)', order: 2 },
} as const;
export type SymplecticName = keyof typeof SYMPLECTIC_METHODS;

export interface SeparableSystem {
  /** F: dp/dt at q. */
  force(q: Value): Value;
  /** G: dq/dt at p. */
  velocity(p: Value): Value;
}

/** One step of size h: Euler p ← p + hF(q), q ← q + hG(p); Verlet halves the first and takes its other half at the new q. */
export function symplecticStep(
  method: SymplecticName,
  { force, velocity }: SeparableSystem,
  [p, q]: readonly [Value, Value],
  h: number,
): [Value, Value] {
  const kick = method === 'verlet' ? h / 2 : h;
  const between = add(p, mul(force(q), kick));
  const next = add(q, mul(velocity(between), h));
  return [method === 'verlet' ? add(between, mul(force(next), kick)) : between, next];
}
