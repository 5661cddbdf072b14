import type { Page } from '@playwright/test';
import { inWorker, undo } from './support/in-worker.ts';
import { linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

test.afterEach(undo);

/** Keeps the GPU devices that the worker opens, so that the test can destroy them. */
const KEEP_DEVICES = `
  self.devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...of) {
    const device = await request.apply(this, of);
    self.devices.push(device);
    return device;
  };`;

async function steps(page: Page): Promise<number> {
  const text = await page.getByTestId('run-status').first().locator('.num').textContent();
  return Number((text ?? '').split('/')[0].replace(/\D/g, ''));
}

/** Destroys the GPU device that the worker has now. @returns how many there were so far */
async function destroyDevice(page: Page): Promise<number> {
  const worker = page.workers().find((each) => each.url().includes('engine-worker'));
  if (!worker) throw new Error('internal: expected an engine worker.');
  return worker.evaluate(() => {
    const { devices } = self as unknown as { devices: { destroy(): void }[] };
    devices.at(-1)?.destroy();
    return devices.length;
  });
}

test('a GPU that is destroyed is opened again, and after the fourth time the run goes on on the CPU from where it was', async ({
  page,
}) => {
  await inWorker(page, KEEP_DEVICES);
  await openLab(page, linkTo({ ...longRace(1, 1_000_000), device: 'webgpu' }));
  await expect(page.getByTestId('device')).toContainText('WebGPU');
  await run(page);
  let before = 0;
  for (let losses = 1; losses <= 4; losses++) {
    await expect.poll(() => steps(page), { timeout: 30_000 }).toBeGreaterThan(before + 20);
    before = await steps(page);
    expect(await destroyDevice(page)).toBe(losses);
  }
  await expect.poll(() => steps(page), { timeout: 30_000 }).toBeGreaterThan(before + 20);
  await page.getByTestId('pause').click();
  await page.getByRole('tab', { name: 'Runs' }).click();
  const panel = page.getByTestId('panel');
  const moved = /float32 on webgpu up to step ([\d,]+), float64 on cpu64 since/;
  await expect(panel).toContainText(moved);
  const [, step] = moved.exec((await panel.textContent()) ?? '') ?? [];
  // Each device did twenty steps that were seen; a snapshot is taken every quarter of a second.
  expect(Number(step.replaceAll(',', ''))).toBeGreaterThan(60);
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(panel).toContainText(/was lost/);
});
