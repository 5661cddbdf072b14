import { expect } from 'vitest';
import type { Template } from '../../../src/lib/gallery/template.ts';
import { runDocument } from './run-template.ts';

/** Runs a template to its end from a seed: only what is meant to refuse its input does, and every check passes. */
export async function expectToPass({ document, refusals = {} }: Template, seed?: number) {
  const result = await runDocument(document, { seed });
  const faults = result.nodes.filter(({ state }) => state !== 'ready');
  expect(faults.map(({ nodeId }) => nodeId)).toEqual(Object.keys(refusals));
  for (const { nodeId, error } of faults) expect(error?.message).toContain(refusals[nodeId]);
  for (const report of result.reports) expect(['maxSteps', 'converged']).toContain(report.status);
  const checks = document.nodes.filter(({ type }) => type === 'check/compare');
  expect(checks.length).toBeGreaterThan(0);
  expect(Object.keys(result.checks).sort()).toEqual(checks.map(({ id }) => id).sort());
  for (const [id, check] of Object.entries(result.checks)) {
    expect(check.status, `${id}: ${check.measured}, expected ${check.expected}`).toBe('pass');
  }
}

/** Templates that train for nine seconds or more: `npm run test:long` runs them, from each of ten seeds, and all others as well. */
export const SLOW: ReadonlySet<string> = new Set([
  'checkerboard-flow',
  'curve-fit',
  'deblurring',
  'eight-gaussians-flow',
  'inpainting',
  'moons-transport-flow',
  'resnet-moons',
  'resnet-spirals',
  'sinkhorn-generator',
]);
