/** A Program as a list of kernels over named values: everything about an execution that does not depend on a GPU device. */
import { sizeOf } from '../../ir/shape.ts';
import type {
  Dtype,
  Equation,
  EquationOf,
  HostArray,
  Program,
  Shape,
  Value,
} from '../../ir/types.ts';
import { fuse } from './fuse.ts';
import type { FusionLimits } from './fuse.ts';
import { refuseHostWork } from './host-work.ts';
import { generate } from './kernels/generate.ts';
import type { Kernel } from './kernels/kernel.ts';
import { copyKernel, counterAdvance, counterStart, stackRow } from './kernels/loop-kernels.ts';
import { scanKernel } from './kernels/scan.ts';

export type PlanItem =
  | { readonly kind: 'kernel'; readonly kernel: Kernel }
  | {
      /** Runs `body` `steps` times; the carry alternates between two sets of values. */
      readonly kind: 'loop';
      readonly steps: number;
      readonly body: Plan;
      /** Carry before the first step. */
      readonly initial: readonly Value[];
      /** Body inputs that the body reads its carry from, and body outputs that it writes the next to. */
      readonly carryIn: readonly Value[];
      readonly carryOut: readonly Value[];
      /** Values of the loop equation that hold the final carry. */
      readonly results: readonly Value[];
      /** Body inputs that are values of the enclosing plan. */
      readonly shared: readonly { readonly inner: Value; readonly outer: Value }[];
      readonly counter: Value;
      readonly start: Kernel;
      /** One for each carry: its copy from `initial`. */
      readonly copies: readonly Kernel[];
      /** After each step: stacking and the counter. */
      readonly after: readonly Kernel[];
      /** Values that `after` writes or reads besides the body's. */
      readonly stacked: readonly Value[];
    };

export interface Plan {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Constants that some kernel loads. */
  readonly constants: ReadonlyMap<number, HostArray>;
  readonly items: readonly PlanItem[];
}

/** Ids of values that only a plan knows count down; those of programs count up from 0. */
let nextTemporary = -1;

function temporary(shape: Shape, dtype: Dtype): Value {
  const value = { id: nextTemporary, shape, dtype };
  nextTemporary -= 1;
  return value;
}

export function makePlan(program: Program, limits: FusionLimits): Plan {
  refuseHostWork(program);
  const { equations, outputs } = prepare(program);
  const constants = new Map(program.constants);
  const fusion = fuse(equations, outputs, constants, limits);
  const items: PlanItem[] = [];
  const environment = (node: Parameters<typeof fusion.inlineIn>[0]) => ({
    inline: (value: Value) => fusion.inlineIn(node, value),
    constant: (value: Value) => constants.get(value.id),
    temporary,
    barriers: limits.barriers ?? true,
    ...(limits.product && { product: limits.product }),
  });
  for (const node of fusion.nodes) {
    if (node.kind === 'group') {
      if (node.size === 0) continue;
      const { size, reduction, stored } = node;
      for (const kernel of generate({ size, reduction, stored }, environment(node)))
        items.push({ kind: 'kernel', kernel });
    } else if (node.equation.primitive === 'loop') {
      items.push(...loopItems(node.equation, limits));
    } else if (node.equation.primitive === 'cumsum') {
      if (sizeOf(node.equation.outputs[0].shape) > 0)
        items.push({ kind: 'kernel', kernel: scanKernel(node.equation) });
    } else {
      throw new Error(`internal: no kernel for ${node.equation.primitive}`);
    }
  }
  return { inputs: program.inputs, outputs, constants, items };
}

const MAX_CONCAT = 4;

/**
 * Drops equations without effect, cuts concatenations into pieces that a kernel can bind, and gives each output a value of its own:
 * an output that is an input, a constant or another output becomes a copy.
 */
function prepare(program: Program): { equations: Equation[]; outputs: Value[] } {
  const wanted = new Set(program.outputs.map((v) => v.id));
  const kept: Equation[] = [];
  for (const equation of [...program.equations].reverse()) {
    if (!equation.outputs.some((v) => wanted.has(v.id))) continue;
    for (const input of equation.inputs) wanted.add(input.id);
    kept.push(equation);
  }
  kept.reverse();
  const equations = kept.flatMap((equation): Equation[] =>
    equation.primitive === 'concat' ? splitConcat(equation) : [equation],
  );

  const computed = new Set(equations.flatMap((equation) => equation.outputs.map((v) => v.id)));
  const outputs = program.outputs.map((v) => {
    if (computed.delete(v.id)) return v;
    const copy = temporary(v.shape, v.dtype);
    equations.push({ primitive: 'stopGradient', params: {}, inputs: [v], outputs: [copy] });
    return copy;
  });
  return { equations, outputs };
}

function splitConcat(equation: EquationOf<'concat'>): EquationOf<'concat'>[] {
  const { axis } = equation.params;
  if (equation.inputs.length <= MAX_CONCAT) return [equation];
  const pieces: EquationOf<'concat'>[] = [];
  const inputs: Value[] = [];
  for (let i = 0; i < equation.inputs.length; i += MAX_CONCAT) {
    const part = equation.inputs.slice(i, i + MAX_CONCAT);
    const length = part.reduce((sum, v) => sum + v.shape[axis], 0);
    const shape = part[0].shape.map((n, k) => (k === axis ? length : n));
    const whole = temporary(shape, part[0].dtype);
    pieces.push({ primitive: 'concat', params: { axis }, inputs: part, outputs: [whole] });
    inputs.push(whole);
  }
  return [...pieces, ...splitConcat({ ...equation, inputs })];
}

function loopItems(equation: EquationOf<'loop'>, limits: FusionLimits): PlanItem[] {
  const { steps, body, reverse } = equation.params;
  const carryCount = equation.params.carry;
  const constants = equation.inputs.slice(0, equation.params.constants);
  const initial = equation.inputs.slice(constants.length, constants.length + carryCount);
  const sequences = equation.inputs.slice(constants.length + carryCount);
  const results = equation.outputs.slice(0, carryCount);
  const stacked = equation.outputs.slice(carryCount);
  if (steps === 0)
    return initial.map((from, k) => ({ kind: 'kernel', kernel: copyKernel(from, results[k]) }));

  const [counter, ...rest] = body.inputs;
  const innerConstants = rest.slice(0, constants.length);
  const carryIn = rest.slice(constants.length, constants.length + carryCount);
  const slices = rest.slice(constants.length + carryCount);
  // A slice is the sequence's row at the counter, which kernels read in place.
  const whole = sequences.map((v) => temporary(v.shape, v.dtype));
  const rows: Equation[] = slices.map((slice, k) => ({
    primitive: 'gather',
    params: {},
    inputs: [whole[k], counter],
    outputs: [slice],
  }));
  const inner = makePlan(
    {
      inputs: [counter, ...innerConstants, ...carryIn, ...whole],
      constants: body.constants,
      equations: [...rows, ...body.equations],
      outputs: body.outputs,
    },
    limits,
  );
  const carryOut = inner.outputs.slice(0, carryCount);
  const innerRows = inner.outputs.slice(carryCount);
  return [
    {
      kind: 'loop',
      steps,
      body: inner,
      initial,
      carryIn,
      carryOut,
      results,
      shared: [
        ...innerConstants.map((v, k) => ({ inner: v, outer: constants[k] })),
        ...whole.map((v, k) => ({ inner: v, outer: sequences[k] })),
      ],
      counter,
      copies: initial.map((v, k) => copyKernel(v, carryIn[k])),
      start: counterStart(counter, reverse ? steps - 1 : 0),
      after: [
        ...innerRows.flatMap((row, k) =>
          sizeOf(row.shape) === 0 ? [] : [stackRow(counter, row, stacked[k])],
        ),
        counterAdvance(counter, reverse ? -1 : 1),
      ],
      stacked,
    },
  ];
}
