import type { InputPort, OutputPort, ParamSpec } from '../../runtime/graph/node-definition.ts';

export const OPTIMIZER_INPUTS: readonly InputPort[] = [
  { name: 'objective', type: 'objective', label: 'Objective' },
];
export const OPTIMIZER_OUTPUTS: readonly OutputPort[] = [
  { name: 'run', type: 'plan', label: 'Run' },
];

/** When a run ends; every optimizer has these. */
export function runParams(maxSteps: number, tolerance: number) {
  return {
    maxSteps: {
      kind: 'integer',
      label: 'Steps at most',
      default: maxSteps,
      min: 1,
      max: 1_000_000,
      scale: 'log',
    },
    tolerance: {
      kind: 'number',
      label: 'Tolerance',
      help: 'Stops as converged when the residual (norm of the gradient, or of the gradient mapping) is at most this; 0 never.',
      default: tolerance,
      min: 0,
      max: 1e6,
      scale: 'log',
    },
  } as const satisfies Record<string, ParamSpec>;
}
