/**
 * Exact optimal transport between two discrete measures: the primal network simplex on the complete bipartite graph.
 *
 * min ⟨P, C⟩ over P ≥ 0 with P·1 = a and Pᵀ·1 = b. A spanning tree of the graph with one artificial root is kept strongly feasible
 * (an arc without flow points at the root), which rules out cycling on degenerate pivots.
 *
 * Reference: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, Network Flows (1993), chapter 11; W. H. Cunningham, A network simplex method,
 * Mathematical Programming 11 (1976), for the leaving arc. Entering arcs by block search.
 */
import * as elementary from '../../../numerics/elementary/index.ts';
import { TransportError, checkTransport, marginalError } from './measures.ts';
import type { TransportPlan } from './measures.ts';

const NONE = -1;

/** Pivots between two pauses: a few milliseconds at 500 × 500. */
const PIVOTS = 256;

export interface NetworkSimplexOptions {
  /** Pivots after which the solve gives up. @default 200·(n + m)·log₂(n + m) */
  readonly maxPivots?: number;
}

/** `networkSimplexPivots` in one go. */
export function networkSimplex(
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
  options: NetworkSimplexOptions = {},
): TransportPlan {
  const work = networkSimplexPivots(a, b, cost, options);
  // Ends with the pivots below, at most maxPivots.
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/**
 * Yields the pivots done, every few milliseconds, so that a caller may pause or stop.
 *
 * @param a float [n], ≥ 0: mass of the sources
 * @param b float [m], ≥ 0, same sum as `a` up to rounding: mass of the targets
 * @param cost float [n, m], row-major, finite
 * @throws TransportError when shapes, signs or sums do not fit, or the pivots run out
 */
export function* networkSimplexPivots(
  a: Float64Array,
  b: Float64Array,
  cost: Float64Array,
  options: NetworkSimplexOptions = {},
): Generator<number, TransportPlan> {
  checkTransport('network simplex', a, b, cost);
  const tree = new SpanningTree(a, b, cost);
  const size = a.length + b.length;
  const maxPivots = options.maxPivots ?? Math.ceil(200 * size * elementary.log2(size + 2));
  for (let pivots = 0; tree.enter(); pivots++) {
    if (pivots >= maxPivots)
      throw new TransportError(
        'iterations',
        `network simplex: expected to end within ${maxPivots} pivots, got none left. Merge points that coincide, or use entropic transport.`,
      );
    tree.pivot();
    if (pivots % PIVOTS === PIVOTS - 1) yield pivots + 1;
  }
  return tree.result();
}

/** Nodes: sources 0 … n−1, targets n … n+m−1, root n+m. Each node but the root has one tree arc, to or from its parent. */
class SpanningTree {
  private readonly n: number;
  private readonly m: number;
  private readonly root: number;
  private readonly parent: Int32Array;
  private readonly depth: Int32Array;
  /** The tree arc of a node is the arc node → parent if 1, parent → node if 0. */
  private readonly up: Uint8Array;
  private readonly flow: Float64Array;
  /** Cost of the tree arc of a node. */
  private readonly arcCost: Float64Array;
  /** c(u → v) + potential(u) − potential(v) = 0 on tree arcs. */
  private readonly potential: Float64Array;
  private readonly firstChild: Int32Array;
  private readonly nextSibling: Int32Array;
  private readonly previousSibling: Int32Array;
  private readonly stack: Int32Array;
  private readonly block: number;
  private readonly tolerance: number;
  private position = 0;
  private entering = 0;

  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private readonly cost: Float64Array;

  constructor(a: Float64Array, b: Float64Array, cost: Float64Array) {
    this.a = a;
    this.b = b;
    this.cost = cost;
    const n = (this.n = a.length);
    const m = (this.m = b.length);
    const nodes = n + m + 1;
    this.root = n + m;
    this.parent = new Int32Array(nodes).fill(this.root);
    this.depth = new Int32Array(nodes).fill(1);
    this.up = new Uint8Array(nodes);
    this.flow = new Float64Array(nodes);
    this.arcCost = new Float64Array(nodes);
    this.potential = new Float64Array(nodes);
    this.firstChild = new Int32Array(nodes).fill(NONE);
    this.nextSibling = new Int32Array(nodes).fill(NONE);
    this.previousSibling = new Int32Array(nodes).fill(NONE);
    this.stack = new Int32Array(nodes);
    this.block = Math.max(16, Math.ceil(Math.sqrt(n * m)));
    this.parent[this.root] = NONE;
    this.depth[this.root] = 0;

    let largest = 0;
    for (const c of cost) largest = Math.max(largest, Math.abs(c));
    // The graph is complete, so a detour by the root, twice this, is dearer than any direct arc.
    const artificial = 2 * largest + 1;
    this.tolerance = 16 * Number.EPSILON * artificial;
    for (let node = 0; node < this.root; node++) {
      const mass = node < n ? a[node] : b[node - n];
      // A target without mass gets an arc toward the root, so that the tree is strongly feasible.
      const up = node < n || mass === 0;
      this.up[node] = up ? 1 : 0;
      this.flow[node] = mass;
      this.arcCost[node] = artificial;
      this.potential[node] = up ? -artificial : artificial;
      this.link(node, this.root);
    }
  }

  /** Finds an arc with negative reduced cost, the least of a block; false at the optimum. */
  enter(): boolean {
    const { n, m, cost, potential, block, tolerance } = this;
    const arcs = n * m;
    let best = -tolerance;
    let bestArc = NONE;
    let i = Math.floor(this.position / m);
    let j = this.position - i * m;
    for (let scanned = 0, inBlock = 0; scanned < arcs; scanned++) {
      const reduced = cost[i * m + j] + potential[i] - potential[n + j];
      if (reduced < best) {
        best = reduced;
        bestArc = i * m + j;
      }
      if (++j === m) {
        j = 0;
        if (++i === n) i = 0;
      }
      if (++inBlock === block) {
        if (bestArc !== NONE) break;
        inBlock = 0;
      }
    }
    this.position = i * m + j;
    this.entering = bestArc;
    return bestArc !== NONE;
  }

  /** Sends flow around the cycle of the entering arc and exchanges it for the first arc that empties. */
  pivot(): void {
    const { n, m, cost, parent, depth, up, flow } = this;
    const source = Math.floor(this.entering / m);
    const target = n + (this.entering - source * m);

    // The apex of the cycle, and the leaving arc: strictly less on the source's side, less or equal on the target's.
    let delta = Infinity;
    let leaving = NONE;
    let onSourceSide = true;
    let u = source;
    let v = target;
    // Ends at the root at the latest: each turn goes up the tree.
    while (u !== v) {
      if (depth[u] >= depth[v]) {
        if (up[u] && flow[u] < delta) {
          delta = flow[u];
          leaving = u;
          onSourceSide = true;
        }
        u = parent[u];
      } else {
        v = parent[v];
      }
    }
    const apex = u;
    for (v = target; v !== apex; v = parent[v]) {
      if (!up[v] && flow[v] <= delta) {
        delta = flow[v];
        leaving = v;
        onSourceSide = false;
      }
    }

    if (delta > 0) {
      for (u = source; u !== apex; u = parent[u]) flow[u] += up[u] ? -delta : delta;
      for (v = target; v !== apex; v = parent[v]) flow[v] += up[v] ? delta : -delta;
    }

    // The subtree below the leaving arc hangs from the entering arc now: arcs between its old and new top turn round.
    const top = onSourceSide ? source : target;
    const above = onSourceSide ? target : source;
    if (leaving === NONE)
      throw new Error('internal: network simplex: a cycle without an arc that empties.');
    let node = top;
    let newParent = above;
    let newUp = onSourceSide ? 1 : 0;
    let newFlow = delta;
    let newCost = cost[this.entering];
    // Ends at the leaving arc, which is on the way from here to the apex.
    for (;;) {
      const oldParent = parent[node];
      const [oldUp, oldFlow, oldCost] = [up[node], flow[node], this.arcCost[node]];
      this.unlink(node);
      up[node] = newUp;
      flow[node] = newFlow;
      this.arcCost[node] = newCost;
      this.link(node, newParent);
      if (node === leaving) break;
      newParent = node;
      newUp = oldUp ? 0 : 1;
      newFlow = oldFlow;
      newCost = oldCost;
      node = oldParent;
    }
    this.refresh(top);
  }

  /** Recomputes depths and potentials below and at `top` from its parent. */
  private refresh(top: number): void {
    const { parent, depth, up, arcCost, potential, firstChild, nextSibling, stack } = this;
    let count = 0;
    stack[count++] = top;
    // Ends after the nodes of the subtree, each once.
    while (count > 0) {
      const node = stack[--count];
      const above = parent[node];
      depth[node] = depth[above] + 1;
      potential[node] = up[node]
        ? potential[above] - arcCost[node]
        : potential[above] + arcCost[node];
      for (let child = firstChild[node]; child !== NONE; child = nextSibling[child])
        stack[count++] = child;
    }
  }

  private link(node: number, above: number): void {
    const first = this.firstChild[above];
    this.parent[node] = above;
    this.previousSibling[node] = NONE;
    this.nextSibling[node] = first;
    if (first !== NONE) this.previousSibling[first] = node;
    this.firstChild[above] = node;
  }

  private unlink(node: number): void {
    const previous = this.previousSibling[node];
    const next = this.nextSibling[node];
    if (previous === NONE) this.firstChild[this.parent[node]] = next;
    else this.nextSibling[previous] = next;
    if (next !== NONE) this.previousSibling[next] = previous;
  }

  result(): TransportPlan {
    const { n, m, parent, up, flow, root, cost } = this;
    const plan = new Float64Array(n * m);
    let primal = 0;
    for (let node = 0; node < root; node++) {
      // An arc to the root carries at most what rounding of the two total masses leaves.
      if (parent[node] === root) continue;
      const source = up[node] ? node : parent[node];
      const target = (up[node] ? parent[node] : node) - n;
      plan[source * m + target] = flow[node];
      primal += flow[node] * cost[source * m + target];
    }
    const { potentialA, potentialB, dual } = this.potentials();
    return {
      plan,
      rows: n,
      columns: m,
      potentialA,
      potentialB,
      cost: primal,
      dualityGap: primal - dual,
      marginalError: marginalError(plan, this.a, this.b),
    };
  }

  /** Feasible dual potentials f ⊕ g ≤ C with g tightened against f, so that the gap is a certificate. */
  private potentials() {
    const { n, m, cost, potential, a, b } = this;
    const shift = n > 0 ? -potential[0] : 0;
    const potentialA = Float64Array.from({ length: n }, (_, i) => -potential[i] - shift);
    const potentialB = new Float64Array(m).fill(Infinity);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++)
        potentialB[j] = Math.min(potentialB[j], cost[i * m + j] - potentialA[i]);
    let dual = 0;
    for (let i = 0; i < n; i++) dual += potentialA[i] * a[i];
    for (let j = 0; j < m; j++) dual += potentialB[j] * b[j];
    return { potentialA, potentialB, dual };
  }
}
