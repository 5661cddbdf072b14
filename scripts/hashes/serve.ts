import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';

const ROOT = new URL('../../', import.meta.url);

export interface Served {
  readonly url: string;
  close(): void;
}

/** Bundles `page.ts` and serves it beside the shipped tables, on a free port of this machine. */
export async function servePage(): Promise<Served> {
  const script = await bundle();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const table = /^\/data\/([\w-]+)\.csv$/.exec(path);
    if (path === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<!doctype html><title>Hashes</title><script src="/page.js"></script>');
    } else if (path === '/page.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8');
      response.end(script);
    } else if (table) {
      readFile(new URL(`static/data/${table[1]}.csv`, ROOT)).then(
        (csv) => response.end(csv),
        () => response.writeHead(404).end(),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Minified, as the app is: what the minifier folds must keep its bits too. */
async function bundle(): Promise<string> {
  const built = await build({
    root: ROOT.pathname,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      lib: {
        entry: new URL('page.ts', import.meta.url).pathname,
        formats: ['iife'],
        name: 'hashes',
      },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  for (const result of outputs)
    if ('output' in result)
      for (const file of result.output) if (file.type === 'chunk') return file.code;
  throw new Error('internal: vite built no script.');
}
