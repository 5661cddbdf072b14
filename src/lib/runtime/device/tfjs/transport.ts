import { sizeOf } from '../../ir/shape.ts';
import { fillTableau } from '../../ir/transport/tableau.ts';
import type { Lowering } from './lowering.ts';

/** On the host, for backends whose tensors can be read synchronously; float32 enters and leaves, float64 between. */
export const transportLowering: Lowering<'transport'> = (
  { tf },
  _params,
  [cost, a, b],
  [output],
) => {
  const [costs, left, right] = [cost, a, b].map((x) => Float64Array.from(x.dataSync()));
  const tableau = new Float64Array(sizeOf(output.shape));
  fillTableau(costs, left, right, tableau);
  return [tf.tensor(Float32Array.from(tableau), [...output.shape], 'float32')];
};
