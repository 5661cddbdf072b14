import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown, safeHref, type Inline } from './markdown.ts';

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

describe('safeHref', () => {
  it('accepts pages and letters only', () => {
    expect(safeHref('https://arxiv.org/abs/0809.1234')).toBe('https://arxiv.org/abs/0809.1234');
    expect(safeHref('mailto:a@example.org')).toBe('mailto:a@example.org');
    expect(safeHref('JavaScript:alert(1)')).toBeNull();
    expect(safeHref('file:///etc/passwd')).toBeNull();
    expect(safeHref('//example.org')).toBeNull();
  });
});
