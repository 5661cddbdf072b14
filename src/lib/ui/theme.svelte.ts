/**
 * Light, dark, or as the system has it. A choice is written to `data-theme` on the root element and kept in local storage;
 * `static/start.js` puts it back before the first paint.
 */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'adjoint.theme';

const system = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
let choice: ThemeChoice = $state(stored());
let systemDark = $state(system?.matches ?? false);
system?.addEventListener('change', (event) => (systemDark = event.matches));

function stored(): ThemeChoice {
  const value = globalThis.document?.documentElement.dataset.theme;
  return value === 'light' || value === 'dark' ? value : 'system';
}

export const theme = {
  get choice(): ThemeChoice {
    return choice;
  },
  /** What is on the screen; canvases redraw when it changes. */
  get shown(): 'light' | 'dark' {
    return choice === 'system' ? (systemDark ? 'dark' : 'light') : choice;
  },
  set(next: ThemeChoice): void {
    choice = next;
    const root = document.documentElement;
    if (next === 'system') delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch {
      // Storage is closed to this page: the choice lasts as long as the page does.
    }
  },
};

/** The present value of a custom property of tokens.css, e.g. `tokenColor('--series-1')`; for canvases. */
export function tokenColor(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
