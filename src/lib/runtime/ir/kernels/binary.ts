import type { PrimitiveName } from '../types.ts';
import { elementStride, type KernelFactory, type Numbers } from './kernel.ts';

/** Strides are 0 for a scalar read by all elements, else 1. */
type Loop = (a: Numbers, sa: number, b: Numbers, sb: number, o: Numbers) => void;

/** `ints` replaces the loop where both operands are ints. */
function over<P extends PrimitiveName>(floats: Loop, ints: Loop = floats): KernelFactory<P> {
  return (_params, [left, right], [output]) => {
    const sa = elementStride(left, output);
    const sb = elementStride(right, output);
    const loop = left.dtype === 'int' ? ints : floats;
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
  add: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] + b[i * sb];
  }),
  sub: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] - b[i * sb];
  }),
  mul: over(
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = a[i * sa] * b[i * sb];
    },
    (a, sa, b, sb, o) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.imul(a[i * sa], b[i * sb]);
    },
  ),
  div: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] / b[i * sb];
  }),
  pow: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.pow(a[i * sa], b[i * sb]);
  }),
  maximum: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.max(a[i * sa], b[i * sb]);
  }),
  minimum: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.min(a[i * sa], b[i * sb]);
  }),
  floorDiv: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.floor(a[i * sa] / b[i * sb]);
  }),
  mod: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) {
      const divisor = b[i * sb];
      const rest = a[i * sa] % divisor;
      o[i] = rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
    }
  }),
  less: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] < b[i * sb] ? 1 : 0;
  }),
  lessEqual: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] <= b[i * sb] ? 1 : 0;
  }),
  equal: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] === b[i * sb] ? 1 : 0;
  }),
  and: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] & b[i * sb];
  }),
  or: over((a, sa, b, sb, o) => {
    for (let i = 0; i < o.length; i++) o[i] = a[i * sa] | b[i * sb];
  }),
  select: (_params, inputs, [output]) => {
    const [sc, sa, sb] = inputs.map((input) => elementStride(input, output));
    return ([c, a, b], [o]) => {
      for (let i = 0; i < o.length; i++) o[i] = c[i * sc] !== 0 ? a[i * sa] : b[i * sb];
    };
  },
};
