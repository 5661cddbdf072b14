/**
 * A Program becomes a list of closures over tensors. Liveness is known from the Program, so every intermediate is disposed
 * after its last use. `broadcast` in front of elementwise primitives is not executed: tfjs broadcasts natively.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../ir/shape.ts';
import type {
  ArrayType,
  Equation,
  EquationOf,
  PrimitiveName,
  PrimitiveParams,
  Program,
  Shape,
} from '../../ir/types.ts';
import { TF_DTYPE, upload } from './engine.ts';
import type { Tf } from './engine.ts';
import { isElementwise } from './lowering.ts';
import type { LowerContext, Lowering, LoweringTable } from './lowering.ts';

export interface Compiled {
  /** Runs once; inputs stay the caller's, the outputs are new tensors that the caller disposes. Call within the backend. */
  run(inputs: readonly Tensor[]): Tensor[];
  /** Frees the Program's constants. */
  dispose(): void;
}

/** Chooses a lowering for an equation; a device overrides its table per dtype or primitive here. */
export type Chooser = <P extends PrimitiveName>(
  primitive: P,
  inputs: readonly Tensor[],
  outputs: readonly ArrayType[],
) => Lowering<P>;

export function tableChooser(table: LoweringTable): Chooser {
  return (primitive) => table[primitive];
}

function full(tf: Tf, x: Tensor, shape: Shape): Tensor {
  // tfjs tiles at least once, so it cannot broadcast to nothing.
  if (sizeOf(shape) === 0 && x.size > 0) return tf.zeros([...shape], x.dtype);
  return sameShape(x.shape, shape) ? x : tf.broadcastTo(x, [...shape]);
}

export function compile(
  tf: Tf,
  program: Program,
  choose: Chooser,
  options: { readonly lazyBroadcast: boolean },
): Compiled {
  const constants = new Map<number, Tensor>();
  for (const [id, host] of program.constants) constants.set(id, tf.keep(upload(tf, host)));
  const bodies = new Map<Program, Compiled>();

  const context: LowerContext = {
    tf,
    apply: <P extends PrimitiveName>(
      primitive: P,
      params: PrimitiveParams[P],
      inputs: readonly Tensor[],
      outputs: readonly ArrayType[],
    ) => execute(primitive, params, inputs, outputs),
    body: (sub) => {
      let compiled = bodies.get(sub);
      if (!compiled) bodies.set(sub, (compiled = compile(tf, sub, choose, options)));
      return (inputs) => compiled.run(inputs);
    },
  };

  function execute<P extends PrimitiveName>(
    primitive: P,
    params: PrimitiveParams[P],
    inputs: readonly Tensor[],
    outputs: readonly ArrayType[],
  ): Tensor[] {
    if (primitive !== 'loop' && outputs.every((type) => sizeOf(type.shape) === 0))
      return outputs.map((type) => tf.zeros([...type.shape], TF_DTYPE[type.dtype]));
    return choose(primitive, inputs, outputs)(context, params, inputs, outputs);
  }

  const uses = new Map<number, number>();
  const use = (id: number): void => void uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const equation of program.equations) for (const input of equation.inputs) use(input.id);
  for (const output of program.outputs) use(output.id);

  const borrowed = new Set<number>([...program.inputs.map((v) => v.id), ...constants.keys()]);

  function runEquation<P extends PrimitiveName>(
    equation: EquationOf<P>,
    environment: Map<number, Tensor>,
  ): Tensor[] {
    const { primitive, params } = equation;
    const raw = equation.inputs.map((input) => lookup(environment, input.id));
    const elementwise = isElementwise(primitive);
    return tf.tidy(() => {
      if (
        options.lazyBroadcast &&
        primitive === 'broadcast' &&
        sizeOf(equation.inputs[0].shape) > 0
      )
        return [raw[0].clone()];
      const keepLazy = elementwise && options.lazyBroadcast;
      const inputs = keepLazy ? raw : raw.map((x, i) => full(tf, x, equation.inputs[i].shape));
      return execute(primitive, params, inputs, equation.outputs);
    });
  }

  const steps = program.equations.map(
    (equation: Equation) => (environment: Map<number, Tensor>) => {
      const results = runEquation(equation as EquationOf<PrimitiveName>, environment);
      equation.outputs.forEach((output, i) => {
        if (uses.has(output.id)) environment.set(output.id, results[i]);
        else results[i].dispose();
      });
    },
  );

  return {
    run: (inputs) => {
      const environment = new Map<number, Tensor>(constants);
      program.inputs.forEach((input, i) => environment.set(input.id, inputs[i]));
      const remaining = new Map(uses);
      const release = (id: number): void => {
        const left = (remaining.get(id) ?? 0) - 1;
        remaining.set(id, left);
        if (left === 0 && !borrowed.has(id)) {
          lookup(environment, id).dispose();
          environment.delete(id);
        }
      };
      steps.forEach((step, i) => {
        step(environment);
        for (const input of program.equations[i].inputs) release(input.id);
      });
      return program.outputs.map((output) => {
        const x = lookup(environment, output.id);
        const result = tf.tidy(() => {
          const whole = full(tf, x, output.shape);
          return whole === x ? x.clone() : whole;
        });
        release(output.id);
        return result;
      });
    },
    dispose: () => {
      for (const tensor of constants.values()) tensor.dispose();
      for (const body of bodies.values()) body.dispose();
    },
  };
}

function lookup(environment: ReadonlyMap<number, Tensor>, id: number): Tensor {
  const tensor = environment.get(id);
  if (!tensor) throw new Error(`internal: value ${id} was expected to be computed before its use`);
  return tensor;
}
