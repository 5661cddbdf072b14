/**
 * A random part of the coefficients of the orthonormal cosine transform.
 *
 *   Kx = m ⊙ (C x),  or m ⊙ (C x Cᵀ) for an image;   C_ki = s_k cos(π(2i + 1)k/(2n)),  s_0 = √(1/n),  s_k = √(2/n)
 *
 * The coefficients with every index below L are kept always, random others fill up the share. Domain: 0 < share ≤ 1, L ≥ 0.
 * Strang 1999.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { OperatorValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostPermutation } from '../../runtime/ir/random.ts';
import { percent } from '../shared/format.ts';
import { cosineOperator } from '../shared/operators/cosine.ts';
import { hostOperator } from '../shared/operators/host.ts';
import { requireSignal } from '../shared/operators/signal.ts';
import { signalsView } from '../shared/operators/view.ts';
import { seedParam } from '../shared/seed.ts';
import { OPERATOR_OUTPUTS, SIGNAL_INPUTS, axesEffort, requireSides } from './ports.ts';

export default defineNode({
  type: 'operator/cosine',
  version: 1,
  family: 'operator',
  title: 'Cosine transform',
  summary: 'Frequencies of a signal or image, all of them or a random part.',
  formula: String.raw`(Kx)_k = m_k\, s_k \sum_i x_i \cos\frac{\pi (2i+1) k}{2n}, \qquad m_k \in \{0, 1\}`,
  description: [
    'The transform (DCT-II) is orthonormal: with all coefficients K⁻¹ = Kᵀ, with a part of them Kᵀ is the pseudoinverse and ‖K‖ = 1. Coefficients left out are 0 in Kx and carry no noise.',
    'Most of a picture’s energy is in its low frequencies; keep them always, and sample the others at random. The preview shows which are kept, frequency 0 at the top left, and Kᵀ K x, what they tell without a penalty.',
  ],
  keywords: ['dct', 'fourier', 'frequency', 'compressed sensing', 'subsampled', 'mri'],
  references: [
    {
      text: 'Strang, The discrete cosine transform, SIAM Review 41(1), 1999.',
      url: 'https://doi.org/10.1137/S0036144598336745',
    },
    {
      text: 'Candès, Romberg & Tao, Robust uncertainty principles: exact signal reconstruction from highly incomplete frequency information (2006).',
      url: 'https://doi.org/10.1109/TIT.2005.862083',
    },
  ],
  params: {
    share: {
      kind: 'number',
      label: 'Share kept',
      default: 0.3,
      min: 0,
      exclusiveMin: true,
      max: 1,
    },
    lowest: {
      kind: 'integer',
      label: 'Always kept below L',
      help: 'Frequencies with every index below L are always kept; 0 for none.',
      default: 4,
      min: 0,
      max: 2048,
    },
    seed: seedParam,
  },
  inputs: SIGNAL_INPUTS,
  outputs: OPERATOR_OUTPUTS,
  evaluate({ params, input, key, reserve }) {
    const { shape, size, truth } = requireSignal(input('data', 'dataset'), 'Cosine transform');
    requireSides(shape, 'Cosine transform');
    reserve(axesEffort(shape));
    const { lowest } = params;
    const width = shape[1] ?? 1;
    const low = (place: number) =>
      shape.length === 2
        ? Math.floor(place / width) < lowest && place % width < lowest
        : place < lowest;
    const count = Math.round(params.share * size);
    const order = hostPermutation(key, size);
    const places = [...order.filter(low), ...order.filter((place) => !low(place))];
    const always = shape.reduce((product, n) => product * Math.min(n, lowest), 1);
    if (always > count || count === 0) {
      throw new NodeError(
        'range',
        `Cosine transform (share): expected to keep at least ${Math.max(always, 1)} of ${size} coefficients, those below L = ${lowest}, got ${count}. Keep a larger share, or lower L.`,
        'share',
      );
    }
    const mask = new Float64Array(size);
    for (const place of places.slice(0, count)) mask[place] = 1;
    const operator = cosineOperator(shape, hostFloat(mask, shape));
    const { apply, adjoint } = hostOperator(operator);
    const back = adjoint(apply(Float64Array.from(truth.data)));
    const value: OperatorValue = { kind: 'operator', operator };
    return {
      outputs: { operator: value },
      view:
        shape.length === 2
          ? signalsView(shape, [
              { values: mask, label: 'kept' },
              { values: back, label: 'KᵀKx' },
            ])
          : signalsView(shape, [
              { values: truth.data, label: 'x', dashed: true },
              { values: back, label: 'KᵀKx' },
            ]),
      status: `${count} of ${size} coefficients (${percent(count / size)})`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { share: 1 }, { lowest: 0 }],
    invalid: [
      { params: { share: 0 }, message: /Share kept.*expected a number > 0/ },
      { params: { share: 0.1, lowest: 8 }, message: /at least 8 of 24 coefficients.*got 2/ },
    ],
  },
});
