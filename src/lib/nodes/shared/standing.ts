/** What the numbers of a run are worth. */
import type { Standing } from '../../runtime/graph/ports.ts';
import type { RunStatus, RunValue } from '../../runtime/run/run-value.ts';
import { changedText, outdatedText, presentText } from '../../runtime/run/segments.ts';

const GOING_ON: readonly RunStatus[] = ['idle', 'running', 'paused'];
/** Ended, but not by its own rules. */
const CUT_SHORT: readonly RunStatus[] = ['cancelled', 'failed'];

export const FINAL: Standing = { state: 'final' };

/** The run has ended, for better or worse: its numbers no longer change. */
export function hasEnded(run: Pick<RunValue, 'status'>): boolean {
  return !GOING_ON.includes(run.status);
}

/**
 * Of numbers of the final state (`state`), which are true for the values it ended with, or of the way there (`history`: counts of steps, orders,
 * bounds), which mean one set of values from the start.
 */
export function standingOf(run: RunValue, of: 'state' | 'history' = 'state'): Standing {
  if (!hasEnded(run)) return { state: 'pending', reason: 'waits for the run' };
  if (run.standing === 'outdated') return { state: 'outdated', reason: outdatedText(run.since) };
  const note = changedText(run.changes);
  if (note !== '' && of === 'history') {
    const { changes } = run.changes[run.changes.length - 1];
    return {
      state: 'outdated',
      reason: `${note}. Run again with ${presentText(changes)} from the start.`,
    };
  }
  if (note !== '') return { state: 'final', note };
  return CUT_SHORT.includes(run.status) ? { state: 'final', note: run.message } : FINAL;
}

const WORST_FIRST = ['outdated', 'unavailable', 'pending', 'final'] as const;

/** The worst of several, of which a number is made. */
export function worstOf(...standings: readonly (Standing | undefined)[]): Standing {
  const all = standings.filter((standing) => standing !== undefined);
  const states = WORST_FIRST.map((state) => all.find((standing) => standing.state === state));
  const worst = states.find((standing) => standing !== undefined) ?? FINAL;
  if (worst.state !== 'final') return worst;
  return all.find((standing) => standing.state === 'final' && standing.note !== undefined) ?? worst;
}

/** What to say beside a number; '' where there is nothing. */
export function remarkOf(standing: Standing | undefined): string {
  if (!standing) return '';
  return standing.state === 'final' ? (standing.note ?? '') : standing.reason;
}
