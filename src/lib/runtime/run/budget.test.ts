import { describe, expect, it } from 'vitest';
import { Budget, CostError, duration } from './budget.ts';
import type { Cost } from './budget.ts';

const MB = 1e6;
const small: Cost = { bytes: 10 * MB, seconds: 0.1 };

/** What became of it: '' where it was admitted. */
function outcome(budget: Budget, key: string, cost: Cost, hash = key): string {
  try {
    budget.admit(key, 'MLP', hash, cost, 'Make it smaller.');
    return '';
  } catch (error) {
    if (error instanceof CostError) return error.code;
    throw error;
  }
}
const message = (budget: Budget, cost: Cost): string => {
  try {
    budget.admit('a', 'MLP', 'a', cost, 'Make it smaller.');
  } catch (error) {
    if (error instanceof CostError) return error.message;
  }
  return '';
};

describe('a budget', () => {
  it('admits small work, holds what is large and refuses what no tab has, with the figures', () => {
    const budget = new Budget();
    expect(outcome(budget, 'a', small)).toBe('');
    expect(outcome(budget, 'a', { bytes: 400 * MB, seconds: 1 })).toBe('held');
    expect(outcome(budget, 'a', { bytes: 1, seconds: 30 })).toBe('held');
    expect(outcome(budget, 'a', { bytes: 1, seconds: 0, stepSeconds: 3 })).toBe('held');
    expect(message(budget, { bytes: 400 * MB, seconds: 1 })).toBe(
      'It would take about 400 MB and 1 s.',
    );
    expect(message(budget, { bytes: 9.1e9, seconds: 1 })).toBe(
      'MLP: expected at most 1.50 GB of memory, got about 9.10 GB. Make it smaller.',
    );
    expect(message(budget, { bytes: 1, seconds: 7200 })).toBe(
      'MLP: expected at most 10 min, got about 2 h. Make it smaller.',
    );
  });

  it('admits held work once it is allowed, and only that content', () => {
    const budget = new Budget();
    const large = { bytes: 400 * MB, seconds: 1 };
    budget.allow('first');
    expect(outcome(budget, 'a', large, 'first')).toBe('');
    expect(outcome(budget, 'a', large, 'second')).toBe('held');
  });

  it('counts what is kept together, so that many small nodes are one large one', () => {
    const budget = new Budget();
    let admitted = 0;
    for (; outcome(budget, `n${admitted}`, small) === '' && admitted < 100; admitted++)
      budget.keep(`n${admitted}`, [new ArrayBuffer(10 * MB)]);
    expect(admitted).toBe(25);
    budget.release('n0');
    expect(outcome(budget, 'another', small)).toBe('');
  });

  it('counts an array that several nodes hold once, and frees it with the last of them', () => {
    const budget = new Budget();
    const buffer = new ArrayBuffer(200 * MB);
    for (const key of ['a', 'b', 'c']) budget.keep(key, [buffer]);
    expect(budget.bytes).toBe(200 * MB);
    budget.release('a');
    budget.release('b');
    expect(budget.bytes).toBe(200 * MB);
    budget.release('c');
    expect(budget.bytes).toBe(0);
  });

  it('does not count what was allowed against what was not, but refuses both together', () => {
    const budget = new Budget();
    budget.allow('big');
    expect(outcome(budget, 'big', { bytes: 1400 * MB, seconds: 1 })).toBe('');
    budget.keep('big', [], 1400 * MB);
    expect(outcome(budget, 'a', small)).toBe('');
    expect(outcome(budget, 'b', { bytes: 150 * MB, seconds: 1 })).toBe('too-large');
  });

  it('lets work wait that would fit after what is going on', () => {
    const budget = new Budget();
    expect(outcome(budget, 'a', { bytes: 200 * MB, seconds: 1 })).toBe('');
    expect(outcome(budget, 'b', { bytes: 200 * MB, seconds: 1 })).toBe('busy');
    budget.keep('a', []);
    expect(outcome(budget, 'b', { bytes: 200 * MB, seconds: 1 })).toBe('');
  });

  it('asks much earlier for a stranger, in all, until the person trusts the document', () => {
    const budget = new Budget();
    budget.distrust();
    const some = { bytes: MB, seconds: 0.3 };
    expect(['a', 'b', 'c', 'd'].map((key) => outcome(budget, key, some))).toEqual([
      '',
      '',
      '',
      'held',
    ]);
    // A view that is drawn again is not new work.
    expect(outcome(budget, 'a', some)).toBe('');
    expect(outcome(budget, 'e', { bytes: 100 * MB, seconds: 0 })).toBe('held');
    budget.trust();
    expect(outcome(budget, 'd', some)).toBe('');
    expect(outcome(budget, 'e', { bytes: 100 * MB, seconds: 0 })).toBe('');
  });

  it('asks nothing where all is allowed, but refuses all the same', () => {
    const budget = new Budget({ allowAll: true });
    expect(outcome(budget, 'a', { bytes: 400 * MB, seconds: 100 })).toBe('');
    expect(outcome(budget, 'b', { bytes: 2e9, seconds: 1 })).toBe('too-large');
  });
});

it('says durations in two digits', () => {
  expect([3e-5, 0.0042, 0.42, 42, 400, 9000, 1e6].map(duration)).toEqual([
    '30 µs',
    '4.2 ms',
    '420 ms',
    '42 s',
    '6.7 min',
    '2.5 h',
    '12 days',
  ]);
});
