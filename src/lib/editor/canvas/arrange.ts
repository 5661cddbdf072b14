import type { useSvelteFlow } from '@xyflow/svelte';
import type { Session } from '../session/session.svelte.ts';
import { layout } from './layout.ts';

export type CanvasApi = ReturnType<typeof useSvelteFlow>;

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
  await canvas.fitView({ duration: 250, maxZoom: 1, padding: 0.12 });
}
