/** A regularizer as functions of one array on the host, in float64: for pictures and measurements. */
import { executeSync } from '../../runtime/device/cpu64/index.ts';
import type { LiveNumbers, LiveValues, RegularizerValue } from '../../runtime/graph/ports.ts';
import { hostFloat, hostScalar } from '../../runtime/ir/host.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { Shape, Value } from '../../runtime/ir/types.ts';
import { grad, simplify } from '../../runtime/transform/index.ts';

export interface HostedRegularizer {
  value(x: Float64Array): number;
  /** A subgradient of `value`. */
  subgradient(x: Float64Array): Float64Array;
  prox(v: Float64Array, stepSize: number): Float64Array;
  /** How far x is outside the set of a constraint; 0 for a penalty. */
  distance(x: Float64Array): number;
  distanceSubgradient(x: Float64Array): Float64Array;
}

export function hostedRegularizer(
  g: RegularizerValue,
  live: LiveNumbers,
  shape: Shape,
): HostedRegularizer {
  const keys = g.live.map(({ key }) => key);
  const scalars = keys.map((key) => {
    if (!(key in live)) throw new Error(`internal: expected a live value for '${key}', got none.`);
    return hostScalar(live[key]);
  });
  const named = (values: readonly Value[]): LiveValues =>
    Object.fromEntries(keys.map((key, i) => [key, values[i]]));
  /** Compiled at the first call. */
  const hosted = (count: number, fn: (inputs: Value[], live: LiveValues) => Value[]) => {
    let program: ReturnType<typeof trace> | undefined;
    return (...inputs: readonly (Float64Array | number)[]): Float64Array => {
      const arrays = inputs.map((x) =>
        typeof x === 'number' ? hostScalar(x) : hostFloat(x, shape),
      );
      const all = [...arrays, ...scalars];
      program ??= simplify(
        trace((...values) => fn(values.slice(0, count), named(values.slice(count))), all),
      );
      return Float64Array.from(executeSync(program, all)[0].data);
    };
  };
  const distance = (x: Value[], values: LiveValues): Value | undefined =>
    g.constraint?.distance(x, values);
  const value = hosted(1, (x, values) => [g.value(x, values)]);
  const subgradient = hosted(1, (x, values) => grad((u) => g.value(u, values))(x));
  const prox = hosted(2, ([v, s], values) => g.prox([v], s, values));
  const outside = hosted(1, (x, values) => [distance(x, values) ?? g.value(x, values)]);
  const outsideSubgradient = hosted(1, (x, values) =>
    grad((u) => distance(u, values) ?? g.value(u, values))(x),
  );
  return {
    value: (x) => value(x)[0],
    subgradient,
    prox,
    distance: (x) => (g.constraint ? outside(x)[0] : 0),
    distanceSubgradient: (x) => (g.constraint ? outsideSubgradient(x) : x.map(() => 0)),
  };
}
