import { HELLO } from './hello.ts';
import type { Hello } from './hello.ts';

/**
 * The worker of the app. The URL form is the one that Vite follows, in development and in a build.
 *
 * @param appBase absolute URL of the folder the app is served from, with a slash at the end; shipped tables lie below it
 */
export function createEngineWorker(appBase: string): Worker {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    type: 'module',
    name: 'adjoint-engine',
  });
  const hello: Hello = { type: HELLO, appBase };
  worker.postMessage(hello);
  return worker;
}
