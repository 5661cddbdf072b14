/** Array operations on traced values: everything node code computes with. */
export * from './ops/control.ts';
export * from './ops/elementwise.ts';
export * from './ops/indexing.ts';
export * from './ops/linear-algebra.ts';
export { type Operand } from './ops/operands.ts';
export * from './ops/reduction.ts';
export {
  broadcastTo,
  concat,
  expandDims,
  flatten,
  full,
  iota,
  ones,
  onesLike,
  pad,
  reshape,
  reverse,
  slice,
  squeeze,
  stack,
  transpose,
  zeros,
  zerosLike,
} from './ops/shape.ts';
export { constant } from './trace.ts';
