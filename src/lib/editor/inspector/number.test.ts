import { describe, expect, it } from 'vitest';
import {
  fromTrack,
  readIntegers,
  readNumber,
  showNumber,
  stepped,
  toTrack,
  TRACK,
} from './number.ts';
import type { NumericSpec } from './number.ts';

const logarithmic: NumericSpec = {
  kind: 'number',
  label: 'Step size',
  default: 0.1,
  min: 0,
  exclusiveMin: true,
  max: 10,
  scale: 'log',
};
const momentum: NumericSpec = { kind: 'number', label: 'Momentum', default: 0.9, min: 0, max: 1 };
const count: NumericSpec = {
  kind: 'integer',
  label: 'Samples',
  default: 200,
  min: 2,
  max: 100000,
  scale: 'log',
};

describe('number fields', () => {
  it.each([
    ['0.5', 0.5],
    [' 1e-3 ', 0.001],
    ['0,25', 0.25],
    ['1/4', 0.25],
    ['-3', -3],
  ])('reads %j as %f', (text, value) => expect(readNumber(text)).toBe(value));
  it.each(['', 'abc', '1 2', '1,2,3'])('does not read %j', (text) => {
    expect(readNumber(text)).toBeNaN();
  });

  it('shows what reads back as the same number', () => {
    for (const value of [0, 1, 0.1, 1e-12, 123456789, 1 / 3, -2.5e-7, 1e21])
      expect(readNumber(showNumber(value))).toBe(value);
  });

  it('stays inside an open lower end on the whole track', () => {
    for (let position = 0; position <= TRACK; position++) {
      const value = fromTrack(logarithmic, position);
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThanOrEqual(10);
    }
  });

  it('reaches both ends exactly', () => {
    expect(fromTrack(momentum, 0)).toBe(0);
    expect(fromTrack(momentum, TRACK)).toBe(1);
    expect(fromTrack(count, 0)).toBe(2);
    expect(fromTrack(count, TRACK)).toBe(100000);
    expect(fromTrack({ ...logarithmic, exclusiveMin: false }, 0)).toBe(0);
  });

  it('spends a logarithmic track on values near the default, and steps past its end', () => {
    const lambda: NumericSpec = { ...logarithmic, exclusiveMin: false, max: 1e6 };
    expect(fromTrack(lambda, TRACK)).toBe(100);
    expect(toTrack(lambda, 5000)).toBe(TRACK);
    expect(stepped(lambda, 100, 10)).toBeGreaterThan(100);
    expect(stepped(lambda, 5000, 10)).toBeGreaterThan(5000);
    expect(stepped(lambda, 5000, -10)).toBeLessThan(5000);
    expect(stepped(lambda, 5000, -10)).toBeGreaterThan(100);
    expect(stepped(lambda, 1e6, 50)).toBe(1e6);
    expect(stepped(lambda, 0.1, 10)).toBeGreaterThan(0.1);
  });

  it('gives whole numbers for an integer', () => {
    for (let position = 0; position <= TRACK; position += 7)
      expect(Number.isInteger(fromTrack(count, position))).toBe(true);
  });

  it('finds the place on the track again', () => {
    for (const position of [1, 137, 500, 872, 999])
      expect(
        Math.abs(toTrack(logarithmic, fromTrack(logarithmic, position)) - position),
      ).toBeLessThan(2);
  });

  it('reads lists of integers and refuses anything else in them', () => {
    expect(readIntegers('32, 32')).toEqual([32, 32]);
    expect(readIntegers('32 16;8')).toEqual([32, 16, 8]);
    expect(readIntegers('')).toEqual([]);
    expect(readIntegers('32, 1.5')).toBeNull();
    expect(readIntegers('32, x')).toBeNull();
  });
});
