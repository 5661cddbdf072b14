import { describe, expect, it } from 'vitest';
import { display, matches } from './shortcut.ts';

const press = (key: string, held: string[] = []) => ({
  key,
  ctrlKey: held.includes('ctrl'),
  metaKey: held.includes('meta'),
  shiftKey: held.includes('shift'),
  altKey: held.includes('alt'),
});

describe('shortcuts', () => {
  it('tells undo from redo by Shift', () => {
    expect(matches('Mod+Z', press('z', ['ctrl']))).toBe(true);
    expect(matches('Mod+Z', press('Z', ['ctrl', 'shift']))).toBe(false);
    expect(matches('Mod+Shift+Z', press('Z', ['ctrl', 'shift']))).toBe(true);
  });
  it('takes Ctrl and ⌘ alike', () => {
    expect(matches('Mod+Enter', press('Enter', ['meta']))).toBe(true);
  });
  it('does not fire a plain key while Ctrl or Alt is held', () => {
    expect(matches('C', press('c', ['ctrl']))).toBe(false);
    expect(matches('C', press('c', ['alt']))).toBe(false);
    expect(matches('C', press('c'))).toBe(true);
  });
  it('knows a question mark whether or not the keyboard needs Shift for it', () => {
    expect(matches('?', press('?', ['shift']))).toBe(true);
    expect(matches('?', press('?'))).toBe(true);
  });
  it('shows shortcuts as the system writes them', () => {
    expect(display('Mod+Shift+Z', false)).toBe('Ctrl+Shift+Z');
    expect(display('Mod+Shift+Z', true)).toBe('⌘⇧Z');
  });
});
