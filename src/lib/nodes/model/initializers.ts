import { mul } from '../../runtime/ir/ops.ts';
import { normal, uniform } from '../../runtime/ir/random.ts';
import type { Value } from '../../runtime/ir/types.ts';

interface Initializer {
  readonly label: string;
  /** Variance of each weight. */
  variance(fanIn: number, fanOut: number): number;
  readonly distribution: 'normal' | 'uniform';
}

const glorot = (fanIn: number, fanOut: number) => 2 / (fanIn + fanOut);
const he = (fanIn: number) => 2 / fanIn;
const lecun = (fanIn: number) => 1 / fanIn;

/**
 * Variances of initial weights. Glorot & Bengio 2010, equations (12) and (16); He et al. 2015, equation (10);
 * LeCun et al. 1998, equation (16). The normal variants are not truncated.
 */
export const INITIALIZERS: Readonly<Record<string, Initializer>> = {
  'glorot-uniform': { label: 'Glorot uniform', variance: glorot, distribution: 'uniform' },
  'glorot-normal': { label: 'Glorot normal', variance: glorot, distribution: 'normal' },
  'he-uniform': { label: 'He uniform', variance: he, distribution: 'uniform' },
  'he-normal': { label: 'He normal', variance: he, distribution: 'normal' },
  'lecun-uniform': { label: 'LeCun uniform', variance: lecun, distribution: 'uniform' },
  'lecun-normal': { label: 'LeCun normal', variance: lecun, distribution: 'normal' },
};

/** A [fanIn, fanOut] weight matrix; a uniform on [−a, a] has variance a²/3. */
export function initialWeights(
  initializer: Initializer,
  key: Value,
  fanIn: number,
  fanOut: number,
  scale: number,
): Value {
  const deviation = scale * Math.sqrt(initializer.variance(Math.max(fanIn, 1), fanOut));
  if (initializer.distribution === 'normal') return mul(normal(key, [fanIn, fanOut]), deviation);
  const bound = deviation * Math.sqrt(3);
  return uniform(key, [fanIn, fanOut], -bound, bound);
}
