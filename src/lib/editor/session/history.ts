/**
 * Undo and redo over immutable values. Successive changes that carry the same `key` within a pause of `PAUSE_MS` become one
 * entry (keystrokes in a field, a slider drag, arrow-key moves); `seal` ends such a group early.
 */
export const PAUSE_MS = 1200;
export const LIMIT = 300;

interface Entry<T> {
  readonly value: T;
  /** What leads away from this value, e.g. "Change step size"; named on the undo button. */
  readonly label: string;
}

export interface History<T> {
  readonly past: readonly Entry<T>[];
  readonly present: T;
  readonly future: readonly Entry<T>[];
  /** Group of the latest change, or null when the next change must start an entry. */
  readonly group: { readonly key: string; readonly at: number } | null;
}

export interface Change {
  readonly label: string;
  /** Changes with equal keys coalesce; without one, every change is an entry of its own. */
  readonly key?: string;
  /** Coalesces however long the pause is: a slider that is still held. @default false */
  readonly held?: boolean;
}

export function createHistory<T>(present: T): History<T> {
  return { past: [], present, future: [], group: null };
}

/** Makes `value` the present; `now` in milliseconds. The same value changes nothing. */
export function record<T>(history: History<T>, value: T, change: Change, now: number): History<T> {
  if (value === history.present) return history;
  const group = change.key === undefined ? null : { key: change.key, at: now };
  const joins =
    group !== null &&
    history.group !== null &&
    history.group.key === group.key &&
    (change.held === true || now - history.group.at <= PAUSE_MS);
  if (joins) return { ...history, present: value, future: [], group };
  const entry = { value: history.present, label: change.label };
  return { past: [...history.past, entry].slice(-LIMIT), present: value, future: [], group };
}

/** The next change starts an entry of its own. */
export function seal<T>(history: History<T>): History<T> {
  return history.group === null ? history : { ...history, group: null };
}

/** Replaces the present without an entry, e.g. after a migration that a person did not make. */
export function amend<T>(history: History<T>, value: T): History<T> {
  return { ...history, present: value };
}

export function undo<T>(history: History<T>): History<T> {
  const entry = history.past.at(-1);
  if (!entry) return history;
  return {
    past: history.past.slice(0, -1),
    present: entry.value,
    future: [{ value: history.present, label: entry.label }, ...history.future],
    group: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [entry, ...future] = history.future;
  if (!entry) return history;
  return {
    past: [...history.past, { value: history.present, label: entry.label }],
    present: entry.value,
    future,
    group: null,
  };
}
