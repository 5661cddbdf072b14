import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beginOpening } from './safe-opening.ts';

function tab(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

describe('opening an experiment that ends the page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  /** The page dies: no timer of it fires any more. */
  const die = () => vi.clearAllTimers();

  it('is safe after two deaths, and stays so while it keeps dying', () => {
    const storage = tab();
    const safe = () => {
      const opening = beginOpening('a', storage);
      die();
      return opening.safe;
    };
    expect([safe(), safe(), safe(), safe()]).toEqual([false, false, true, true]);
  });

  it('is as always once the page has lived five seconds with it', () => {
    const storage = tab();
    beginOpening('a', storage);
    die();
    beginOpening('a', storage);
    vi.advanceTimersByTime(5_000);
    expect(beginOpening('a', storage).safe).toBe(false);
    die();
    expect(beginOpening('a', storage).safe).toBe(false);
  });

  it('does not count leaving the page as its end, nor deaths of another experiment', () => {
    const storage = tab();
    for (let i = 0; i < 4; i++) {
      const { safe, end } = beginOpening('a', storage);
      expect(safe).toBe(false);
      end();
    }
    for (const what of ['a', 'b', 'a', 'b']) {
      expect(beginOpening(what, storage).safe).toBe(false);
      die();
    }
  });

  it('does without a storage, and with a damaged mark', () => {
    expect(beginOpening('a', null).safe).toBe(false);
    const full = tab();
    full.setItem('adjoint-opening', '{');
    full.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    expect(beginOpening('a', full).safe).toBe(false);
  });
});
