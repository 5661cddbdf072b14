import type { ParamSpec } from '../../runtime/graph/node-definition.ts';

export const lambdaParam = {
  kind: 'number',
  label: 'λ',
  help: 'Regularization weight.',
  default: 0.1,
  min: 0,
  max: 1e6,
  scale: 'log',
  live: true,
} as const satisfies ParamSpec;
