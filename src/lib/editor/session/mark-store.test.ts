import { describe, expect, it } from 'vitest';
import type { KeptMark } from '../../worker/off-marks.ts';
import { createMarkStore } from './mark-store.ts';

function fakeStorage(full = false) {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => {
      if (full) throw new DOMException('no room', 'QuotaExceededError');
      kept.set(name, value);
    },
    removeItem: (name: string) => void kept.delete(name),
  };
}

/** One browser; each call of `open` is a page in it, in the same tab. */
function browser() {
  const lasting = fakeStorage();
  const ofTab = fakeStorage();
  return {
    lasting,
    ofTab,
    open: () => createMarkStore({ lasting: () => lasting, ofTab: () => ofTab }),
  };
}

const mark: KeptMark = {
  kind: 'evaluation',
  key: 'k1',
  reason: 'Stopped by you after 12 s',
  nodeId: 'a',
};
const chunk = { kind: 'chunk', nodeId: 'r', name: 'FISTA', key: 'k2' } as const;

describe('the store of off-marks', () => {
  it('gives the next page what this one saved', () => {
    const { open } = browser();
    expect(open().load()).toEqual([]);
    open().save([mark]);
    expect(open().load()).toEqual([mark]);
  });

  it('marks the work a page died in once, for this tab and those to come', () => {
    const { open, lasting } = browser();
    open().save([mark]);
    open().note(chunk);
    const left = {
      kind: 'chunk',
      key: 'k2',
      nodeId: 'r',
      reason: 'The page ended while the worker computed a step of it',
    };
    expect(open().load()).toEqual([mark, left]);
    expect(open().load()).toEqual([mark, left]);
    const other = createMarkStore({ lasting: () => lasting, ofTab: () => fakeStorage() });
    expect(other.load()).toEqual([mark, left]);
  });

  it('replaces an older mark of the same work', () => {
    const { open } = browser();
    open().save([mark]);
    open().note({ kind: 'evaluation', name: 'A', key: 'k1' });
    expect(open().load()).toEqual([
      { kind: 'evaluation', key: 'k1', reason: 'The page ended while the worker evaluated it' },
    ]);
  });

  it('marks nothing of work that was heard from again, nor of a document or a table', () => {
    const { open, ofTab } = browser();
    open().note(chunk);
    open().note(null);
    expect(open().load()).toEqual([]);
    open().note({ kind: 'document', name: 'Graph', key: '3' });
    open().note({ kind: 'table', name: 'a.csv', key: '4' });
    expect(ofTab.kept.size).toBe(0);
  });

  it.each([
    '{',
    'null',
    '7',
    '{"kind":"evaluation"}',
    '[null,1,"x",{"kind":"evaluation","key":"k"},{"kind":"spell","key":"k","reason":"r"},{"kind":"chunk","key":5,"reason":"r"},{"kind":"chunk","key":"k","reason":"r","nodeId":1}]',
  ])('takes what is no mark for none: %s', (text) => {
    const { open, lasting, ofTab } = browser();
    lasting.setItem('adjoint.off', text);
    ofTab.setItem('adjoint.silent', text);
    expect(open().load()).toEqual([]);
  });

  it('keeps what is a mark beside what is none', () => {
    const { open, lasting } = browser();
    lasting.setItem('adjoint.off', JSON.stringify([7, mark]));
    expect(open().load()).toEqual([mark]);
  });

  it('goes on without storage, and without room', () => {
    const forbidden = () => {
      throw new DOMException('forbidden', 'SecurityError');
    };
    const full = () => fakeStorage(true);
    for (const storage of [forbidden, full]) {
      const store = createMarkStore({ lasting: storage, ofTab: storage });
      expect(store.load()).toEqual([]);
      store.save([mark]);
      store.note(chunk);
      store.note(null);
    }
  });
});
