/** A hint beside the pointer, lasting banners, and the log. Passing messages go through `$lib/ui/toasts`. */

export interface Banner {
  /** One banner per kind; a later one replaces it. */
  readonly kind: string;
  readonly tone: 'info' | 'success' | 'warning' | 'error';
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** What helps to decide; the banner stays. */
  readonly first?: { readonly label: string; readonly run: () => void };
  /** Said in place of dismissing it. */
  readonly instead?: { readonly label: string; readonly run: () => void };
}

export interface LogLine {
  readonly id: number;
  readonly time: Date;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

const HINT_MS = 7000;
const LOG_LINES = 500;

export class Notices {
  /** Why a wire was refused, where it was dropped (page coordinates). */
  hint = $state.raw<{ readonly text: string; readonly x: number; readonly y: number } | null>(null);
  banners = $state.raw<readonly Banner[]>([]);
  log = $state.raw<readonly LogLine[]>([]);
  /** Problems since the log was last looked at. */
  unread = $state.raw(0);
  /** Spoken by screen readers. */
  announcement = $state.raw('');
  #next = 0;
  #hintTimer: ReturnType<typeof setTimeout> | undefined;

  showHint(text: string, at: { readonly x: number; readonly y: number }): void {
    clearTimeout(this.#hintTimer);
    this.hint = { text, x: at.x, y: at.y };
    this.#hintTimer = setTimeout(() => this.dismissHint(), HINT_MS);
  }

  dismissHint(): void {
    this.hint = null;
  }

  announce(text: string): void {
    this.announcement = text;
  }

  banner(banner: Banner): void {
    this.banners = [...this.banners.filter((other) => other.kind !== banner.kind), banner];
  }

  has(kind: string): boolean {
    return this.banners.some((banner) => banner.kind === kind);
  }

  dismissBanner(kind: string): void {
    if (this.has(kind)) this.banners = this.banners.filter((banner) => banner.kind !== kind);
  }

  write(level: LogLine['level'], text: string): void {
    const line = { id: this.#next++, time: new Date(), level, text };
    this.log = [...this.log.slice(1 - LOG_LINES), line];
    if (level !== 'info') this.unread += 1;
  }
}
