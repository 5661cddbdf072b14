/** Short messages at the lower edge of the page. `Toaster.svelte` shows them; the root layout holds the one instance. */
export interface Toast {
  readonly id: number;
  readonly kind: 'info' | 'success' | 'warning' | 'error';
  readonly message: string;
  readonly action?: { readonly label: string; run(): void | Promise<void> };
}

/** Milliseconds; errors and messages with an action stay longer. */
const BRIEF = 5_000;
const LONG = 12_000;

let nextId = 0;
let shown: readonly Toast[] = $state.raw([]);

export const toasts = {
  get list(): readonly Toast[] {
    return shown;
  },
};

/** Shows a message and returns its id. */
export function toast(
  message: string,
  options: { kind?: Toast['kind']; action?: Toast['action'] } = {},
): number {
  const { kind = 'info', action } = options;
  const id = nextId++;
  shown = [...shown.slice(-3), { id, kind, message, ...(action ? { action } : {}) }];
  setTimeout(() => dismissToast(id), action || kind === 'error' ? LONG : BRIEF);
  return id;
}

/** Milliseconds after which work that still goes on is shown. */
const PATIENCE = 400;

/** Shows that work goes on, from when it takes noticeably long until it is over, with a button that ends it. */
export async function whileShown<T>(
  message: string,
  work: (tell: {
    readonly signal: AbortSignal;
    /** The part that is done, in [0, 1]. */
    readonly onProgress: (fraction: number) => void;
  }) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const id = nextId++;
  let text = message;
  let visible = false;
  const action = {
    label: 'Cancel',
    run: () => abort.abort(new Error(`${message}: cancelled.`)),
  };
  const show = () => {
    const rest = shown.filter((each) => each.id !== id);
    shown = [...rest.slice(-3), { id, kind: 'info', message: text, action }];
  };
  const timer = setTimeout(() => {
    visible = true;
    show();
  }, PATIENCE);
  try {
    return await work({
      signal: abort.signal,
      onProgress: (fraction) => {
        text = `${message}: ${Math.floor(100 * fraction)} %`;
        if (visible) show();
      },
    });
  } finally {
    clearTimeout(timer);
    dismissToast(id);
  }
}

export function dismissToast(id: number): void {
  shown = shown.filter((each) => each.id !== id);
}
