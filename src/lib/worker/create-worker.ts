import type { FromWorker } from '../runtime/run/protocol.ts';
import { HELLO } from './hello.ts';
import type { Hello } from './hello.ts';
import type { WorkerLike } from './supervisor.ts';

/**
 * The worker of the app. The URL form is the one that Vite follows, in development and in a build.
 *
 * @param appBase absolute URL of the folder the app is served from, with a slash at the end; shipped tables lie below it
 */
export function createEngineWorker(appBase: string): WorkerLike {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    type: 'module',
    name: 'adjoint-engine',
  });
  const lock = `adjoint-engine ${crypto.randomUUID()}`;
  const hello: Hello = { type: HELLO, appBase, lock };
  worker.postMessage(hello);
  const closed = new AbortController();
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => {
      closed.abort();
      worker.terminate();
    },
    addEventListener: worker.addEventListener.bind(worker) as WorkerLike['addEventListener'],
    ended: endOf(worker, lock, closed.signal),
  };
}

/** Resolves when the worker is gone, even by a crash that fires no event: its lock is free then. Never after the signal. */
async function endOf(worker: Worker, lock: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const ready = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type !== 'ready') return;
      worker.removeEventListener('message', ready);
      resolve();
    };
    worker.addEventListener('message', ready);
  });
  // Only secure pages have locks; on others a silent worker is found by its silence.
  if (!navigator.locks) return new Promise(() => {});
  try {
    await navigator.locks.request(lock, { signal }, () => undefined);
  } catch {
    // Terminated by the page.
    return new Promise(() => {});
  }
}
