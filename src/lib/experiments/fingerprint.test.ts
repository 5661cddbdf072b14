import { describe, expect, it } from 'vitest';
import type { Fingerprint } from '../runtime/graph/document.ts';
import { compareFingerprints, relativeDifference } from './fingerprint.ts';

const stored: Fingerprint = {
  device: 'cpu64',
  precision: 'float64',
  arithmetic: 1,
  runs: { fista: { steps: 120, objective: 1.5 }, gd: { steps: 300, objective: Infinity } },
  scalars: { check: 0.25 },
};
const name = (id: string) => id.toUpperCase();

describe('compareFingerprints', () => {
  it('says reproduced when all numbers agree, infinite ones included', () => {
    const result = compareFingerprints(stored, structuredClone(stored));
    expect(result.status).toBe('reproduced');
    expect(result.sentence).toBe(
      'Reproduced: all 5 numbers agree (float64, to the last digit, on cpu64).',
    );
  });

  const shifted = (by: number, arithmetic = 1): Fingerprint => ({
    ...stored,
    arithmetic,
    runs: { ...stored.runs, fista: { steps: 120, objective: 1.5 + by } },
  });

  it('takes a difference in the last digit of float64 for one, and shows it', () => {
    const result = compareFingerprints(stored, shifted(2 ** -52), name);
    expect(result.status).toBe('differs');
    expect(result.sentence).toBe(
      'Differs: the objective of FISTA differs by 1.5e-16 (relative), 1.5000000000000002 instead of 1.5; ' +
        '4 of 5 numbers agree (float64, to the last digit, on cpu64).',
    );
  });

  it('accepts the last digits of an earlier arithmetic and no more, and says so', () => {
    const result = compareFingerprints(shifted(1e-12, 0), stored);
    expect(result.sentence).toBe(
      'Reproduced: all 5 numbers agree (float64 of another version of the app, to 1e-12, on cpu64).',
    );
    const apart = compareFingerprints(shifted(6e-12, 0), stored, name);
    expect(apart.sentence).toMatch(
      /^Differs: the objective of FISTA differs by 4\.0e-12 \(relative\), 1\.5 instead of 1\.50000000001; 4 of 5/,
    );
  });

  it('names the largest difference and counts steps exactly in float64', () => {
    const result = compareFingerprints(
      stored,
      { ...stored, runs: { ...stored.runs, fista: { steps: 121, objective: 1.5 } } },
      name,
    );
    expect(result.sentence).toContain('the number of steps of FISTA is 121 instead of 120');
    const apart = compareFingerprints(
      stored,
      { ...stored, runs: { ...stored.runs, gd: { steps: 300, objective: 7 } } },
      name,
    );
    expect(apart.sentence).toContain('the objective of GD is 7 instead of Infinity');
  });

  it('states the tolerance of float32, and allows it', () => {
    const single: Fingerprint = { ...stored, device: 'webgpu', precision: 'float32' };
    const near: Fingerprint = {
      ...single,
      runs: { ...stored.runs, fista: { steps: 121, objective: 1.5005 } },
    };
    const result = compareFingerprints(single, near);
    expect(result.status).toBe('reproduced');
    expect(result.sentence).toContain('float32, to 1e-3, on webgpu');
    expect(compareFingerprints(stored, single).sentence).toContain(
      'float64 against float32, to 1e-3, sent from cpu64, measured on webgpu',
    );
    expect(compareFingerprints(single, { ...single, scalars: { check: 0.2504 } }).status).toBe(
      'differs',
    );
  });

  it('says when numbers are missing here, and when there is nothing to compare', () => {
    const result = compareFingerprints(stored, { ...stored, scalars: {} });
    expect(result.status).toBe('incomplete');
    expect(result.sentence).toContain('1 of 5 numbers are not measured here');
    expect(compareFingerprints({ ...stored, runs: {}, scalars: {} }, stored).status).toBe('empty');
  });
});

it('measures small numbers against the floor', () => {
  expect(relativeDifference(1e-16, -1e-16, 1)).toBeCloseTo(2e-16, 20);
  expect(relativeDifference(NaN, NaN, 1)).toBe(0);
  expect(relativeDifference(NaN, 1, 1)).toBe(Infinity);
  expect(relativeDifference(0, -0, 1)).toBe(0);
});
