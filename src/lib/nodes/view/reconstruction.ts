/**
 * The estimate of a signal beside the noisy and the true one, with its peak signal-to-noise ratio.
 *
 *   PSNR = 10 log₁₀(range² / mean (x − x_true)²), the range that of the true signal.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { NodeError } from '../../runtime/graph/node-error.ts';
import { brief } from '../shared/format.ts';
import { imageView } from '../shared/image-view.ts';
import { peakSignalToNoise } from '../shared/scores.ts';

export default defineNode({
  type: 'view/reconstruction',
  version: 1,
  family: 'view',
  title: 'Reconstruction',
  summary:
    'The estimated signals over the noisy and the true one, or images side by side, with their PSNR.',
  formula: String.raw`\mathrm{PSNR} = 10\log_{10}\frac{(\max x^\star - \min x^\star)^2}{\tfrac1n\lVert x - x^\star\rVert^2}`,
  keywords: ['psnr', 'denoising', 'before', 'after', 'signal'],
  references: [
    {
      text: 'Gonzalez & Woods, Digital Image Processing, 4th ed., section 8.1 (fidelity criteria)',
    },
  ],
  params: {},
  inputs: [{ name: 'runs', type: 'run', label: 'Runs', many: true }],
  outputs: [],
  evaluate({ list }) {
    const runs = list('runs', 'run');
    const observed = runs[0]?.plan.objective.observed;
    if (observed?.grid === undefined || observed.targets.kind !== 'values') {
      throw new NodeError(
        'shape',
        `Reconstruction (runs): expected runs that estimate a signal or an image, got '${runs[0]?.plan.objective.title ?? 'none'}'. Use total-variation denoising.`,
        'runs',
      );
    }
    const other = runs.find(({ plan }) => plan.objective.observed !== observed);
    if (other) {
      throw new NodeError(
        'shape',
        `Reconstruction (runs): expected runs on one signal, got another in '${other.plan.label}'. Use one view for each signal.`,
        'runs',
      );
    }
    const truth = Float64Array.from(observed.grid.truth.data);
    const noisy = Float64Array.from(observed.targets.values.data);
    const x = Float64Array.from(observed.features.data);
    const decibels = (y: ArrayLike<number>) => `${brief(peakSignalToNoise(y, truth))} dB`;
    const { shape } = observed.grid;
    const shown = observed.observation?.shown ?? 'noisy';
    if (shape.length === 2) {
      const drawn = runs.filter(({ parameters }) => parameters.length > 0);
      const estimates = drawn.map(({ plan, parameters, nodeId }) => {
        const values = parameters[0].data;
        return { values, caption: `${plan.label} ${decibels(values)}`, nodeId };
      });
      return {
        view: imageView(
          [
            { values: truth, caption: 'true' },
            { values: noisy, caption: `${shown} ${decibels(noisy)}` },
            ...estimates,
          ],
          shape[0],
          shape[1],
          drawn.some(({ precision }) => precision === 'float32') ? 'float32' : 'float64',
        ),
        status: estimates.map(({ caption }) => caption).join('; ') || 'waits for a run',
      };
    }
    const estimates = runs
      .filter(({ parameters }) => parameters.length > 0)
      .map(({ parameters, plan, nodeId }) => {
        const y = Float64Array.from(parameters[0].data);
        return { x, y, label: `${plan.label} (${decibels(y)})`, nodeId };
      });
    return {
      view: {
        kind: 'line',
        xLabel: observed.featureNames[0],
        yLabel: observed.targets.name,
        points: [{ x, y: noisy, label: `${shown} (${decibels(noisy)})` }],
        lines: [{ x, y: truth, label: 'true', dashed: true }, ...estimates],
      },
      status: estimates.length > 0 ? `PSNR ${decibels(estimates[0].y)}` : 'waits for a run',
    };
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { range: 1 }, message: /range/ }],
  },
});
