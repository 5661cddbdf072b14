/** How a run stands to the graph, in words, and what a person can do about it. */
import type { RunReport } from '../../runtime/run/protocol.ts';
import { changedText, formerText, presentText } from '../../runtime/run/segments.ts';
import { hasEnded } from './run-status.ts';

export interface StandingWords {
  readonly text: string;
  /** What the button says that runs it from the start; null where there is nothing to do. */
  readonly again: string | null;
}

export type Standing = Pick<RunReport, 'standing' | 'status' | 'changes' | 'since'>;

/** Null for a run whose numbers follow from the graph. */
export function standingWords({
  standing,
  status,
  changes,
  since,
}: Standing): StandingWords | null {
  if (standing === 'outdated') {
    const now = presentText(since);
    if (hasEnded(status))
      return {
        text: `Outdated: measured with ${formerText(since)}.`,
        again: `Run again with ${now}`,
      };
    // The next step of a running run is done with them.
    return status === 'paused' ? { text: `The next step takes ${now}.`, again: null } : null;
  }
  if (standing === 'changed')
    return {
      text: `${capitalised(changedText(changes))}. Its steps do not follow from the present values alone.`,
      again: 'Run from the start',
    };
  return null;
}

/** The ended runs whose results are of another value of this live parameter. */
export function outdatedBy(
  runs: readonly RunReport[],
  key: string,
): {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly now: string;
} | null {
  const outdated = runs.filter(
    ({ standing, status, since }) =>
      standing === 'outdated' && hasEnded(status) && since.some((change) => change.key === key),
  );
  if (outdated.length === 0) return null;
  const change = outdated[0].since.filter((other) => other.key === key);
  return {
    ids: outdated.map(({ nodeId }) => nodeId),
    names: outdated.map(({ label }) => label),
    now: presentText(change),
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
