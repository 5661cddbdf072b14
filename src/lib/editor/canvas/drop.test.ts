import { expect, test } from 'vitest';
import { tableOf } from './drop.ts';

test('text with columns and rows is a table, whatever separates them', async () => {
  for (const text of ['a,b\n1,2', 'a;b\r\n1;2', 'a\tb\n1\t2\n']) {
    const drop = tableOf(text);
    expect(drop?.kind).toBe('table');
    expect(drop?.kind === 'table' && (await drop.file.text())).toBe(text);
  }
});

test('prose, a single line and nothing are no tables', () => {
  for (const text of ['', 'a, b and c', 'no columns\nin two lines'])
    expect(tableOf(text)).toBeNull();
});
