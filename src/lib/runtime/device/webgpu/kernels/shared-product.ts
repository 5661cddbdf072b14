/**
 * Matrix products whose tiles pass through workgroup memory: each element of a factor is loaded once per tile, not once per output.
 *
 * A workgroup of 16 × 16 invocations computes a tile of 16s × 16s outputs, s × s by each invocation in registers. In every pass, 16
 * columns of the left tile and 16 rows of the right one are loaded, neighbouring lanes from neighbouring addresses, then multiplied. Two
 * barriers a pass; workgroup memory 2 · 16 · (16s + 1) · 4 bytes, one column wider than the tile so that lanes write to different banks.
 */
import { sizeOf } from '../../../ir/shape.ts';
import type { EquationOf } from '../../../ir/types.ts';
import { factorIndex } from './heavy.ts';
import type { ElementAt } from './heavy.ts';
import { Block, coordinatesOf, flatIndex } from './source.ts';

const SIDE = 16;
const DEPTH = 16;
export const SHARED_SIZE = SIDE * SIDE;

/** Outputs of one invocation along each axis. */
export type Share = 2 | 4;

/** Tiles, hence workgroups. */
export function sharedTiles(equation: EquationOf<'matmul'>, share: Share): number {
  return sizeOf(tilesOf(equation, share));
}

function tilesOf(equation: EquationOf<'matmul'>, share: Share): number[] {
  const { shape } = equation.outputs[0];
  const [rows, columns] = shape.slice(-2);
  const tile = SIDE * share;
  return [...shape.slice(0, -2), Math.ceil(rows / tile), Math.ceil(columns / tile)];
}

export function sharedProduct(
  equation: EquationOf<'matmul'>,
  share: Share,
  at: ElementAt,
): { readonly declarations: string; readonly main: string } {
  const [a, b] = equation.inputs;
  const { transposeA, transposeB } = equation.params;
  const { shape } = equation.outputs[0];
  const [rows, columns] = shape.slice(-2);
  const length = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  const tile = SIDE * share;
  const stride = tile + 1;
  const tiles = tilesOf(equation, share);
  const lanes = Array.from({ length: share }, (_, k) => k);

  const outer = new Block();
  const place = coordinatesOf(flatIndex(tiles, 'tile'), outer);
  const batch = place.slice(0, -2);
  const perBatch = tiles[tiles.length - 1] * tiles[tiles.length - 2];
  const batchFlat = batch.length === 0 ? '0u' : outer.bind(`tile / ${perBatch}u`);
  const row0 = outer.bind(`${place[place.length - 2]} * ${tile}u`);
  const column0 = outer.bind(`${place[place.length - 1]} * ${tile}u`);

  /** Loads one tile of a factor; `deepFirst` where neighbours in memory are neighbours along the inner axis. */
  const load = (
    name: string,
    origin: string,
    size: number,
    deepFirst: boolean,
    element: (across: string, deep: string, block: Block) => string,
  ): string => {
    const inside = outer.inner();
    const value = element('across', 'deep', inside);
    const [first, second] = deepFirst
      ? [`e % ${DEPTH}u`, `e / ${DEPTH}u`]
      : [`e / ${tile}u`, `e % ${tile}u`];
    return `    for (var e = lane; e < ${DEPTH * tile}u; e += ${SHARED_SIZE}u) {
      let deepAt = ${first};
      let acrossAt = ${second};
      let deep = r0 + deepAt;
      let across = ${origin} + acrossAt;
      var element = 0.0f;
      if (deep < ${length}u && across < ${size}u) {
${inside.text}
        element = ${value};
      }
      ${name}[deepAt * ${stride}u + acrossAt] = element;
    }`;
  };
  const left = load('left', row0, rows, !transposeA, (i, r, block) =>
    at(a, factorIndex(a, batch, i, r, transposeA), block),
  );
  const right = load('right', column0, columns, transposeB, (j, r, block) =>
    at(b, factorIndex(b, batch, r, j, transposeB), block),
  );
  const vector = `vec${share}<f32>`;
  const read = (name: string, from: string): string =>
    `${vector}(${lanes.map((k) => `${name}[d * ${stride}u + ${from} + ${k}u]`).join(', ')})`;
  const saves = lanes.flatMap((i) =>
    lanes.map(
      (j) =>
        `  if (row + ${i}u < ${rows}u && column + ${j}u < ${columns}u) { finish(${batchFlat} * ${rows * columns}u + (row + ${i}u) * ${columns}u + column + ${j}u, acc${i}[${j}]); }`,
    ),
  );
  return {
    declarations: `var<workgroup> left: array<f32, ${DEPTH * stride}>;
var<workgroup> right: array<f32, ${DEPTH * stride}>;`,
    main: `${outer.text}
  let down = (lane / ${SIDE}u) * ${share}u;
  let along = (lane % ${SIDE}u) * ${share}u;
${lanes.map((k) => `  var acc${k} = ${vector}(0.0f);`).join('\n')}
  for (var r0 = 0u; r0 < ${length}u; r0 += ${DEPTH}u) {
${left}
${right}
    workgroupBarrier();
    for (var d = 0u; d < ${DEPTH}u; d++) {
      let x = ${read('left', 'down')};
      let y = ${read('right', 'along')};
${lanes.map((k) => `      acc${k} = fma(${vector}(x[${k}]), y, acc${k});`).join('\n')}
    }
    workgroupBarrier();
  }
  let row = ${row0} + down;
  let column = ${column0} + along;
${saves.join('\n')}`,
  };
}
