import { expect, test } from 'vitest';
import { describe, emptyReason, NOTHING_FINITE } from './describe.ts';
import { DEGENERATE, VIEWS } from './fixtures.ts';

test('every view has words of its own, also when there is nothing in it', () => {
  for (const view of [...Object.values(VIEWS), ...Object.values(DEGENERATE)])
    expect(describe(view)).not.toMatch(/undefined|NaN|\[object/);
});

test('curves are told run by run with status, last objective and steps', () => {
  const text = describe(VIEWS.curves);
  expect(text).toContain('Curves of 4 runs');
  expect(text).toContain(
    'FISTA with restart, step 1/L: converged, objective 0.5, after 300 iterations',
  );
  expect(text).toContain('diverged at step 50: the objective grew 2e7-fold');
});

test('bars name the largest of each series', () => {
  expect(describe(VIEWS.bars)).toMatch(/run 1: largest feature \d+ = −?\d+/);
});

test('says why there is nothing to draw', () => {
  for (const view of Object.values(VIEWS)) expect(emptyReason(view)).toBeNull();
  expect(emptyReason(DEGENERATE['no runs'])).toBe('No runs yet');
  expect(emptyReason(DEGENERATE['bars not finite'])).toBe(NOTHING_FINITE);
  expect(emptyReason(DEGENERATE['field of one cell'])).toBe(NOTHING_FINITE);
  expect(emptyReason(DEGENERATE['runs before their first row'])).toBe(NOTHING_FINITE);
});
