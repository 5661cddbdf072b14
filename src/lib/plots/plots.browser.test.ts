import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../styles/tokens.css';
import '../styles/base.css';
import type { CurvesView, ViewData } from '../runtime/graph/view-data.ts';
import { theme as shownTheme } from '../ui/theme.svelte.ts';
import { NOTHING_FINITE } from './describe.ts';
import { decayingRun, DEGENERATE, VIEWS } from './fixtures.ts';
import Stage from './Stage.fixture.svelte';

interface Shown {
  host: HTMLElement;
  set(view: ViewData): void;
}
const SIZES = { node: [240, 150], panel: [900, 340] } as const;
const problems: string[] = [];
let cleanUp: (() => Promise<void>)[] = [];

beforeEach(() => {
  problems.length = 0;
  for (const level of ['error', 'warn'] as const)
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
      problems.push(args.map(String).join(' '));
    });
  const onerror = (event: ErrorEvent): number => problems.push(event.message);
  addEventListener('error', onerror);
  cleanUp.push(async () => removeEventListener('error', onerror));
});

afterEach(async () => {
  for (const undo of cleanUp) await undo();
  cleanUp = [];
  vi.restoreAllMocks();
  shownTheme.set('system');
});

function show(view: ViewData, size: 'node' | 'panel'): Shown {
  const host = document.createElement('div');
  host.style.cssText = `width:${SIZES[size][0]}px;height:${SIZES[size][1]}px`;
  document.body.append(host);
  const stage = mount(Stage, { target: host, props: { first: view, size } });
  cleanUp.push(async () => {
    await unmount(stage);
    host.remove();
  });
  return { host, set: (next) => stage.set(next) };
}

/** Resize observer, effect and animation frame have passed. */
async function drawn(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
}

/** Share of pixels that are painted. */
function ink(canvas: HTMLCanvasElement): number {
  const { width, height } = canvas;
  const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++;
  return painted / Math.max(1, width * height);
}

test.for(Object.entries(VIEWS))('draws %s in a node and in a panel', async ([, view]) => {
  for (const size of ['node', 'panel'] as const) {
    const { host } = show(view, size);
    await drawn();
    const canvases = [...host.querySelectorAll('canvas')];
    for (const canvas of canvases) {
      expect(ink(canvas)).toBeGreaterThan(0.005);
      const named = canvas.closest('[role="img"]')?.getAttribute('aria-label') ?? '';
      expect(named.length).toBeGreaterThan(20);
    }
    expect(canvases.length > 0 || (host.textContent ?? '').trim().length > 5).toBe(true);
    const box = host.firstElementChild as HTMLElement;
    expect(box.scrollWidth).toBeLessThanOrEqual(SIZES[size][0]);
    expect(box.offsetHeight).toBe(SIZES[size][1]);
  }
  expect(problems).toEqual([]);
});

test.for(Object.entries(DEGENERATE))('survives %s', async ([, view]) => {
  for (const size of ['node', 'panel'] as const) {
    const { host } = show(view, size);
    await drawn();
    expect(
      (host.textContent ?? '').trim().length + host.querySelectorAll('canvas').length,
    ).toBeGreaterThan(0);
  }
  expect(problems).toEqual([]);
});

test('says that nothing is finite instead of drawing an empty plot', async () => {
  const { host } = show(DEGENERATE['scatter without finite values'], 'panel');
  await drawn();
  expect(host.textContent).toContain(NOTHING_FINITE);
  expect(host.querySelector('canvas')).toBeNull();
});

test('markup in a formula stays text', async () => {
  const { host } = show(DEGENERATE['formula that is wrong'], 'panel');
  await drawn();
  expect(host.querySelector('img')).toBeNull();
});

test('draws again in the colours of the theme that was chosen', async () => {
  shownTheme.set('light');
  const { host } = show(VIEWS.scatter, 'panel');
  await drawn();
  const canvas = host.querySelector('canvas');
  const light = canvas?.toDataURL();
  shownTheme.set('dark');
  await drawn();
  expect(canvas?.toDataURL()).not.toBe(light);
  shownTheme.set('light');
  await drawn();
  expect(canvas?.toDataURL()).toBe(light);
});

test('draws again when the view is replaced, and only then', async () => {
  for (const [before, after] of [
    [VIEWS.scatter, DEGENERATE['scatter of one point']],
    [VIEWS.regions, VIEWS['three regions']],
    [VIEWS.bars, VIEWS['many bars']],
    [VIEWS.line, { ...VIEWS.line, lines: [] } as ViewData],
    [VIEWS.image, VIEWS.images],
  ]) {
    const { host, set } = show(before, 'node');
    await drawn();
    const canvas = host.querySelector('canvas');
    const clear = vi.spyOn(CanvasRenderingContext2D.prototype, 'clearRect');
    const first = canvas?.toDataURL();
    await drawn();
    expect(clear).not.toHaveBeenCalled();
    set(after);
    await drawn();
    expect(host.querySelector('canvas')).toBe(canvas);
    expect(canvas?.toDataURL()).not.toBe(first);
    clear.mockRestore();
  }
});

test('plays paths in a panel, pauses them, and shows the time that was chosen', async () => {
  const { host } = show(VIEWS.trajectories, 'panel');
  await drawn();
  const slider = host.querySelector('input') as HTMLInputElement;
  const button = host.querySelector('.controls button') as HTMLButtonElement;
  const canvas = host.querySelector('canvas');
  expect(button.textContent).toContain('Pause');
  expect(slider.valueAsNumber).toBeLessThan(1);
  button.click();
  await drawn();
  expect(button.textContent).toContain('Play');
  const paused = canvas?.toDataURL();
  await drawn();
  expect(canvas?.toDataURL()).toBe(paused);
  slider.value = '1';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await drawn();
  expect(canvas?.toDataURL()).not.toBe(paused);
  expect(host.querySelector('output')?.textContent).toBe('t = 1.00');
});

test('lays two images upon each other with a line that moves by keyboard and by pointer', async () => {
  const { host } = show(VIEWS.images, 'panel');
  await drawn();
  const canvas = host.querySelector('canvas') as HTMLCanvasElement;
  const apart = canvas.toDataURL();
  [...host.querySelectorAll('button')].find((b) => b.textContent?.trim() === 'compare')?.click();
  await drawn();
  const halves = canvas.toDataURL();
  expect(halves).not.toBe(apart);
  const slider = host.querySelector('input') as HTMLInputElement;
  expect(slider.ariaLabel).toBe('Line between noisy 19.98 dB and ADMM 26.4 dB');
  slider.value = '0.25';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await drawn();
  expect(canvas.toDataURL()).not.toBe(halves);
  const { left, width, top, height } = canvas.getBoundingClientRect();
  canvas.setPointerCapture = () => undefined;
  canvas.dispatchEvent(
    new PointerEvent('pointerdown', {
      bubbles: true,
      buttons: 1,
      clientX: left + width / 2,
      clientY: top + height / 2,
    }),
  );
  await drawn();
  expect(slider.valueAsNumber).toBe(0.5);
  expect(canvas.toDataURL()).toBe(halves);
  const choice = host.querySelector('select') as HTMLSelectElement;
  choice.value = '0';
  choice.dispatchEvent(new Event('change', { bubbles: true }));
  await drawn();
  expect(slider.ariaLabel).toBe('Line between true and ADMM 26.4 dB');
  expect(problems).toEqual([]);
});

test('reads the iterate under the pointer over level sets, and their levels without one', async () => {
  const { host } = show(VIEWS['level sets'], 'panel');
  await drawn();
  const plot = host.querySelector('.plot') as HTMLElement;
  const reading = (): string => host.querySelector('.reading')?.textContent ?? '';
  expect(reading()).toMatch(/^f\* = −1, levels 2 times as high each/);
  const { left, top, width, height } = plot.getBoundingClientRect();
  const seen = new Set<string>();
  for (let x = 0; x < width; x += 6)
    for (let y = 0; y < height; y += 6) {
      const at = { clientX: left + x, clientY: top + y, bubbles: true };
      plot.dispatchEvent(new PointerEvent('pointermove', at));
      await tick();
      seen.add(reading().replace(/:.*/, ''));
    }
  // Every iterate of the short path can be pointed at, and the ground beside them.
  for (const point of ['Newton, step 1', 'gradient descent, step 0', 'gradient descent, step 1'])
    expect(seen).toContain(point);
  expect([...seen].some((text) => text.startsWith('x[1] = '))).toBe(true);
  plot.dispatchEvent(new PointerEvent('pointerleave'));
  await tick();
  expect(reading()).toMatch(/^f\* = −1/);
});

test('streams points into the same chart and keeps what the person chose', async () => {
  const curves = (steps: number): CurvesView => ({
    kind: 'curves',
    runs: [decayingRun('n1', 'gd', 0.99, steps), decayingRun('n2', 'fista', 0.9, steps)],
  });
  const { host, set } = show(curves(10), 'panel');
  await drawn();
  const canvas = host.querySelector('canvas');
  const loglog = [...host.querySelectorAll('button')].find((b) => b.textContent === 'log–log');
  loglog?.click();
  await drawn();
  const after = host.querySelector('canvas');
  expect(after).not.toBe(canvas);
  const before = after?.toDataURL();
  for (let steps = 20; steps <= 100; steps += 20) {
    set(curves(steps));
    await drawn();
  }
  expect(host.querySelector('canvas')).toBe(after);
  expect(after?.toDataURL()).not.toBe(before);
  expect(loglog?.getAttribute('aria-pressed')).toBe('true');
});

test('a click in the legend isolates a run, a second shows all', async () => {
  const { host } = show(VIEWS.curves, 'panel');
  await drawn();
  const canvas = host.querySelector('canvas');
  const all = canvas?.toDataURL();
  const button = [...host.querySelectorAll('.legend button')].find((b) =>
    b.textContent?.includes('FISTA'),
  ) as HTMLButtonElement;
  button.click();
  await drawn();
  expect(button.getAttribute('aria-pressed')).toBe('true');
  expect(canvas?.toDataURL()).not.toBe(all);
  button.click();
  await drawn();
  expect(canvas?.toDataURL()).toBe(all);
});

test('arrow keys move the crosshair and the legend reads the values there', async () => {
  const { host } = show(VIEWS.curves, 'panel');
  await drawn();
  const chart = host.querySelector('.chart') as HTMLElement;
  const heading = (): string => host.querySelector('.legend p')?.textContent ?? '';
  expect(heading()).toBe('last values');
  chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  await drawn();
  expect(heading()).toMatch(/^iterations [\d.]+$/);
  chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  await drawn();
  expect(heading()).toBe('last values');
});

test('exports the curves as CSV, JSON and a picture with title and legend', async () => {
  const { host } = show(VIEWS.curves, 'panel');
  await drawn();
  const blobs: Blob[] = [];
  const names: string[] = [];
  const original = URL.createObjectURL.bind(URL);
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    blobs.push(blob as Blob);
    return original(blob);
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  for (const kind of ['CSV', 'JSON', 'PNG'])
    [...host.querySelectorAll('button')].find((b) => b.textContent?.trim() === kind)?.click();
  await expect.poll(() => names).toHaveLength(3);
  expect(names).toEqual(['fixture-curves.csv', 'fixture-curves.json', 'fixture-curves.png']);
  expect(await blobs[0].text()).toMatch(/^run,node,device,precision,status,step,iterations,/);
  expect(JSON.parse(await blobs[1].text()).runs).toHaveLength(4);
  const picture = await createImageBitmap(blobs[2]);
  const canvas = host.querySelector('canvas');
  expect(picture.width).toBeGreaterThan(canvas?.width ?? Infinity);
  // Title above, at least two lines of legend below.
  expect(picture.height).toBeGreaterThan((canvas?.height ?? Infinity) + 80);
  const check = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  check?.drawImage(picture, 0, 0);
  const corner = check?.getImageData(2, 2, 1, 1).data ?? [];
  expect([...corner]).toEqual([255, 255, 255, 255]);
});

test('eight runs of two thousand points redraw within a frame', async () => {
  const runs = Array.from({ length: 8 }, (_, r) =>
    decayingRun(`n${r}`, `run ${r}`, 0.9 + r / 100, 2000),
  );
  const view = (end: number): CurvesView => ({
    kind: 'curves',
    runs: runs.map((run) => ({
      ...run,
      series: Object.fromEntries(Object.entries(run.series).map(([k, v]) => [k, v.slice(0, end)])),
    })),
  });
  const { set } = show(view(1000), 'panel');
  await drawn();
  const times: number[] = [];
  for (let end = 1000; end <= 2000; end += 25) {
    const next = view(end);
    const start = performance.now();
    set(next);
    await new Promise((done) => requestAnimationFrame(done));
    // The chart's own work is queued in this frame; a task after it has seen it finish.
    await new Promise((done) => setTimeout(done));
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  console.info(`median time of a redraw with 8 × 2000 points: ${median.toFixed(1)} ms`);
  // Two frames of a 60 Hz display: one for waiting, one for drawing; the machine of the tests has two shared cores.
  expect(median).toBeLessThan(34);
});
