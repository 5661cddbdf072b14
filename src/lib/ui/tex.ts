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

/** An attachment that typesets `tex` inside its element. */
export function typeset(tex: string, displayMode: boolean): (element: HTMLElement) => void {
  return (element) => {
    if (tex.length > TEX_MAX_LENGTH) {
      element.textContent = tex;
      return;
    }
    try {
      // KaTeX keeps the macros that a source defines: a fresh object per formula keeps them apart.
      katex.render(tex, element, { ...TEX_OPTIONS, displayMode, macros: {} });
    } catch {
      // KaTeX throws beside its own errors on input it does not foresee; the source still says what was meant.
      element.textContent = tex;
    }
  };
}
