/** The systems that the workbench is to show, by name, and the courses they come from. A template names those it shows. */

export const ROWS = {
  'gd-quadratic': 'Descent and momentum on a quadratic',
  'gd-rates': 'Rates of convergence',
  sgd: 'Stochastic gradients',
  derivatives: 'Gradients, Jacobians, Hessians',
  'regression-tour': 'Regression',
  'classification-tour': 'Classification',
  'newton-logistic': 'Newton’s method',
  'least-squares': 'Least squares',
  'lasso-path': 'Regularization path',
  'ista-fista': 'ISTA and FISTA',
  'interior-point': 'Interior points',
  'prox-gallery': 'Proximal operators',
  'tv-denoise': 'Total variation',
  'inverse-problems': 'Inverse problems',
  'admm-dr-pd': 'Operator splitting',
  'compressed-sensing': 'Compressed sensing',
  subgradient: 'Subgradients',
  constraints: 'Constraints',
  'lyapunov-proofs': 'Energies of proofs',
  'dual-certificate': 'Dual certificates',
  'kernel-ridge': 'Kernel ridge regression',
  'mlp-1d': 'Perceptrons on the line',
  'mlp-2d': 'Perceptrons in the plane',
  cnn: 'Convolutional networks',
  resnet: 'Residual networks',
  'resnet-ode': 'Networks as equations',
  'pde-cnn': 'Parabolic layers',
  elm: 'Extreme learning machine',
  'gauss-newton': 'Gauss–Newton',
  autodiff: 'Automatic differentiation',
  adjoint: 'Adjoints',
  'linear-adjoint': 'Adjoint of a linear system',
  transformer: 'Attention',
  ssm: 'State spaces',
  tokenizer: 'Byte pairs',
  texture: 'Textures',
  'ssl-graph': 'Graph Laplacians',
  initialization: 'Initialization',
  varpro: 'Variable projection',
  anode: 'Reconstructed states',
  erm: 'Bias and variance',
  'universal-approximation': 'Universal approximation',
  'lazy-ntk': 'Lazy training',
  'mean-field': 'Mean field',
  'double-descent': 'Double descent',
  'benign-overfitting': 'Benign overfitting',
  'implicit-bias': 'Implicit bias',
  speciation: 'Speciation',
  'marchenko-pastur': 'Spectra of random matrices',
  'curse-of-dimensionality': 'Curse of dimensionality',
  langevin: 'Langevin sampling',
  diffusion: 'Diffusion models',
  'fokker-planck': 'Fokker–Planck',
  'gmm-em': 'Gaussian mixtures',
  'mle-divergences': 'Likelihood and divergences',
  vae: 'Variational autoencoder',
  'normalizing-flow': 'Normalizing flows',
  cnf: 'Continuous flows',
  'monge-ampere': 'Gradient-of-potential flow',
  gan: 'GAN',
  wgan: 'Wasserstein GAN',
  kantorovich: 'Exact transport',
  sinkhorn: 'Entropic transport',
  'ot-training': 'Training by transport',
  'ot-dual': 'Dual transport',
  barycenters: 'Barycenters',
  'regularization-parameter': 'Choice of λ',
  'sparse-linear-algebra': 'Sparse linear algebra',
  'pde-regularization': 'Regularization by equations',
  'continuity-equation': 'Conservation laws',
} as const satisfies Readonly<Record<string, string>>;

export type RowId = keyof typeof ROWS;

export interface Course {
  readonly title: string;
  /** On a card. */
  readonly short: string;
  /** Numbered from 1. */
  readonly lectures: number;
}

export const COURSES = {
  'mathematics-of-ia': {
    title: 'Peyré, The Mathematics of IA',
    short: 'Mathematics of IA',
    lectures: 10,
  },
  'numerical-methods': {
    title: 'Numerical Methods for Deep Learning',
    short: 'Numerical methods',
    lectures: 10,
  },
} as const satisfies Readonly<Record<string, Course>>;

/** Where a template belongs in a course. */
export interface Lesson {
  readonly course: keyof typeof COURSES;
  readonly lecture: number;
}

/** "Mathematics of IA 3". */
export function lessonTag({ course, lecture }: Lesson): string {
  return `${COURSES[course].short} ${lecture}`;
}

/** "Peyré, The Mathematics of IA, lecture 3". */
export function lessonName({ course, lecture }: Lesson): string {
  return `${COURSES[course].title}, lecture ${lecture}`;
}
