/**
 * A small Markdown, parsed into a tree that Svelte renders as elements: headings, paragraphs, lists, fenced code, quotes,
 * formulas, emphasis, code, links to http(s) and mailto. Markup in the source is text; nothing here can make an element
 * that the tree does not name. The time is linear in the source, and the tree is bounded by `MARKDOWN_LIMITS`: what exceeds
 * them stays as it is written, and a block of the kind `cut` says so.
 */
export const MARKDOWN_LIMITS = {
  /** Paragraphs, headings, items of lists, and so on. */
  blocks: 1_000,
  /** Emphasis, code, links and formulas within them. */
  spans: 1_500,
  formulas: 200,
  /** Characters of all formulas together. */
  formulaCharacters: 12_000,
  /** Characters of a paragraph; a longer one is taken apart. */
  paragraph: 4_000,
  /** Items of a list and lines of code that make one block. */
  lines: 100,
  /** Combining marks on one letter. */
  marks: 6,
} as const;

export type Inline =
  | { readonly kind: 'text' | 'code' | 'tex'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      /** The number of the first item, where it is not 1: a long list is several blocks. */
      readonly start?: number;
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly kind: 'code' | 'tex' | 'cut'; readonly text: string };

const BULLET = /^ {0,3}[-*+] +(.*)$/;
const NUMBER = /^ {0,3}\d{1,9}[.)] +(.*)$/;
const HEADING = /^(#{1,6}) +(.*)$/;
const MAX_DEPTH = 6;

/** What of the limits is left. */
interface Budget {
  spans: number;
  formulas: number;
  formulaCharacters: number;
}

export function parseMarkdown(source: string): readonly Block[] {
  const lines = plainText(source).replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  const budget: Budget = { ...MARKDOWN_LIMITS };
  let left: number = MARKDOWN_LIMITS.blocks;
  let at = 0;
  const inline = (text: string) => parseInline(text, 0, budget);
  const put = (block: Block) => {
    blocks.push(block);
    left--;
  };

  /** Takes lines up to the one that equals `end` and steps over it. */
  const fenced = (end: string): string => {
    const from = ++at;
    while (at < lines.length && lines[at].trim() !== end) at++;
    return lines.slice(from, at++).join('\n');
  };
  const startsBlock = (line: string): boolean =>
    line.trim() === '' ||
    line.startsWith('```') ||
    line.trim() === '$$' ||
    line.startsWith('>') ||
    HEADING.test(line) ||
    BULLET.test(line) ||
    NUMBER.test(line);

  while (at < lines.length && left > 0) {
    const line = lines[at];
    const heading = HEADING.exec(line);
    if (line.trim() === '') at++;
    else if (line.startsWith('```'))
      for (const text of pieces(fenced('```'), '\n')) put({ kind: 'code', text });
    else if (line.trim() === '$$') {
      const text = fenced('$$');
      put({ kind: mayTypeset(text, budget) ? 'tex' : 'code', text });
    } else if (heading) {
      const level = Math.min(heading[1].length, 3) as 1 | 2 | 3;
      for (const text of pieces(heading[2], ' '))
        put({ kind: 'heading', level, children: inline(text) });
      at++;
    } else if (line.startsWith('>')) {
      const quoted: string[] = [];
      for (; at < lines.length && lines[at].startsWith('>'); at++) quoted.push(lines[at].slice(1));
      for (const text of pieces(quoted.join('\n').trim(), '\n'))
        put({ kind: 'quote', children: inline(text) });
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const pattern = BULLET.test(line) ? BULLET : NUMBER;
      const items: string[] = [];
      for (let match; at < lines.length && items.length < left; at++) {
        if ((match = pattern.exec(lines[at]))) items.push(match[1]);
        else if (items.length > 0 && /^ {2,}\S/.test(lines[at]))
          items[items.length - 1] += ` ${lines[at].trim()}`;
        else break;
      }
      const ordered = pattern === NUMBER;
      for (let from = 0; from < items.length; from += MARKDOWN_LIMITS.lines) {
        const some = items.slice(from, from + MARKDOWN_LIMITS.lines);
        put({
          kind: 'list',
          ordered,
          ...(from > 0 ? { start: from + 1 } : {}),
          items: some.map((item) => inline(item)),
        });
        left -= some.length - 1;
      }
    } else {
      const from = at++;
      while (at < lines.length && !startsBlock(lines[at])) at++;
      for (const text of pieces(lines.slice(from, at).join('\n').trim(), ' '))
        put({ kind: 'paragraph', children: inline(text) });
    }
  }
  const rest = lines.slice(at).join('\n').trim();
  const cut = cutBlock(budget, rest !== '');
  return [
    ...blocks,
    ...(cut ? [cut] : []),
    ...pieces(rest, '\n').map((text): Block => ({ kind: 'code', text })),
  ];
}

/** Says which limit was passed, so that the rest stands as it was written. */
function cutBlock(budget: Budget, tooManyBlocks: boolean): Block | null {
  const { blocks, spans, formulas, formulaCharacters } = MARKDOWN_LIMITS;
  const reasons = [
    ...(tooManyBlocks ? [`${blocks} paragraphs`] : []),
    ...(budget.spans < 0 ? [`${spans} emphases, links and formulas`] : []),
    ...(budget.formulas < 0 ? [`${formulas} formulas`] : []),
    ...(budget.formulaCharacters < 0 ? [`${formulaCharacters} characters of formulas`] : []),
  ];
  if (reasons.length === 0) return null;
  return {
    kind: 'cut',
    text: `These notes have more than ${reasons.join(' and ')}. What exceeds that is shown as it is written.`,
  };
}

/** Whether the budget has room for one more formula; a formula that is refused leaves it overdrawn. */
function mayTypeset(tex: string, budget: Budget): boolean {
  budget.formulas = Math.max(-1, budget.formulas - 1);
  budget.formulaCharacters = Math.max(-1, budget.formulaCharacters - tex.length);
  return budget.formulas >= 0 && budget.formulaCharacters >= 0;
}

/** A text in pieces of bounded length and number of lines, cut behind `at` where there is one. Empty text has no piece. */
function pieces(text: string, at: '\n' | ' '): string[] {
  const { paragraph, lines } = MARKDOWN_LIMITS;
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    let end = from;
    for (let line = 0; line < lines && end < text.length && end - from <= paragraph; line++) {
      const next = text.indexOf('\n', end);
      end = next < 0 ? text.length : next + 1;
    }
    if (end - from > paragraph) {
      const space = text.lastIndexOf(at, from + paragraph);
      end = space > from + paragraph / 2 ? space + 1 : from + paragraph;
      // Not between the two halves of a character.
      if (/[\uD800-\uDBFF]/.test(text[end - 1])) end--;
    }
    found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

/** Without what turns the direction of the text around it, and with few marks on each letter, which take long to draw. */
export function plainText(source: string): string {
  return source
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(MARKS, (run) => run.slice(0, MARKDOWN_LIMITS.marks));
}
const MARKS = new RegExp(`\\p{M}{${MARKDOWN_LIMITS.marks + 1},}`, 'gu');

/** Markers in the order in which they are tried at a position. */
const SPANS = [
  { open: '`', close: '`', kind: 'code' },
  { open: '$', close: '$', kind: 'tex' },
  { open: '**', close: '**', kind: 'strong' },
  { open: '__', close: '__', kind: 'strong' },
  { open: '*', close: '*', kind: 'em' },
  { open: '_', close: '_', kind: 'em' },
] as const;

export function parseInline(
  source: string,
  depth = 0,
  budget: Budget = { ...MARKDOWN_LIMITS },
): readonly Inline[] {
  const out: Inline[] = [];
  let text = '';
  // Where a closing marker was not found once, none lies further on: each is searched to the end at most once.
  const absent = new Set<string>();
  const flush = () => {
    if (text) out.push({ kind: 'text', text });
    text = '';
  };

  for (let at = 0; at < source.length;) {
    if (source[at] === '\\' && at + 1 < source.length && /[\\`*_$[\]#>-]/.test(source[at + 1])) {
      text += source[at + 1];
      at += 2;
      continue;
    }
    const span =
      depth < MAX_DEPTH && budget.spans >= 0
        ? (spanAt(source, at, depth, absent, budget) ?? linkAt(source, at, depth, budget))
        : null;
    if (span) {
      flush();
      out.push(span.node);
      at = span.end;
    } else text += source[at++];
  }
  flush();
  return out;
}

interface Span {
  readonly node: Inline;
  readonly end: number;
}

function spanAt(
  source: string,
  at: number,
  depth: number,
  absent: Set<string>,
  budget: Budget,
): Span | null {
  for (const { open, close, kind } of SPANS) {
    if (!source.startsWith(open, at) || absent.has(close)) continue;
    const start = at + open.length;
    const end = source.indexOf(close, start + 1);
    if (end < 0) {
      absent.add(close);
      continue;
    }
    const inner = source.slice(start, end);
    // "2 * 3 * 4", "a_b_c" and "5 $ and 6 $" are not spans.
    if (kind !== 'code' && (/^\s|\s$/.test(inner) || /\n\n/.test(inner))) continue;
    if (open.startsWith('_') && /\w/.test(source[at - 1] ?? ' ')) continue;
    if (--budget.spans < 0) return null;
    const node: Inline =
      kind === 'tex'
        ? { kind: mayTypeset(inner, budget) ? 'tex' : 'code', text: inner }
        : kind === 'code'
          ? { kind, text: inner }
          : { kind, children: parseInline(inner, depth + 1, budget) };
    return { node, end: end + close.length };
  }
  return null;
}

/** Longer labels and addresses are text. */
const MAX_LINK = 500;

function linkAt(source: string, at: number, depth: number, budget: Budget): Span | null {
  if (source[at] !== '[') return null;
  const within = source.slice(at, at + 2 * MAX_LINK);
  // Addresses may hold pairs of parentheses, as DOIs do.
  const match = /^\[([^\][]{1,500})\]\(((?:[^\s()<>]|\([^\s()<>]{0,100}\)){1,500})\)/.exec(within);
  const href = match && safeHref(match[2]);
  if (!match || !href || --budget.spans < 0) return null;
  return {
    node: { kind: 'link', href, children: parseInline(match[1], depth + 1, budget) },
    end: at + match[0].length,
  };
}

/** The address if it opens a page or a letter, else null: no `javascript:`, no `data:`, nothing relative. */
export function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
}
