import katex, { type KatexOptions } from 'katex';

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

/** Longer sources are shown as they are. */
export const TEX_MAX_LENGTH = 4_000;

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

/** An attachment that typesets `tex` inside its element; what a display holds side by side in spans of their own, which wrap whole. */
export function typeset(tex: string, displayMode: boolean): (element: HTMLElement) => void {
  return (element) => {
    if (tex.length > TEX_MAX_LENGTH) {
      element.textContent = tex;
      return;
    }
    try {
      const parts = displayMode ? besideEachOther(tex) : [tex];
      // KaTeX keeps the macros that a source defines: a fresh object per formula keeps them apart.
      const macros = {};
      const hosts = parts.map(() =>
        parts.length === 1 ? element : element.ownerDocument.createElement('span'),
      );
      parts.forEach((part, i) =>
        katex.render(part, hosts[i], { ...TEX_OPTIONS, displayMode, macros }),
      );
      if (parts.length > 1) element.replaceChildren(...hosts);
    } catch {
      // KaTeX throws beside its own errors on input it does not foresee; the source still says what was meant.
      element.textContent = tex;
    }
  };
}
