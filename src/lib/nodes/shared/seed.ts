import type { ParamSpec } from '../../runtime/graph/node-definition.ts';

/** Floating point operations that a normal draw on the host counts for: its bits are a cipher of its index. */
export const DRAW_FLOPS = 900;

/** Every random node has one; with the graph's seed it gives the node's key. */
export const seedParam = {
  kind: 'integer',
  label: 'Seed',
  help: 'Another draw of the same kind. The graph has a seed of its own that moves all draws at once.',
  default: 0,
  min: 0,
  max: 2 ** 31 - 1,
} as const satisfies ParamSpec;
