import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'The spectrum of a kernel: how many parameters has a kernel machine?';
const explanation = [
  'A kernel machine has a coefficient for each of its $N$ samples, but ridge regression uses far fewer directions. The fit is $\\hat y = K(K + N\\lambda I)^{-1}y$: the part of $y$ along an eigenvector of $K$ is kept by the share $\\mu_i/(\\mu_i + N\\lambda)$. Their sum $d_{\\mathrm{eff}} = \\sum_i \\mu_i/(\\mu_i + N\\lambda)$ is the [effective dimension](https://doi.org/10.1007/s10208-006-0196-8).',
  'On 150 points of a curve the eigenvalues of the smooth Gaussian kernel fall faster than any power and are soon lost in rounding; those of the rough Laplace kernel fall like $k^{-2}$. Both matrices are bands around the diagonal once the samples are sorted. As $\\operatorname{tr} K = N$, no eigenvalue exceeds $N$, so $N\\lambda$ keeps the condition number at or below $1 + 1/\\lambda$, whatever the points: the first two checks.',
  "The kernel $\\langle x, x'\\rangle$ is ridge regression in disguise: $XX^\\top$ of the 442 patients and $X^\\top X$ of their 10 measurements have the same eigenvalues but for zeros, so the rank is 10 and $d_{\\mathrm{eff}}$ is the same. One comes here from a tridiagonal form of the $442 \\times 442$ matrix, the other from rotations of the 10 columns; the last two checks compare them. Try: $\\lambda$ of all models, and the bandwidth.",
];

const LAMBDA = 1e-3;
const KERNELS = [
  { id: 'gaussian', name: 'Gaussian' },
  { id: 'laplace', name: 'Laplace' },
] as const;

export const kernelSpectrum: Template = {
  id: 'kernel-spectrum',
  title,
  summary: 'Eigenvalues of kernel matrices, and the effective dimension from both sides.',
  explanation,
  references: [
    {
      text: 'Caponnetto, De Vito, Optimal rates for the regularized least-squares algorithm, Found. Comput. Math. 7, 2007',
      url: 'https://doi.org/10.1007/s10208-006-0196-8',
    },
    {
      text: 'Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd ed., section 3.4.1 (effective degrees of freedom)',
      url: 'https://hastie.su.domains/ElemStatLearn/',
    },
    {
      text: 'Rasmussen, Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 4.3 (eigenvalues of kernels)',
      url: 'https://gaussianprocess.org/gpml/',
    },
  ],
  document: sketch({
    title,
    explanation,
    device: 'cpu64',
    columns: [
      [
        { id: 'curve', type: 'data/curve', params: { samples: 150, noise: 0.1 } },
        { id: 'patients', type: 'data/table' },
      ],
      [
        ...KERNELS.map(({ id, name }) => ({
          id,
          type: 'model/kernel',
          label: `${name} kernel`,
          params: { kernel: id, bandwidth: 0.2, lambda: LAMBDA },
        })),
        { id: 'standard', type: 'data/standardize' },
      ],
      [
        ...KERNELS.map(({ id, name }) => ({
          id: `matrix-${id}`,
          type: 'view/kernel-matrix',
          label: `${name} kernel matrix`,
          params: { order: 'feature' },
        })),
        {
          id: 'linear',
          type: 'model/kernel',
          label: 'Kernel ⟨x, x′⟩',
          params: { kernel: 'polynomial', degree: 1, offset: 0, bandwidth: 1, lambda: LAMBDA },
        },
      ],
      [
        ...KERNELS.map(({ id, name }) => ({
          id: `spectrum-${id}`,
          type: 'view/spectrum',
          label: `${name} spectrum`,
        })),
        { id: 'dual', type: 'view/spectrum', label: 'Spectrum of XXᵀ' },
        {
          id: 'primal',
          type: 'view/spectrum',
          label: 'Singular values of X',
          params: { lambda: LAMBDA },
        },
      ],
      [
        ...KERNELS.map(({ id, name }) => ({
          id: `condition-${id}`,
          type: 'check/compare',
          label: `${name}: Nλ bounds the condition`,
          params: {
            label: 'condition number of K + NλI ≤ 1 + 1/λ',
            relation: 'atMost',
            expected: 1 + 1 / LAMBDA,
          },
        })),
        {
          id: 'rank',
          type: 'check/compare',
          label: 'Ten directions',
          params: {
            label: 'rank of XXᵀ = 10 measurements',
            expected: 10,
            absoluteTolerance: 0,
          },
        },
        {
          id: 'duality',
          type: 'check/compare',
          label: 'One effective dimension',
          params: {
            label: 'd_eff of XXᵀ = d_eff of XᵀX',
            // Each of 432 eigenvalues that should be 0 may be wrong by some units of rounding of the largest, 1800, over Nλ = 0.44.
            absoluteTolerance: 1e-8,
          },
        },
      ],
    ],
    wires: [
      ...KERNELS.flatMap(({ id }) => [
        `curve.dataset > ${id}.data`,
        `${id}.model > matrix-${id}.model`,
        `${id}.model > spectrum-${id}.model`,
        `spectrum-${id}.condition > condition-${id}.value`,
      ]),
      'patients.dataset > standard.data',
      'standard.data > linear.data',
      'linear.model > dual.model',
      'standard.data > primal.data',
      'dual.rank > rank.value',
      'dual.dimension > duality.value',
      'primal.dimension > duality.expected',
    ],
  }),
};
