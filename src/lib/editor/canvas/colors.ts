import type { Family } from '../../runtime/graph/node-definition.ts';

/** The colour of a wire or port by what it carries; a plan travels on as a run. */
export function portColor(type: string): string {
  return `var(--port-${type === 'plan' ? 'run' : type}, var(--color-control))`;
}

const FAMILY_PORT: Readonly<Record<Family, string>> = {
  data: 'dataset',
  operator: 'operator',
  model: 'model',
  regularizer: 'regularizer',
  loss: 'objective',
  optimizer: 'run',
  check: 'scalar',
  view: 'array',
};

/** A family has the colour of what it produces. */
export function familyColor(family: Family): string {
  return portColor(FAMILY_PORT[family]);
}

export const FAMILY_TITLES: Readonly<Record<Family, string>> = {
  data: 'Data',
  operator: 'Operators',
  model: 'Models',
  regularizer: 'Regularizers',
  loss: 'Losses',
  optimizer: 'Optimizers',
  check: 'Checks',
  view: 'Views',
};
