import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { ComparisonView, RunCurve } from '../runtime/graph/view-data.ts';
import {
  comparisonToCsv,
  comparisonToJson,
  curvesToCsv,
  curvesToJson,
  fileName,
} from './export.ts';
import { legendLines } from './png.ts';

const curve: RunCurve = {
  nodeId: 'n1',
  label: 'FISTA, "fast"\nstep 1/L',
  status: 'diverged',
  message: '',
  device: 'webgpu',
  precision: 'float32',
  series: { iterations: [0, 1, 2], zeta: [1, 1, 1], objective: [0.1 + 0.2, -1e-300, NaN] },
  segments: [{ from: 0, fStar: { value: 0.25, gap: 1e-9, method: 'duality gap', rounding: 1e-6 } }],
  theory: null,
};

function parse(text: string): Record<string, string>[] {
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
}

test('curves read back from CSV digit for digit, with device, precision and status in every row', () => {
  const rows = parse(curvesToCsv([curve]));
  expect(rows).toHaveLength(3);
  expect(Number(rows[0].objective)).toBe(0.1 + 0.2);
  expect(Number(rows[1].objective)).toBe(-1e-300);
  expect(rows[2].objective).toBe('NaN');
  expect(Number(rows[0].suboptimality)).toBe(0.1 + 0.2 - 0.25);
  for (const row of rows)
    expect(row).toMatchObject({
      run: curve.label,
      node: 'n1',
      device: 'webgpu',
      precision: 'float32',
      status: 'diverged',
    });
});

test('quotes commas, quotation marks and line breaks as RFC 4180 asks', () => {
  const text = curvesToCsv([curve]);
  expect(text).toContain('"FISTA, ""fast""\nstep 1/L"');
  expect(text.endsWith('\r\n')).toBe(true);
});

test('a label that looks like a formula stays text in a spreadsheet; negative numbers stay numbers', () => {
  const text = curvesToCsv([{ ...curve, label: '=HYPERLINK("x")' }]);
  expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  expect(text).toContain(',-1e-300,');
});

test('runs that lack a column leave its cells empty', () => {
  const other = {
    ...curve,
    nodeId: 'n2',
    segments: [{ from: 0, fStar: null }],
    series: { iterations: [0], objective: [1] },
  };
  const rows = parse(curvesToCsv([curve, other]));
  expect(rows[3]).toMatchObject({ zeta: '', suboptimality: '', objective: '1' });
});

const comparison: ComparisonView = {
  kind: 'comparison',
  columns: [
    { key: 'objective', label: 'final objective' },
    { key: 'time', label: 'time to target', unit: 's' },
  ],
  rows: [
    {
      nodeId: 'n1',
      label: 'gd',
      status: 'maxSteps',
      precision: 'float64',
      cells: { objective: Infinity, time: null },
    },
  ],
};

test('comparisons carry device, precision, status and units', () => {
  const [row] = parse(comparisonToCsv(comparison, new Map([['n1', 'cpu64']])));
  expect(row).toEqual({
    run: 'gd',
    node: 'n1',
    device: 'cpu64',
    precision: 'float64',
    status: 'maxSteps',
    'final objective': 'Infinity',
    'time to target (s)': '',
  });
});

test('JSON keeps what is not finite as text', () => {
  expect(JSON.parse(curvesToJson([curve])).runs[0].series.objective).toEqual([
    0.1 + 0.2,
    -1e-300,
    'NaN',
  ]);
  expect(JSON.parse(comparisonToJson(comparison)).rows[0].cells).toEqual({
    objective: 'Infinity',
    time: null,
  });
});

test('file names keep letters of any script and nothing a file system minds', () => {
  expect(fileName('Lasso: ISTA/FISTA — σ=1', 'csv')).toBe('Lasso-ISTA-FISTA-σ-1.csv');
  expect(fileName('../..', 'png')).toBe('adjoint.png');
});

test('legend entries break into lines and a too wide one stands alone', () => {
  expect(legendLines([50, 40, 30, 200], 100)).toEqual([[0, 1], [2], [3]]);
  expect(legendLines([], 100)).toEqual([]);
});
