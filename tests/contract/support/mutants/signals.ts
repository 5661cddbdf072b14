/** Wrong things in experiments with signals and images. */
import { neg } from '../../../../src/lib/runtime/ir/ops.ts';
import { after, operator } from './kinds.ts';
import type { Mutants } from './kinds.ts';

export const signals: Mutants = {
  deblurring: [
    {
      wrong: 'one step',
      params: after(1, 'admm', 'cg'),
      fails: ['admm-check', 'cg-check'],
      slow: true,
    },
    {
      wrong: 'a total variation that leaves nothing',
      params: { tv: { lambda: 100 }, ...after(100, 'admm') },
      fails: ['tv-check'],
      slow: true,
    },
    {
      wrong: 'a ridge that leaves nothing',
      params: { l2: { lambda: 100 }, ...after(1, 'admm') },
      fails: ['ridge-check'],
      slow: true,
    },
    {
      wrong: 'an adjoint of the wrong sign and a norm that is too small',
      nodes: {
        'operator/blur': operator((right) => ({
          adjoint: (y) => neg(right.adjoint(y)),
          norm: 0.5,
        })),
      },
      params: after(1, 'admm', 'cg'),
      fails: ['adjoint-check', 'norm-check'],
      slow: true,
    },
  ],
  inpainting: [
    {
      wrong: 'two steps',
      params: after(2, 'admm', 'fista'),
      fails: ['gap-check', 'optimality-check'],
      slow: true,
    },
    {
      wrong: 'penalties that leave nothing',
      params: { tv: { lambda: 100 }, nuclear: { lambda: 100 }, ...after(100, 'admm') },
      fails: ['tv-check', 'nuclear-check'],
      slow: true,
    },
  ],
  'tv-image': [
    {
      wrong: 'one step',
      params: after(1, 'cp', 'admm'),
      fails: ['cp-check', 'admm-check'],
      slow: true,
    },
    {
      wrong: 'hardly a penalty',
      params: { loss: { lambda: 1e-4 } },
      fails: ['gain-check'],
      slow: true,
    },
  ],
  'tv-signal': [
    {
      wrong: 'one step',
      params: after(1, 'cp', 'admm'),
      fails: ['cp-check', 'admm-check', 'much-check'],
    },
    { wrong: 'a small λ', params: { loss: { lambda: 0.03 } }, fails: ['little-check'] },
    { wrong: 'a large λ', params: { loss: { lambda: 3 } }, fails: ['much-check'] },
  ],
  'basis-pursuit': [
    {
      wrong: 'twenty steps',
      params: after(20, 'dr', 'admm', 'cp'),
      fails: ['dr-check', 'admm-check', 'cp-check', 'psnr-check'],
    },
  ],
};
