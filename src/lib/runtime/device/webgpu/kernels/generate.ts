/**
 * Kernels of a fused group: elementwise outputs of one size, optionally after one reduction whose result they use at their own place.
 *
 * map: one invocation per element.
 * reduce: one invocation per output when outputs abound or the reduction is short; else one workgroup per output with a tree in workgroup
 *   memory; else (long, few outputs) a first dispatch leaves partial accumulators that a second combines.
 * Products of matrices have kernels of their own where tiles fit (product-choice.ts).
 * Floating sums are blocked in every case, so that rounding grows with the block length and the logarithm of the rest.
 */
import { emitValue } from './emit.ts';
import type { EmitContext } from './emit.ts';
import {
  contextOf,
  GROUP_SIZE,
  loopText,
  MAP_SIZE,
  outerForStores,
  outputOf,
  stores,
  tree,
} from './group.ts';
import type { Group, GroupEnvironment } from './group.ts';
import { reductionOf } from './heavy.ts';
import type { ReducingEquation, Reduction } from './heavy.ts';
import { assemble, grid, invocationNumber, workgroupNumber } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { splitKernels, spreadKernels } from './long-reduction.ts';
import { Block } from './source.ts';
import { productKernel } from './product-choice.ts';
import { SHARED_SIZE, sharedProduct, sharedTiles } from './shared-product.ts';
import type { Share } from './shared-product.ts';
import { tiledProduct } from './tiled-product.ts';

type ProductEquation = Extract<ReducingEquation, { primitive: 'matmul' }>;

/** A reduction up to this length stays in one invocation. */
const SERIAL_LENGTH = 256;
/** This many outputs keep a device busy with one invocation each, up to SERIAL_LENGTH_WIDE. */
const WIDE_OUTPUTS = 512;
const SERIAL_LENGTH_WIDE = 2048;
/** A reduction longer than this with few outputs is split over several workgroups. */
const SPLIT_LENGTH = 16384;

export function generate(group: Group, environment: GroupEnvironment): Kernel[] {
  const { reduction } = group;
  if (!reduction) return [mapKernel(group, environment)];
  const description = reductionOf(reduction);
  const { length } = description;
  if (reduction.primitive === 'matmul') {
    const kind = environment.product ?? productKernel(reduction, environment.barriers);
    if (kind === 'registers') return [tiledKernel(group, reduction, environment)];
    if (kind === 'shared2') return [sharedKernel(group, reduction, 2, environment)];
    if (kind === 'shared4') return [sharedKernel(group, reduction, 4, environment)];
    if (kind === 'serial') return [serialKernel(group, reduction, description, environment)];
    if (kind === 'workgroup') return [groupKernel(group, reduction, description, environment)];
  }
  const serial =
    length <= SERIAL_LENGTH || (group.size >= WIDE_OUTPUTS && length <= SERIAL_LENGTH_WIDE);
  if (serial) return [serialKernel(group, reduction, description, environment)];
  if (!environment.barriers) return spreadKernels(group, reduction, description, environment);
  if (length > SPLIT_LENGTH && group.size * GROUP_SIZE < 16384)
    return splitKernels(group, reduction, description, environment);
  return [groupKernel(group, reduction, description, environment)];
}

function mapKernel(group: Group, environment: GroupEnvironment): Kernel {
  const { context, reads } = contextOf(environment);
  const workgroups = grid(Math.ceil(group.size / MAP_SIZE));
  const body = stores(group, context, new Block(), 'i');
  return assemble({
    label: `map[${group.size}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    main: `  let i = ${invocationNumber(workgroups, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
${body}`,
  });
}

function serialKernel(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel {
  const workgroups = grid(Math.ceil(group.size / MAP_SIZE));
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const outer = new Block();
  const loop = loopText(reduction, equation, context, outer, {
    start: '0u',
    end: `${reduction.length}u`,
    stride: '1u',
    out: 'i',
  });
  return assemble({
    label: `${equation.primitive}.serial[${group.size}×${reduction.length}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    declarations: reduction.monoid.declarations,
    main: `  let i = ${invocationNumber(workgroups, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
${loop}
  let result = ${reduction.monoid.result('acc')};
${stores(group, context, outerForStores(), 'i')}`,
  });
}

function groupKernel(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel {
  const workgroups = grid(group.size);
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const loop = loopText(reduction, equation, context, new Block(), {
    start: 'lane',
    end: `${reduction.length}u`,
    stride: `${GROUP_SIZE}u`,
    out: 'i',
  });
  return assemble({
    label: `${equation.primitive}.group[${group.size}×${reduction.length}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: GROUP_SIZE,
    declarations: `${reduction.monoid.declarations}
var<workgroup> scratch: array<${reduction.monoid.type}, ${GROUP_SIZE}>;`,
    main: `  let i = ${workgroupNumber(workgroups)};
  if (i >= ${group.size}u) { return; }
${loop}
${tree(reduction)}
  if (lane > 0u) { return; }
  let total = scratch[0];
  let result = ${reduction.monoid.result('total')};
${stores(group, context, outerForStores(), 'i')}`,
  });
}

/** As a kernel calls it at each output: what the group makes of the product there. */
const finishFunction = (
  group: Group,
  context: EmitContext,
): string => `fn finish(i: u32, result: f32) {
${stores(group, context, outerForStores(), 'i')}
}`;

function sharedKernel(
  group: Group,
  equation: ProductEquation,
  share: Share,
  environment: GroupEnvironment,
): Kernel {
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const { declarations, main } = sharedProduct(equation, share, (value, index, block) =>
    emitValue(context, value, index, block),
  );
  const finish = finishFunction(group, context);
  const tiles = sharedTiles(equation, share);
  const workgroups = grid(tiles);
  return assemble({
    label: `matmul.shared${share}[${equation.outputs[0].shape.join('×')}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: SHARED_SIZE,
    declarations: `${declarations}
${finish}`,
    main: `  let tile = ${workgroupNumber(workgroups)};
  if (tile >= ${tiles}u) { return; }
${main}`,
  });
}

function tiledKernel(
  group: Group,
  equation: ProductEquation,
  environment: GroupEnvironment,
): Kernel {
  const { context, reads } = contextOf(environment, {
    value: outputOf(equation),
    name: 'result',
    at: 'i',
  });
  const tile = tiledProduct(equation, (value, index, block) =>
    emitValue(context, value, index, block),
  );
  const finish = finishFunction(group, context);
  const workgroups = grid(Math.ceil(tile.invocations / MAP_SIZE));
  return assemble({
    label: `matmul.tiled[${equation.outputs[0].shape.join('×')}]`,
    reads,
    writes: group.stored,
    workgroups,
    workgroupSize: MAP_SIZE,
    declarations: finish,
    main: `  let t = ${invocationNumber(workgroups, MAP_SIZE)};
  if (t >= ${tile.invocations}u) { return; }
${tile.main}`,
  });
}
