import { expect, it } from 'vitest';
import { besideEachOther } from './tex.ts';

it('takes formulas apart where a space of a quad stands between them', () => {
  expect(besideEachOther(String.raw`b = Kx + \sigma\,\varepsilon,\qquad x \ge 0, \quad y`)).toEqual(
    [String.raw`b = Kx + \sigma\,\varepsilon,`, String.raw`x \ge 0,`, 'y'],
  );
  expect(besideEachOther('f(x)')).toEqual(['f(x)']);
});

it.each([
  String.raw`\begin{cases} 0 & x \ge 0 \quad \text{ok} \\ 1 \end{cases}`,
  String.raw`{a \quad b}`,
  String.raw`\left( a \quad b \right)`,
  String.raw`\text{\} \quad}`,
  String.raw`\quadruple`,
])('leaves %s whole', (tex) => {
  expect(besideEachOther(tex)).toEqual([tex]);
});
