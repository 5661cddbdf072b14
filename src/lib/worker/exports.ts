/** Questions of the page for the whole table of a node, each answered once. */
import type { NodeTable } from '../runtime/graph/node-table.ts';
import type { FromWorker, ToWorker } from '../runtime/run/protocol.ts';

export class Exports {
  private readonly open = new Map<number, (table: NodeTable | null) => void>();
  private readonly post: (message: ToWorker) => void;
  private ids = 0;

  constructor(post: (message: ToWorker) => void) {
    this.post = post;
  }

  /** Null where the node has no more than its picture, or the worker went meanwhile. */
  ask(nodeId: string): Promise<NodeTable | null> {
    const id = ++this.ids;
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      this.post({ type: 'export', id, nodeId });
    });
  }

  receive(message: FromWorker): void {
    // Another worker knows nothing of the questions before.
    if (message.type === 'ready') this.abandon();
    if (message.type !== 'exported') return;
    this.open.get(message.id)?.(message.table);
    this.open.delete(message.id);
  }

  /** The worker is gone. */
  abandon(): void {
    for (const resolve of this.open.values()) resolve(null);
    this.open.clear();
  }
}
