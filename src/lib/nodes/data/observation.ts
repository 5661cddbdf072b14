/**
 * A signal or image as a linear operator and noise let it be seen: b = Kx + σ ε, ε ~ N(0, 1).
 *
 * x is the signal without noise; noise is added where K observes something. Domain: σ ≥ 0. The truth stays with the data, for comparison.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { DatasetValue, LinearOperator } from '../../runtime/graph/ports.ts';
import { hostFloat } from '../../runtime/ir/host.ts';
import { hostFoldIn, hostNormal } from '../../runtime/ir/random.ts';
import { sameShape } from '../../runtime/ir/shape.ts';
import { brief } from '../shared/format.ts';
import { hostOperator } from '../shared/operators/host.ts';
import { describeShape, requireSignal } from '../shared/operators/signal.ts';
import { signalsView } from '../shared/operators/view.ts';
import { peakSignalToNoise } from '../shared/scores.ts';
import { seedParam } from '../shared/seed.ts';

export default defineNode({
  type: 'data/observation',
  version: 1,
  family: 'data',
  title: 'Observation',
  summary: 'What is seen of a signal or image through an operator and noise.',
  formula: String.raw`b = Kx + \sigma\,\varepsilon, \qquad \varepsilon_i \sim \mathcal N(0, 1)`,
  description: [
    'x is the true signal or image: noise that its own node adds is left out. Entries that a mask or a subsampled transform leaves out get no noise.',
    'The picture shows the true image and what is seen: Kx with noise where it is an image again (blur, mask), else the back-projection Kᵀb.',
  ],
  keywords: ['inverse problem', 'measurement', 'noise', 'forward model', 'data', 'simulate'],
  references: [
    {
      text: 'Hansen, Discrete Inverse Problems: Insight and Algorithms (2010), chapter 3.',
      url: 'https://doi.org/10.1137/1.9780898718836',
    },
  ],
  params: {
    noise: { kind: 'number', label: 'Noise σ', default: 0.02, min: 0, max: 100 },
    seed: seedParam,
  },
  inputs: [
    { name: 'data', type: 'dataset', label: 'Signal or image' },
    { name: 'operator', type: 'operator', label: 'Operator' },
  ],
  outputs: [{ name: 'dataset', type: 'dataset', label: 'Observation' }],
  evaluate({ params, input, key }) {
    const clean = input('data', 'dataset');
    const { shape, truth } = requireSignal(clean, 'Observation');
    const { operator } = input('operator', 'operator');
    requireMatch(operator, shape, clean.name);
    const { apply, adjoint } = hostOperator(operator);
    const x = Float64Array.from(truth.data);
    const image = apply(x);
    const draws = hostNormal(hostFoldIn(key, 0), image.length);
    const support = operator.support?.data;
    const b = image.map((value, i) => value + params.noise * draws[i] * (support?.[i] ?? 1));
    const again = operator.seenAs !== undefined;
    const seen = again ? b : adjoint(b);
    const shown = operator.seenAs ?? 'back-projection Kᵀb';
    const name = clean.targets.kind === 'values' ? clean.targets.name : 'value';
    const dataset: DatasetValue = {
      ...clean,
      name: `${clean.name}, ${operator.title}`,
      targets: { kind: 'values', name, values: hostFloat(seen) },
      observation: { operator, values: hostFloat(b, operator.output), shown },
    };
    return {
      outputs: { dataset },
      view: signalsView(shape, [
        { values: truth.data, label: 'true', dashed: true },
        { values: seen, label: shown },
      ]),
      status: `${describeShape(operator.output)} values, σ = ${brief(params.noise)}, PSNR ${brief(peakSignalToNoise(seen, x))} dB`,
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}, { noise: 0 }, { noise: 1, seed: 3 }],
    invalid: [
      { params: { noise: -1 }, message: /Noise σ.*expected a number in \[0, 100\], got -1/ },
    ],
  },
});

function requireMatch(operator: LinearOperator, shape: readonly number[], name: string): void {
  if (sameShape(operator.input, shape)) return;
  throw new NodeError(
    'shape',
    `Observation (operator): expected an operator for ${describeShape(shape)} (${name}), got the ${operator.title} for ${describeShape(operator.input)}. Wire the same signal or image to both.`,
    'operator',
  );
}
