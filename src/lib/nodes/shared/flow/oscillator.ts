/**
 * The harmonic oscillator p′ = −q, q′ = p by the methods that layers take as steps, in float64. From (p, q) = (1, 0) the solution is
 * (cos t, sin t), and the energy (p² + q²)/2 stays ½.
 */
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import { hostScalar } from '../../../runtime/ir/host.ts';
import { constant, loop, neg } from '../../../runtime/ir/ops.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { Value } from '../../../runtime/ir/types.ts';
import { METHODS, rungeKuttaStep } from './runge-kutta.ts';
import type { MethodName } from './runge-kutta.ts';
import { SYMPLECTIC_METHODS, symplecticStep } from './symplectic.ts';
import type { SymplecticName } from './symplectic.ts';

export const INTEGRATORS = { ...METHODS, ...SYMPLECTIC_METHODS };
export type IntegratorName = MethodName | SymplecticName;
export const INTEGRATOR_NAMES = Object.keys(INTEGRATORS) as readonly IntegratorName[];

export interface OscillatorPath {
  /** After 0, 1, …, N steps. */
  readonly p: Float64Array;
  readonly q: Float64Array;
}

/** N steps of size h. */
export function oscillate(method: IntegratorName, steps: number, h: number): OscillatorPath {
  const start = [hostScalar(1), hostScalar(0)];
  const program = trace((p, q) => {
    const { stacked } = loop({
      steps,
      carry: [p, q],
      body: (_i, _constants, [a, b]) => {
        const carry = stepOf(method, [a, b], h);
        return { carry, stacked: carry };
      },
    });
    return stacked;
  }, start);
  const [p, q] = executeSync(program, start).map(({ data }, k) =>
    Float64Array.of(start[k].data[0], ...data),
  );
  return { p, q };
}

function stepOf(method: IntegratorName, [p, q]: readonly [Value, Value], h: number): Value[] {
  if (method === 'symplectic' || method === 'verlet')
    return symplecticStep(method, { force: (at) => neg(at), velocity: (at) => at }, [p, q], h);
  const always = constant(hostScalar(0));
  return rungeKuttaStep(method, (_t, [a, b]) => [neg(b), a], always, [p, q], h);
}
