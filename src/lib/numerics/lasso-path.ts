/**
 * The path of lasso solutions, ½‖Kx − b‖² + λ‖x‖₁ with λ from ‖Kᵀb‖∞ down to 0, which is linear between its knots; it ends in a solution of
 * min ‖x‖₁ over the x of least squares.
 *
 * Along a piece of the path the nonzeros A and their signs s stay, c = Kᵀ(b − Kx) has c_A = λs, and x_A moves by (K_AᵀK_A)⁻¹s for each
 * unit of λ. A piece ends where another |c_i| reaches λ or an x_i reaches 0. If Kx = b at the end, y = K_A(K_AᵀK_A)⁻¹s
 * has |Kᵀy| ≤ 1 and solves the dual. Osborne, Presnell & Turlach 2000, section 4; Donoho & Tsaig 2008, section II.
 */
import { inner, multiply, multiplyTransposed } from './linear-algebra.ts';
import type { Pacer } from './pacer.ts';

export interface PathEnd {
  /** Places of the nonzeros at the end, with the signs of Kᵀy there. */
  readonly support: readonly number[];
  readonly signs: readonly number[];
}

/** Of the largest |c|: differences below it are rounding. */
const ROUNDING = 1e-12;

/**
 * Null where the path was lost: more pieces than expected, or dependent columns. `k` is [rows, columns], `across` its transpose, `rank` what
 * its rank cannot exceed. `knot` is called with each λ where the path bends, from the largest down, and the x there, which it may not keep.
 */
export async function followPath(
  k: Float64Array,
  across: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array,
  pacer: Pacer,
  rank = rows,
  knot?: (lambda: number, x: Float64Array) => void,
): Promise<PathEnd | null> {
  const column = (j: number) => across.subarray(j * rows, (j + 1) * rows);
  const x = new Float64Array(columns);
  let c = multiplyTransposed(k, rows, columns, b);
  let lambda = 0;
  let entering = 0;
  c.forEach((value, j) => {
    if (Math.abs(value) <= lambda) return;
    lambda = Math.abs(value);
    entering = j;
  });
  const smallest = ROUNDING * lambda;
  const active: number[] = [];
  /** (K_AᵀK_A)⁻¹, row by row, bordered when a column enters and reduced when one leaves. */
  let inverse: Float64Array[] = [];
  /** The column that left last, and the side of its c, which was λ there and can be no more on this piece; the other side can. */
  let [left, leftSide] = [-1, 0];

  const enter = (j: number): boolean => {
    const u = active.map((i) => inner(column(i), column(j)));
    const w = inverse.map((row) => row.reduce((sum, value, q) => sum + value * u[q], 0));
    const pivot = inner(column(j), column(j)) - w.reduce((sum, value, q) => sum + value * u[q], 0);
    if (!(pivot > ROUNDING * inner(column(j), column(j)))) return false;
    inverse = inverse.map((row, p) =>
      Float64Array.from([...row.map((value, q) => value + (w[p] * w[q]) / pivot), -w[p] / pivot]),
    );
    inverse.push(Float64Array.from([...w.map((value) => -value / pivot), 1 / pivot]));
    active.push(j);
    return true;
  };
  const leave = (at: number): void => {
    const gone = inverse[at];
    const pivot = gone[at];
    inverse = inverse
      .map((row, p) => row.map((value, q) => value - (gone[p] * gone[q]) / pivot))
      .filter((_, p) => p !== at)
      .map((row) => row.filter((_, q) => q !== at));
    active.splice(at, 1);
  };

  if (lambda === 0 || !enter(entering)) return null;
  knot?.(lambda, x);
  for (let piece = 0; piece < 20 * rows; piece++) {
    const signs = Float64Array.from(active, (j) => Math.sign(c[j]));
    const direction = inverse.map((row) => inner(row, signs));
    const full = new Float64Array(columns);
    active.forEach((j, p) => (full[j] = direction[p]));
    const a = multiplyTransposed(k, rows, columns, multiply(k, rows, columns, full));
    let step = lambda;
    let next = -1;
    let drop = -1;
    const inside = new Set(active);
    // With as many columns as the rank c is λKᵀy for a fixed y, and none of it can reach λ but by rounding.
    const joins = active.length < rank ? columns : 0;
    for (let j = 0; j < joins; j++) {
      if (inside.has(j)) continue;
      for (const side of [1, -1]) {
        if (j === left && side === leftSide) continue;
        const slope = 1 - side * a[j];
        const reach = (lambda - side * c[j]) / slope;
        if (slope > ROUNDING && reach >= 0 && reach < step) [step, next] = [reach, j];
      }
    }
    active.forEach((j, p) => {
      const reach = -x[j] / direction[p];
      if (x[j] !== 0 && reach > 0 && reach < step) [step, next, drop] = [reach, -1, p];
    });
    active.forEach((j, p) => (x[j] += step * direction[p]));
    lambda -= step;
    if (drop >= 0) x[active[drop]] = 0;
    knot?.(lambda, x);
    if (next < 0 && drop < 0) return { support: [...active], signs: [...signs] };
    if (lambda <= smallest) return { support: [...active], signs: [...signs] };
    if (drop >= 0) {
      [left, leftSide] = [active[drop], signs[drop]];
      leave(drop);
    } else {
      left = -1;
      if (!enter(next)) return null;
    }
    const image = multiply(k, rows, columns, x);
    c = multiplyTransposed(
      k,
      rows,
      columns,
      b.map((value, i) => value - image[i]),
    );
    if (pacer.due()) await pacer.pause();
  }
  return null;
}
