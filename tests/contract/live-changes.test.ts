/** What becomes of the numbers of a run when live values change: after its end, on the way, and when the change is undone. */
import { afterEach, describe, expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { definitions } from '../../src/lib/nodes/index.ts';
import type { GraphDocument, ParamValue } from '../../src/lib/runtime/graph/document.ts';
import { setParam } from '../../src/lib/runtime/graph/edit.ts';
import type {
  CheckView,
  ComparisonView,
  CurvesView,
} from '../../src/lib/runtime/graph/view-data.ts';
import { harness } from '../../src/lib/runtime/run/testing/fake-race.ts';
import type { Harness } from '../../src/lib/runtime/run/testing/fake-race.ts';
import { tablesFrom } from '../../scripts/experiment/source.ts';

const engines: Harness[] = [];
afterEach(() => {
  for (const { engine } of engines.splice(0)) engine.dispose();
});

function lab(now?: () => number): Harness {
  const made = harness(definitions, { tables: tablesFrom(), ...(now && { now }) });
  engines.push(made);
  return made;
}

const lasso = templates.find(({ id }) => id === 'lasso-diabetes')?.document as GraphDocument;
const withLambda = (value: ParamValue) => setParam(lasso, 'l1', 'lambda', value);
const run = (h: Harness, ...nodeIds: string[]) =>
  h.engine.receive({
    type: 'command',
    command: 'run',
    ...(nodeIds.length > 0 && { nodeIds }),
  });
const check = (h: Harness, id: string): CheckView => h.node(id).view as CheckView;
const checks = (h: Harness) =>
  ['bound-check', 'gap-check', 'distance-check'].map((id) => check(h, id).status);
const numbers = (h: Harness) => {
  const { step, objective } = h.run('fista').series;
  return { step, objective, parameters: [...h.run('fista').parameters[0].data] };
};

async function raced(document = lasso): Promise<Harness> {
  const h = lab();
  h.send(document);
  run(h);
  await h.settled();
  return h;
}

async function changed(h: Harness, document: GraphDocument) {
  h.send(document);
  return h.settled();
}

describe('after the race of the lasso, λ 5 → 20', () => {
  it('leaves the results as they are and calls every check outdated, with what to do', async () => {
    const h = await raced();
    expect(checks(h)).toEqual(['pass', 'pass', 'pass']);
    const before = numbers(h);
    const gap = check(h, 'gap-check').measured;

    const settled = await changed(h, withLambda(20));
    expect(numbers(h)).toEqual(before);
    expect(checks(h)).toEqual(['outdated', 'outdated', 'outdated']);
    // Still f of λ = 5 less f* of λ = 5: not −713.74.
    expect(check(h, 'gap-check').measured).toBe(gap);
    expect(check(h, 'gap-check').reason).toBe('measured with λ = 5. Run again with λ = 20.');
    expect(settled.fingerprint).toBeNull();
    const { rows } = h.node('comparison').view as ComparisonView;
    for (const { cells, remark } of rows.filter(({ nodeId }) => nodeId !== 'gd')) {
      expect(Math.abs(cells.suboptimality ?? NaN)).toBeLessThan(1e-9);
      expect(remark?.text).toBe('outdated: measured with λ = 5. Run again with λ = 20.');
    }
    const curves = h.node('curves').view as CurvesView;
    expect(curves.runs.find(({ nodeId }) => nodeId === 'fista')).toMatchObject({
      outdated: 'measured with λ = 5. Run again with λ = 20.',
      segments: [{ from: 0 }],
    });
  });

  it('brings everything back when it is undone, and takes it away again when redone', async () => {
    const h = await raced();
    const [before, passed] = [numbers(h), check(h, 'gap-check')];
    const settled = await changed(h, withLambda(20)).then(() => changed(h, lasso));
    expect(numbers(h)).toEqual(before);
    expect(check(h, 'gap-check')).toEqual(passed);
    expect(checks(h)).toEqual(['pass', 'pass', 'pass']);
    expect(settled.fingerprint).not.toBeNull();
    await changed(h, withLambda(20));
    expect(checks(h)).toEqual(['outdated', 'outdated', 'outdated']);
  });

  it('stands to the change after a reload too, and brings everything back', async () => {
    const first = await raced();
    const before = numbers(first);
    await changed(first, withLambda(20));
    const kept = structuredClone(
      ['gd', 'ista', 'fista'].flatMap(
        (id) => first.checkpoints.findLast(({ nodeId }) => nodeId === id) ?? [],
      ),
    );
    const h = lab();
    h.engine.receive({ type: 'restore', checkpoints: kept });
    await changed(h, withLambda(20));
    expect(checks(h)).toEqual(['outdated', 'outdated', 'outdated']);
    await changed(h, lasso);
    expect(checks(h)).toEqual(['pass', 'pass', 'pass']);
    expect(numbers(h)).toEqual(before);
  });

  it('runs again with the new value to the numbers of a race that began with it', async () => {
    const h = await raced();
    await changed(h, withLambda(20));
    // Without ids: the runs whose results are of other values.
    run(h);
    await h.settled();
    expect(checks(h)).toEqual(['pass', 'pass', 'pass']);
    const fresh = await raced(withLambda(20));
    expect(numbers(h)).toEqual(numbers(fresh));
    expect(h.report('fista').standing).toBe('current');
  });
});
