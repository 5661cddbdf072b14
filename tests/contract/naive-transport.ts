/** The exact coupling once more: shortest augmenting paths from source to target, and potentials along the tree of the plan. */

/** Mass below this is what subtractions leave of sums to 1. */
const NOTHING = 1e-13;

/** Of a problem whose solution is unique and not degenerate: plan, potentials f (f₀ = 0) and g, cost, as the primitive `transport` gives them. */
export function tableau(
  cost: readonly number[][],
  a: readonly number[],
  b: readonly number[],
): number[][] {
  const scaled = (w: readonly number[]) => w.map((x) => x / w.reduce((sum, y) => sum + y, 0));
  const plan = augment(cost, scaled(a), scaled(b));
  const { f, g } = potentials(cost, plan);
  let total = 0;
  plan.forEach((row, i) => row.forEach((mass, j) => (total += mass * cost[i][j])));
  return [...plan.map((row, i) => [...row, f[i]]), [...g, total]];
}

/** Successive shortest paths by Bellman and Ford in the residual graph. */
function augment(cost: readonly number[][], a: number[], b: number[]): number[][] {
  const [n, m] = [a.length, b.length];
  const plan = cost.map((row) => row.map(() => 0));
  for (;;) {
    const distance = [
      ...a.map((left) => (left > NOTHING ? 0 : Infinity)),
      ...b.map(() => Infinity),
    ];
    if (!distance.includes(0)) return plan;
    const from: number[] = distance.map(() => -1);
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) {
          if (distance[i] + cost[i][j] < distance[n + j] - 1e-12) {
            distance[n + j] = distance[i] + cost[i][j];
            from[n + j] = i;
            changed = true;
          }
          if (plan[i][j] > NOTHING && distance[n + j] - cost[i][j] < distance[i] - 1e-12) {
            distance[i] = distance[n + j] - cost[i][j];
            from[i] = n + j;
            changed = true;
          }
        }
    }
    let end = -1;
    for (let j = 0; j < m; j++)
      if (b[j] > NOTHING && (end < 0 || distance[n + j] < distance[n + end])) end = j;
    if (end < 0) return plan;
    const path: number[] = [n + end];
    while (from[path[0]] >= 0) path.unshift(from[path[0]]);
    let moved = Math.min(a[path[0]], b[end]);
    for (let k = 1; k + 1 < path.length; k += 2)
      moved = Math.min(moved, plan[path[k + 1]][path[k] - n]);
    for (let k = 0; k + 1 < path.length; k++) {
      if (k % 2 === 0) plan[path[k]][path[k + 1] - n] += moved;
      else plan[path[k + 1]][path[k] - n] -= moved;
    }
    a[path[0]] -= moved;
    b[end] -= moved;
  }
}

/** f_i + g_j = cost_ij along the pairs with mass, which connect all points. */
function potentials(cost: readonly number[][], plan: readonly number[][]) {
  const f = new Array<number>(plan.length).fill(NaN);
  const g = new Array<number>(plan[0].length).fill(NaN);
  f[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    plan.forEach((row, i) =>
      row.forEach((mass, j) => {
        if (mass <= NOTHING) return;
        if (!Number.isNaN(f[i]) && Number.isNaN(g[j])) {
          g[j] = cost[i][j] - f[i];
          changed = true;
        } else if (Number.isNaN(f[i]) && !Number.isNaN(g[j])) {
          f[i] = cost[i][j] - g[j];
          changed = true;
        }
      }),
    );
  }
  return { f, g };
}
