import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../runtime/run/protocol.ts';
import { outdatedBy, standingWords } from './run-standing.ts';

const lambda = { key: 'l1.lambda', name: 'λ', from: 5, to: 20 };
const report = (patch: Partial<RunReport>): RunReport => ({
  nodeId: 'fista',
  label: 'FISTA',
  status: 'maxSteps',
  message: '',
  step: 10,
  maxSteps: 10,
  seconds: 1,
  objective: 1,
  infeasibility: null,
  device: 'cpu64',
  precision: 'float64',
  mode: '',
  standing: 'current',
  changes: [],
  since: [],
  alarm: null,
  shortfall: null,
  ...patch,
});
const outdated = report({ standing: 'outdated', since: [lambda] });

describe('a run', () => {
  it('that follows from the graph needs no word', () => {
    expect(standingWords(report({}))).toBeNull();
  });

  it('that ended with other values offers to run again with the present ones', () => {
    expect(standingWords(outdated)).toEqual({
      text: 'Outdated: measured with λ = 5.',
      again: 'Run again with λ = 20',
    });
  });

  it('that is paused says what the next step takes', () => {
    expect(standingWords({ ...outdated, status: 'paused' })).toEqual({
      text: 'The next step takes λ = 20.',
      again: null,
    });
    expect(standingWords({ ...outdated, status: 'running' })).toBeNull();
  });

  it('that was changed says where, or how often', () => {
    const change = { step: 120, changes: [lambda] };
    expect(standingWords(report({ standing: 'changed', changes: [change] }))).toEqual({
      text: 'Changed on the way: λ 5 → 20 at step 120. Its steps do not follow from the present values alone.',
      again: 'Run from the start',
    });
    const often = report({ standing: 'changed', changes: [change, { ...change, step: 130 }] });
    expect(standingWords(often)?.text).toMatch(
      /^Changed 2 times on the way, at last λ 5 → 20 at step 130\./,
    );
  });
});

describe('beside a parameter', () => {
  it('stand the ended runs that have another value of it, and no others', () => {
    const other = report({
      nodeId: 'gd',
      standing: 'outdated',
      since: [{ key: 'gd.stepSize', name: 'Step size', from: 0.1, to: 0.2 }],
    });
    const both = { ...outdated, since: [lambda, ...other.since] };
    const running: RunReport = { ...outdated, status: 'running' };
    expect(outdatedBy([both, other, running, report({})], 'l1.lambda')).toEqual({
      ids: ['fista'],
      names: ['FISTA'],
      now: 'λ = 20',
    });
    expect(outdatedBy([other], 'l1.lambda')).toBeNull();
  });
});
