/**
 * A run's history as segments: stretches of steps that were done, and rows that were measured, with one set of live values.
 * A number of a run belongs to the values of its segment, whatever the graph says now.
 */
import type { Certificate, LiveNumbers } from '../graph/ports.ts';
import type { OffMark } from './protocol.ts';

/** Steps done with one set of values: those after step `from`, up to the next segment's. Step 0 belongs to the first. */
export interface Stretch {
  readonly from: number;
  /** Of the keys that the plan and its objective read. */
  readonly live: LiveNumbers;
}

/** What is known of f* at the values of a segment. */
export type CertificateState =
  | { readonly state: 'known'; readonly certificate: Certificate }
  /** It is being computed, or will be; how far it is, from 0 to 1, where that is known. */
  | { readonly state: 'pending'; readonly fraction?: number }
  /** It could not be had, and why. */
  | {
      readonly state: 'unavailable';
      readonly reason: string;
      /** Where it is off until a person starts it again. */
      readonly off?: OffMark;
    }
  /** The objective offers none. */
  | { readonly state: 'none' };

export interface Segment extends Stretch {
  readonly certificate: CertificateState;
}

export interface LiveChange {
  readonly key: string;
  /** For a person, e.g. "λ". */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A change on the way: the steps after `step` were done with the new values. */
export interface ChangeOnTheWay {
  readonly step: number;
  readonly changes: readonly LiveChange[];
}

/**
 * How a run stands to the graph. `current`: its numbers follow from the graph as it is. `changed`: it ends with the graph's values,
 * but earlier steps were done with others; the final state is true for the present values, its history is not. `outdated`: its last
 * steps were done with other values than the graph has now.
 */
export type RunStanding = 'current' | 'changed' | 'outdated';

/** The values that differ, in the order of `keys`. */
export function changesBetween(
  keys: readonly string[],
  from: LiveNumbers,
  to: LiveNumbers,
  nameOf: (key: string) => string,
): LiveChange[] {
  return keys
    .filter((key) => from[key] !== to[key])
    .map((key) => ({ key, name: nameOf(key), from: from[key], to: to[key] }));
}

/** Index of the segment that a measured step belongs to. */
export function segmentAt(segments: readonly Pick<Stretch, 'from'>[], step: number): number {
  let at = segments.length - 1;
  // Ends at the first segment at the latest.
  while (at > 0 && segments[at].from >= step) at--;
  return at;
}

/** Of a run that was changed more often, f* is computed for the stretches of most steps alone. */
const MOST_CERTIFIED = 16;

/** Indices of the segments that f* is computed for: the last, and those of most steps. */
export function segmentsToCertify(segments: readonly Stretch[], lastStep: number): number[] {
  const length = (i: number) => (segments[i + 1]?.from ?? lastStep) - segments[i].from;
  const last = segments.length - 1;
  const others = segments.slice(0, -1).map((_, i) => i);
  return [last, ...others.sort((a, b) => length(b) - length(a)).slice(0, MOST_CERTIFIED - 1)];
}

/** What an outdated run's numbers are of, and what to do. */
export function outdatedText(since: readonly LiveChange[]): string {
  return `measured with ${formerText(since)}. Run again with ${presentText(since)}.`;
}

/** What a run that was changed on the way has to say beside its numbers. */
export function changedText(changes: readonly ChangeOnTheWay[]): string {
  const last = changes[changes.length - 1];
  if (!last) return '';
  const what = `${changeText(last.changes)} at step ${last.step}`;
  return changes.length === 1
    ? `changed on the way: ${what}`
    : `changed ${changes.length} times on the way, at last ${what}`;
}

/** "λ 5 → 20". */
export function changeText(changes: readonly LiveChange[]): string {
  return listed(changes.map(({ name, from, to }) => `${name} ${short(from)} → ${short(to)}`));
}

/** "λ = 20". */
export function presentText(changes: readonly LiveChange[]): string {
  return listed(changes.map(({ name, to }) => `${name} = ${short(to)}`));
}

/** "λ = 5". */
export function formerText(changes: readonly LiveChange[]): string {
  return listed(changes.map(({ name, from }) => `${name} = ${short(from)}`));
}

const MOST_NAMED = 3;

function listed(words: readonly string[]): string {
  const more = words.length - MOST_NAMED;
  const shown = words.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function short(x: number): string {
  return String(Number(x.toPrecision(6)));
}
