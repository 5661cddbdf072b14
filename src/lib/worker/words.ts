/** What a person is told of work that was stopped or that ended a worker. */
import type { Work } from '../runtime/run/protocol.ts';

/** "A step of FISTA", "Kernel spectrum". */
export function subject({ kind, name }: Pick<Work, 'kind' | 'name'>): string {
  switch (kind) {
    case 'chunk':
      return `A step of ${name}`;
    case 'table':
      return `The table ${name}`;
    case 'document':
      return 'The graph';
    case 'evaluation':
    case 'certificate':
      return name;
  }
}

/** "Kernel spectrum has been computing for 10 s without an answer." */
export function silenceText(work: Work, seconds: number): string {
  const verb =
    work.kind === 'table'
      ? 'been read'
      : work.kind === 'document'
        ? 'been prepared'
        : 'been computing';
  return `${subject(work)} has ${verb} for ${seconds} s without an answer.`;
}

/** Why a node is off; the remedy is added where it is shown. */
export function stopReason(ms: number): string {
  return `Stopped by you after ${inSeconds(ms)}`;
}

/** Why a node is off in which a worker died. */
export function deathReason({ kind }: Work, reason: string): string {
  const what =
    kind === 'chunk'
      ? 'computed a step of it'
      : kind === 'document'
        ? 'prepared the graph'
        : 'evaluated it';
  return `The worker ran out of memory or crashed while it ${what} (${reason})`;
}

/** "Kernel spectrum was interrupted after 3.2 s". */
export function interruptedText(work: Work, ms: number): string {
  return `${subject(work)} was interrupted after ${inSeconds(ms)}`;
}

/** What becomes of work that is off now. */
export function offText(work: Work): string {
  if (work.kind === 'document')
    return 'It ended twice while it prepared the graph, which is put aside: change it, or press Run to try again.';
  return work.kind === 'chunk'
    ? `${work.name} is paused until it is changed or run again.`
    : `${subject(work)} is off until it is changed or started again.`;
}

export function inSeconds(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds < 9.95 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
