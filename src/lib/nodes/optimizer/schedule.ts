/** Step sizes that change with the step k: s_k = s·d(k). */
import * as elementary from '../../numerics/elementary/index.ts';
import type { ParamSpec } from '../../runtime/graph/node-definition.ts';
import { add, cast, cos, div, exp, floorDiv, minimum, mul, sqrt } from '../../runtime/ir/ops.ts';
import type { Value } from '../../runtime/ir/types.ts';

interface Schedule {
  readonly label: string;
  /** Factor d of step k (int scalar), horizon T and decay γ. */
  factor(k: Value, horizon: number, decay: number): Value;
}

/** Robbins & Monro 1951 for 1/t; Loshchilov & Hutter 2017, equation (5) without restarts, for cosine. */
const SCHEDULES: Readonly<Record<string, Schedule>> = {
  constant: { label: 'constant', factor: (k) => add(mul(cast(k, 'float'), 0), 1) },
  inverse: {
    label: '1/(1 + k/T)',
    factor: (k, horizon) => div(1, add(div(cast(k, 'float'), horizon), 1)),
  },
  'inverse-sqrt': {
    label: '1/√(1 + k/T)',
    factor: (k, horizon) => div(1, sqrt(add(div(cast(k, 'float'), horizon), 1))),
  },
  cosine: {
    label: 'cosine to 0 at T',
    factor: (k, horizon) =>
      mul(add(cos(mul(cast(minimum(k, horizon), 'float'), Math.PI / horizon)), 1), 0.5),
  },
  step: {
    label: 'times γ every T',
    factor: (k, horizon, decay) =>
      exp(mul(cast(floorDiv(k, horizon), 'float'), elementary.log(decay))),
  },
};

export const scheduleParams = {
  schedule: {
    kind: 'choice',
    label: 'Schedule',
    default: 'constant',
    options: Object.entries(SCHEDULES).map(([value, { label }]) => ({ value, label })),
  },
  horizon: {
    kind: 'integer',
    label: 'Horizon T (steps)',
    default: 1000,
    min: 1,
    max: 1_000_000,
    scale: 'log',
    visibleWhen: { param: 'schedule', in: ['inverse', 'inverse-sqrt', 'cosine', 'step'] },
  },
  decay: {
    kind: 'number',
    label: 'Decay γ',
    default: 0.5,
    min: 0,
    exclusiveMin: true,
    max: 1,
    visibleWhen: { param: 'schedule', in: ['step'] },
  },
} as const satisfies Record<string, ParamSpec>;

interface ScheduleParams {
  readonly schedule: string;
  readonly horizon: number;
  readonly decay: number;
}

/** The step size of step k, given the live base step. */
export function scheduled(params: ScheduleParams, base: Value, step: Value): Value {
  return mul(base, SCHEDULES[params.schedule].factor(step, params.horizon, params.decay));
}

export const scheduleLabel = ({ schedule }: ScheduleParams): string =>
  schedule === 'constant' ? '' : `, ${SCHEDULES[schedule].label}`;
