/** cumsum: one invocation per line, adding in the order of the reference. Parallel over lines only. */
import { sizeOf, stridesOf } from '../../../ir/shape.ts';
import type { EquationOf } from '../../../ir/types.ts';
import { assemble, bufferName, grid, invocationNumber } from './kernel.ts';
import type { Kernel } from './kernel.ts';

const SIZE = 64;

export function scanKernel(equation: EquationOf<'cumsum'>): Kernel {
  const [input] = equation.inputs;
  const [output] = equation.outputs;
  const { axis, reverse } = equation.params;
  const n = input.shape[axis];
  const stride = stridesOf(input.shape)[axis];
  const lines = n === 0 ? 0 : sizeOf(input.shape) / n;
  const workgroups = grid(Math.ceil(lines / SIZE));
  const from = bufferName('b', input);
  const to = bufferName('o', output);
  return assemble({
    label: `cumsum[${lines}×${n}]`,
    reads: [input],
    writes: [output],
    workgroups,
    workgroupSize: SIZE,
    main: `  let line = ${invocationNumber(workgroups, SIZE)};
  if (line >= ${lines}u) { return; }
  let origin = (line / ${stride}u) * ${stride * n}u + line % ${stride}u;
  var acc = ${input.dtype === 'int' ? '0i' : '0.0f'};
  for (var r = 0u; r < ${n}u; r++) {
    let place = origin + ${reverse ? `(${n - 1}u - r)` : 'r'} * ${stride}u;
    acc += ${from}[place];
    ${to}[place] = acc;
  }`,
  });
}
