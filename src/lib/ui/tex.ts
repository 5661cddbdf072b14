import katex, { type KatexOptions } from 'katex';
import { inSlices } from './slices.ts';

/**
 * Settings under which TeX from anywhere may be typeset: no links, no HTML, no files, bounded expansion and size, and a
 * wrong formula is shown as text instead of thrown.
 */
export const TEX_OPTIONS: KatexOptions = {
  trust: false,
  throwOnError: false,
  strict: 'ignore',
  maxExpand: 200,
  maxSize: 20,
  output: 'htmlAndMathml',
};

/**
 * What one formula may be. The first five are read off the source, before KaTeX sees it; the last two off the elements it
 * made, before they are laid out. Chromium's renderer ends on about 850 elements inside one another.
 */
export const TEX_LIMITS = {
  characters: 1_000,
  /** Commands, letters and signs. */
  tokens: 500,
  /** Groups, environments and delimiters in one another. */
  depth: 16,
  /** `&` and `\\` of all its matrices. */
  cells: 200,
  /** Combining marks on one letter. */
  marks: 4,
  elements: 4_000,
  elementDepth: 160,
} as const;

/** Definitions make a short source expand to a long one. */
const DEFINITIONS = new Set(
  'def edef gdef xdef let futurelet newcommand renewcommand providecommand global long'
    .split(' ')
    .map((name) => `\\${name}`),
);
const OPENING = new Set(['{', '\\begin', '\\left', '\\begingroup', '\\bgroup']);
const CLOSING = new Set(['}', '\\end', '\\right', '\\endgroup', '\\egroup']);
const TOKEN = /\\[a-zA-Z@]+|\\[^]|\p{M}+|\S/gu;

/** Why a source is not given to KaTeX, as the end of a sentence; null when it may be. */
export function texProblem(tex: string): string | null {
  const limits = TEX_LIMITS;
  if (tex.length > limits.characters) return `it has over ${limits.characters} characters`;
  let depth = 0;
  let tokens = 0;
  let cells = 0;
  for (const [token] of tex.matchAll(TOKEN)) {
    if (++tokens > limits.tokens) return `it has over ${limits.tokens} signs`;
    if (OPENING.has(token) && ++depth > limits.depth)
      return `it nests deeper than ${limits.depth} levels`;
    if (CLOSING.has(token)) depth--;
    if ((token === '&' || token === '\\\\' || token === '\\cr') && ++cells > limits.cells)
      return `it has over ${limits.cells} cells`;
    if (DEFINITIONS.has(token)) return `it defines commands (${token})`;
    if (/^\p{M}/u.test(token) && [...token].length > limits.marks)
      return `it has over ${limits.marks} marks on a letter`;
  }
  return null;
}

/** Why the elements of a formula are not put on the page, or null when they may be. */
export function elementsProblem(root: Element): string | null {
  const { elements, elementDepth } = TEX_LIMITS;
  if (root.getElementsByTagName('*').length > elements)
    return `it would need over ${elements} elements`;
  let depth = 0;
  for (let at: Element = root; ;) {
    if (at.firstElementChild) {
      at = at.firstElementChild;
      if (++depth > elementDepth) return `it nests too deep`;
      continue;
    }
    while (at !== root && !at.nextElementSibling) {
      at = at.parentElement ?? root;
      depth--;
    }
    if (at === root || !at.nextElementSibling) return null;
    at = at.nextElementSibling;
  }
}

/**
 * The formulas that one display holds side by side: parts between `\quad` or `\qquad` outside braces, environments and
 * delimiters. Each keeps its comma.
 */
export function besideEachOther(tex: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: token, index } of tex.matchAll(/\\[a-zA-Z]+|\\.|[{}]/gs)) {
    if (token === '{' || token === '\\begin' || token === '\\left') depth++;
    else if (token === '}' || token === '\\end' || token === '\\right') depth--;
    else if (depth === 0 && (token === '\\quad' || token === '\\qquad')) {
      parts.push(tex.slice(from, index));
      from = index + token.length;
    }
  }
  parts.push(tex.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/**
 * An attachment that typesets `tex` inside its element; what a display holds side by side in spans of their own, which wrap
 * whole. Every formula of the app goes through here. Above the limits the source stands there with the reason.
 */
export function typeset(
  tex: string,
  displayMode: boolean,
): (element: HTMLElement) => (() => void) | void {
  return (element) => {
    const problem = texProblem(tex);
    if (problem !== null) {
      showSource(element, tex, problem);
      return;
    }
    element.textContent = tex;
    return inSlices(() => fill(element, tex, displayMode));
  };
}

function fill(element: HTMLElement, tex: string, displayMode: boolean): void {
  // Outside the document, so that nothing is laid out before it was looked at.
  const host = element.ownerDocument.createElement('span');
  try {
    const parts = displayMode ? besideEachOther(tex) : [tex];
    for (const part of parts) {
      const span = element.ownerDocument.createElement('span');
      // KaTeX keeps the macros that a source defines: a fresh object per formula keeps them apart.
      katex.render(part, span, { ...TEX_OPTIONS, displayMode, macros: {} });
      host.append(span);
    }
  } catch {
    // KaTeX throws beside its own errors on input it does not foresee.
    showSource(element, tex, 'it cannot be read');
    return;
  }
  const problem = elementsProblem(host);
  if (problem !== null) showSource(element, tex, problem);
  else
    element.replaceChildren(
      ...(host.childElementCount === 1 && host.firstElementChild
        ? host.firstElementChild.childNodes
        : host.childNodes),
    );
}

/** Characters of a source that is shown as it is. */
const SHOWN = 400;

function showSource(element: HTMLElement, tex: string, problem: string): void {
  const { ownerDocument } = element;
  const source = ownerDocument.createElement('code');
  source.className = 'tex-source';
  source.textContent = tex.length > SHOWN ? `${tex.slice(0, SHOWN)} …` : tex;
  const reason = ownerDocument.createElement('small');
  reason.className = 'tex-reason';
  reason.textContent = ` (a formula that is not set: ${problem})`;
  element.replaceChildren(source, reason);
}
