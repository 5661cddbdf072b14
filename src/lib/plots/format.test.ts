import { expect, test } from 'vitest';
import {
  formatInteger,
  formatNumber,
  formatQuantity,
  formatScientific,
  formatSeconds,
  powerOfTen,
} from './format.ts';

test('shows four significant digits without trailing zeros and with a true minus', () => {
  expect(formatNumber(3.14159)).toBe('3.142');
  expect(formatNumber(-0.5)).toBe('−0.5');
  expect(formatNumber(0.012345)).toBe('0.01235');
  expect(formatNumber(519.8398)).toBe('519.8');
  expect(formatNumber(51983.98)).toBe('51980');
});

test('rounding that carries over a power of ten keeps the digits right', () => {
  expect(formatNumber(999.96)).toBe('1000');
  expect(formatNumber(9.99996, 3)).toBe('10');
});

test('switches to scientific notation for very small and very large numbers', () => {
  expect(formatNumber(1.2345e-5)).toBe('1.234×10⁻⁵');
  expect(formatNumber(-6.02214e23, 3)).toBe('−6.02×10²³');
  expect(formatScientific(1e-10)).toBe('1×10⁻¹⁰');
  expect(powerOfTen(-308)).toBe('10⁻³⁰⁸');
});

test('names what is not a finite number instead of throwing', () => {
  expect(formatNumber(NaN)).toBe('not a number');
  expect(formatNumber(Infinity)).toBe('∞');
  expect(formatNumber(-Infinity)).toBe('−∞');
  expect(formatNumber(null)).toBe('–');
  expect(formatNumber(-0)).toBe('0');
});

test('groups the digits of long integers', () => {
  expect(formatInteger(1234)).toBe('1234');
  expect(formatInteger(-1234567)).toBe('−1\u202f234\u202f567');
  expect(formatNumber(5_000_000)).toBe('5\u202f000\u202f000');
});

test('gives spans of time a fitting unit', () => {
  expect(formatSeconds(0)).toBe('0 s');
  expect(formatSeconds(1.2e-5)).toBe('12 µs');
  expect(formatSeconds(0.0345)).toBe('34.5 ms');
  expect(formatSeconds(12.34)).toBe('12.3 s');
  expect(formatSeconds(125)).toBe('2 min 05 s');
  expect(formatQuantity(0.5, 's')).toBe('500 ms');
  expect(formatQuantity(97.25, '%')).toBe('97.25 %');
  expect(formatQuantity(null, 's')).toBe('–');
});
