import { describe, expect, it } from 'vitest';
import { besideEachOther, TEX_LIMITS, texProblem } from './tex.ts';

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

describe('a formula that is not given to KaTeX', () => {
  const nested = (open: string, close: string, n: number) => open.repeat(n) + 'x' + close.repeat(n);

  it.each([
    ['{', '}'],
    [String.raw`\frac{1}{`, '}'],
    [String.raw`\sqrt{`, '}'],
    ['x_{', '}'],
    ['x^{', '}'],
    [String.raw`\overline{`, '}'],
    [String.raw`\left(`, String.raw`\right)`],
    [String.raw`\begin{matrix}`, String.raw`\end{matrix}`],
    [String.raw`\text{$`, '$}'],
    [String.raw`\begingroup `, String.raw`\endgroup `],
  ])('nests %s deeper than the limit', (open, close) => {
    // The name of an environment stands in braces.
    expect(texProblem(nested(open, close, TEX_LIMITS.depth - 1))).toBeNull();
    expect(texProblem(nested(open, close, TEX_LIMITS.depth + 1))).toMatch(/nests deeper/);
  });

  it('is too long, or has too many signs or cells', () => {
    expect(texProblem('x'.repeat(TEX_LIMITS.tokens))).toBeNull();
    expect(texProblem('x'.repeat(TEX_LIMITS.tokens + 1))).toMatch(/signs/);
    expect(texProblem(' '.repeat(TEX_LIMITS.characters + 1))).toMatch(/characters/);
    const matrix = (cells: number) => String.raw`\begin{matrix}${'&'.repeat(cells)}\end{matrix}`;
    expect(texProblem(matrix(TEX_LIMITS.cells))).toBeNull();
    expect(texProblem(matrix(TEX_LIMITS.cells + 1))).toMatch(/cells/);
    expect(texProblem('\\\\'.repeat(TEX_LIMITS.cells + 1))).toMatch(/cells/);
  });

  it.each([
    String.raw`\def\a{x}\a`,
    String.raw`\gdef\a{x}`,
    String.raw`\newcommand{\a}{\a\a}\a`,
    String.raw`\let\a=b`,
    String.raw`\global\def\a{}`,
  ])('defines commands: %s', (tex) => expect(texProblem(tex)).toMatch(/defines commands/));

  it('heaps marks on a letter', () => {
    expect(texProblem('e\u0301')).toBeNull();
    expect(texProblem('e' + '\u0301'.repeat(5))).toMatch(/marks/);
    expect(texProblem(String.raw`\text{e${'\u0489'.repeat(900)}}`)).toMatch(/marks/);
  });

  it('is judged in time linear in its length', () => {
    const started = process.cpuUsage();
    for (const unit of ['{', '\\', '\\a', '&', '\u0301', '$', ' ', '\ud800'])
      texProblem(unit.repeat(1_000_000));
    expect(process.cpuUsage(started).user / 1e3).toBeLessThan(100);
  });
});
