import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { ProblemView } from '../../runtime/graph/view-data.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { Shape } from '../../runtime/ir/types.ts';
import { inner, norm } from '../../numerics/linear-algebra.ts';
import { createPacer } from '../../numerics/pacer.ts';
import { brief } from '../shared/format.ts';
import { seedParam } from '../shared/seed.ts';

const WHERE = 'Adjoint test';

/**
 * Is Kᵀ the adjoint of K? The largest |⟨Kx, y⟩ − ⟨x, Kᵀy⟩| / (‖x‖‖y‖) over random Gaussian x and y, relative to the bound of ‖K‖: rounding if
 * it is, about 1/√n if it is any other map. And the largest ‖Kx‖/‖x‖ of power iterations with KᵀK over the bound: at most 1. Float64.
 */
export default defineNode({
  type: 'check/adjoint',
  version: 1,
  family: 'check',
  title: WHERE,
  summary:
    'Whether the adjoint of a linear operator is its adjoint, and its norm within the bound.',
  formula: String.raw`\langle Kx, y\rangle = \langle x, K^\top y\rangle,\qquad \max_x \frac{\lVert Kx\rVert}{\lVert x\rVert} \le \text{bound}`,
  description: [
    'Gradients of ½‖Kx − b‖² are Kᵀ(Kx − b): with a wrong adjoint a method converges to something else, or not at all. Random arrays find it out.',
    'The share of the bound comes from power iterations, which approach ‖K‖ from below.',
  ],
  keywords: ['operator', 'transpose', 'dot product test', 'norm', 'verify'],
  references: [
    {
      text: 'Claerbout, Earth Soundings Analysis: Processing versus Inversion, 1992, chapter 5 (the dot-product test)',
    },
  ],
  params: {
    draws: { kind: 'integer', label: 'Draws', default: 5, min: 1, max: 100 },
    iterations: { kind: 'integer', label: 'Power iterations', default: 30, min: 1, max: 1000 },
    seed: seedParam,
  },
  inputs: [{ name: 'operator', type: 'operator', label: 'Operator' }],
  outputs: [
    { name: 'difference', type: 'scalar', label: 'Difference' },
    { name: 'share', type: 'scalar', label: 'Share of the bound' },
  ],
  async evaluate({ params, input, key, cpu64, signal }) {
    const { operator } = input('operator', 'operator');
    const { title, input: from, output: to, norm: bound } = operator;
    const pacer = createPacer(signal);
    const size = (shape: Shape) => shape.reduce((n, k) => n * k, 1);
    const forward = trace((x) => [operator.apply(x)], [{ shape: from, dtype: 'float' }]);
    const backward = trace((y) => [operator.adjoint(y)], [{ shape: to, dtype: 'float' }]);
    const run = async (program: typeof forward, x: Float64Array, shape: Shape) =>
      Float64Array.from((await cpu64.execute(program, [hostFloat(x, shape)]))[0].data);

    let difference = 0;
    for (let k = 0; k < params.draws; k++) {
      const x = hostNormal(hostFoldIn(key, 2 * k), size(from));
      const y = hostNormal(hostFoldIn(key, 2 * k + 1), size(to));
      const there = inner(await run(forward, x, from), y);
      const back = inner(x, await run(backward, y, to));
      difference = Math.max(difference, Math.abs(there - back) / (bound * norm(x) * norm(y)));
      if (pacer.due()) await pacer.pause();
    }
    let x = hostNormal(hostFoldIn(key, -1), size(from));
    let largest = 0;
    for (let k = 0; k < params.iterations; k++) {
      const length = norm(x);
      if (length === 0) break;
      const image = await run(
        forward,
        x.map((v) => v / length),
        from,
      );
      largest = Math.max(largest, norm(image));
      x = await run(backward, image, to);
      if (pacer.due()) await pacer.pause();
    }
    const scalar = (value: number, label: string): ScalarValue => ({
      kind: 'scalar',
      value,
      label: `${label}, ${title}`,
      precision: 'float64',
    });
    const view: ProblemView = {
      kind: 'problem',
      formula: String.raw`\langle Kx, y\rangle = \langle x, K^\top y\rangle`,
      facts: [
        { label: 'Difference', value: brief(difference) },
        { label: '‖K‖ at least', value: brief(largest) },
        { label: 'Bound of ‖K‖', value: brief(bound) },
      ],
    };
    return {
      outputs: {
        difference: scalar(difference, 'difference of ⟨Kx, y⟩ and ⟨x, Kᵀy⟩'),
        share: scalar(largest / bound, 'norm over its bound'),
      },
      view,
      status: `difference ${brief(difference)}, norm ${brief(largest)} of ${brief(bound)}`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { draws: 1, iterations: 3, seed: 2 }],
    invalid: [{ params: { draws: 0 }, message: /\[1, 100\], got 0/ }],
  },
});
