import * as elementary from '../../../numerics/elementary/index.ts';
import type { PrimitiveName } from '../types.ts';
import type { KernelFactory, Numbers } from './kernel.ts';

type Loop = (a: Numbers, o: Numbers) => void;

function over(floats: Loop, ints: Loop = floats): KernelFactory<PrimitiveName> {
  return (_params, [input]) => {
    const loop = input.dtype === 'float' ? floats : ints;
    return (inputs, outputs) => loop(inputs[0] as Numbers, outputs[0] as Numbers);
  };
}

/** Ints take one generic loop, so that the float loops only ever see Float64Array and stay monomorphic. */
function generic(f: (a: number) => number): Loop {
  return (a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = f(a[i]);
  };
}

const copy = over((a, o) => o.set(a));
const truth = over(generic((a) => (a !== 0 ? 1 : 0)));

type Unary =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'erf'
  | 'floor'
  | 'not'
  | 'stopGradient'
  | 'cast';

export const unaryKernels: { [P in Unary & PrimitiveName]: KernelFactory<P> } = {
  neg: over(
    (a, o) => {
      for (let i = 0; i < o.length; i++) o[i] = -a[i];
    },
    generic((a) => -a),
  ),
  abs: over(
    (a, o) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.abs(a[i]);
    },
    generic((a) => Math.abs(a)),
  ),
  sign: over(
    (a, o) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.sign(a[i]);
    },
    generic((a) => Math.sign(a)),
  ),
  exp: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.exp(a[i]);
  }),
  expm1: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.expm1(a[i]);
  }),
  log: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.log(a[i]);
  }),
  log1p: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.log1p(a[i]);
  }),
  sqrt: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.sqrt(a[i]);
  }),
  sin: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.sin(a[i]);
  }),
  cos: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.cos(a[i]);
  }),
  tanh: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.tanh(a[i]);
  }),
  sigmoid: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.sigmoid(a[i]);
  }),
  softplus: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.softplus(a[i]);
  }),
  erf: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = elementary.erf(a[i]);
  }),
  floor: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.floor(a[i]);
  }),
  not: over((a, o) => {
    for (let i = 0; i < o.length; i++) o[i] = 1 - a[i];
  }),
  stopGradient: copy,
  // Storing to an Int32Array truncates toward zero.
  cast: (params, inputs, outputs) =>
    params.dtype === 'bool' ? truth({}, inputs, outputs) : copy({}, inputs, outputs),
};
