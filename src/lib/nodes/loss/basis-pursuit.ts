/**
 * The signal of least ℓ1 norm among all that agree with what was observed.
 *
 *   min ‖x‖₁  subject to  Kx = b
 *
 * There is no smooth part. The constraint is the indicator of {b} at Kx, whose prox is b, and as a function of x its prox is the projection
 * v + K⁺(b − Kv). Domain: b in the range of K. Chen, Donoho & Saunders 1998, equation (3.1).
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type {
  ComposedTerm,
  LinearOperator,
  ObjectiveValue,
  RegularizerValue,
} from '../../runtime/graph/ports.ts';
import {
  abs,
  add,
  constant,
  mul,
  softThreshold,
  sqrt,
  sub,
  sum,
  sumSquares,
  zeros,
} from '../../runtime/ir/ops.ts';
import type { HostArray, Value } from '../../runtime/ir/types.ts';
import { brief } from '../shared/format.ts';
import { norm } from '../../numerics/linear-algebra.ts';
import { hostMap, hostOperator } from '../shared/operators/host.ts';
import { observationOf } from '../shared/operators/observation.ts';
import { describeShape, requireSignal } from '../shared/operators/signal.ts';
import { basisPursuitCertificate } from './certificates/basis-pursuit.ts';
import { LOSS_OUTPUTS } from './objective.ts';

/** Of ‖b‖: what rounding leaves of b − KK⁺b when b is in the range of K. */
const RANGE = 1e-8;

const FORMULA = '\\min_x \\; \\lVert x \\rVert_1 \\quad \\text{subject to} \\quad Kx = b';

export default defineNode({
  type: 'loss/basis-pursuit',
  version: 1,
  family: 'loss',
  title: 'Basis pursuit',
  summary: 'The signal of least ℓ1 norm that agrees exactly with what was observed.',
  formula: FORMULA,
  description: [
    'A linear program: few measurements have many solutions x, and the one of least ℓ1 norm is sparse. With P Gaussian measurements of N values it is the true one, with high probability, up to a number of nonzeros of about P/(2 log(N/P)).',
    'Douglas–Rachford and ADMM alternate soft thresholding with the exact projection v + K⁺(b − Kv), where K⁺ comes from a factorization in float64; Chambolle–Pock takes only products with K. The run reports how far x is from Kx = b as infeasibility.',
    'f* is certified by a feasible point y of the dual, max bᵀy subject to |Kᵀy| ≤ 1, in double-double.',
  ],
  keywords: ['compressed sensing', 'l1', 'sparsity', 'linear program', 'equality constraint'],
  references: [
    {
      text: 'Chen, Donoho & Saunders, Atomic decomposition by basis pursuit (1998), section 3.',
      url: 'https://doi.org/10.1137/S1064827596304010',
    },
    {
      text: 'Donoho & Tanner, Counting faces of randomly projected polytopes when the projection radically lowers dimension (2009).',
      url: 'https://doi.org/10.1090/S0894-0347-08-00600-0',
    },
  ],
  params: {},
  inputs: [{ name: 'data', type: 'dataset', label: 'Observation' }],
  outputs: LOSS_OUTPUTS,
  async evaluate(context) {
    const observed = context.input('data', 'dataset');
    const { shape, size } = requireSignal(observed, 'Basis pursuit');
    const { operator: K, values: b } = observationOf(observed, 'Basis pursuit');
    const inverse = await K.pseudoInverse?.(context.signal, context.reserve);
    if (!inverse) {
      throw new NodeError(
        'requirement',
        `Basis pursuit (data): expected an operator whose pseudoinverse is known to machine precision, got the ${K.title} [${describeShape(K.output)}] of ${describeShape(K.input)}. Use a matrix of full row rank, a mask or the cosine transform; for others use an inverse problem with the ℓ1 norm.`,
        'data',
      );
    }
    requireRange(K, inverse, b);
    const objective: ObjectiveValue = {
      kind: 'objective',
      title: 'Basis pursuit',
      formula: FORMULA,
      variables: [{ name: 'x', shape }],
      penalized: [true],
      init: () => [zeros(shape)],
      data: [],
      samples: null,
      smooth: { yes: true },
      convex: true,
      quadratic: true,
      zero: true,
      value: () => zeros([]),
      dataTerm: () => zeros([]),
      terms: [L1],
      composed: [equality(K, inverse, b)],
      smoothTerms: [],
      live: [],
      constants: { lipschitzGrad: 0 },
      observed,
      certify: (_live, signal) => basisPursuitCertificate(K, inverse, b, signal),
    };
    return {
      outputs: { objective },
      view: {
        kind: 'problem',
        formula: FORMULA,
        facts: [
          { label: 'K', value: K.title },
          { label: 'Unknowns', value: String(size) },
          { label: 'Convex', value: 'yes' },
          { label: '‖K‖', value: brief(K.norm) },
        ],
      },
      status: `${size} unknowns`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { lambda: 1 }, message: /lambda/ }],
  },
});

const L1: RegularizerValue = {
  kind: 'regularizer',
  title: 'ℓ1 norm',
  formula: '\\lVert x \\rVert_1',
  convex: true,
  smooth: false,
  elasticWeights: () => ({ l1: 1, l2: 0 }),
  live: [],
  value: ([x]) => sum(abs(x)),
  prox: ([v], stepSize) => [softThreshold(v, stepSize)],
};

/** The indicator of {b} at Kx, and of {x : Kx = b}. */
function equality(K: LinearOperator, inverse: (y: Value) => Value, b: HostArray): ComposedTerm {
  const distance = (y: Value): Value => sqrt(sumSquares(sub(y, constant(b))));
  const indicator = {
    kind: 'regularizer',
    title: 'Kx = b',
    formula: '\\iota_{\\{b\\}}(Kx)',
    convex: true,
    smooth: false,
    live: [],
  } as const;
  return {
    operator: K,
    regularizer: {
      ...indicator,
      value: ([y]) => mul(sum(y), 0),
      prox: () => [constant(b)],
      constraint: { distance: ([y]) => distance(y) },
    },
    whole: {
      ...indicator,
      value: ([x]) => mul(sum(x), 0),
      prox: ([v]) => [add(v, inverse(sub(constant(b), K.apply(v))))],
      constraint: { distance: ([x]) => distance(K.apply(x)) },
    },
  };
}

/** b = KK⁺b to rounding. */
function requireRange(K: LinearOperator, inverse: (y: Value) => Value, b: HostArray): void {
  const target = Float64Array.from(b.data);
  const nearest = hostOperator(K).apply(hostMap(inverse, b.shape)(target));
  const missed = norm(target.map((value, i) => value - nearest[i]));
  if (missed <= RANGE * norm(target)) return;
  throw new NodeError(
    'infeasible',
    `Basis pursuit (data): expected an observation b = Kx of some x, got one at a distance of ${brief(missed)} from all of them. Use an inverse problem with the ℓ1 norm for noisy data.`,
    'data',
  );
}
