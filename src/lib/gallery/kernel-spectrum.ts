import * as elementary from '../numerics/elementary/index.ts';
import { sketch } from './template.ts';
import type { Template } from './template.ts';

const title = 'The spectrum of a kernel: how many parameters has a kernel machine?';
const explanation = [
  'A kernel machine has a coefficient for each of its $N$ samples, but ridge regression uses far fewer directions. The fit is $\\hat y = K(K + N\\lambda I)^{-1}y$: the part of $y$ along an eigenvector of $K$ is kept by the share $\\mu_i/(\\mu_i + N\\lambda)$. Their sum $d_{\\mathrm{eff}} = \\sum_i \\mu_i/(\\mu_i + N\\lambda)$ is the [effective dimension](https://doi.org/10.1007/s10208-006-0196-8).',
  'On 150 evenly spaced points the eigenvalues of the smooth Gaussian kernel fall faster than any power and are soon lost in rounding; those of the rough Laplace kernel $e^{-|x - x^\\prime|/\\sigma}$ fall like $k^{-2}$. For the latter all is known: with $\\rho = e^{-h/\\sigma}$ for a spacing $h$ the matrix is $K_{ij} = \\rho^{|i-j|}$, of [Kac, Murdock and Szegő](https://doi.org/10.1512/iumj.1953.2.52034), with $\\det K = (1 - \\rho^2)^{N-1}$ and eigenvalues $\\frac{1 - \\rho^2}{1 - 2\\rho\\cos\\theta_k + \\rho^2}$, the $\\theta_k$ the roots of $\\sin (N{+}1)\\theta - 2\\rho\\sin N\\theta + \\rho^2\\sin (N{-}1)\\theta$ between $\\frac{(k-1)\\pi}{N+1}$ and $\\frac{k\\pi}{N+1}$. The determinant, the effective dimension and the condition number of $K + N\\lambda I$ are checked against these formulas.',
  "The kernel $\\langle x, x'\\rangle$ is ridge regression in disguise: $XX^\\top$ of the 442 patients and $X^\\top X$ of their 10 measurements have the same eigenvalues but for zeros, so the rank is 10 and $d_{\\mathrm{eff}}$ is the same. One comes here from a tridiagonal form of the $442 \\times 442$ matrix, the other from rotations of the 10 columns; two more checks compare them, and another says that the smooth kernel uses fewer directions than the rough one. Try: random places, or another bandwidth, for which the formulas no longer hold.",
];

const LAMBDA = 1e-3;
const N = 150;
const BANDWIDTH = 0.2;
/** Of the kernel between neighbours on [−1, 1]. */
const RHO = elementary.exp(-2 / (N - 1) / BANDWIDTH);

/** Eigenvalues of (ρ^|i − j|), largest first: Grenander & Szegő 1958, section 5.3. */
function kacMurdockSzego(): number[] {
  const f = (t: number) =>
    elementary.sin((N + 1) * t) -
    2 * RHO * elementary.sin(N * t) +
    RHO ** 2 * elementary.sin((N - 1) * t);
  return Array.from({ length: N }, (_, k) => {
    // The root in the interval; f vanishes at 0 as well.
    let [low, high] = [(k * Math.PI) / (N + 1) + 1e-9, ((k + 1) * Math.PI) / (N + 1)];
    const sign = Math.sign(f(high));
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (Math.sign(f(middle)) === sign) high = middle;
      else low = middle;
    }
    return (1 - RHO ** 2) / (1 - 2 * RHO * elementary.cos(low) + RHO ** 2);
  });
}
const KNOWN = kacMurdockSzego();
const SHIFT = N * LAMBDA;
const KERNELS = [
  { id: 'gaussian', name: 'Gaussian' },
  { id: 'laplace', name: 'Laplace' },
] as const;

export const kernelSpectrum: Template = {
  id: 'kernel-spectrum',
  title,
  summary:
    'Eigenvalues of kernel matrices against a closed form, and the effective dimension from both sides.',
  rows: ['kernel-ridge'],
  lesson: { course: 'mathematics-of-ia', lecture: 4 },
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
      text: 'Kac, Murdock, Szegő, On the eigenvalues of certain Hermitian forms, J. Rational Mech. Anal. 2, 1953, section 4',
      url: 'https://doi.org/10.1512/iumj.1953.2.52034',
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
        { id: 'curve', type: 'data/curve', params: { samples: N, noise: 0.1, places: 'even' } },
        { id: 'patients', type: 'data/table' },
      ],
      [
        ...KERNELS.map(({ id, name }) => ({
          id,
          type: 'model/kernel',
          label: `${name} kernel`,
          params: { kernel: id, bandwidth: BANDWIDTH, lambda: LAMBDA },
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
        {
          id: 'determinant',
          type: 'check/compare',
          label: 'Known determinant',
          params: {
            label: 'Laplace: log det K = (N − 1) log(1 − ρ²)',
            expected: (N - 1) * elementary.log1p(-(RHO ** 2)),
            absoluteTolerance: 0,
            relativeTolerance: 1e-11,
          },
        },
        {
          id: 'dimension',
          type: 'check/compare',
          label: 'Known effective dimension',
          params: {
            label: 'Laplace: d_eff from the closed form',
            expected: KNOWN.reduce((sum, mu) => sum + mu / (mu + SHIFT), 0),
            absoluteTolerance: 0,
            relativeTolerance: 1e-11,
          },
        },
        {
          id: 'condition',
          type: 'check/compare',
          label: 'Known condition',
          params: {
            label: 'Laplace: condition of K + NλI from the closed form',
            expected: (KNOWN[0] + SHIFT) / (KNOWN[N - 1] + SHIFT),
            absoluteTolerance: 0,
            relativeTolerance: 1e-11,
          },
        },
      ],
      [
        {
          id: 'smoother',
          type: 'check/compare',
          label: 'Smooth kernels use less',
          params: { label: 'd_eff of Gaussian ≤ d_eff of Laplace', relation: 'atMost' },
        },
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
      ]),
      'spectrum-laplace.logDeterminant > determinant.value',
      'spectrum-laplace.dimension > dimension.value',
      'spectrum-laplace.condition > condition.value',
      'spectrum-gaussian.dimension > smoother.value',
      'spectrum-laplace.dimension > smoother.expected',
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
