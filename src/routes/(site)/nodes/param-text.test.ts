import { describe, expect, it } from 'vitest';
import type { ParamSpec, ParamTable } from '../../../lib/runtime/graph/node-definition.ts';
import { definitions } from '../../../lib/nodes/index.ts';
import { conditionOf, defaultOf, domainOf } from './param-text.ts';

const step: ParamSpec = {
  kind: 'choice',
  label: 'Step',
  default: 'lipschitz',
  options: [
    { value: 'lipschitz', label: '1/L' },
    { value: 'constant', label: 'constant' },
  ],
};
const size: ParamSpec = {
  kind: 'number',
  label: 'Step size',
  default: 0.01,
  min: 0,
  max: 1e6,
  exclusiveMin: true,
  live: true,
  visibleWhen: { param: 'step', in: ['constant'] },
};

describe('parameters in words', () => {
  it('states range, default and condition', () => {
    expect(domainOf(size)).toBe('> 0, ≤ 1e6');
    expect(domainOf({ ...size, exclusiveMin: false, min: -1, max: 2 })).toBe('−1 … 2');
    expect(domainOf(step)).toBe('1/L, constant');
    expect(defaultOf(step)).toBe('1/L');
    expect(defaultOf(size)).toBe('0.01');
    expect(conditionOf(size, { step, size })).toBe('with Step = constant');
    expect(conditionOf(step, { step, size })).toBeNull();
  });

  it('has words for every parameter of every node', () => {
    for (const { type, params } of definitions) {
      for (const [name, spec] of Object.entries(params as ParamTable)) {
        expect(domainOf(spec), `${type}.${name}`).not.toBe('');
        expect(defaultOf(spec), `${type}.${name}`).not.toMatch(/^$|undefined|NaN/);
        expect(conditionOf(spec, params) ?? '', `${type}.${name}`).not.toMatch(
          /undefined|with \w+ = $/,
        );
      }
    }
  });
});
