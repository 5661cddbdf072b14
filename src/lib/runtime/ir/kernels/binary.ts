import * as elementary from '../../../numerics/elementary/index.ts';
import type { PrimitiveName } from '../types.ts';
import { type Buffer, elementStride, type KernelFactory, type Numbers } from './kernel.ts';

/** Strides are 0 for a scalar read by all elements, else 1. */
type Loop = (a: Numbers, sa: number, b: Numbers, sb: number, o: Numbers) => void;

/**
 * Ints and bools take one generic loop, so that the float loops only ever see Float64Array and stay monomorphic, which
 * is what makes them fast.
 */
function generic(f: (a: number, b: number) => number): Loop {
  return (a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = f(a[i * sa], b[i * sb]);
  };
}

function over<P extends PrimitiveName>(floats: Loop | null, others: Loop | null): KernelFactory<P> {
  return (_params, [left, right], [output]) => {
    const sa = elementStride(left, output);
    const sb = elementStride(right, output);
    const loop = left.dtype === 'float' ? floats : others;
    if (!loop) throw new Error(`internal: no kernel for operands of dtype ${left.dtype}.`);
    return (inputs, outputs) =>
      loop(inputs[0] as Numbers, sa, inputs[1] as Numbers, sb, outputs[0] as Numbers);
  };
}

type Binary =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'floorDiv'
  | 'mod'
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'and'
  | 'or';

export const binaryKernels: { [P in Binary | 'select']: KernelFactory<P> } = {
  add: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] + b[i * sb];
    },
    generic((a, b) => a + b),
  ),
  sub: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] - b[i * sb];
    },
    generic((a, b) => a - b),
  ),
  mul: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] * b[i * sb];
    },
    generic((a, b) => Math.imul(a, b)),
  ),
  div: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] / b[i * sb];
  }, null),
  pow: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.pow(a[i * sa], b[i * sb]);
  }, null),
  maximum: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.max(a[i * sa], b[i * sb]);
    },
    generic((a, b) => Math.max(a, b)),
  ),
  minimum: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.min(a[i * sa], b[i * sb]);
    },
    generic((a, b) => Math.min(a, b)),
  ),
  floorDiv: over(
    null,
    generic((a, b) => Math.floor(a / b)),
  ),
  mod: over(
    null,
    generic((a, b) => {
      const rest = a % b;
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }),
  ),
  less: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] < b[i * sb] ? 1 : 0;
    },
    generic((a, b) => (a < b ? 1 : 0)),
  ),
  lessEqual: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] <= b[i * sb] ? 1 : 0;
    },
    generic((a, b) => (a <= b ? 1 : 0)),
  ),
  equal: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] === b[i * sb] ? 1 : 0;
    },
    generic((a, b) => (a === b ? 1 : 0)),
  ),
  and: over(
    null,
    generic((a, b) => a & b),
  ),
  or: over(
    null,
    generic((a, b) => a | b),
  ),
  select: (_params, inputs, [output]) => {
    const [sc, sa, sb] = inputs.map((input) => elementStride(input, output));
    const loop = output.dtype === 'float' ? selectFloats : selectOthers;
    return ([c, a, b], [o]) => loop(c, sc, a as Numbers, sa, b as Numbers, sb, o as Numbers);
  },
};

type SelectLoop = (
  c: Buffer,
  sc: number,
  a: Numbers,
  sa: number,
  b: Numbers,
  sb: number,
  o: Numbers,
) => void;

const selectFloats: SelectLoop = (c, sc, a, sa, b, sb, o) => {
  for (let i = 0; i < o.length; i++) o[i] = c[i * sc] !== 0 ? a[i * sa] : b[i * sb];
};

/** Apart from the floats for the same reason as `generic`. */
const selectOthers: SelectLoop = (c, sc, a, sa, b, sb, o) => {
  for (let i = 0; i < o.length; i++) o[i] = c[i * sc] !== 0 ? a[i * sa] : b[i * sb];
};
