/**
 * The harmonic oscillator p′ = −q, q′ = p by the methods that layers take as steps, in float64. From (p, q) = (1, 0) the solution is
 * (cos t, sin t), and the energy (p² + q²)/2 stays ½.
 */
import { executeSync } from '../../../runtime/device/cpu64/index.ts';
import { hostScalar } from '../../../runtime/ir/host.ts';
import { constant, loop, neg } from '../../../runtime/ir/ops.ts';
import { trace } from '../../../runtime/ir/trace.ts';
import type { Program, Value } from '../../../runtime/ir/types.ts';
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

/** At p = 1, q = 0. */
const START = [hostScalar(1), hostScalar(0)];

/** N steps of size h, to be announced before they are done: they are computed in one piece. */
export function oscillator(method: IntegratorName, steps: number, h: number): Program {
  return trace((p, q) => {
    const { stacked } = loop({
      steps,
      carry: [p, q],
      body: (_i, _constants, [a, b]) => {
        const carry = stepOf(method, [a, b], h);
        return { carry, stacked: carry };
      },
    });
    return stacked;
  }, START);
}

/** Where an oscillator's steps lead. */
export function oscillate(program: Program): OscillatorPath {
  const [p, q] = executeSync(program, START).map(({ data }, k) => {
    const path = new Float64Array(data.length + 1);
    path[0] = START[k].data[0];
    path.set(data, 1);
    return path;
  });
  return { p, q };
}

function stepOf(method: IntegratorName, [p, q]: readonly [Value, Value], h: number): Value[] {
  if (method === 'symplectic' || method === 'verlet')
    return symplecticStep(method, { force: (at) => neg(at), velocity: (at) => at }, [p, q], h);
  const always = constant(hostScalar(0));
  return rungeKuttaStep(method, (_t, [a, b]) => [neg(b), a], always, [p, q], h);
}
