/** Colours of canvases, as the tokens have them in the theme on the screen. */
import { theme as shownTheme, tokenColor } from '../ui/theme.svelte.ts';

export { tokenColor };

export interface Theme {
  readonly dark: boolean;
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  /** Told apart by people with colour vision deficiencies. */
  readonly series: readonly string[];
  readonly font: string;
}

export const SERIES_COUNT = 8;

let cached: Theme | null = null;

/** Inside an effect or a derived value the theme is followed. */
export function theme(): Theme {
  const dark = shownTheme.shown === 'dark';
  if (cached?.dark !== dark || !cached.ink) cached = read(dark);
  return cached;
}

function read(dark: boolean): Theme {
  return {
    dark,
    background: tokenColor('--color-surface'),
    ink: tokenColor('--color-text'),
    muted: tokenColor('--color-text-muted'),
    grid: tokenColor('--color-grid'),
    series: Array.from({ length: SERIES_COUNT }, (_, i) => tokenColor(`--series-${i + 1}`)),
    font: tokenColor('--font-sans'),
  };
}

/** Custom property of the i-th series colour. */
export function seriesToken(index: number): `--${string}` {
  return `--series-${(index % SERIES_COUNT) + 1}`;
}

/** Colour of the i-th series as CSS, for markup. */
export function seriesColor(index: number): string {
  return `var(${seriesToken(index)})`;
}
