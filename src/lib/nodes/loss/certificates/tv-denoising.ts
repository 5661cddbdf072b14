/** Certificates of total-variation denoising: the taut string for a signal, a dual solve for an image, and tv-proof.ts for both. */
import { exactly, scaleByPower, subtract } from '../../../numerics/ball.ts';
import { timesPower } from '../../../numerics/double-double.ts';
import { largest } from '../../../numerics/linear-algebra.ts';
import { createPacer } from '../../../numerics/pacer.ts';
import type { Certificate } from '../../../runtime/graph/ports.ts';
import type { Shape } from '../../../runtime/ir/types.ts';
import { imageSolution } from './image-tv.ts';
import { knownMinimiser } from './known-minimiser.ts';
import { certificateOf, nonnegative } from './proof.ts';
import { signalSolution } from './signal-tv.ts';
import { intoUnitBall, proveTotalVariation, scaledProblem } from './tv-proof.ts';

export async function denoisingCertificate(
  y: ArrayLike<number>,
  shape: Shape,
  lambda: number,
  signal: AbortSignal,
): Promise<Certificate> {
  const pacer = createPacer(signal);
  const isImage = shape.length === 2;
  const [height, width] = isImage ? shape : [1, shape[0]];
  const problem = scaledProblem(y, height, width, lambda);
  const { x, field, weight } = isImage
    ? await imageSolution(problem, pacer)
    : await signalSolution(problem, pacer);
  intoUnitBall(field);
  const { value, gap } = await proveTotalVariation(problem, x, field, weight, pacer);
  const { exponent } = problem;
  const own = x.hi.map((v) => timesPower(v, exponent));
  // The rounding of x to float64, and what strong convexity leaves.
  const error = timesPower(1.01 * Math.sqrt(2 * gap) + 2 ** -52 * largest(x.hi), exponent);
  return certificateOf(
    nonnegative({
      value: scaleByPower(value, 2 * exponent),
      least: scaleByPower(subtract(value, exactly(gap)), 2 * exponent),
    }),
    isImage ? 'fast gradient projection on the dual, duality gap' : 'taut string, duality gap',
    knownMinimiser(own, shape, error),
  );
}
