import type { Page } from '@playwright/test';
import { allEnded, linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** Final objectives as the table of runs shows them. */
async function objectives(page: Page): Promise<number[]> {
  await page.getByRole('tab', { name: 'Runs' }).click();
  const cells = page.getByTestId('panel').getByRole('row').locator('td:nth-of-type(3)');
  await expect(cells.first()).toContainText(/\d/);
  return (await cells.allTextContents()).map((text) => Number(text.replace('−', '-')));
}

test('float64, WebAssembly and WebGPU run the same race to the same numbers, and say which they are', async ({
  page,
}) => {
  const results: number[][] = [];
  for (const [device, name] of [
    ['cpu64', 'CPU'],
    ['wasm', 'WASM'],
    ['webgpu', 'WebGPU'],
  ] as const) {
    await openLab(page, linkTo({ ...longRace(2, 200), device }));
    await expect(page.getByTestId('device')).toContainText(name);
    await expect(page.getByTestId('device')).toContainText(
      device === 'cpu64' ? 'float64' : 'float32',
    );
    await run(page);
    await allEnded(page, 2);
    results.push(await objectives(page));
  }
  for (const result of results.slice(1))
    result.forEach((value, i) => {
      // The table shows four digits; float32 sums 200 squares to about 1e-6.
      expect(Math.abs(value / results[0][i] - 1)).toBeLessThan(1e-3);
    });
});
