/** Connects an engine to a message channel: the inside of the worker, without its globals, so that tests can hold both ends. */
import type { NodeRegistry } from '../runtime/graph/node-definition.ts';
import type { DeviceManager } from '../runtime/run/devices.ts';
import { Engine } from '../runtime/run/engine.ts';
import type { FromWorker, ToWorker } from '../runtime/run/protocol.ts';

export interface ServeOptions {
  readonly registry: NodeRegistry;
  readonly devices: DeviceManager;
  /** The text of a table shipped with the app. */
  readonly builtinTable: (name: string) => Promise<Blob | string>;
  readonly send: (message: FromWorker) => void;
}

/** @returns what to call with each message of the page */
export function serveEngine({ registry, devices, builtinTable, send }: ServeOptions): {
  readonly receive: (message: ToWorker) => void;
  readonly engine: Engine;
} {
  const waiting = new Map<string, ((csv: Blob | string | null) => void)[]>();
  const engine = new Engine({
    registry,
    devices,
    send,
    tables: {
      builtin: builtinTable,
      stored: (hash) =>
        new Promise((resolve) => {
          const others = waiting.get(hash);
          if (others) {
            others.push(resolve);
            return;
          }
          waiting.set(hash, [resolve]);
          send({ type: 'need-table', hash });
        }),
    },
  });
  const receive = (message: ToWorker) => {
    if (message.type === 'table') {
      const resolvers = waiting.get(message.hash) ?? [];
      waiting.delete(message.hash);
      for (const resolve of resolvers) resolve(message.csv);
    } else engine.receive(message);
  };
  send({ type: 'ready' });
  return { receive, engine };
}
