import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { WebSocket } from 'ws';
import { launchOptions } from '../chromium.mjs';
import type { ResultHash } from './results.ts';

/** A page that has the function of `page.ts`. */
export interface Browser {
  /** With its version. */
  readonly name: string;
  hash(template: string): Promise<ResultHash>;
  close(): Promise<void>;
}

export async function openChromium(url: string): Promise<Browser> {
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  await page.goto(url);
  return {
    name: `Chromium ${browser.version()}`,
    hash: (template) => page.evaluate(`hashTemplate(${JSON.stringify(template)})`),
    close: () => browser.close(),
  };
}

const FIREFOX_PATHS = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];

/** FIREFOX_PATH, then one on the machine; null when there is none. */
export function findFirefox(): string | null {
  const named = process.env.FIREFOX_PATH;
  if (named && !existsSync(named))
    throw new Error(`FIREFOX_PATH: expected an executable, got ${named}. Correct or unset it.`);
  return named ?? FIREFOX_PATHS.find((path) => existsSync(path)) ?? null;
}

/** Drives Firefox by WebDriver BiDi, which needs no driver beside it. */
export async function openFirefox(executable: string, url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'hashes-firefox-'));
  const firefox = spawn(
    executable,
    ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => firefox.once('exit', () => resolve()));
  const close = async () => {
    firefox.kill();
    await ended;
    await rm(profile, { recursive: true, force: true });
  };
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      firefox.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
        if (found) resolve(`${found[1]}/session`);
      });
      firefox.once('error', reject);
      firefox.once('exit', (code) => reject(new Error(`firefox ended with ${code}: ${said}`)));
    });
    const send = await connect(address);
    const { capabilities } = await send<{ capabilities: { browserVersion: string } }>(
      'session.new',
      { capabilities: {} },
    );
    const { contexts } = await send<{ contexts: { context: string }[] }>(
      'browsingContext.getTree',
      {},
    );
    const { context } = contexts[0];
    await send('browsingContext.navigate', { context, url, wait: 'complete' });
    return {
      name: `Firefox ${capabilities.browserVersion}`,
      hash: async (template) => {
        const answer = await send<Evaluated>('script.evaluate', {
          expression: `hashTemplate(${JSON.stringify(template)}).then(JSON.stringify)`,
          target: { context },
          awaitPromise: true,
        });
        if (answer.type !== 'success') throw new Error(answer.exceptionDetails.text);
        return JSON.parse(answer.result.value) as ResultHash;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Evaluated =
  | { readonly type: 'success'; readonly result: { readonly value: string } }
  | { readonly type: 'exception'; readonly exceptionDetails: { readonly text: string } };

interface Answer {
  readonly id?: number;
  readonly type: string;
  readonly result?: unknown;
  readonly message?: string;
}

type Send = <T>(method: string, params: object) => Promise<T>;

/** Commands of WebDriver BiDi, each with its answer. */
async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (answer: Answer) => void>();
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ type: 'error', message: 'Firefox closed.' });
  });
  let last = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, (answer) => {
        waiting.delete(id);
        if (answer.type === 'success') resolve(answer.result as never);
        else reject(new Error(`${method}: ${answer.message ?? 'failed'}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
}
