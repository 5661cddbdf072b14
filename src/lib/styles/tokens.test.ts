import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rgb = readonly [number, number, number];
type Tokens = ReadonlyMap<string, string>;

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const block = (selector: string): Tokens => {
  const from = css.indexOf(`${selector} {`);
  expect(from, selector).toBeGreaterThanOrEqual(0);
  const body = css.slice(from, css.indexOf('}', from));
  return new Map([...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2]]));
};
const light = block(':root');
const dark = block(":root[data-theme='dark']");

/** Linear-light sRGB of `#rrggbb`. */
function linear(tokens: Tokens, name: string): Rgb {
  const hex = tokens.get(name) ?? '';
  expect(hex, name).toMatch(/^#[0-9a-f]{6}$/);
  return [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
}

/** Contrast of WCAG 2.2. */
function contrast(a: Rgb, b: Rgb): number {
  const y = (c: Rgb) => 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  const [low, high] = [y(a), y(b)].sort((p, q) => p - q);
  return (high + 0.05) / (low + 0.05);
}

/** Machado, Oliveira, Fernandes (2009), severity 1, on linear sRGB. */
const VISION: Record<string, readonly number[]> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deutan: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritan: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};

/** OKLab (Ottosson 2020) of linear sRGB as seen with `m`. */
function oklab(m: readonly number[], c: Rgb): Rgb {
  const [r, g, b] = [0, 3, 6].map((i) =>
    Math.min(1, Math.max(0, m[i] * c[0] + m[i + 1] * c[1] + m[i + 2] * c[2])),
  );
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const n = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * n - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * n + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * n - 0.808675766 * s,
  ];
}

const PORTS = [
  'dataset',
  'operator',
  'model',
  'regularizer',
  'objective',
  'run',
  'array',
  'scalar',
].map((type) => `--port-${type}`);
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `--series-${i}`);
const SURFACES = ['--color-bg', '--color-surface', '--color-surface-2'];

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('the %s theme', (_, tokens) => {
  it.each(['--color-text', '--color-text-muted', '--color-text-faint'])(
    'has %s readable on every surface',
    (name) => {
      for (const surface of [...SURFACES, '--color-surface-3']) {
        expect(
          contrast(linear(tokens, name), linear(tokens, surface)),
          surface,
        ).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each([...PORTS, '--color-accent', '--color-danger', '--color-success', '--color-warning'])(
    'has %s readable as text on the page, panels and cards',
    (name) => {
      for (const surface of SURFACES) {
        expect(
          contrast(linear(tokens, name), linear(tokens, surface)),
          surface,
        ).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each([
    ['--color-on-accent', '--color-accent'],
    ['--color-on-accent', '--color-accent-hover'],
    ['--color-text', '--color-selection'],
    ...['accent', 'success', 'warning', 'danger', 'info'].map((kind) => [
      `--color-${kind}`,
      `--color-${kind}-soft`,
    ]),
  ])('has %s readable on %s', (text, ground) => {
    expect(contrast(linear(tokens, text), linear(tokens, ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('outlines controls and draws series with a contrast of at least 3', () => {
    for (const name of ['--color-control', '--color-focus', ...SERIES]) {
      expect(
        contrast(linear(tokens, name), linear(tokens, '--color-surface')),
        name,
      ).toBeGreaterThanOrEqual(3);
    }
  });

  it.each([
    ['ports', PORTS],
    ['series', SERIES],
  ])('keeps %s apart under normal and colour-blind vision', (_name, names) => {
    for (const [vision, matrix] of Object.entries(VISION)) {
      for (const [i, a] of names.entries()) {
        for (const b of names.slice(0, i)) {
          const [p, q] = [a, b].map((name) => oklab(matrix, linear(tokens, name)));
          // 0.02 is about a just noticeable difference; the closest pair of Okabe and Ito's palette is at 0.076.
          expect(
            Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]),
            `${a} and ${b}, ${vision}`,
          ).toBeGreaterThan(0.08);
        }
      }
    }
  });
});

it('gives the dark theme of the system and the chosen one the same values', () => {
  expect(block(":root:not([data-theme='light'])")).toEqual(dark);
});
