import { hostOf } from '../ir/host.ts';
import { kernels } from '../ir/kernels/index.ts';
import { allocate } from '../ir/kernels/kernel.ts';
import type { SimpleName } from '../ir/primitives/rule.ts';
import { shapeRules } from '../ir/shape-rules/index.ts';
import { sizeOf } from '../ir/shape.ts';
import { constant, emit, literal } from '../ir/trace.ts';
import type {
  ArrayType,
  Equation,
  EquationOf,
  HostArray,
  PrimitiveParams,
  Value,
} from '../ir/types.ts';
import { identity } from './identities.ts';

/** Arrays up to this many elements are computed when the program is simplified. */
const FOLD_LIMIT = 256;

/** Emits primitives in simplified form, and remembers what is known of the values it made. */
export interface Rewriter {
  make<P extends SimpleName>(
    primitive: P,
    params: PrimitiveParams[P],
    inputs: readonly Value[],
  ): Value;
  makeLoop(params: PrimitiveParams['loop'], inputs: readonly Value[]): Value[];
  makeConstant(host: HostArray): Value;
  /** The number that all elements are known to be, or null. */
  uniform(value: Value): number | null;
  /** The equation that made the value, if it was one. */
  producer(value: Value): Equation | undefined;
}

/** A rewriter for the innermost trace. */
export function createRewriter(): Rewriter {
  const known = new Map<number, HostArray>();
  const uniforms = new Map<number, number>();
  const producers = new Map<number, Equation>();
  const made = new Map<string, Value>();
  const shared = new Map<HostArray['data'], Value>();

  const makeConstant = (host: HostArray): Value => {
    const same = shared.get(host.data);
    if (same && same.shape.join() === host.shape.join()) return same;
    const value = host.shape.length === 0 ? literal(host.data[0], host.dtype) : constant(host);
    shared.set(host.data, value);
    if (host.data.length <= FOLD_LIMIT) known.set(value.id, host);
    if (host.data.length > 0 && host.data.length <= FOLD_LIMIT) {
      const first = host.data[0];
      if (host.data.every((x) => Object.is(x, first))) uniforms.set(value.id, first);
    }
    return value;
  };

  const fold = <P extends SimpleName>(
    primitive: P,
    params: PrimitiveParams[P],
    inputs: readonly Value[],
    output: ArrayType,
  ): HostArray | null => {
    if (sizeOf(output.shape) > FOLD_LIMIT) return null;
    const hosts = inputs.flatMap((input) => known.get(input.id) ?? []);
    if (hosts.length < inputs.length) return null;
    const data = allocate(output.dtype, sizeOf(output.shape));
    kernels[primitive](params, inputs, [output])(
      hosts.map((host) => host.data),
      [data],
    );
    return hostOf(output, data);
  };

  const rewriter: Rewriter = {
    make(primitive, params, inputs) {
      const equation = { primitive, params, inputs, outputs: [] } as unknown as Equation;
      const simpler = identity(equation, rewriter);
      if (simpler) return simpler;
      const key = keyOf(primitive, params, inputs);
      const same = made.get(key);
      if (same) return same;

      const [type] = shapeRules[primitive](params, inputs);
      const host = fold(primitive, params, inputs, type);
      // Repeats and indices are cheaper to make than to keep: they stay equations, of known value.
      const symbolic = primitive === 'broadcast' || primitive === 'iota';
      let value: Value;
      if (host && !symbolic) {
        value = makeConstant(host);
      } else {
        [value] = emit(primitive, params, inputs);
        producers.set(value.id, { ...equation, outputs: [value] } as Equation);
        if (host) known.set(value.id, host);
        if (primitive === 'broadcast' || primitive === 'reshape') {
          const x = rewriter.uniform(inputs[0]);
          if (x !== null) uniforms.set(value.id, x);
        }
      }
      made.set(key, value);
      return value;
    },
    makeLoop(params, inputs) {
      const outputs = emit('loop', params, inputs);
      const equation: EquationOf<'loop'> = { primitive: 'loop', params, inputs, outputs };
      for (const output of outputs) producers.set(output.id, equation);
      return outputs;
    },
    makeConstant,
    uniform: (value) => uniforms.get(value.id) ?? null,
    producer: (value) => producers.get(value.id),
  };
  return rewriter;
}

const COMMUTATIVE = new Set<string>(['add', 'mul', 'maximum', 'minimum', 'equal', 'and', 'or']);

function keyOf(primitive: string, params: object, inputs: readonly Value[]): string {
  const ids = inputs.map((input) => input.id);
  if (COMMUTATIVE.has(primitive)) ids.sort((a, b) => a - b);
  return `${primitive} ${JSON.stringify(params)} ${ids.join()}`;
}
