/** Keyboard shortcuts as text, e.g. 'Mod+Shift+Z': `Mod` is Ctrl, on a Mac ⌘. */

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Whether a key press is the shortcut. Shift is not compared for signs that need it on some keyboards ('?', '.'). */
export function matches(shortcut: string, press: KeyPress): boolean {
  const parts = shortcut.split('+');
  const key = parts.at(-1) ?? '';
  const mod = press.ctrlKey || press.metaKey;
  if (parts.includes('Mod') !== mod || press.altKey) return false;
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  if (!isSign && parts.includes('Shift') !== press.shiftKey) return false;
  return press.key.toLowerCase() === key.toLowerCase();
}

/** For the eyes: 'Ctrl+Shift+Z', on a Mac '⌘⇧Z'. */
export function display(shortcut: string, mac: boolean): string {
  if (!mac) return shortcut.replace('Mod', 'Ctrl').replace('Delete', 'Del');
  return shortcut.replace('Mod', '⌘').replace('Shift', '⇧').replaceAll('+', '');
}

/** Where typing belongs to the field, not to the editor. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'button', 'range', 'file', 'color'].includes(target.type)
  );
}
