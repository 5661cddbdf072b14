import { describe, expect, it } from 'vitest';
import { createHistory, LIMIT, PAUSE_MS, record, redo, seal, undo } from './history.ts';

const typed = { label: 'Change width', key: 'param:n1:width' };

describe('history', () => {
  it('undoes and redoes a change', () => {
    const changed = record(createHistory('a'), 'b', { label: 'Rename' }, 0);
    expect(undo(changed).present).toBe('a');
    expect(redo(undo(changed)).present).toBe('b');
    expect(undo(changed).future[0].label).toBe('Rename');
  });

  it('makes one entry of keystrokes in one field', () => {
    let history = createHistory(0);
    for (let i = 1; i <= 20; i++) history = record(history, i, typed, i * 100);
    expect(history.past).toHaveLength(1);
    expect(undo(history).present).toBe(0);
    expect(redo(undo(history)).present).toBe(20);
  });

  it('measures the pause from the latest keystroke, not from the first', () => {
    let history = createHistory(0);
    for (let i = 1; i <= 5; i++) history = record(history, i, typed, i * (PAUSE_MS - 1));
    expect(history.past).toHaveLength(1);
  });

  it('starts an entry after a pause', () => {
    let history = record(createHistory(0), 1, typed, 0);
    history = record(history, 2, typed, PAUSE_MS + 1);
    expect(undo(history).present).toBe(1);
  });

  it('keeps one entry for a slider that is held still for a while', () => {
    let history = record(createHistory(0), 1, { ...typed, held: true }, 0);
    history = record(history, 2, { ...typed, held: true }, 10 * PAUSE_MS);
    expect(undo(history).present).toBe(0);
  });

  it('starts an entry when another field changes or the group is sealed', () => {
    let history = record(createHistory(0), 1, typed, 0);
    history = record(history, 2, { label: 'Change depth', key: 'param:n1:depth' }, 10);
    history = record(seal(history), 3, { label: 'Change depth', key: 'param:n1:depth' }, 20);
    expect(history.past.map((entry) => entry.value)).toEqual([0, 1, 2]);
  });

  it('does not coalesce into a change that was undone', () => {
    let history = record(createHistory(0), 1, typed, 0);
    history = record(undo(history), 2, typed, 10);
    expect(history.past.map((entry) => entry.value)).toEqual([0]);
    expect(history.future).toEqual([]);
    expect(undo(history).present).toBe(0);
  });

  it('ignores a change to the same value and an undo at the beginning', () => {
    const history = createHistory('a');
    expect(record(history, 'a', { label: 'Nothing' }, 0)).toBe(history);
    expect(undo(history)).toBe(history);
    expect(redo(history)).toBe(history);
  });

  it('forgets the oldest entries past its limit', () => {
    let history = createHistory(0);
    for (let i = 1; i <= LIMIT + 10; i++) history = record(history, i, { label: 'Step' }, i);
    expect(history.past).toHaveLength(LIMIT);
    expect(history.past[0].value).toBe(10);
  });
});
