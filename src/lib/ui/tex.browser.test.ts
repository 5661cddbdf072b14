import 'katex/dist/katex.min.css';
import { afterEach, describe, expect, it } from 'vitest';
import { TEX_LIMITS, typeset } from './tex.ts';

const S = String.raw;

/** Puts a formula on the page and lays it out. */
async function shown(tex: string, display = true): Promise<HTMLElement> {
  const host = document.createElement('div');
  document.body.append(host);
  typeset(tex, display)(host);
  for (let i = 0; i < 50 && host.firstChild?.nodeType === Node.TEXT_NODE && tex; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  host.getBoundingClientRect();
  return host;
}

function depthOf(root: Element): number {
  let deepest = 0;
  const stack: [Element, number][] = [[root, 0]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [element, depth] = top;
    deepest = Math.max(deepest, depth);
    for (const child of element.children) stack.push([child, depth + 1]);
  }
  return deepest;
}

const repeat = (unit: string, n: number) => unit.repeat(n);
const nest = (open: string, close: string) => (n: number) => open.repeat(n) + 'x' + close.repeat(n);

/** Everything of KaTeX that nests or grows, as a function of how often. */
const GROWING: Record<string, (n: number) => string> = {
  sqrt: nest(S`\sqrt{`, '}'),
  roots: nest(S`\sqrt[`, ']x'),
  frac: nest(S`\frac{1}{`, '}'),
  'frac without braces': (n) => `${repeat(S`\frac1`, n)}x`,
  subscripts: nest('x_{', '}'),
  superscripts: nest('x^{', '}'),
  overline: nest(S`\overline{`, '}'),
  underbrace: nest(S`\underbrace{`, '}_y'),
  widehat: nest(S`\widehat{`, '}_1'),
  overset: nest(S`\overset{a}{`, '}'),
  delimiters: nest(S`\left(`, S`\right)`),
  bigger: (n) => repeat(S`\Bigg(`, n),
  matrix: nest(S`\begin{pmatrix}`, S`\end{pmatrix}`),
  cells: (n) => S`\begin{matrix}${repeat('a&', n)}\end{matrix}`,
  rows: (n) => S`\begin{array}{c}${repeat(S`\hline a\\[20em]`, n)}\end{array}`,
  columns: (n) => S`\begin{array}{${repeat('c|', n)}}x\end{array}`,
  text: nest(S`\text{$`, '$}'),
  boxed: nest(S`\boxed{`, '}'),
  coloured: nest(S`\colorbox{red}{$`, '$}'),
  phantom: nest(S`\phantom{`, '}'),
  smash: nest(S`\smash{`, '}'),
  raised: nest(S`\raisebox{1em}{$`, '$}'),
  sizes: (n) => `${repeat(S`\tiny\Huge `, n)}x`,
  styles: (n) => `${repeat(S`\displaystyle\scriptstyle `, n)}x`,
  colours: (n) => `${repeat(S`\color{red}`, n)}x`,
  rules: (n) => repeat(S`\rule{99999em}{99999em}`, n),
  kerns: (n) => repeat(S`\kern-99999em\hspace{-99999em}x`, n),
  arrows: nest(S`\xrightarrow[a]{`, '}'),
  stacks: nest(S`\substack{`, S`\\a}`),
  choices: nest(S`\mathchoice{`, '}{a}{b}{c}'),
  operators: nest(S`\operatorname*{`, '}_1'),
  primes: (n) => `x${repeat("'", n)}`,
  marks: (n) => `x${repeat('\u0301', n)}`,
  'marks in text': (n) => S`\text{x${repeat('\u0300', n)}}`,
  macros: (n) => S`\def\a{x^{x}x}\def\b{${repeat(S`\a`, n)}}${repeat(S`\b`, n)}`,
  letters: (n) => repeat('x', n),
  powers: (n) => repeat('x^2_3', n),
  open: (n) => repeat('{', n),
  closed: (n) => repeat('}', n),
  unicode: (n) => repeat('\u2211\u00e9\u4e00\ud835\udc00', n),
  negations: (n) => `${repeat(S`\not`, n)}=`,
  tags: (n) => S`x\tag{${repeat('a', n)}}`,
  links: (n) =>
    repeat(S`\href{javascript:alert(1)}{x}\url{http://x}\includegraphics{x}\htmlClass{a}{b}`, n),
};

afterEach(() => document.body.replaceChildren());

describe('a formula on the page', () => {
  it.each(Object.entries(GROWING))('is bounded in elements and depth: %s', async (_, make) => {
    for (const n of [1, 3, 7, 15, 16, 17, 40, 150, 400, 5_000]) {
      for (const display of [true, false]) {
        const host = await shown(make(n), display);
        expect(host.textContent, `${n}`).not.toBe('');
        expect(host.getElementsByTagName('*').length).toBeLessThanOrEqual(TEX_LIMITS.elements + 2);
        expect(depthOf(host)).toBeLessThanOrEqual(TEX_LIMITS.elementDepth + 2);
        expect(host.querySelector('a, img, script')).toBeNull();
        host.remove();
      }
    }
  });

  it('is set where it is ordinary', async () => {
    const host = await shown(
      S`f(x) = \tfrac12 \lVert Ax - b \rVert^2,\qquad \sqrt{\frac{a}{\sqrt{b}}}`,
    );
    expect(host.querySelectorAll('.katex-html')).toHaveLength(2);
    expect(host.querySelector('.tex-source, .katex-error')).toBeNull();
  });

  it('is shown as it is written, with the reason, where it is not', async () => {
    const source = nest(S`\sqrt{`, '}')(100);
    const host = await shown(source);
    expect(host.querySelector('code')?.textContent).toBe(`${source.slice(0, 400)} …`);
    expect(host.querySelector('small')?.textContent).toContain('nests deeper than 16 levels');
    expect(host.querySelector('.katex')).toBeNull();
  });

  it('is limited by the elements that it would need, too', async () => {
    // Within the limits of a source, but each of these takes many elements.
    const host = await shown(repeat('x', 1) + repeat(S`\frac1`, 99) + 'x');
    expect(depthOf(host)).toBeLessThanOrEqual(TEX_LIMITS.elementDepth + 2);
  });

  it('waits for its turn where many are set at once', async () => {
    const hosts = Array.from({ length: 300 }, () => document.createElement('span'));
    document.body.append(...hosts);
    const started = performance.now();
    for (const host of hosts) typeset('x^2 + \\frac{1}{2}', false)(host);
    const waiting = hosts.filter((host) => !host.querySelector('.katex')).length;
    expect(waiting).toBeGreaterThan(0);
    // Those that wait can be read meanwhile.
    expect(hosts.at(-1)?.textContent).toBe('x^2 + \\frac{1}{2}');
    await expect
      .poll(() => hosts.filter((host) => !host.querySelector('.katex')).length, { timeout: 20_000 })
      .toBe(0);
    expect(performance.now() - started).toBeGreaterThan(16);
  });
});
