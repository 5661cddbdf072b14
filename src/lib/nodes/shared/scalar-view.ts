/** A scalar as a card shows it. */
import type { ScalarValue } from '../../runtime/graph/ports.ts';
import type { ValueView } from '../../runtime/graph/view-data.ts';
import { brief } from './format.ts';
import { remarkOf } from './standing.ts';

export function scalarView({ label, value, precision, standing, alarm }: ScalarValue): ValueView {
  return {
    kind: 'value',
    label,
    value,
    precision,
    ...(standing && standing.state !== 'final' && { standing }),
    ...(alarm !== undefined && { alarm }),
  };
}

/** Still waited for, with nothing to show. */
export function isAwaited({ value, standing }: ScalarValue): boolean {
  return standing?.state === 'pending' && Number.isNaN(value);
}

/** One line: the number, and what it is worth. `shown` is the number in words, with what belongs beside it. */
export function scalarStatus(scalar: ScalarValue, shown = brief(scalar.value)): string {
  const { value, standing, alarm } = scalar;
  if (alarm !== undefined) return `${shown}: ${alarm}`;
  const remark = remarkOf(standing);
  switch (standing?.state) {
    case 'pending':
      return Number.isNaN(value) ? remark : `${shown} so far`;
    case 'unavailable':
      return `not available: ${remark}`;
    case 'outdated':
      return `outdated${Number.isNaN(value) ? '' : `: ${shown}`}, ${remark}`;
    default:
      return remark === '' ? shown : `${shown}, ${remark}`;
  }
}
