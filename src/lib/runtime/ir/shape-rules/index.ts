import type { PrimitiveName } from '../types.ts';
import { elementwiseShapes } from './elementwise.ts';
import { indexingShapes } from './indexing.ts';
import { loopShape } from './loop.ts';
import { matmulShape } from './matmul.ts';
import { randomShapes } from './random.ts';
import { reductionShapes } from './reduction.ts';
import type { ShapeRule } from './rule.ts';
import { shapingShapes } from './shaping.ts';
import { transportShape } from './transport.ts';

/** Output types of every primitive. */
export const shapeRules: { [P in PrimitiveName]: ShapeRule<P> } = {
  ...elementwiseShapes,
  ...reductionShapes,
  ...shapingShapes,
  ...indexingShapes,
  ...randomShapes,
  matmul: matmulShape,
  transport: transportShape,
  loop: loopShape,
};
