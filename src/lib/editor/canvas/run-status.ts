import type { RunStatus } from '../../runtime/run/run-value.ts';

export const STATUS_TEXT: Readonly<Record<RunStatus, string>> = {
  idle: 'ready',
  running: 'running',
  paused: 'paused',
  converged: 'converged',
  maxSteps: 'all steps done',
  diverged: 'diverged',
  nonfinite: 'not finite',
  cancelled: 'stopped',
  failed: 'failed',
};

export type Tone = 'neutral' | 'active' | 'good' | 'bad';

export function statusTone(status: RunStatus): Tone {
  if (status === 'running') return 'active';
  if (status === 'converged') return 'good';
  if (status === 'diverged' || status === 'nonfinite' || status === 'failed') return 'bad';
  return 'neutral';
}

/** Can go on with another step. */
export function canAdvance(status: RunStatus): boolean {
  return status === 'idle' || status === 'running' || status === 'paused';
}

export function hasEnded(status: RunStatus): boolean {
  return !canAdvance(status);
}
