import { binaryRules } from './elementwise-binary.ts';
import { unaryRules } from './elementwise-unary.ts';
import { indexingRules } from './indexing.ts';
import { matmulRule } from './matmul.ts';
import { randomRules } from './random.ts';
import { reductionRules } from './reduction.ts';
import type { RuleTable, SimpleName } from './rule.ts';
import { shapingRules } from './shaping.ts';
import { transportRule } from './transport.ts';

/** The record of every primitive; a missing one does not compile. */
export const primitives: RuleTable<SimpleName> = {
  ...unaryRules,
  ...binaryRules,
  ...reductionRules,
  ...shapingRules,
  ...indexingRules,
  ...randomRules,
  matmul: matmulRule,
  transport: transportRule,
};
