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

export function dismissToast(id: number): void {
  shown = shown.filter((each) => each.id !== id);
}
