import { defineNode } from '../../runtime/graph/node-definition.ts';
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { CheckStatus, CheckView } from '../../runtime/graph/view-data.ts';
import { unitRoundoff } from '../../runtime/run/optimality.ts';
import { brief } from '../shared/format.ts';
import { worstOf } from '../shared/standing.ts';

/**
 * Compares a measured number m with an expected one e.
 * e is the parameter, or the number at the second input where one is wired, times a factor.
 * ≈ passes when |m − e| ≤ abs + rel·|e|; ≤ when m ≤ e; ≥ when m ≥ e. NaN fails. Pending until the run it was measured on ends, outdated when
 * that run no longer follows from the graph, unavailable when the number is not.
 *
 * f − f* is two-sided: with f* known to lie in [m's f* − gap, m's f*], the claim ≤ e passes when −(e + gap) ≤ m ≤ e, so that |f − f*| ≤ e + gap,
 * at a point whose infeasibility is at most e, and is undecided where the gap alone exceeds e. Below −(gap + rounding) it fails as an alarm.
 */
export default defineNode({
  type: 'check/compare',
  version: 1,
  family: 'check',
  title: 'Check',
  summary: 'Compares a measured number with an expected one: pass or fail, with the deviation.',
  description: [
    'The distance to a certified minimum is checked on both sides: f − f* far below 0 is as wrong as far above. An iterate outside the constraints by more than e fails, and where f* is known less well than the claim asks the check is undecided.',
  ],
  formula: String.raw`|m - e| \le \tau_{\mathrm{abs}} + \tau_{\mathrm{rel}}\,|e|,\qquad m \le e,\qquad m \ge e`,
  keywords: ['assert', 'test', 'expect', 'verify', 'pass', 'fail'],
  references: [{ text: 'Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §1.2' }],
  params: {
    label: {
      kind: 'text',
      label: 'Claim',
      help: 'What the check says; the name of the number when empty.',
      default: '',
      maxLength: 200,
    },
    relation: {
      kind: 'choice',
      label: 'Relation',
      default: 'approximately',
      options: [
        { value: 'approximately', label: '≈' },
        { value: 'atMost', label: '≤' },
        { value: 'atLeast', label: '≥' },
      ],
    },
    expected: {
      kind: 'number',
      label: 'Expected e',
      help: 'A number that is wired to Expected, times the factor, takes its place.',
      default: 0,
      min: -1e300,
      max: 1e300,
    },
    factor: {
      kind: 'number',
      label: 'Factor',
      help: 'Multiplies a number that is wired to Expected.',
      default: 1,
      min: -1e300,
      max: 1e300,
    },
    absoluteTolerance: {
      kind: 'number',
      label: 'Absolute tolerance',
      default: 1e-6,
      min: 0,
      max: 1e300,
      scale: 'log',
      visibleWhen: { param: 'relation', in: ['approximately'] },
    },
    relativeTolerance: {
      kind: 'number',
      label: 'Relative tolerance',
      default: 0,
      min: 0,
      max: 1,
      scale: 'log',
      visibleWhen: { param: 'relation', in: ['approximately'] },
    },
  },
  inputs: [
    { name: 'value', type: 'scalar', label: 'Measured' },
    { name: 'expected', type: 'scalar', label: 'Expected', optional: true },
  ],
  outputs: [],
  evaluate({ params, input, optional }) {
    const scalar = input('value', 'scalar');
    const other = optional('expected', 'scalar');
    const expected = other ? params.factor * other.value : params.expected;
    const tolerance = params.absoluteTolerance + params.relativeTolerance * Math.abs(expected);
    const deviation = scalar.value - expected;
    const relations: Readonly<Record<string, { holds: boolean; text: string }>> = {
      approximately: {
        holds: Math.abs(deviation) <= tolerance,
        text: `≈ ${brief(expected)} ± ${brief(tolerance)}`,
      },
      atMost: { holds: scalar.value <= expected, text: `≤ ${brief(expected)}` },
      atLeast: { holds: scalar.value >= expected, text: `≥ ${brief(expected)}` },
    };
    const { holds, text } = relations[params.relation];
    const closeness = { approximately: tolerance, atMost: expected, atLeast: null };
    const { status, reason } = verdictOf(
      scalar,
      other,
      holds,
      closeness[params.relation as keyof typeof closeness],
    );
    const view: CheckView = {
      kind: 'check',
      label: params.label === '' ? scalar.label : params.label,
      status,
      ...(reason !== '' && { reason }),
      measured: scalar.value,
      expected: text,
      deviation,
      precision: other?.precision === 'float32' ? 'float32' : scalar.precision,
    };
    const measured = Number.isNaN(scalar.value) ? '' : `${brief(scalar.value)} `;
    const because = reason === '' ? '' : `, ${reason}`;
    return { view, status: `${status}: ${measured}${text}${because}` };
  },
  migrations: {},
  fixtures: {
    valid: [
      { relation: 'atMost', expected: 1e-10, label: 'FISTA finds the minimum' },
      { relation: 'atLeast', expected: 0.95 },
      { relation: 'approximately', expected: -2, absoluteTolerance: 0, relativeTolerance: 0.1 },
    ],
    invalid: [
      { params: { relation: 'equals' }, message: /'approximately'.*got .?equals/ },
      { params: { absoluteTolerance: -1 }, message: /\[0, 1e\+300\], got -1/ },
    ],
  },
});

/**
 * @param holds the relation, taken as it stands
 * @param closeness how near to its minimum f is claimed to be; null for a claim that it is not
 */
function verdictOf(
  scalar: ScalarValue,
  other: ScalarValue | undefined,
  holds: boolean,
  closeness: number | null,
): { status: CheckStatus; reason: string } {
  const standing = worstOf(scalar.standing, other?.standing);
  if (standing.state !== 'final') return { status: standing.state, reason: standing.reason };
  const alarm = scalar.alarm ?? other?.alarm;
  if (alarm !== undefined) return { status: 'fail', reason: alarm };
  const note = standing.note ?? '';
  if (!holds) return { status: 'fail', reason: note };
  const { excess, value, precision } = scalar;
  if (excess === undefined || closeness === null) return { status: 'pass', reason: note };
  const { gap, rounding, infeasibility } = excess;
  if (infeasibility > Math.max(closeness, 64 * unitRoundoff(precision)))
    return { status: 'fail', reason: `infeasible by ${brief(infeasibility)}` };
  if (gap > closeness)
    return {
      status: 'unavailable',
      reason: `f* is known to ${brief(gap)} only, too coarse for this claim. Allow more, or use a problem with a sharper certificate.`,
    };
  if (value < -(closeness + gap))
    return {
      status: 'unavailable',
      reason: `f is below f* by ${brief(-value)}, within its rounding in ${precision} (${brief(rounding)}), too coarse for this claim. Allow more${precision === 'float32' ? ', or run it in float64' : ''}.`,
    };
  return { status: 'pass', reason: note };
}
