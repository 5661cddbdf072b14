/**
 * Did an experiment reproduce? Its numbers are compared with those its sender measured, with a tolerance that the precision
 * of the two measurements justifies.
 */
import type { Fingerprint } from '../runtime/graph/document.ts';

export interface Tolerance {
  /** Largest accepted |a − b| / max(|a|, |b|, floor). */
  readonly relative: number;
  /** Numbers below it are compared absolutely, with tolerance `relative · floor`: what is left of a cancellation is noise. */
  readonly floor: number;
  /** Accepted relative difference of the number of steps: a stopping rule acts on rounded numbers. */
  readonly steps: number;
  readonly text: string;
}

/** Both in float64 by the same arithmetic: the same operations in the same order, which every engine rounds alike. */
export const FLOAT64: Tolerance = {
  relative: 0,
  floor: 1,
  steps: 0,
  text: 'float64, to the last digit',
};
/** Both in float64, one by the arithmetic of another version: `exp`, `tanh`, … or the order of sums may differ in the last digit. */
export const FLOAT64_OTHER_VERSION: Tolerance = {
  relative: 1e-12,
  floor: 1,
  steps: 0,
  text: 'float64 of another version of the app, to 1e-12',
};
/** Float32 on one kind of device: the order of sums differs from one graphics card to the next. */
export const FLOAT32: Tolerance = {
  relative: 1e-3,
  floor: 1e-2,
  steps: 0.01,
  text: 'float32, to 1e-3',
};
/** One in float64, one in float32. */
export const MIXED: Tolerance = {
  relative: 1e-3,
  floor: 1e-2,
  steps: 0.01,
  text: 'float64 against float32, to 1e-3',
};

export interface FingerprintRow {
  readonly kind: 'objective' | 'steps' | 'scalar';
  readonly nodeId: string;
  readonly stored: number;
  /** Null where this experiment has no such number. */
  readonly measured: number | null;
  /** Null where one is missing. */
  readonly difference: number | null;
  readonly agrees: boolean;
}

export interface FingerprintComparison {
  readonly status: 'reproduced' | 'differs' | 'incomplete' | 'empty';
  readonly tolerance: Tolerance;
  readonly rows: readonly FingerprintRow[];
  /** For the person. */
  readonly sentence: string;
}

/** `nameOf` gives a node's title for the sentence. */
export function compareFingerprints(
  stored: Fingerprint,
  measured: Fingerprint,
  nameOf: (nodeId: string) => string = (nodeId) => nodeId,
): FingerprintComparison {
  const tolerance = toleranceOf(stored, measured);
  const rows: FingerprintRow[] = [];
  for (const [nodeId, run] of Object.entries(stored.runs)) {
    const other = Object.hasOwn(measured.runs, nodeId) ? measured.runs[nodeId] : null;
    rows.push(
      compareRow('steps', nodeId, run.steps, other && other.steps, tolerance.steps, 1),
      compareRow(
        'objective',
        nodeId,
        run.objective,
        other && other.objective,
        tolerance.relative,
        tolerance.floor,
      ),
    );
  }
  for (const [key, value] of Object.entries(stored.scalars)) {
    const [id] = key.split('.');
    rows.push(
      compareRow('scalar', id, value, scalarOf(measured, key), tolerance.relative, tolerance.floor),
    );
  }
  const status =
    rows.length === 0
      ? 'empty'
      : rows.some((row) => !row.agrees && row.measured !== null)
        ? 'differs'
        : rows.some((row) => row.measured === null)
          ? 'incomplete'
          : 'reproduced';
  const sentence = describe(status, rows, tolerance, stored, measured, nameOf);
  return { status, tolerance, rows, sentence };
}

/** The number of a key. Older fingerprints name a node for its last scalar. */
function scalarOf({ scalars }: Fingerprint, key: string): number | null {
  if (Object.hasOwn(scalars, key)) return scalars[key];
  const last = Object.keys(scalars).findLast((other) => other.startsWith(`${key}.`));
  return last === undefined ? null : scalars[last];
}

function toleranceOf(a: Fingerprint, b: Fingerprint): Tolerance {
  if (a.precision !== b.precision) return MIXED;
  if (a.precision === 'float32') return FLOAT32;
  return a.arithmetic === b.arithmetic ? FLOAT64 : FLOAT64_OTHER_VERSION;
}

function compareRow(
  kind: FingerprintRow['kind'],
  nodeId: string,
  stored: number,
  measured: number | null,
  relative: number,
  floor: number,
): FingerprintRow {
  if (measured === null) return { kind, nodeId, stored, measured, difference: null, agrees: false };
  const difference = relativeDifference(stored, measured, floor);
  return { kind, nodeId, stored, measured, difference, agrees: difference <= relative };
}

/** |a − b| / max(|a|, |b|, floor); 0 for equal numbers that are not finite, ∞ when only one is. */
export function relativeDifference(a: number, b: number, floor: number): number {
  if (Object.is(a, b) || a === b) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), floor);
}

function describe(
  status: FingerprintComparison['status'],
  rows: readonly FingerprintRow[],
  tolerance: Tolerance,
  stored: Fingerprint,
  measured: Fingerprint,
  nameOf: (nodeId: string) => string,
): string {
  const devices =
    stored.device === measured.device
      ? `on ${stored.device}`
      : `sent from ${stored.device}, measured on ${measured.device}`;
  const how = `${tolerance.text}, ${devices}`;
  const count = `${rows.length} number${rows.length === 1 ? '' : 's'}`;
  if (status === 'empty') return 'Nothing to compare: the link carries no results.';
  if (status === 'reproduced')
    return rows.length === 1
      ? `Reproduced: the number agrees (${how}).`
      : `Reproduced: all ${count} agree (${how}).`;
  if (status === 'incomplete') {
    const missing = rows.filter((row) => row.measured === null).length;
    return `Not all there: ${missing} of ${count} are not measured here; the others agree (${how}).`;
  }
  const apart = rows.filter((row) => !row.agrees && row.measured !== null);
  const worst = apart.reduce((a, b) => ((b.difference ?? 0) > (a.difference ?? 0) ? b : a));
  const what = {
    objective: 'the objective of',
    steps: 'the number of steps of',
    scalar: 'the value of',
  }[worst.kind];
  return `Differs: ${what} ${nameOf(worst.nodeId)} ${byHowMuch(worst)}; ${
    rows.length - apart.length
  } of ${count} agree (${how}).`;
}

function byHowMuch({ stored, measured, difference, kind }: FingerprintRow): string {
  if (kind === 'steps') return `is ${measured} instead of ${stored}`;
  if (measured === null || difference === null || !Number.isFinite(difference))
    return `is ${measured} instead of ${stored}`;
  // Nine digits, or as many as tell the two apart.
  let digits = 9;
  while (digits < 17 && measured.toPrecision(digits) === stored.toPrecision(digits)) digits++;
  const shown = (x: number) => String(Number(x.toPrecision(digits)));
  return `differs by ${difference.toExponential(1)} (relative), ${shown(measured)} instead of ${shown(stored)}`;
}
