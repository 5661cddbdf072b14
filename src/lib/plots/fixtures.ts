/** One view of each kind for tests, and views with nothing in them, too much, or no finite number. */
import type {
  HeatmapView,
  ImageView,
  LevelSetsView,
  RunCurve,
  ScatterView,
  TrajectoriesView,
  ViewData,
} from '../runtime/graph/view-data.ts';

/** f* known from the start, for a run that was never changed. */
export function certified(value: number, gap: number, method: string): RunCurve['segments'] {
  return [{ from: 0, fStar: { value, gap, method, rounding: 1e-12 } }];
}

/** A run whose f − f* falls as rate^k from 1. */
export function decayingRun(
  nodeId: string,
  label: string,
  rate: number,
  steps: number,
  patch: Partial<RunCurve> = {},
): RunCurve {
  const k = Array.from({ length: steps + 1 }, (_, i) => i);
  return {
    nodeId,
    label,
    status: 'maxSteps',
    message: '',
    device: 'cpu64',
    precision: 'float64',
    series: {
      step: k,
      iterations: k,
      gradients: k.map((i) => 2 * i),
      prox: k.map(() => 0),
      passes: k.map((i) => i / 4),
      seconds: k.map((i) => i * 1.3e-4),
      objective: k.map((i) => 0.5 + rate ** i),
      dataTerm: k.map((i) => 0.4 + rate ** i),
      residual: k.map((i) => 3 * rate ** i),
      stepSize: k.map(() => 0.1),
    },
    segments: certified(0.5, 1e-9, 'duality gap'),
    theory: null,
    ...patch,
  };
}

function spiral(n: number): ScatterView {
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const t = (i / n) * 6;
    labels[i] = i % 2;
    x[i] = t * Math.cos(t + Math.PI * labels[i]);
    y[i] = t * Math.sin(t + Math.PI * labels[i]);
  }
  return { kind: 'scatter', x, y, xLabel: 'x₁', yLabel: 'x₂', classes: ['in', 'out'], labels };
}

function regions(classes: readonly string[]): ViewData {
  const columns = 60;
  const rows = 40;
  const classIndex = new Uint8Array(columns * rows);
  const confidence = new Float32Array(columns * rows);
  const K = classes.length;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const x = (c / columns) * 12 - 6;
      const y = (r / rows) * 12 - 6;
      const scores = classes.map((_, k) => Math.exp(2 * Math.sin(x / 2 + k) + y * (k / K - 0.3)));
      const total = scores.reduce((a, b) => a + b, 0);
      const best = scores.indexOf(Math.max(...scores));
      classIndex[r * columns + c] = best;
      confidence[r * columns + c] = scores[best] / total;
    }
  return {
    kind: 'field',
    columns,
    rows,
    xRange: [-6, 6],
    yRange: [-6, 6],
    classIndex,
    confidence,
    classes,
    points: spiral(160),
    precision: 'float32',
  };
}

function bars(names: number, series: number): ViewData {
  return {
    kind: 'bars',
    names: Array.from({ length: names }, (_, i) => `feature ${i + 1}`),
    series: Array.from({ length: series }, (_, s) => ({
      label: `run ${s + 1}`,
      nodeId: `n${s + 1}`,
      values: Float64Array.from({ length: names }, (_, i) => 300 * Math.sin(i * 1.7 + s)),
    })),
    precision: 'float64',
  };
}

const grid = Float64Array.from({ length: 50 }, (_, i) => i / 5 - 5);

/** Forty points that turn half a circle outwards in nine frames. */
function motion(points = 40, frames = 9): TrajectoriesView {
  const at = (f: number, i: number): [number, number] => {
    const [radius, angle] = [1 + (2 * f) / frames, (2 * Math.PI * i) / points + (3 * f) / frames];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  };
  const column = (j: 0 | 1): Float64Array =>
    Float64Array.from(
      { length: frames * points },
      (_, k) => at(Math.floor(k / points), k % points)[j],
    );
  return {
    kind: 'trajectories',
    frames,
    points,
    times: Float64Array.from({ length: frames }, (_, f) => f / (frames - 1)),
    x: column(0),
    y: column(1),
    xLabel: 'x1',
    yLabel: 'x2',
    background: spiral(200),
    precision: 'float64',
  };
}

/** A disc on a ramp, and what runs made of it; values a little beyond black and white. */
function images(captions: readonly string[], height = 24, width = 32): ImageView {
  return {
    kind: 'image',
    height,
    width,
    panels: captions.map((caption, k) => ({
      caption,
      values: Float64Array.from({ length: height * width }, (_, i) => {
        const [row, column] = [Math.floor(i / width), i % width];
        const disc = (row - height / 2) ** 2 + (column - width / 2) ** 2 < 50 ? 0.6 : 0;
        return disc + (0.4 * column) / width + 0.1 * k * Math.sin(9.7 * i);
      }),
      ...(k > 1 && { nodeId: `n${k}` }),
    })),
    range: [0, 1],
    precision: 'float32',
  };
}

/** ½(x² + 8y²) with a zigzag and a straight path to its minimiser at 0. */
function levelSets(side = 40): LevelSetsView {
  const at = (i: number, low: number, high: number): number =>
    low + ((high - low) * i) / (side - 1);
  const zigzag = Array.from({ length: 30 }, (_, k) => [2.5 * 0.9 ** k, (-0.85) ** k]);
  return {
    kind: 'level-sets',
    columns: side,
    rows: side,
    xRange: [-1, 3],
    yRange: [-1.5, 1.5],
    xLabel: 'x[1]',
    yLabel: 'x[2]',
    heights: Float32Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [at(i % side, -1, 3), at(Math.floor(i / side), -1.5, 1.5)];
      return (x * x + 8 * y * y) / 2;
    }),
    reference: { value: -1, label: 'f*' },
    levels: Array.from({ length: 12 }, (_, i) => 0.02 * 2 ** i),
    equalScale: true,
    paths: [
      {
        nodeId: 'n4',
        label: 'gradient descent',
        precision: 'float64',
        steps: zigzag.map((_, k) => k),
        x: Float64Array.from(zigzag, ([x]) => x),
        y: Float64Array.from(zigzag, ([, y]) => y),
        off: new Float64Array(zigzag.length),
      },
      {
        nodeId: 'n5',
        label: 'Newton',
        precision: 'float64',
        steps: [0, 1],
        x: Float64Array.of(2.5, 0),
        y: Float64Array.of(1, 0),
        off: Float64Array.of(0, 0.25),
      },
    ],
    minimiser: { x: 0, y: 0, off: 0 },
    precision: 'float64',
  };
}

function heatmap(rows: number, columns: number, at: (i: number, j: number) => number): HeatmapView {
  return {
    kind: 'heatmap',
    rows,
    columns,
    values: Float64Array.from({ length: rows * columns }, (_, k) =>
      at(Math.floor(k / columns), k % columns),
    ),
    rowLabel: 'sample',
    columnLabel: 'sample of another set',
    precision: 'float64',
  };
}

export const VIEWS: Readonly<Record<string, ViewData>> = {
  'level sets': levelSets(),
  trajectories: motion(),
  'trajectories by class': {
    ...motion(30),
    background: undefined,
    timeLabel: 'layer',
    classes: ['inner', 'outer'],
    labels: Int32Array.from({ length: 30 }, (_, i) => i % 2),
  },
  scatter: spiral(300),
  regions: regions(['setosa', 'versicolor']),
  'three regions': regions(['setosa', 'versicolor', 'virginica']),
  'scalar field': {
    kind: 'field',
    columns: 30,
    rows: 30,
    xRange: [-2, 2],
    yRange: [-1, 1],
    values: Float32Array.from(
      { length: 900 },
      (_, i) => ((i % 30) - 15) ** 2 + 3 * (Math.floor(i / 30) - 12) ** 2,
    ),
    classes: [],
    points: spiral(0),
    precision: 'float64',
  },
  image: images(['true']),
  images: images(['true', 'noisy 19.98 dB', 'Chambolle–Pock 26.4 dB', 'ADMM 26.4 dB']),
  'many images': images(
    Array.from({ length: 9 }, (_, k) => `a caption too long for one line, run ${k}`),
    40,
    20,
  ),
  heatmap: heatmap(60, 60, (i, j) => Math.exp(-(((i - j) / 12) ** 2))),
  'signed heatmap': heatmap(40, 90, (i, j) => Math.sin(0.3 * i) * Math.cos(0.1 * j) - 0.2),
  'line on a log axis': {
    kind: 'line',
    xLabel: 'k',
    yLabel: 'eigenvalue',
    yScale: 'log',
    points: [{ x: grid.map((_, i) => i + 1), y: grid.map((_, i) => 0.5 ** i), label: 'λ' }],
    lines: [{ x: Float64Array.of(1, 50), y: Float64Array.of(1e-6, 1e-6), label: 'nλ' }],
  },
  line: {
    kind: 'line',
    xLabel: 'x',
    yLabel: 'y',
    points: [
      { x: grid, y: grid.map((x, i) => Math.sin(x) + 0.2 * Math.sin(77 * i)), label: 'data' },
    ],
    lines: [
      { x: grid, y: grid.map(Math.sin), label: 'prediction' },
      { x: grid, y: grid.map((x) => Math.sin(x) + 0.05 * x), label: 'truth', dashed: true },
    ],
  },
  curves: {
    kind: 'curves',
    runs: [
      decayingRun('n4', 'gradient descent, step 1/L', 0.97, 400, {
        theory: {
          label: 'guaranteed: 2/k',
          iterations: Array.from({ length: 400 }, (_, i) => i + 1),
          bound: Array.from({ length: 400 }, (_, i) => 2 / (i + 1)),
        },
      }),
      decayingRun('n5', 'FISTA with restart, step 1/L', 0.9, 300, { status: 'converged' }),
      decayingRun('n6', 'Adam', 0.985, 250, {
        status: 'running',
        device: 'wasm',
        precision: 'float32',
      }),
      decayingRun('n7', 'gradient descent, step 2.5/L', 1.4, 50, {
        status: 'diverged',
        message: 'diverged at step 50: the objective grew 2e7-fold',
      }),
    ],
  },
  bars: bars(10, 3),
  'many bars': bars(60, 2),
  matrix: {
    kind: 'matrix',
    rowLabel: 'true',
    columnLabel: 'predicted',
    rowNames: ['setosa', 'versicolor', 'virginica'],
    columnNames: ['setosa', 'versicolor', 'virginica'],
    values: Float64Array.from([50, 0, 0, 0, 47, 3, 0, 2, 48]),
    summary: 'accuracy 96.7 %',
  },
  comparison: {
    kind: 'comparison',
    columns: [
      { key: 'objective', label: 'final objective' },
      { key: 'gap', label: 'f − f*' },
      { key: 'time', label: 'time to target', unit: 's' },
    ],
    rows: [
      {
        nodeId: 'n4',
        label: 'gradient descent, step 1/L',
        status: 'maxSteps',
        precision: 'float64',
        cells: { objective: 2872.1234567, gap: 1.3e-7, time: 0.0123 },
      },
      {
        nodeId: 'n7',
        label: 'gradient descent, step 2.5/L',
        status: 'diverged',
        precision: 'float32',
        cells: { objective: Infinity, gap: null, time: null },
      },
    ],
    note: 'Time to f − f* ≤ 10⁻⁶, evaluation of metrics excluded.',
  },
  value: { kind: 'value', label: 'test accuracy', value: 0.9722222, precision: 'float32' },
  'check pass': {
    kind: 'check',
    label: 'largest difference to scikit-learn',
    status: 'pass',
    measured: 3.2e-9,
    expected: '≤ 10⁻⁸',
    deviation: 3.2e-9,
    precision: 'float64',
  },
  'check fail': {
    kind: 'check',
    label: 'test accuracy',
    status: 'fail',
    measured: 0.91,
    expected: '≥ 0.95',
    deviation: -0.04,
    precision: 'float32',
  },
  table: {
    kind: 'table',
    columns: ['age', 'bmi', 'species'],
    rows: [
      [59, 32.1, 'setosa'],
      [48, 21.6, 'versicolor'],
    ],
    totalRows: 442,
    points: spiral(80),
  },
  problem: {
    kind: 'problem',
    formula:
      '\\min_{w\\in\\mathbb{R}^{10}} \\tfrac{1}{2\\cdot 442}\\lVert Xw - y\\rVert_2^2 + 0.1\\,\\lVert w\\rVert_1',
    facts: [
      { label: 'L', value: '4.024' },
      { label: 'convex', value: 'yes' },
    ],
  },
};

const none = new Float64Array(0);
const wrong = Float64Array.from([NaN, Infinity, -Infinity]);
const huge = Float64Array.from([1e308, -1e308, 1]);
const empty: ScatterView = { kind: 'scatter', x: none, y: none, xLabel: '', yLabel: '' };
const million = new Float64Array(1_000_000).map((_, i) => Math.sin(i));

export const DEGENERATE: Readonly<Record<string, ViewData>> = {
  'empty scatter': empty,
  'scatter without finite values': { ...empty, x: wrong, y: wrong },
  'scatter of a million points': { ...empty, x: million, y: million.map((v) => v * v) },
  'scatter at the edge of float64': { ...empty, x: huge, y: huge },
  'scatter of one point': { ...empty, x: Float64Array.of(3), y: Float64Array.of(-2) },
  'labels beyond the classes': {
    ...empty,
    x: Float64Array.of(1, 2),
    y: Float64Array.of(1, 2),
    classes: ['a'],
    labels: Int32Array.of(-1, 7),
  },
  'field of one cell': {
    kind: 'field',
    columns: 1,
    rows: 1,
    xRange: [0, 0],
    yRange: [0, NaN],
    classIndex: new Uint8Array(1),
    classes: [],
    points: empty,
    precision: 'float64',
  },
  'field of one class': {
    kind: 'field',
    columns: 3,
    rows: 3,
    xRange: [0, 1],
    yRange: [0, 1],
    classIndex: new Uint8Array(9),
    confidence: new Float32Array(9).fill(NaN),
    classes: ['a', 'b'],
    points: empty,
    precision: 'float64',
  },
  'field without finite values': {
    kind: 'field',
    columns: 2,
    rows: 2,
    xRange: [0, 1],
    yRange: [0, 1],
    values: new Float32Array(4).fill(NaN),
    classes: [],
    points: empty,
    precision: 'float64',
  },
  'image of one pixel': images(['a'], 1, 1),
  'image of one value': {
    ...images(['flat']),
    panels: [{ caption: 'flat', values: new Float64Array(24 * 32) }],
    range: [0, 0],
  },
  'image with holes': {
    ...images(['', 'b']),
    panels: [
      { caption: '', values: new Float64Array(24 * 32).fill(NaN) },
      { caption: 'b', values: new Float64Array(24 * 32).map((_, i) => (i % 5 ? 1 / i : NaN)) },
    ],
  },
  'image without finite values': {
    ...images([]),
    panels: [{ caption: 'a', values: new Float64Array(24 * 32).fill(NaN) }],
  },
  'no images': images([]),
  'heatmap of one cell': heatmap(1, 1, () => 3),
  'heatmap of one value': heatmap(3, 3, () => 0),
  'heatmap of a line': heatmap(1, 500, (_, j) => (j % 7 ? j : NaN)),
  'heatmap without finite values': heatmap(2, 2, () => NaN),
  'heatmap of nothing': heatmap(0, 0, () => 0),
  'heatmap of a part': { ...heatmap(300, 300, (i, j) => i * j), of: [20_000, 20_000] },
  'log axis without positive values': {
    kind: 'line',
    xLabel: '',
    yLabel: '',
    yScale: 'log',
    points: [{ x: Float64Array.of(1, 2), y: Float64Array.of(0, -1), label: 'a' }],
    lines: [],
  },
  'log axis with some that are not positive': {
    kind: 'line',
    xLabel: '',
    yLabel: '',
    yScale: 'log',
    points: [],
    lines: [{ x: Float64Array.of(1, 2, 3), y: Float64Array.of(10, -1, 1e-30), label: 'a' }],
  },
  'line without points': { kind: 'line', xLabel: '', yLabel: '', points: [], lines: [] },
  'no runs': { kind: 'curves', runs: [] },
  'runs before their first row': {
    kind: 'curves',
    runs: [decayingRun('n1', 'gd', 0.9, 0, { series: {}, status: 'idle' })],
  },
  'one row': { kind: 'curves', runs: [decayingRun('n1', 'gd', 0.9, 0)] },
  'runs that are not finite': {
    kind: 'curves',
    runs: [
      decayingRun('n1', 'gd', 0.9, 2, {
        status: 'nonfinite',
        series: { iterations: [0, 1, 2], objective: [NaN, 1e308, Infinity] },
      }),
      decayingRun('n2', 'fine', 0.9, 2),
    ],
  },
  'certificate above the runs': {
    kind: 'curves',
    runs: [decayingRun('n1', 'gd', 0.9, 5, { segments: certified(9, 0, 'wrong') })],
  },
  'bars without names': { kind: 'bars', names: [], series: [], precision: 'float64' },
  'bars at zero': {
    kind: 'bars',
    names: ['a', 'b'],
    series: [{ label: 'run', values: new Float64Array(2) }],
    precision: 'float64',
  },
  'bars not finite': {
    kind: 'bars',
    names: ['a', 'b', 'c'],
    series: [{ label: 'run', values: wrong }],
    precision: 'float64',
  },
  'five thousand bars': bars(5000, 3),
  'trajectories not finite': { ...motion(1, 3), x: wrong, y: wrong, background: undefined },
  'level sets of a constant': {
    ...levelSets(2),
    heights: new Float32Array(4),
    levels: [],
    paths: [],
    minimiser: null,
  },
  'level sets with a hole and a path that left': {
    ...levelSets(),
    heights: levelSets().heights.map((h, i) => (i % 40 < 15 ? NaN : h)),
    equalScale: false,
    paths: [{ ...levelSets().paths[0], x: wrong, y: huge, off: wrong, steps: [0, 1, 2] }],
    minimiser: { x: NaN, y: 1e300, off: 1 },
  },
  'level sets without finite values': { ...levelSets(2), heights: new Float32Array(4).fill(NaN) },
  'empty matrix': {
    kind: 'matrix',
    rowLabel: '',
    columnLabel: '',
    rowNames: [],
    columnNames: [],
    values: none,
  },
  'matrix with equal names': {
    kind: 'matrix',
    rowLabel: 'true',
    columnLabel: 'predicted',
    rowNames: ['a', 'a'],
    columnNames: ['a', 'a'],
    values: Float64Array.of(NaN, 1, 2, Infinity),
  },
  'large matrix': {
    kind: 'matrix',
    rowLabel: 'true',
    columnLabel: 'predicted',
    rowNames: Array.from({ length: 100 }, (_, i) => `class ${i}`),
    columnNames: Array.from({ length: 100 }, (_, i) => `class ${i}`),
    values: new Float64Array(10_000).fill(1),
  },
  'comparison of nothing': { kind: 'comparison', columns: [], rows: [] },
  'value not a number': { kind: 'value', label: '', value: NaN, precision: 'float64' },
  'check pending': {
    kind: 'check',
    label: 'waits',
    status: 'pending',
    measured: NaN,
    expected: '≤ 1',
    deviation: NaN,
    precision: 'float64',
  },
  'table without rows': { kind: 'table', columns: ['a', 'a'], rows: [], totalRows: 0 },
  'table with ragged rows': {
    kind: 'table',
    columns: ['a', 'b'],
    rows: [[1], [NaN, 'x', 3]],
    totalRows: 2,
  },
  'formula that is wrong': {
    kind: 'problem',
    formula: '\\frac{1}{<img src=x onerror=alert(1)>',
    facts: [],
  },
};
