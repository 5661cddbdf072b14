import { describe, expect, it } from 'vitest';
import type { ViewData } from '../../runtime/graph/view-data.ts';
import { Reports } from './reports.svelte.ts';

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const value = (x: number): ViewData => ({
  kind: 'value',
  label: 'f',
  value: x,
  precision: 'float64',
});
const shown = (reports: Reports, id: string) => {
  const view = reports.slot(id).view;
  return view?.kind === 'value' ? view.value : null;
};

describe('reports of the engine', () => {
  it('applies the latest of many once per frame', async () => {
    const reports = new Reports();
    for (let i = 0; i < 50; i++)
      reports.receiveNodes([{ nodeId: 'a', state: 'ready', status: `${i}` }]);
    expect(reports.slot('a').status).toBe('');
    await frame();
    expect(reports.slot('a').status).toBe('49');
  });

  it('keeps the picture while its node is evaluated again, and takes it away on an error', async () => {
    const reports = new Reports();
    reports.receiveNodes([{ nodeId: 'a', state: 'ready', view: value(1) }]);
    await frame();
    reports.receiveNodes([{ nodeId: 'a', state: 'evaluating' }]);
    await frame();
    expect(shown(reports, 'a')).toBe(1);
    reports.receiveNodes([{ nodeId: 'a', state: 'error', error: { code: 'x', message: 'no' } }]);
    await frame();
    expect(reports.slot('a').view).toBeNull();
    expect(reports.errorIds).toEqual(['a']);
  });

  it('redraws one picture a frame and lets none wait forever', async () => {
    const reports = new Reports();
    const ids = ['a', 'b', 'c'];
    const send = (x: number) =>
      reports.receiveNodes(ids.map((nodeId) => ({ nodeId, state: 'ready', view: value(x) })));
    send(0);
    await frame();
    const changed = ids.map(() => 0);
    let before = ids.map((id) => shown(reports, id));
    for (let i = 1; i <= 30; i++) {
      send(i);
      await frame();
      const now = ids.map((id) => shown(reports, id));
      expect(now.filter((x, k) => x !== before[k]).length).toBeLessThanOrEqual(1);
      now.forEach((x, k) => (changed[k] += x === before[k] ? 0 : 1));
      before = now;
    }
    for (const count of changed) expect(count).toBeGreaterThanOrEqual(9);
  });

  it('forgets nodes that left the graph and knows them again when they are back', async () => {
    const reports = new Reports();
    reports.receiveNodes([{ nodeId: 'a', state: 'ready', view: value(1) }]);
    await frame();
    reports.retain(new Set());
    expect(reports.viewIds).toEqual([]);
    reports.retain(new Set(['a']));
    expect(reports.viewIds).toEqual(['a']);
    expect(shown(reports, 'a')).toBe(1);
  });
});
