/** A worker in this process: messages are cloned and arrive later, and it can be made to crash, to hang and to end. */
import type { NodeDefinition } from '../../runtime/graph/node-definition.ts';
import { cpu64Only } from '../../runtime/run/devices.ts';
import type { DeviceManager } from '../../runtime/run/devices.ts';
import type { FromWorker, ToWorker } from '../../runtime/run/protocol.ts';
import { serveEngine } from '../serve.ts';
import type { WorkerLike } from '../supervisor.ts';

export class LocalWorker implements WorkerLike {
  readonly received: ToWorker[] = [];
  readonly ended: Promise<void>;
  private readonly listeners: { type: string; listener: (event: never) => void }[] = [];
  private readonly served: ReturnType<typeof serveEngine>;
  private finish: () => void = () => {};
  private dead = false;
  private hanging = false;
  private hangsAt: (message: FromWorker) => boolean = () => false;

  constructor(definitions: readonly NodeDefinition[], devices: DeviceManager = cpu64Only()) {
    this.ended = new Promise((resolve) => (this.finish = resolve));
    this.served = serveEngine({
      registry: new Map(definitions.map((definition) => [definition.type, definition])),
      devices,
      builtinTable: async () => 'a,b\n1,2\n3,4\n',
      send: (message) => {
        this.dispatch('message', { data: structuredClone(message) });
        if (this.hangsAt(message)) this.hang();
      },
    });
  }
  get isHanging(): boolean {
    return this.hanging;
  }
  postMessage(message: unknown): void {
    const copy = structuredClone(message) as ToWorker;
    setImmediate(() => {
      if (this.dead || this.hanging) return;
      this.received.push(copy);
      this.served.receive(copy);
    });
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.push({ type, listener });
  }
  terminate(): void {
    this.dead = true;
    this.served.engine.dispose();
  }
  crash(message: string): void {
    this.dispatch('error', { message, preventDefault: () => {} });
  }
  /** From now on it is inside one evaluation: it receives nothing, and says nothing more than it has said. */
  hang(): void {
    this.hanging = true;
    this.served.engine.dispose();
  }
  /** Hangs as soon as it has said this. */
  hangAt(said: (message: FromWorker) => boolean): void {
    this.hangsAt = said;
  }
  /** It is gone without an event. */
  vanish(): void {
    this.hang();
    this.finish();
  }
  private dispatch(type: string, event: object): void {
    if (this.hanging) return;
    setImmediate(() => {
      if (this.dead) return;
      for (const each of this.listeners) if (each.type === type) each.listener(event as never);
    });
  }
}
