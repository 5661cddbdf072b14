/**
 * Reductions longer than one invocation or workgroup should do: a first dispatch leaves partial accumulators, a second combines them and computes the
 * group's outputs.
 */
import type { Value } from '../../../ir/types.ts';
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
import type { ReducingEquation, Reduction } from './heavy.ts';
import { assemble, bufferName, grid, invocationNumber, workgroupNumber } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import type { Monoid } from './monoid.ts';
import { Block } from './source.ts';

/** Elements of one workgroup's part, and how many parts at most. */
const SPLIT_PART = 4096;
const MAX_PARTS = 256;

/** Values that hold the accumulators of `words` partial reductions, and the fields of an accumulator they hold. */
function partialValues(
  monoid: Monoid,
  words: number,
  environment: GroupEnvironment,
): { readonly values: readonly Value[]; readonly fields: readonly string[] } {
  const first = environment.temporary([words], monoid.wordType === 'i32' ? 'int' : 'float');
  if (monoid.words === 1) return { values: [first], fields: [''] };
  const pair = monoid.type === 'Best';
  const second = environment.temporary([words], pair ? 'int' : 'float');
  return { values: [first, second], fields: pair ? ['.value', '.position'] : ['.x', '.y'] };
}

/** The accumulator of partial reduction `w`. */
function loadPartial(monoid: Monoid, names: readonly string[], w: string): string {
  const words = names.map((name) => `${name}[${w}]`);
  return monoid.words === 2 ? `${monoid.type}(${words.join(', ')})` : words[0];
}

/** Workgroups, `parts` for each output, each with a tree; then one workgroup for each output. */
export function splitKernels(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel[] {
  const { monoid, length } = reduction;
  const parts = Math.min(MAX_PARTS, Math.ceil(length / SPLIT_PART));
  const words = group.size * parts;
  const partial = partialValues(monoid, words, environment);
  const declarations = `${monoid.declarations}
var<workgroup> scratch: array<${monoid.type}, ${GROUP_SIZE}>;`;

  const first = contextOf(environment);
  const firstGrid = grid(words);
  const loop = loopText(reduction, equation, first.context, new Block(), {
    start: `part * ${GROUP_SIZE}u + lane`,
    end: `${length}u`,
    stride: `${GROUP_SIZE * parts}u`,
    out: 'i',
  });
  const saves = partial.values.map(
    (v, k) => `  ${bufferName('o', v)}[w] = scratch[0]${partial.fields[k]};`,
  );
  const partials = assemble({
    label: `${equation.primitive}.partial[${group.size}×${length}]`,
    reads: first.reads,
    writes: partial.values,
    workgroups: firstGrid,
    workgroupSize: GROUP_SIZE,
    declarations,
    main: `  let w = ${workgroupNumber(firstGrid)};
  if (w >= ${words}u) { return; }
  let i = w / ${parts}u;
  let part = w % ${parts}u;
${loop}
${tree(reduction)}
  if (lane > 0u) { return; }
${saves.join('\n')}`,
  });

  const last = contextOf(environment, { value: outputOf(equation), name: 'result', at: 'i' });
  const lastGrid = grid(group.size);
  const names = partial.values.map((v) => last.context.buffer(v));
  const combined = assemble({
    label: `${equation.primitive}.combine[${group.size}×${parts}]`,
    reads: last.reads,
    writes: group.stored,
    workgroups: lastGrid,
    workgroupSize: GROUP_SIZE,
    declarations,
    main: `  let i = ${workgroupNumber(lastGrid)};
  if (i >= ${group.size}u) { return; }
  var acc = ${monoid.init};
  for (var p = lane; p < ${parts}u; p += ${GROUP_SIZE}u) {
    acc = ${monoid.combine('acc', loadPartial(monoid, names, `i * ${parts}u + p`))};
  }
${tree(reduction)}
  if (lane > 0u) { return; }
  let total = scratch[0];
  let result = ${monoid.result('total')};
${stores(group, last.context, outerForStores(), 'i')}`,
  });
  return [partials, combined];
}

/** One invocation for each of about √length parts of every output; then one for each output. No barriers. */
export function spreadKernels(
  group: Group,
  equation: ReducingEquation,
  reduction: Reduction,
  environment: GroupEnvironment,
): Kernel[] {
  const { monoid, length } = reduction;
  const parts = Math.ceil(Math.sqrt(length));
  const words = group.size * parts;
  const partial = partialValues(monoid, words, environment);

  const first = contextOf(environment);
  const firstGrid = grid(Math.ceil(words / MAP_SIZE));
  const loop = loopText(reduction, equation, first.context, new Block(), {
    start: 'part',
    end: `${length}u`,
    stride: `${parts}u`,
    out: 'i',
  });
  const saves = partial.values.map(
    (v, k) => `  ${bufferName('o', v)}[w] = acc${partial.fields[k]};`,
  );
  const partials = assemble({
    label: `${equation.primitive}.spread[${group.size}×${length}]`,
    reads: first.reads,
    writes: partial.values,
    workgroups: firstGrid,
    workgroupSize: MAP_SIZE,
    declarations: monoid.declarations,
    main: `  let w = ${invocationNumber(firstGrid, MAP_SIZE)};
  if (w >= ${words}u) { return; }
  let i = w / ${parts}u;
  let part = w % ${parts}u;
${loop}
${saves.join('\n')}`,
  });

  const last = contextOf(environment, { value: outputOf(equation), name: 'result', at: 'i' });
  const lastGrid = grid(Math.ceil(group.size / MAP_SIZE));
  const names = partial.values.map((v) => last.context.buffer(v));
  const gathered = assemble({
    label: `${equation.primitive}.gather[${group.size}×${parts}]`,
    reads: last.reads,
    writes: group.stored,
    workgroups: lastGrid,
    workgroupSize: MAP_SIZE,
    declarations: monoid.declarations,
    main: `  let i = ${invocationNumber(lastGrid, MAP_SIZE)};
  if (i >= ${group.size}u) { return; }
  var acc = ${monoid.init};
  for (var p = 0u; p < ${parts}u; p++) {
    acc = ${monoid.combine('acc', loadPartial(monoid, names, `i * ${parts}u + p`))};
  }
  let result = ${monoid.result('acc')};
${stores(group, last.context, outerForStores(), 'i')}`,
  });
  return [partials, gathered];
}
