import { describe, expect, it } from 'vitest';
import {
  MARKDOWN_LIMITS,
  parseInline,
  parseMarkdown,
  safeHref,
  type Block,
  type Inline,
} from './markdown.ts';

describe('parseMarkdown', () => {
  it('reads headings, paragraphs, lists, quotes, code and formulas', () => {
    const blocks = parseMarkdown(
      '# Title\n\nOne\nparagraph.\n\n- a\n- b\n  more\n\n1. x\n2. y\n\n> said\n\n```\n<b>\n```\n\n$$\nx^2\n$$',
    );
    expect(blocks).toEqual([
      { kind: 'heading', level: 1, children: [{ kind: 'text', text: 'Title' }] },
      { kind: 'paragraph', children: [{ kind: 'text', text: 'One\nparagraph.' }] },
      {
        kind: 'list',
        ordered: false,
        items: [[{ kind: 'text', text: 'a' }], [{ kind: 'text', text: 'b more' }]],
      },
      {
        kind: 'list',
        ordered: true,
        items: [[{ kind: 'text', text: 'x' }], [{ kind: 'text', text: 'y' }]],
      },
      { kind: 'quote', children: [{ kind: 'text', text: 'said' }] },
      { kind: 'code', text: '<b>' },
      { kind: 'tex', text: 'x^2' },
    ]);
  });

  it('ends an unclosed fence with the source', () => {
    expect(parseMarkdown('```\nopen')).toEqual([{ kind: 'code', text: 'open' }]);
  });
});

describe('parseInline', () => {
  it('reads emphasis, code, formulas and links', () => {
    expect(parseInline('**a *b*** `c*d` $x_1$ [e](https://example.org/)')).toEqual([
      {
        kind: 'strong',
        children: [{ kind: 'text', text: 'a *b' }],
      },
      { kind: 'text', text: '* ' },
      { kind: 'code', text: 'c*d' },
      { kind: 'text', text: ' ' },
      { kind: 'tex', text: 'x_1' },
      { kind: 'text', text: ' ' },
      { kind: 'link', href: 'https://example.org/', children: [{ kind: 'text', text: 'e' }] },
    ]);
  });

  it('reads addresses with pairs of parentheses', () => {
    const href = 'https://doi.org/10.1016/0167-2789(92)90242-F';
    expect(parseInline(`([e](${href})),`)).toEqual([
      { kind: 'text', text: '(' },
      { kind: 'link', href, children: [{ kind: 'text', text: 'e' }] },
      { kind: 'text', text: '),' },
    ]);
    expect(parseInline('[e](https://example.org/a(b)')).toEqual([
      { kind: 'text', text: '[e](https://example.org/a(b)' },
    ]);
  });

  it('leaves arithmetic, snake case and prices alone', () => {
    for (const source of ['2 * 3 * 4', 'a_b_c', '5 $ and 6 $', '**open', '[x](y']) {
      expect(parseInline(source)).toEqual([{ kind: 'text', text: source }]);
    }
  });

  it('keeps markup and addresses that run code as text', () => {
    for (const source of [
      '<img src=x onerror=alert(1)>',
      '[x](javascript:alert(1))',
      '[x](data:text/html,hi)',
      '[x](vbscript:x)',
    ]) {
      expect(parseInline(source)).toEqual([{ kind: 'text', text: source }]);
    }
  });

  it('bounds nesting and takes time linear in the source', () => {
    const deepest = (nodes: readonly Inline[]): number =>
      Math.max(0, ...nodes.map((n) => ('children' in n ? 1 + deepest(n.children) : 0)));
    expect(deepest(parseInline('*a _b '.repeat(40) + 'c_ d*'.repeat(40)))).toBeLessThanOrEqual(6);
    const started = performance.now();
    parseInline('*_`$['.repeat(20_000));
    // Measured at about 60 ms; a quadratic scan of 100,000 characters takes minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('long notes', () => {
  const LONGEST = 100_000;
  const count = (nodes: readonly Inline[]): number =>
    nodes.reduce((sum, node) => sum + 1 + ('children' in node ? count(node.children) : 0), 0);
  const inlines = (block: Block): number =>
    'children' in block
      ? count(block.children)
      : 'items' in block
        ? block.items.reduce((sum, item) => sum + 1 + count(item), 0)
        : 0;
  const tex = (nodes: readonly Inline[]): number =>
    nodes.reduce(
      (sum, node) =>
        sum + (node.kind === 'tex' ? 1 : 0) + ('children' in node ? tex(node.children) : 0),
      0,
    );
  const formulas = (block: Block): number =>
    block.kind === 'tex'
      ? 1
      : 'children' in block
        ? tex(block.children)
        : 'items' in block
          ? block.items.reduce((sum, item) => sum + tex(item), 0)
          : 0;
  /** What Markdown gives a meaning, and what a careless parser does again and again. */
  const UNITS = (
    '* ** *** **** _ __ _a *a* **a**, [ [[ [a]( [a](http://x/( ![a]( [a](https://example.org/a(b)) ` `` `a $ $$ $x$ $x$, ' +
    '> - + # ## 1. --- ``` a < <a> & &amp; | \\ \\* ~ ~~ : http://a \ud83d\ude00 \ud800 *_`$[ a*b_c`d$e['
  ).split(' ');
  const ENDS = ['', ' ', '\n', '\n\n'];

  /** With the milliseconds of the processor; another program may slow a run down, but not each of several. */
  function timed(source: string): { blocks: readonly Block[]; ms: number } {
    let ms = Infinity;
    let blocks: readonly Block[] = [];
    for (let i = 0; i < 4 && ms >= 100; i++) {
      const started = process.cpuUsage();
      blocks = parseMarkdown(source);
      ms = Math.min(ms, process.cpuUsage(started).user / 1e3);
    }
    return { blocks, ms };
  }

  it('are parsed in time linear in their length, to a tree of bounded size', () => {
    for (const unit of UNITS)
      for (const end of ENDS) {
        const piece = unit + end;
        // The shorter ones are enough for the size of the tree.
        const length = end ? LONGEST / 4 : LONGEST;
        const source = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
        const name = JSON.stringify(piece);
        const { blocks, ms } = timed(source);
        // Measured at up to 15 ms; a quadratic parser takes seconds.
        expect(ms, name).toBeLessThan(100);
        const items = blocks.reduce((sum, b) => sum + ('items' in b ? b.items.length : 1), 0);
        const { spans, lines } = MARKDOWN_LIMITS;
        // Behind the last block stands the rest, in pieces of a hundred lines or more.
        expect(items, name).toBeLessThanOrEqual(MARKDOWN_LIMITS.blocks + LONGEST / lines + 1);
        // A span, the text in it and the text behind it; a list of n items has n of them.
        const all = blocks.reduce((sum, block) => sum + inlines(block), 0);
        expect(all, name).toBeLessThanOrEqual(3 * spans + 2 * items);
        const set = blocks.reduce((sum, block) => sum + formulas(block), 0);
        expect(set, name).toBeLessThanOrEqual(MARKDOWN_LIMITS.formulas);
      }
  });

  it('say what of them is shown as it is written', () => {
    const cut = (source: string) => parseMarkdown(source).find(({ kind }) => kind === 'cut');
    expect(cut('$x$ '.repeat(MARKDOWN_LIMITS.formulas))).toBeUndefined();
    expect(cut('$x$ '.repeat(MARKDOWN_LIMITS.formulas + 1))).toMatchObject({
      text: expect.stringContaining('200 formulas') as string,
    });
    expect(cut('*a* '.repeat(MARKDOWN_LIMITS.spans + 1))).toBeDefined();
    expect(cut('a\n\n'.repeat(MARKDOWN_LIMITS.blocks))).toBeUndefined();
    const blocks = parseMarkdown('a\n\n'.repeat(MARKDOWN_LIMITS.blocks) + '# *rest*');
    expect(blocks.slice(-2)).toEqual([
      { kind: 'cut', text: expect.stringContaining('1000 paragraphs') as string },
      { kind: 'code', text: '# *rest*' },
    ]);
  });

  it('keep every character of a long paragraph, list and code', () => {
    const words = Array.from({ length: 9_000 }, (_, i) => `word${i}`).join(' ');
    const textOf = (nodes: readonly Inline[]): string =>
      nodes.map((node) => ('text' in node ? node.text : textOf(node.children))).join('');
    const paragraphs = parseMarkdown(words);
    expect(paragraphs.length).toBeGreaterThan(10);
    expect(
      paragraphs.map((b) => (b.kind === 'paragraph' ? textOf(b.children) : '?')).join(''),
    ).toBe(words);
    const lists = parseMarkdown(
      Array.from({ length: 250 }, (_, i) => `${i + 1}. item ${i}`).join('\n'),
    );
    expect(lists.map((b) => (b.kind === 'list' ? [b.start ?? 1, b.items.length] : b))).toEqual([
      [1, 100],
      [101, 100],
      [201, 50],
    ]);
    const code = Array.from({ length: 950 }, (_, i) => `line ${i}\n`).join('');
    const blocks = parseMarkdown(`\`\`\`\n${code}\`\`\``);
    expect(blocks.length).toBe(10);
    expect(blocks.map((b) => (b.kind === 'code' ? b.text : '?')).join('')).toBe(code.trimEnd());
  });

  it('lose what turns the direction of a line, and marks beyond a few on a letter', () => {
    expect(parseMarkdown('a\u202eb\u2066c')).toEqual([
      { kind: 'paragraph', children: [{ kind: 'text', text: 'abc' }] },
    ]);
    expect(parseMarkdown('e' + '\u0301'.repeat(1_000))).toEqual([
      { kind: 'paragraph', children: [{ kind: 'text', text: 'e' + '\u0301'.repeat(6) }] },
    ]);
  });
});

describe('safeHref', () => {
  it('accepts pages and letters only', () => {
    expect(safeHref('https://arxiv.org/abs/0809.1234')).toBe('https://arxiv.org/abs/0809.1234');
    expect(safeHref('mailto:a@example.org')).toBe('mailto:a@example.org');
    expect(safeHref('JavaScript:alert(1)')).toBeNull();
    expect(safeHref('file:///etc/passwd')).toBeNull();
    expect(safeHref('//example.org')).toBeNull();
  });
});
