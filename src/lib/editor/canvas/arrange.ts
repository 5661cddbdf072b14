import { getViewportForBounds, type useSvelteFlow, type Viewport } from '@xyflow/svelte';
import { cardSize } from '../../gallery/template.ts';
import type { GraphDocument } from '../../runtime/graph/document.ts';
import type { Session } from '../session/session.svelte.ts';
import { NARROW } from '../session/ui.svelte.ts';
import { layout } from './layout.ts';

export type CanvasApi = ReturnType<typeof useSvelteFlow>;

/** On a small screen a part one can read is worth more than a whole one cannot. */
export function fitOptions() {
  const narrow = window.matchMedia(NARROW).matches;
  return {
    maxZoom: 1,
    minZoom: narrow ? 0.45 : 0.15,
    padding: { top: '28px', left: '36px', right: '36px', bottom: '64px' },
  } as const;
}

/** Shows the whole graph, clear of the buttons below. */
export function fit(canvas: CanvasApi, duration = 180): void {
  void canvas.fitView({ duration, ...fitOptions() });
}

/** Shows one card, at a size one can read. */
export function fitNode(canvas: CanvasApi, id: string): void {
  void canvas.fitView({ nodes: [{ id }], duration: 250, ...fitOptions(), minZoom: 0.6 });
}

/** Where to look at first: as `fit`, but with room for the previews that cards do not have yet. */
export function firstView({ nodes }: GraphDocument, width: number, height: number): Viewport {
  const sizes = nodes.map(({ type }) => cardSize(type));
  const left = Math.min(...nodes.map(({ position }) => position.x));
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const right = Math.max(...nodes.map(({ position }, i) => position.x + sizes[i][0]));
  const bottom = Math.max(...nodes.map(({ position }, i) => position.y + sizes[i][1]));
  const { minZoom, maxZoom, padding } = fitOptions();
  const bounds = { x: left, y: top, width: right - left, height: bottom - top };
  return getViewportForBounds(bounds, width, height, minZoom, maxZoom, padding);
}

/** Lays the graph out as one undo step, then fits it into view. */
export async function arrange(session: Session, canvas: CanvasApi): Promise<void> {
  const before = session.document;
  const names = (id: string, side: 'in' | 'out') => {
    const node = session.node(id);
    if (!node) return [];
    const ports = session.portsOf(node).filter((port) => port.side === side);
    return ports.map((port) => port.name);
  };
  const positions = await layout(
    before,
    (id) => session.flow.sizeOf(id),
    (id) => ({ inputs: names(id, 'in'), outputs: names(id, 'out') }),
  );
  // An edit made meanwhile wins over the layout of the graph before it.
  if (session.document !== before) return;
  session.place(positions, 'Arrange nodes');
  fit(canvas, 250);
}
