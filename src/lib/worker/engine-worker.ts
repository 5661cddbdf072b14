/** The worker: registry, devices and engine, started by the first message. */
import { registry } from '../nodes/index.ts';
import { createDeviceManager } from '../runtime/device/select.ts';
import { WASM_PATHS } from '../runtime/device/tfjs/wasm-paths.vite.ts';
import type { ToWorker } from '../runtime/run/protocol.ts';
import { HELLO } from './hello.ts';
import type { Hello } from './hello.ts';
import { serveEngine } from './serve.ts';

let receive: ((message: ToWorker) => void) | null = null;

self.addEventListener('message', (event: MessageEvent<ToWorker | Hello>) => {
  const { data } = event;
  if (data.type !== HELLO) {
    if (!receive) throw new Error(`engine worker: expected '${HELLO}' first, got '${data.type}'.`);
    receive(data);
    return;
  }
  const { appBase } = data;
  receive = serveEngine({
    registry,
    devices: createDeviceManager({ wasmPaths: WASM_PATHS }),
    builtinTable: (name) => fetchTable(new URL(`data/${name}.csv`, appBase)),
    send: (message) => self.postMessage(message),
  }).receive;
});

async function fetchTable(url: URL): Promise<Blob> {
  const refused = (got: string): Error =>
    new Error(
      `table: expected ${url.pathname} to be served, got ${got}. Check the connection and reload the page.`,
    );
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw refused('no answer');
  }
  if (!response.ok) throw refused(`status ${response.status}`);
  return response.blob();
}
