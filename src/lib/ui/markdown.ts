/**
 * A small Markdown, parsed into a tree that Svelte renders as elements: headings, paragraphs, lists, fenced code, quotes,
 * formulas, emphasis, code, links to http(s) and mailto. Markup in the source is text; nothing here can make an element
 * that the tree does not name.
 */
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
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly kind: 'code' | 'tex'; readonly text: string };

const BULLET = /^ {0,3}[-*+] +(.*)$/;
const NUMBER = /^ {0,3}\d{1,9}[.)] +(.*)$/;
const HEADING = /^(#{1,6}) +(.*)$/;
const MAX_DEPTH = 6;

export function parseMarkdown(source: string): readonly Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;

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

  while (at < lines.length) {
    const line = lines[at];
    const heading = HEADING.exec(line);
    const item = BULLET.exec(line) ?? NUMBER.exec(line);
    if (line.trim() === '') at++;
    else if (line.startsWith('```')) blocks.push({ kind: 'code', text: fenced('```') });
    else if (line.trim() === '$$') blocks.push({ kind: 'tex', text: fenced('$$') });
    else if (heading) {
      const level = Math.min(heading[1].length, 3) as 1 | 2 | 3;
      blocks.push({ kind: 'heading', level, children: parseInline(heading[2]) });
      at++;
    } else if (line.startsWith('>')) {
      const quoted: string[] = [];
      for (; at < lines.length && lines[at].startsWith('>'); at++) quoted.push(lines[at].slice(1));
      blocks.push({ kind: 'quote', children: parseInline(quoted.join('\n').trim()) });
    } else if (item) {
      const pattern = BULLET.test(line) ? BULLET : NUMBER;
      const items: string[] = [];
      for (let match; at < lines.length; at++) {
        if ((match = pattern.exec(lines[at]))) items.push(match[1]);
        else if (items.length > 0 && /^ {2,}\S/.test(lines[at]))
          items[items.length - 1] += ` ${lines[at].trim()}`;
        else break;
      }
      const ordered = pattern === NUMBER;
      blocks.push({ kind: 'list', ordered, items: items.map((text) => parseInline(text)) });
    } else {
      const from = at++;
      while (at < lines.length && !startsBlock(lines[at])) at++;
      blocks.push({
        kind: 'paragraph',
        children: parseInline(lines.slice(from, at).join('\n').trim()),
      });
    }
  }
  return blocks;
}

/** Markers in the order in which they are tried at a position. */
const SPANS = [
  { open: '`', close: '`', kind: 'code' },
  { open: '$', close: '$', kind: 'tex' },
  { open: '**', close: '**', kind: 'strong' },
  { open: '__', close: '__', kind: 'strong' },
  { open: '*', close: '*', kind: 'em' },
  { open: '_', close: '_', kind: 'em' },
] as const;

export function parseInline(source: string, depth = 0): readonly Inline[] {
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
      depth < MAX_DEPTH ? (spanAt(source, at, depth, absent) ?? linkAt(source, at, depth)) : null;
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

function spanAt(source: string, at: number, depth: number, absent: Set<string>): Span | null {
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
    const node: Inline =
      kind === 'code' || kind === 'tex'
        ? { kind, text: inner }
        : { kind, children: parseInline(inner, depth + 1) };
    return { node, end: end + close.length };
  }
  return null;
}

/** Longer labels and addresses are text. */
const MAX_LINK = 500;

function linkAt(source: string, at: number, depth: number): Span | null {
  if (source[at] !== '[') return null;
  const within = source.slice(at, at + 2 * MAX_LINK);
  // Addresses may hold pairs of parentheses, as DOIs do.
  const match = /^\[([^\][]{1,500})\]\(((?:[^\s()<>]|\([^\s()<>]{0,100}\)){1,500})\)/.exec(within);
  const href = match && safeHref(match[2]);
  if (!match || !href) return null;
  return {
    node: { kind: 'link', href, children: parseInline(match[1], depth + 1) },
    end: at + match[0].length,
  };
}

/** The address if it opens a page or a letter, else null: no `javascript:`, no `data:`, nothing relative. */
export function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
}
