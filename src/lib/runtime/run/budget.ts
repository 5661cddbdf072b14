/**
 * What evaluations and runs may take of the machine, counted before they begin. One budget serves a whole document: it adds up
 * what is kept, so that many small nodes are one large one.
 *
 *   refused   more than the machine has: an error with the figure and a remedy
 *   held      more than a person would expect: nothing is allocated until the person says so, for that content and this session
 *   busy      it would fit were it not for what is evaluated just now: it waits for that to end
 *
 * Memory is counted in bytes of arrays, the overwhelming part of it here. Time is estimated for one core, within a factor of about
 * four; so limits of time ask rather early and refuse only what nobody waits for.
 */
import { formatBytes } from '../device/errors.ts';

export interface Limits {
  /** Bytes at once in the worker. */
  readonly bytes: number;
  /** Seconds of one evaluation. */
  readonly seconds: number;
  /** Seconds of one step of a run, during which it cannot be stopped. */
  readonly stepSeconds: number;
}

/**
 * A tab of a 64-bit browser ends at 2 to 4 GB, which the page, the pictures and the copies on their way to it share. Ten minutes is
 * what nobody waits for.
 */
export const REFUSED: Limits = { bytes: 1.5e9, seconds: 600, stepSeconds: 600 };
/** A quarter of a gigabyte is what a busy page takes; ten seconds without a picture, and two between two numbers, look like a fault. */
export const ASKED: Limits = { bytes: 256e6, seconds: 10, stepSeconds: 2 };
/** Of a document that a stranger sent, in all: less than one notices. Steps are taken only when the person runs it. */
export const STRANGER: Limits = { bytes: 64e6, seconds: 1, stepSeconds: 2 };
/**
 * Measured seconds that all evaluations of a stranger's document may compute, whatever was estimated: the estimates are rough, and
 * machines differ.
 */
export const STRANGER_MEASURED_SECONDS = 10;
/** Runs of a stranger's document that start by themselves, to be compared with its numbers: estimated seconds of all of them. */
export const STRANGER_RUN_SECONDS = 60;

/** Operations a second of the float64 interpreter and of loops in nodes, and bytes it moves: rounded from single runs on one machine. */
const FLOPS_PER_SECOND = 1.5e9;
const BYTES_PER_SECOND = 2e9;
/** Of an equation, however small. */
const EQUATION_SECONDS = 5e-7;

/** Seconds of so much work on one core in float64. */
export function secondsOf(work: {
  readonly flops: number;
  readonly bytes?: number;
  readonly equations?: number;
}): number {
  return (
    work.flops / FLOPS_PER_SECOND +
    (work.bytes ?? 0) / BYTES_PER_SECOND +
    (work.equations ?? 0) * EQUATION_SECONDS
  );
}

/** What one evaluation or run takes; `steps` are those of a run. */
export interface Cost {
  readonly bytes: number;
  readonly seconds: number;
  readonly stepSeconds?: number;
}

export type CostCode = 'too-large' | 'held' | 'busy';

/** Why a piece of work did not begin. */
export class CostError extends Error {
  override readonly name = 'CostError';
  readonly code: CostCode;
  readonly cost: Cost;

  constructor(code: CostCode, message: string, cost: Cost) {
    super(message);
    this.code = code;
    this.cost = cost;
  }
}

interface Entry {
  /** While it is evaluated: what it asked for. Afterwards what it keeps beside the buffers that are counted once. */
  bytes: number;
  pending: boolean;
  allowed: boolean;
  buffers: readonly ArrayBufferLike[];
}

export interface BudgetOptions {
  /** Never asks, as in a headless run that was told so. @default false */
  readonly allowAll?: boolean;
  readonly refused?: Limits;
}

export class Budget {
  private readonly refused: Limits;
  private readonly allowAll: boolean;
  private readonly entries = new Map<string, Entry>();
  /** How many entries keep a buffer, and whether the first of them was allowed. */
  private readonly holders = new Map<ArrayBufferLike, { count: number; allowed: boolean }>();
  private readonly allowed = new Set<string>();
  /** Seconds of a stranger's document that were spent unasked, by content. */
  private readonly spent = new Map<string, number>();
  /** Seconds that evaluations of a stranger's document took unasked. */
  private measured = 0;
  private shared = 0;
  private sharedAllowed = 0;
  private stranger = false;

  constructor({ allowAll = false, refused = REFUSED }: BudgetOptions = {}) {
    this.allowAll = allowAll;
    this.refused = refused;
  }

  /** Asks much earlier from now on, until something is allowed. */
  distrust(): void {
    this.stranger = true;
  }
  get distrusted(): boolean {
    return this.stranger;
  }
  trust(): void {
    this.stranger = false;
    this.spent.clear();
    this.measured = 0;
  }

  /** The person said yes to this content. */
  allow(hash: string): void {
    this.allowed.add(hash);
  }

  /** Bytes in use, with what is being evaluated. */
  get bytes(): number {
    let total = this.shared;
    for (const entry of this.entries.values()) total += entry.bytes;
    return total;
  }

  /**
   * Takes note of work about to begin, in place of what the same key took before.
   * @throws CostError when it must not begin
   */
  admit(key: string, where: string, hash: string, cost: Cost, remedy: string): void {
    const allowed = this.allowAll || this.allowed.has(hash);
    const others = this.others(key);
    this.refuse(where, cost, others, remedy);
    if (!allowed) this.ask(hash, cost, others);
    const before = this.entries.get(key);
    this.entries.set(key, {
      bytes: cost.bytes,
      pending: true,
      allowed,
      buffers: before?.buffers ?? [],
    });
    if (this.stranger && !allowed) this.spent.set(hash, cost.seconds);
  }

  /** Work of this content took so many seconds more. @throws CostError 'held' where a stranger's document has taken enough */
  spend(hash: string, seconds: number): void {
    this.note(hash, seconds);
    if (!this.allowed.has(hash)) this.requirePatience({ bytes: 0, seconds });
  }

  /** The same of work that is done. */
  note(hash: string, seconds: number): void {
    if (this.stranger && !this.allowAll && !this.allowed.has(hash)) this.measured += seconds;
  }

  private requirePatience(cost: Cost): void {
    if (this.stranger && !this.allowAll && this.measured > STRANGER_MEASURED_SECONDS)
      throw new CostError(
        'held',
        `This document has computed for ${duration(this.measured)} so far. How long it would take is not known.`,
        cost,
      );
  }

  /** Only refuses: for what a person has begun. @throws CostError 'too-large' */
  require(key: string, where: string, cost: Cost, remedy: string): void {
    const { kept, pending } = this.others(key);
    this.refuse(where, cost, { kept: kept + pending, pending: 0 }, remedy);
  }

  /** The work ended: it keeps these arrays, and `bytes` besides. */
  keep(key: string, buffers: Iterable<ArrayBufferLike>, bytes = 0): void {
    const allowed = this.entries.get(key)?.allowed ?? false;
    const kept = [...new Set(buffers)];
    for (const buffer of kept) this.hold(buffer, allowed);
    this.release(key);
    this.entries.set(key, { bytes, pending: false, allowed, buffers: kept });
  }

  release(key: string): void {
    for (const buffer of this.entries.get(key)?.buffers ?? []) this.letGo(buffer);
    this.entries.delete(key);
  }

  private hold(buffer: ArrayBufferLike, allowed: boolean): void {
    const holder = this.holders.get(buffer);
    if (holder) holder.count += 1;
    else {
      this.holders.set(buffer, { count: 1, allowed });
      this.shared += buffer.byteLength;
      if (allowed) this.sharedAllowed += buffer.byteLength;
    }
  }

  private letGo(buffer: ArrayBufferLike): void {
    const holder = this.holders.get(buffer);
    if (!holder || --holder.count > 0) return;
    this.holders.delete(buffer);
    this.shared -= buffer.byteLength;
    if (holder.allowed) this.sharedAllowed -= buffer.byteLength;
  }

  private others(key: string): { kept: number; asked: number; pending: number } {
    let [kept, asked, pending] = [this.shared, this.shared - this.sharedAllowed, 0];
    // What the key kept so far is there until it is replaced, but was asked for once.
    for (const buffer of this.entries.get(key)?.buffers ?? []) {
      const holder = this.holders.get(buffer);
      if (holder?.count === 1 && !holder.allowed) asked -= buffer.byteLength;
    }
    for (const [other, { bytes, pending: going, allowed }] of this.entries) {
      if (other === key) continue;
      if (going) pending += bytes;
      else kept += bytes;
      if (!going && !allowed) asked += bytes;
    }
    return { kept, asked, pending };
  }

  private refuse(
    where: string,
    cost: Cost,
    { kept, pending }: { kept: number; pending: number },
    remedy: string,
  ): void {
    const { bytes, seconds, stepSeconds } = this.refused;
    const refusal = (most: string, got: string) =>
      new CostError(
        'too-large',
        `${where}: expected at most ${most}, got about ${got}. ${remedy}`,
        cost,
      );
    if (kept + cost.bytes > bytes) {
      const beside = kept > cost.bytes / 10 ? ` beside the ${formatBytes(kept)} in use` : '';
      throw refusal(`${formatBytes(bytes)} of memory`, `${formatBytes(cost.bytes)}${beside}`);
    }
    if (cost.seconds > seconds) throw refusal(duration(seconds), duration(cost.seconds));
    if (cost.stepSeconds !== undefined && cost.stepSeconds > stepSeconds)
      throw refusal(`${duration(stepSeconds)} a step`, duration(cost.stepSeconds));
    if (kept + pending + cost.bytes > bytes)
      throw new CostError('busy', `${where}: waits for memory.`, cost);
  }

  private ask(hash: string, cost: Cost, { asked, pending }: { asked: number; pending: number }) {
    this.requirePatience(cost);
    const limits = this.stranger ? STRANGER : ASKED;
    let spent = cost.seconds;
    if (this.stranger)
      for (const [other, seconds] of this.spent) if (other !== hash) spent += seconds;
    const fits =
      asked + cost.bytes <= limits.bytes &&
      spent <= limits.seconds &&
      (cost.stepSeconds ?? 0) <= limits.stepSeconds;
    if (!fits) throw new CostError('held', `It would take ${describeCost(cost)}.`, cost);
    if (asked + pending + cost.bytes > limits.bytes)
      throw new CostError('busy', 'Waits for memory.', cost);
  }
}

/** "about 3.2 GB and 40 s a step". */
export function describeCost({ bytes, seconds, stepSeconds }: Cost): string {
  const time = stepSeconds === undefined ? duration(seconds) : `${duration(stepSeconds)} a step`;
  return `about ${formatBytes(bytes)} and ${time}`;
}

/** 0.4 ms, 12 s, 3 min or 2 h. */
export function duration(seconds: number): string {
  if (seconds < 1e-3) return `${brief(seconds * 1e6)} µs`;
  if (seconds < 1) return `${brief(seconds * 1e3)} ms`;
  if (seconds < 120) return `${brief(seconds)} s`;
  if (seconds < 7200) return `${brief(seconds / 60)} min`;
  if (seconds < 172_800) return `${brief(seconds / 3600)} h`;
  return `${brief(seconds / 86_400)} days`;
}

/** Two digits: more would promise too much. */
function brief(x: number): string {
  return x >= 100 ? Math.round(x).toLocaleString('en') : String(Number(x.toPrecision(2)));
}
