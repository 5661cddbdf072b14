/** Full-batch gradient descent on a 2-32-32-1 tanh MLP with 256 points and mean squared error: the step of the benchmark and of the device tests. */
import { hostFloat } from '../../../src/lib/runtime/ir/host.ts';
import { add, matmul, mean, mul, square, sub, tanh } from '../../../src/lib/runtime/ir/ops.ts';
import { hostKey, hostNormal, hostUniform } from '../../../src/lib/runtime/ir/random.ts';
import { sizeOf } from '../../../src/lib/runtime/ir/shape.ts';
import { trace } from '../../../src/lib/runtime/ir/trace.ts';
import { valueAndGrad } from '../../../src/lib/runtime/transform/index.ts';
import type { HostArray, Shape, Value } from '../../../src/lib/runtime/ir/types.ts';
import type { StepperSpec } from '../../../src/lib/runtime/device/device.ts';

export const POINTS = 256;
const WIDTH = 32;

export interface MlpSize {
  readonly points?: number;
  readonly width?: number;
}

function float32(values: Float64Array, shape: Shape): HostArray {
  return hostFloat(values.map(Math.fround), shape);
}

/** [W1, b1, W2, b2, W3, b3], weights normal with variance 1/fan-in. */
export function initialWeights(seed = 1, hidden = WIDTH): HostArray[] {
  const widths = [2, hidden, hidden, 1];
  return widths.slice(1).flatMap((width, layer) => {
    const inputs = widths[layer];
    const normal = hostNormal(hostKey(seed + layer), inputs * width);
    return [
      float32(
        normal.map((x) => x / Math.sqrt(inputs)),
        [inputs, width],
      ),
      float32(new Float64Array(width), [width]),
    ];
  });
}

/** Points of the square [−1, 1]² and the targets sin(3 x₀)·cos(2 x₁). */
export function points(n = POINTS): { x: HostArray; y: HostArray } {
  const shape = [n, 2];
  const x = float32(
    hostUniform(hostKey(11), sizeOf(shape)).map((u) => 2 * u - 1),
    shape,
  );
  const y = Float64Array.from(
    { length: n },
    (_, i) => Math.sin(3 * x.data[2 * i]) * Math.cos(2 * x.data[2 * i + 1]),
  );
  return { x, y: float32(y, [n, 1]) };
}

export function loss(weights: readonly Value[], x: Value, y: Value): Value {
  const [w1, b1, w2, b2, w3, b3] = weights;
  const h1 = tanh(add(matmul(x, w1), b1));
  const h2 = tanh(add(matmul(h1, w2), b2));
  return mean(square(sub(add(matmul(h2, w3), b3), y)));
}

/** `live` is the step size; the metric is the loss. */
export function mlpSpec(stepSize: number, size: MlpSize = {}, verifySteps?: number): StepperSpec {
  const state = initialWeights(1, size.width);
  const { x, y } = points(size.points);
  const types = [...state, x, y, { shape: [], dtype: 'float' } as const];
  const step = trace((...values) => {
    const weights = values.slice(0, 6);
    const [inputs, targets, rate] = values.slice(6);
    const [, gradient] = valueAndGrad((ws) => loss(ws, inputs, targets))(weights);
    return weights.map((w, i) => sub(w, mul(rate, gradient[i])));
  }, types);
  const metrics = trace((...values) => [loss(values.slice(0, 6), values[6], values[7])], types);
  const spec = { step, metrics, state, data: [x, y], live: [stepSize] };
  return verifySteps === undefined ? spec : { ...spec, verifySteps };
}
