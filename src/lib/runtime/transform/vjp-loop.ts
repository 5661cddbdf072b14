import { add, mul } from '../ir/ops/elementwise.ts';
import { loop } from '../ir/ops/control.ts';
import { concat, reshape, slice, zerosLike } from '../ir/ops/shape.ts';
import type { Tangent } from '../ir/primitives/rule.ts';
import { call, traceClosure } from '../ir/trace.ts';
import type { LoopParams, Program, Value } from '../ir/types.ts';
import { loopActivity } from './activity.ts';
import { linearize, type Linearized } from './vjp.ts';

/**
 * Reverse mode of a loop: a forward loop that also stacks the carry before each step, and a loop in the opposite
 * direction that recomputes each step from it and pulls cotangents back. Cotangents of constants are accumulated.
 */
export function linearizeLoop(
  params: LoopParams,
  inputs: readonly Value[],
  needs: readonly boolean[],
): Linearized {
  if (params.checkpoint > 1 && params.steps > 1) {
    return linearize(chunkedLoop(params, inputs), inputs, needs);
  }
  const { steps, body, constants, carry, reverse } = params;
  const carryEnd = constants + carry;
  const stackedCount = body.outputs.length - carry;
  const active = loopActivity(params, needs);
  const own = inputs.slice(0, constants);
  const sequences = inputs.slice(carryEnd);

  const forward = loop({
    steps,
    reverse,
    constants: own,
    carry: inputs.slice(constants, carryEnd),
    sequences,
    body: (i, cs, ks, ss) => {
      const outputs = call(body, [i, ...cs, ...ks, ...ss]);
      return { carry: outputs.slice(0, carry), stacked: [...outputs.slice(carry), ...ks] };
    },
  });
  const saved = forward.stacked.slice(stackedCount);

  /** Positions, among the inputs, of what gets a cotangent in every step. */
  const wanted = inputs.map((_, k) =>
    k >= constants && k < carryEnd ? active[k - constants] : needs[k] && isFloat(inputs[k]),
  );
  const positions = (from: number, to: number) =>
    inputs.flatMap((_, k) => (k >= from && k < to && wanted[k] ? [k] : []));
  const wantedConstants = positions(0, constants);
  const wantedCarry = positions(constants, carryEnd);
  const wantedSequences = positions(carryEnd, inputs.length);

  const pullback = (cotangents: readonly Tangent[]): Tangent[] => {
    if (cotangents.every((g) => g === null)) return inputs.map(() => null);
    const stackedIndex = cotangents.flatMap((g, k) => (k >= carry && g ? [k] : []));
    const backward = loop({
      steps,
      reverse: !reverse,
      constants: own,
      carry: [
        ...wantedCarry.map((k) => cotangents[k - constants] ?? zerosLike(inputs[k])),
        ...wantedConstants.map((k) => zerosLike(inputs[k])),
      ],
      sequences: [...saved, ...sequences, ...stackedIndex.flatMap((k) => cotangents[k] ?? [])],
      body: (i, cs, ks, ss) => {
        const values = [i, ...cs, ...ss.slice(0, carry + sequences.length)];
        const incoming: Tangent[] = cotangents.map(() => null);
        wantedCarry.forEach((k, j) => (incoming[k - constants] = ks[j]));
        stackedIndex.forEach((k, j) => (incoming[k] = ss[carry + sequences.length + j]));
        const step = linearize(body, values, [false, ...wanted])
          .pullback(incoming)
          .slice(1);
        return {
          carry: [
            ...wantedCarry.map((k) => step[k] ?? zerosLike(inputs[k])),
            ...wantedConstants.map((k, j) => sumOf(ks[wantedCarry.length + j], step[k])),
          ],
          stacked: wantedSequences.map((k) => step[k] ?? zerosLike(values[k + 1])),
        };
      },
    });
    const result: Tangent[] = inputs.map(() => null);
    wantedCarry.forEach((k, j) => (result[k] = backward.carry[j]));
    wantedConstants.forEach((k, j) => (result[k] = backward.carry[wantedCarry.length + j]));
    wantedSequences.forEach((k, j) => (result[k] = backward.stacked[j]));
    return result;
  };
  return { outputs: [...forward.carry, ...forward.stacked.slice(0, stackedCount)], pullback };
}

const isFloat = (value: Value): boolean => value.dtype === 'float';

function sumOf(total: Value, term: Tangent): Value {
  return term ? add(total, term) : total;
}

/**
 * The same loop as chunks of `checkpoint` steps: an outer loop whose body is an inner loop. Reverse mode of the outer
 * one keeps the carry before each chunk and recomputes inside.
 */
function chunkedLoop(params: LoopParams, inputs: readonly Value[]): Program {
  const { steps, checkpoint, reverse } = params;
  const size = Math.min(checkpoint, steps);
  const whole = Math.floor(steps / size) * size;
  const parts = [
    { from: 0, to: whole, size },
    { from: whole, to: steps, size: steps - whole },
  ].filter(({ from, to }) => to > from);

  return traceClosure((...values) => {
    const carryEnd = params.constants + params.carry;
    const sequences = values.slice(carryEnd);
    let carried = values.slice(params.constants, carryEnd);
    const stacks: Value[][] = [];
    for (const part of reverse ? parts.toReversed() : parts) {
      const result = chunks(params, part, values.slice(0, params.constants), carried, sequences);
      carried = result.carry;
      stacks.push(result.stacked);
    }
    const ordered = reverse ? stacks.toReversed() : stacks;
    const stacked = ordered[0].map((_, k) =>
      concat(
        ordered.map((stack) => stack[k]),
        0,
      ),
    );
    return [...carried, ...stacked];
  }, inputs).program;
}

/** Steps from … to − 1 of the loop, in chunks of `size`, which divides their number. */
function chunks(
  params: LoopParams,
  { from, to, size }: { from: number; to: number; size: number },
  constants: readonly Value[],
  carry: readonly Value[],
  sequences: readonly Value[],
): { carry: Value[]; stacked: Value[] } {
  const { body, reverse } = params;
  const count = (to - from) / size;
  const chunked = sequences.map((x) => {
    const rest = x.shape.slice(1);
    const part = slice(x, [from, ...rest.map(() => 0)], [to - from, ...rest]);
    return reshape(part, [count, size, ...rest]);
  });
  const result = loop({
    steps: count,
    reverse,
    constants,
    carry,
    sequences: chunked,
    body: (chunk, cs, ks, ss) =>
      loop({
        steps: size,
        reverse,
        constants: cs,
        carry: ks,
        sequences: ss,
        body: (j, inner, state, slices) => {
          const i = add(add(mul(chunk, size), j), from);
          const outputs = call(body, [i, ...inner, ...state, ...slices]);
          return {
            carry: outputs.slice(0, params.carry),
            stacked: outputs.slice(params.carry),
          };
        },
      }),
  });
  const flat = result.stacked.map((x) => reshape(x, [to - from, ...x.shape.slice(2)]));
  return { carry: result.carry, stacked: flat };
}
