import { fillTableau } from '../transport/tableau.ts';
import type { KernelFactory, Numbers } from './kernel.ts';

export const transportKernel: KernelFactory<'transport'> =
  () =>
  ([cost, a, b], [output]) =>
    fillTableau(cost as Numbers, a as Numbers, b as Numbers, output as Numbers);
