/** The history of a run that was done with one set of live values, as the engine hands it on. */
import type { Certificate, LiveNumbers } from '../../../src/lib/runtime/graph/ports.ts';
import type { RunValue } from '../../../src/lib/runtime/run/run-value.ts';
import type { CertificateState } from '../../../src/lib/runtime/run/segments.ts';

export function known(certificate: Certificate | null): CertificateState {
  return certificate ? { state: 'known', certificate } : { state: 'none' };
}

export function oneSegment(
  certificate: CertificateState = { state: 'none' },
  live: LiveNumbers = {},
): Pick<RunValue, 'segments' | 'standing' | 'changes' | 'since'> {
  return {
    segments: [{ from: 0, live, certificate }],
    standing: 'current',
    changes: [],
    since: [],
  };
}
