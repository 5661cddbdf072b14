/**
 * The version of float64 results. Equal versions give equal bits in every engine, so fingerprints of one version are
 * compared exactly. Raise it with any change of kernels or elementary functions that changes a last digit
 * (`tests/contract/same-bits.test.ts` fails then). 0, before it was counted: the engine's own `Math.exp` and its kin.
 */
export const ARITHMETIC = 1;
