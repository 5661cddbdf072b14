/** The worker: registry, devices and engine, started by the first message. */
import { registry } from '../nodes/index.ts';
import { createDeviceManager } from '../runtime/device/select.ts';
import { WASM_PATHS } from '../runtime/device/tfjs/wasm-paths.vite.ts';
import type { ToWorker } from '../runtime/run/protocol.ts';
import { HELLO } from './hello.ts';
import type { Hello } from './hello.ts';
import { serveEngine } from './serve.ts';

let begun = false;
let receive: ((message: ToWorker) => void) | null = null;
/** Messages that came while the lock was being taken. */
const early: ToWorker[] = [];

self.addEventListener('message', (event: MessageEvent<ToWorker | Hello>) => {
  const { data } = event;
  if (data.type === HELLO) {
    begun = true;
    void hold(data.lock).then(() => serve(data.appBase));
  } else if (!begun)
    throw new Error(`engine worker: expected '${HELLO}' first, got '${data.type}'.`);
  else if (receive) receive(data);
  else early.push(data);
});

function serve(appBase: string): void {
  receive = serveEngine({
    registry,
    devices: createDeviceManager({ wasmPaths: WASM_PATHS }),
    builtinTable: (name) => fetchTable(new URL(`data/${name}.csv`, appBase)),
    send: (message) => self.postMessage(message),
  }).receive;
  for (const message of early) receive(message);
  early.length = 0;
}

/** Takes the lock, by whose release the page learns that this worker is gone; resolves when it is held, or cannot be. */
function hold(lock: string): Promise<void> {
  return new Promise((resolve) => {
    if (!navigator.locks) {
      resolve();
      return;
    }
    const forLife = () => {
      resolve();
      return new Promise<never>(() => {});
    };
    navigator.locks.request(lock, forLife).catch(() => resolve());
  });
}

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
