/**
 * Matrix products with a tile of 4 × 4 outputs per invocation, in registers: 8 loads for 16 multiply-adds. No workgroup memory and no
 * barrier, which software adapters are slow at.
 */
import { sizeOf } from '../../../ir/shape.ts';
import type { EquationOf } from '../../../ir/types.ts';
import { factorIndex } from './heavy.ts';
import type { ElementAt } from './heavy.ts';
import { Block, coordinatesOf, flatIndex } from './source.ts';

const TILE = 4;

/** Both outer axes fill tiles, and there are enough tiles to keep a device busy. */
export function suitsTiles(equation: EquationOf<'matmul'>): boolean {
  const { shape } = equation.outputs[0];
  const [rows, columns] = shape.slice(-2);
  return rows >= TILE * 2 && columns >= TILE * 2 && sizeOf(shape) >= 1024;
}

export function tiledProduct(
  equation: EquationOf<'matmul'>,
  at: ElementAt,
): { readonly invocations: number; readonly main: string } {
  const [a, b] = equation.inputs;
  const { transposeA, transposeB } = equation.params;
  const { shape } = equation.outputs[0];
  const [rows, columns] = shape.slice(-2);
  const length = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  const tiles = [...shape.slice(0, -2), Math.ceil(rows / TILE), Math.ceil(columns / TILE)];

  const outer = new Block();
  const place = coordinatesOf(flatIndex(tiles, 't'), outer);
  const batch = place.slice(0, -2);
  const batchFlat = batch.length === 0 ? '0u' : outer.bind(`t / ${tiles.at(-1)! * tiles.at(-2)!}u`);
  const [tileRow, tileColumn] = place.slice(-2);
  const lanes = Array.from({ length: TILE }, (_, k) => k);
  // Rows past the edge repeat the last one and are not stored.
  const edge = (origin: string, k: number, n: number): string => {
    const raw = `${origin} * ${TILE}u + ${k}u`;
    return outer.bind(n % TILE === 0 ? raw : `min(${raw}, ${n - 1}u)`);
  };
  const i = lanes.map((k) => edge(tileRow, k, rows));
  const j = lanes.map((k) => edge(tileColumn, k, columns));

  const inner = outer.inner();
  const x = lanes.map((k) => at(a, factorIndex(a, batch, i[k], 'r', transposeA), inner));
  const y = lanes.map((k) => at(b, factorIndex(b, batch, 'r', j[k], transposeB), inner));
  const vectorX = inner.bind(`vec4<f32>(${x.join(', ')})`);
  const products = lanes.map(
    (k) =>
      `    acc${k} = fma(vec4<f32>(${vectorX}[${k}]), ${inner.bind(`vec4<f32>(${y.join(', ')})`)}, acc${k});`,
  );

  const saves = lanes.flatMap((row) =>
    lanes.map((column) => {
      const flat = `${batchFlat} * ${rows * columns}u + ${i[row]} * ${columns}u + ${j[column]}`;
      const guards = [
        ...(rows % TILE === 0 ? [] : [`${tileRow} * ${TILE}u + ${row}u < ${rows}u`]),
        ...(columns % TILE === 0 ? [] : [`${tileColumn} * ${TILE}u + ${column}u < ${columns}u`]),
      ];
      const save = `finish(${flat}, acc${row}[${column}]);`;
      return guards.length === 0 ? `  ${save}` : `  if (${guards.join(' && ')}) { ${save} }`;
    }),
  );
  return {
    invocations: sizeOf(tiles),
    main: `${outer.text}
${lanes.map((k) => `  var acc${k} = vec4<f32>(0.0f);`).join('\n')}
  for (var r = 0u; r < ${length}u; r++) {
${inner.text}
${products.join('\n')}
  }
${saves.join('\n')}`,
  };
}
