import type { Evaluation } from '../../runtime/graph/node-definition.ts';
import type { DatasetValue } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { imageView } from './image-view.ts';

/** b = x + σ ε of a true image x [height, width]: features [height · width, 2] are column and row, ε ~ N(0, 1). */
export function noisyImage(
  name: string,
  truth: Float64Array,
  [height, width]: readonly [number, number],
  noise: number,
  key: readonly [number, number],
): Evaluation {
  const count = height * width;
  const draws = hostNormal(hostFoldIn(key, 0), count);
  const noisy = truth.map((value, i) => value + noise * draws[i]);
  const places = Float64Array.from({ length: 2 * count }, (_, k) =>
    k % 2 === 0 ? (k / 2) % width : Math.floor(k / 2 / width),
  );
  const dataset: DatasetValue = {
    kind: 'dataset',
    name,
    features: hostFloat(places, [count, 2]),
    featureNames: ['column', 'row'],
    targets: { kind: 'values', name: 'brightness', values: hostFloat(noisy) },
    grid: { shape: [height, width], truth: hostFloat(truth, [height, width]) },
  };
  return {
    outputs: { dataset },
    view: imageView(
      [
        { values: truth, caption: 'true' },
        { values: noisy, caption: `noisy, σ = ${noise}` },
      ],
      height,
      width,
    ),
    status: `${height} × ${width}, σ = ${noise}`,
  };
}
