import { linkTo, longRace, openLab, run } from './support/lab.ts';
import { expect, test } from './support/test.ts';

/** A person sees a smooth page from here on. */
const LEAST = 50;
const SECONDS = 3;

for (const device of ['cpu64', 'wasm'] as const)
  test(`the page holds ${LEAST} frames per second while four runs train on ${device}`, async ({
    page,
  }) => {
    await openLab(page, linkTo({ ...longRace(4, 1_000_000), device }));
    await run(page);
    await expect(page.getByTestId('panel').locator('canvas')).toBeVisible();
    // Another program on the machine can only slow a window down: one of three must hold.
    let best = 0;
    for (let window = 0; window < 3 && best < LEAST; window++) {
      const { rate, worst } = await page.evaluate(
        (seconds) =>
          new Promise<{ rate: number; worst: number }>((done) => {
            const times: number[] = [];
            const frame = (time: number): void => {
              times.push(time);
              const span = time - times[0];
              if (span < seconds * 1000) {
                requestAnimationFrame(frame);
                return;
              }
              const gaps = times.slice(1).map((t, i) => t - times[i]);
              done({ rate: (1000 * gaps.length) / span, worst: Math.max(...gaps) });
            };
            requestAnimationFrame(frame);
          }),
        SECONDS,
      );
      const running = await page
        .locator('[data-testid="run-status"][data-status="running"]')
        .count();
      console.log(
        `${device}: ${rate.toFixed(1)} frames per second, longest frame ${worst.toFixed(0)} ms, ${running} runs training`,
      );
      expect(running).toBe(4);
      best = Math.max(best, rate);
    }
    expect(best).toBeGreaterThanOrEqual(LEAST);
    await page.getByTestId('pause').click();
  });
