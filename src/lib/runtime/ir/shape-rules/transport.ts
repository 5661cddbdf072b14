import { ShapeError } from '../errors.ts';
import { formatType, sameShape } from '../shape.ts';
import { expectCount, expectDtype, type ShapeRule } from './rule.ts';

export const transportShape: ShapeRule<'transport'> = (_params, inputs) => {
  expectCount('transport', inputs, 3);
  for (const input of inputs) expectDtype('transport', input, ['float']);
  const [cost, a, b] = inputs;
  const [n, m] = cost.shape;
  const fits = cost.shape.length === 2 && sameShape(a.shape, [n]) && sameShape(b.shape, [m]);
  if (!fits || n === 0 || m === 0) {
    throw new ShapeError(
      'transport',
      'costs [n, m] with weights [n] and [m], n and m at least 1',
      inputs.map(formatType).join(', '),
    );
  }
  return [{ shape: [n + 1, m + 1], dtype: 'float' }];
};
