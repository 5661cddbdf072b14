/** Hidden states of a deep model, and how its outputs depend on them, in float64. */
import type { Device } from '../../runtime/device/device.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DeepModel, ModelValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { add, slice, sqrt, square, sum, zeros, mul } from '../../runtime/ir/ops.ts';
import { trace } from '../../runtime/ir/trace.ts';
import type { ArrayType, HostArray, Program, Value } from '../../runtime/ir/types.ts';
import { grad, simplify } from '../../runtime/transform/index.ts';

/** The inside of a model that has hidden states of one width, or an error that says which models have. */
export function depthOf(model: ModelValue, where: string, port: string): DeepModel {
  if (model.depth !== undefined) return model.depth;
  throw new NodeError(
    'no-layers',
    `${where} (${port}): expected a model with hidden states of one width, got ${model.title}. Use a ResNet.`,
    port,
  );
}

/** At most `count` of points [N, D]. */
export function firstRows({ data, shape: [N, D] }: HostArray, count: number): HostArray {
  const rows = Math.min(N, count);
  return hostFloat(data.slice(0, rows * D), [rows, D]);
}

const programs = new WeakMap<ModelValue, Map<string, Program>>();

/** Executes a traced function of the parameters and points; programs are kept by model, name and number of points. */
async function execute(
  device: Device,
  model: ModelValue,
  parameters: readonly HostArray[],
  x: HostArray,
  name: string,
  f: (parameters: readonly Value[], x: Value) => Value,
): Promise<HostArray> {
  let known = programs.get(model);
  if (known === undefined) programs.set(model, (known = new Map<string, Program>()));
  const key = `${name}/${x.shape[0]}`;
  let program = known.get(key);
  if (program === undefined) {
    const types: ArrayType[] = [...parameters, x].map(({ shape }) => ({ shape, dtype: 'float' }));
    program = simplify(
      trace((...values) => [f(values.slice(0, -1), values[values.length - 1])], types),
    );
    known.set(key, program);
  }
  return (await device.execute(program, [...parameters, x]))[0];
}

/** h₀, …, h_L of points [N, D], float [L + 1, N, width]. */
export function hiddenStates(
  device: Device,
  model: ModelValue,
  { states }: DeepModel,
  parameters: readonly HostArray[],
  x: HostArray,
): Promise<HostArray> {
  return execute(device, model, parameters, x, 'states', states);
}

/** The root mean square over points [N, D] of ‖∂z/∂h_l‖ (Frobenius) for l = 0, …, L. */
export async function outputGradients(
  device: Device,
  model: ModelValue,
  { layers, width, applyShifted }: DeepModel,
  parameters: readonly HostArray[],
  x: HostArray,
): Promise<Float64Array> {
  const N = x.shape[0];
  const K = model.outputs;
  const { data } = await execute(device, model, parameters, x, 'gradients', (values, points) => {
    let squares = zeros([layers + 1]);
    for (let k = 0; k < K; k++) {
      // Samples do not meet, so the gradient of the sum holds those of each.
      const [g] = grad(([shifts]) =>
        sum(slice(applyShifted(values, points, shifts), [0, k], [N, 1])),
      )([zeros([layers + 1, N, width])]);
      squares = add(squares, sum(square(g), [1, 2]));
    }
    return sqrt(mul(squares, 1 / N));
  });
  return Float64Array.from(data);
}
