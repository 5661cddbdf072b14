/**
 * Elementary functions in float64 with the same bits in every engine: ECMAScript leaves `Math.exp` and its kin to the
 * implementation, and they differ in the last digit. Made of +, −, ·, / and √ alone, which are correctly rounded everywhere.
 */
export { erf } from './erf.ts';
export { exp, expm1 } from './exp.ts';
export { hypot } from './hypot.ts';
export { log, log10, log1p, log2 } from './log.ts';
export { sigmoid, softplus, tanh } from './logistic.ts';
export { pow } from './pow.ts';
export { cos, sin } from './trigonometric.ts';
