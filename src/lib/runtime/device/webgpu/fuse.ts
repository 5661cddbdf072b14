/**
 * Divides a Program into groups that become one kernel each.
 *
 * A value is *stored* when a buffer holds it: reductions, outputs, and elementwise values that several groups need and that cost more to
 * recompute than to load. Everything else is recomputed where it is used. Stored values of one size are put into one group when
 * each reads the others only at its own place, so that a product, its bias and activation, or all updates of one size, are one dispatch.
 */
import { sizeOf } from '../../ir/shape.ts';
import type { Equation, HostArray, PrimitiveName, Value } from '../../ir/types.ts';
import { isElementwise } from '../tfjs/lowering.ts';
import { isInline, literalOf } from './kernels/emit.ts';
import type { InlineEquation } from './kernels/emit.ts';
import { EXPRESSION_COST } from './kernels/expressions.ts';
import { isReducing } from './kernels/heavy.ts';
import type { ReducingEquation } from './kernels/heavy.ts';
import type { ProductKernel } from './kernels/product-choice.ts';

/** Recomputing up to this many instructions beats a store, a load and perhaps a dispatch. */
const CHEAP = 6;
/** A single kernel does not inline more than this. */
const MAX_COST = 400;

const SHAPING_COST: Partial<Record<PrimitiveName, number>> = {
  reshape: 0,
  broadcast: 0,
  transpose: 1,
  slice: 1,
  reverse: 1,
  iota: 1,
  pad: 2,
  concat: 3,
  gather: 3,
  randomBits: 60,
  randomPermutation: 399,
};

/** Changes of place only: loading through them costs no more than loading. */
const VIEWS: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'reshape',
  'broadcast',
  'transpose',
  'slice',
  'reverse',
]);

/** A group of stored values, or an equation that is a kernel (or several) by itself. */
export type Node =
  | {
      readonly kind: 'group';
      readonly size: number;
      readonly reduction?: ReducingEquation;
      /** In order of computation; `stored` is decided when all groups are known. */
      readonly values: Value[];
      readonly reads: Set<number>;
      stored: Value[];
    }
  | { readonly kind: 'single'; readonly equation: Equation; readonly reads: Set<number> };

export interface FusionLimits {
  /** Storage buffers one kernel may bind. */
  readonly bindings: number;
  /** False where barriers in a workgroup are slow (software adapters). @default true */
  readonly barriers?: boolean;
  /** The kernel of every matrix product, for comparisons. @default by its shape */
  readonly product?: ProductKernel;
}

export interface Fusion {
  readonly nodes: readonly Node[];
  /** The equation that a group's kernel inlines for a value, or undefined when it loads the value. */
  inlineIn(node: Node, value: Value): InlineEquation | undefined;
}

export function fuse(
  equations: readonly Equation[],
  outputs: readonly Value[],
  constants: ReadonlyMap<number, HostArray>,
  limits: FusionLimits,
): Fusion {
  const producer = new Map<number, Equation>();
  for (const equation of equations) for (const v of equation.outputs) producer.set(v.id, equation);
  const inlineOf = (v: Value): InlineEquation | undefined => {
    const equation = producer.get(v.id);
    return equation && isInline(equation.primitive) ? (equation as InlineEquation) : undefined;
  };

  const stored = chooseStored(equations, outputs, inlineOf);
  limitLeaves(equations, stored, constants, inlineOf, limits.bindings - 3);

  const nodes = group(equations, stored, constants, inlineOf, limits.bindings);
  const owner = new Map<number, Node>();
  for (const node of nodes)
    if (node.kind === 'group') for (const v of node.values) owner.set(v.id, node);

  // What some other node reads, or the caller wants, goes to memory.
  const wanted = new Set(outputs.map((v) => v.id));
  for (const node of nodes) for (const id of node.reads) if (owner.get(id) !== node) wanted.add(id);
  for (const node of nodes)
    if (node.kind === 'group') node.stored = node.values.filter((v) => wanted.has(v.id));

  return {
    nodes: nodes.filter((node) => node.kind === 'single' || node.stored.length > 0),
    inlineIn: (node, value) => {
      if (stored.has(value.id) && owner.get(value.id) !== node) return undefined;
      return inlineOf(value);
    },
  };
}

function costOf(equation: Equation): number {
  const { primitive } = equation;
  return isElementwise(primitive) ? EXPRESSION_COST[primitive] : (SHAPING_COST[primitive] ?? 0);
}

/** Ids of the values that get a place in a group (or are outputs of single kernels). */
function chooseStored(
  equations: readonly Equation[],
  outputs: readonly Value[],
  inlineOf: (v: Value) => InlineEquation | undefined,
): Set<number> {
  const uses = new Map<number, { equation: Equation; operand: number }[]>();
  for (const equation of equations)
    equation.inputs.forEach((v, operand) => {
      const list = uses.get(v.id) ?? [];
      list.push({ equation, operand });
      uses.set(v.id, list);
    });

  const stored = new Set(outputs.map((v) => v.id));
  // Instructions to compute a value from stored ones, were the expensive shared ones stored.
  const cost = new Map<number, number>();
  for (const equation of equations) {
    if (!isInline(equation.primitive)) {
      for (const v of equation.outputs) stored.add(v.id);
      continue;
    }
    const [v] = equation.outputs;
    let total = costOf(equation);
    for (const input of equation.inputs) {
      const own = cost.get(input.id) ?? 0;
      const shared = (uses.get(input.id)?.length ?? 0) > 1 && own > CHEAP;
      if (!shared && !stored.has(input.id)) total += own;
    }
    if (total > MAX_COST) stored.add(v.id);
    cost.set(v.id, stored.has(v.id) ? 0 : total);
  }

  // From the outputs back: which groups would inline the value?
  const roots = new Map<number, ReadonlySet<string>>();
  for (const equation of [...equations].reverse()) {
    if (!isInline(equation.primitive)) continue;
    const [v] = equation.outputs;
    const price = cost.get(v.id) ?? 0;
    const found = new Set<string>();
    let mustStore = false;
    for (const { equation: consumer, operand } of uses.get(v.id) ?? []) {
      if (isInline(consumer.primitive)) {
        const [w] = consumer.outputs;
        if (stored.has(w.id)) found.add(`v${w.id}`);
        else for (const root of roots.get(w.id) ?? []) found.add(root);
        if (expands(consumer, operand) && price > CHEAP) mustStore = true;
      } else if (!isReducing(consumer.primitive)) {
        mustStore = true;
      } else {
        found.add(`e${consumer.outputs[0].id}`);
        if (rereads(consumer, operand) && !isView(v, inlineOf, stored)) mustStore = true;
      }
    }
    roots.set(v.id, found);
    if (mustStore || (found.size > 1 && price > CHEAP)) stored.add(v.id);
  }
  return stored;
}

/** Whether the consumer reads an element of the operand for several of its own. */
function expands(consumer: Equation, operand: number): boolean {
  if (consumer.primitive === 'randomBits') return true;
  if (consumer.primitive === 'randomPermutation') return operand === 0;
  if (consumer.primitive !== 'broadcast' && consumer.primitive !== 'gather') return false;
  return sizeOf(consumer.outputs[0].shape) > sizeOf(consumer.inputs[operand].shape);
}

/** Whether a reduction reads its operand's elements several times. */
function rereads(consumer: Equation, operand: number): boolean {
  switch (consumer.primitive) {
    case 'scatterAdd':
      return true;
    case 'matmul': {
      // A factor is read once per column (row) of the other.
      const [rows, columns] = consumer.outputs[0].shape.slice(-2);
      return (operand === 0 ? columns : rows) > 1;
    }
    default:
      return false;
  }
}

/** Only changes of place lie between the value and memory. */
function isView(
  v: Value,
  inlineOf: (v: Value) => InlineEquation | undefined,
  stored: ReadonlySet<number>,
): boolean {
  const equation = inlineOf(v);
  if (!equation || stored.has(v.id)) return true;
  return VIEWS.has(equation.primitive) && isView(equation.inputs[0], inlineOf, stored);
}

/** Stores operands until no kernel has more buffers to read than it may bind. */
function limitLeaves(
  equations: readonly Equation[],
  stored: Set<number>,
  constants: ReadonlyMap<number, HostArray>,
  inlineOf: (v: Value) => InlineEquation | undefined,
  limit: number,
): void {
  const leaves = new Map<number, ReadonlySet<number>>();
  const leavesOf = (v: Value): ReadonlySet<number> => {
    if (literalOf(constants.get(v.id)) !== undefined) return new Set();
    if (!inlineOf(v) || stored.has(v.id)) return new Set([v.id]);
    return leaves.get(v.id) ?? new Set([v.id]);
  };
  for (const equation of equations) {
    if (equation.primitive === 'loop') continue;
    // Ends after as many turns as there are inputs: each stores one more.
    for (;;) {
      const all = new Set<number>();
      for (const input of equation.inputs) for (const leaf of leavesOf(input)) all.add(leaf);
      if (all.size <= limit) {
        for (const v of equation.outputs) leaves.set(v.id, all);
        break;
      }
      const widest = equation.inputs
        .filter((input) => leavesOf(input).size > 1)
        .sort((p, q) => leavesOf(q).size - leavesOf(p).size)[0];
      if (!widest)
        throw new Error(
          `internal: ${equation.primitive} was expected to read at most ${limit} arrays, got ${all.size}`,
        );
      stored.add(widest.id);
    }
  }
}

/** Puts stored values into groups, in order of computation. */
function group(
  equations: readonly Equation[],
  stored: ReadonlySet<number>,
  constants: ReadonlyMap<number, HostArray>,
  inlineOf: (v: Value) => InlineEquation | undefined,
  bindings: number,
): Node[] {
  const nodes: Node[] = [];
  const place = new Map<number, number>();

  for (const equation of equations) {
    if (!isInline(equation.primitive) && !isReducing(equation.primitive)) {
      const reads = new Set<number>();
      for (const input of equation.inputs) collect(input, true, reads, new Set());
      for (const v of equation.outputs) place.set(v.id, nodes.length);
      nodes.push({ kind: 'single', equation, reads });
      continue;
    }
    const [v] = equation.outputs;
    if (!stored.has(v.id)) continue;
    const size = sizeOf(v.shape);
    if (isReducing(equation.primitive)) {
      const reads = new Set<number>();
      for (const input of equation.inputs) collect(input, false, reads, new Set());
      place.set(v.id, nodes.length);
      nodes.push({
        kind: 'group',
        size,
        reduction: equation as ReducingEquation,
        values: [v],
        reads,
        stored: [],
      });
      continue;
    }
    const own = new Set<number>();
    const elsewhere = new Set<number>();
    collectEquation(equation, true, own, elsewhere, new Set());
    const all = new Set([...own, ...elsewhere]);
    let earliest = 0;
    for (const id of own) earliest = Math.max(earliest, place.get(id) ?? 0);
    for (const id of elsewhere)
      if (place.has(id)) earliest = Math.max(earliest, (place.get(id) ?? 0) + 1);
    const at = nodes.findIndex(
      (node, i) =>
        i >= earliest && node.kind === 'group' && node.size === size && fits(node, all, bindings),
    );
    const target = at < 0 ? undefined : nodes[at];
    if (target?.kind === 'group') {
      target.values.push(v);
      for (const id of all) target.reads.add(id);
      place.set(v.id, at);
    } else {
      place.set(v.id, nodes.length);
      nodes.push({ kind: 'group', size, values: [v], reads: all, stored: [] });
    }
  }
  return nodes;

  function fits(
    node: Extract<Node, { kind: 'group' }>,
    more: ReadonlySet<number>,
    limit: number,
  ): boolean {
    const inside = new Set(node.values.map((w) => w.id));
    const reads = new Set([...node.reads, ...more].filter((id) => !inside.has(id)));
    return reads.size + node.values.length + 1 <= limit;
  }

  /** Ids that a kernel inlining `v` loads. `whole` asks for the value itself in memory. */
  function collect(v: Value, whole: boolean, reads: Set<number>, seen: Set<number>): void {
    if (!whole && literalOf(constants.get(v.id)) !== undefined) return;
    const equation = inlineOf(v);
    if (!equation || stored.has(v.id) || whole) {
      reads.add(v.id);
      return;
    }
    if (seen.has(v.id)) return;
    seen.add(v.id);
    for (const input of equation.inputs) collect(input, false, reads, seen);
  }

  /** Splits what an equation loads into places equal to its own (flat) place and others. */
  function collectEquation(
    equation: Equation,
    identity: boolean,
    own: Set<number>,
    elsewhere: Set<number>,
    seen: Set<string>,
  ): void {
    equation.inputs.forEach((input, operand) => {
      if (literalOf(constants.get(input.id)) !== undefined) return;
      const same = identity && keepsPlace(equation, operand);
      const key = `${input.id}${same ? '=' : ''}`;
      if (seen.has(key)) return;
      seen.add(key);
      const inner = inlineOf(input);
      if (inner && !stored.has(input.id)) collectEquation(inner, same, own, elsewhere, seen);
      else (same ? own : elsewhere).add(input.id);
    });
  }
}

/** Whether the equation reads the operand at its own flat index. */
function keepsPlace(equation: Equation, operand: number): boolean {
  const { primitive } = equation;
  if (isElementwise(primitive) || primitive === 'reshape') return true;
  if (primitive === 'broadcast')
    return sizeOf(equation.inputs[0].shape) === sizeOf(equation.outputs[0].shape);
  return primitive === 'randomPermutation' && operand === 1;
}
