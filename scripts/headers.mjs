// Vite plugin: `npm start` and the end-to-end tests send what static/_headers says, as a static host would.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Rules of a `_headers` file: a line with a path, where `*` stands for anything, then indented lines `Name: value`.
 * @param {string} text
 * @returns {{ matches: RegExp, headers: [name: string, value: string][] }[]}
 */
export function parseHeaders(text) {
  /** @type {{ matches: RegExp, headers: [name: string, value: string][] }[]} */
  const rules = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!/^\s/.test(line)) {
      const pattern = line.trim().split('*').map(escape).join('.*');
      rules.push({ matches: new RegExp(`^${pattern}$`), headers: [] });
      continue;
    }
    const at = line.indexOf(':');
    rules.at(-1)?.headers.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return rules;
}

/** @param {string} text */
function escape(text) {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

/** @returns {import('vite').Plugin} */
export function sendHeaders() {
  return {
    name: 'send-headers',
    configurePreviewServer(server) {
      const rules = parseHeaders(readFileSync(join(server.config.root, 'static/_headers'), 'utf8'));
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '/').split('?')[0];
        for (const { matches, headers } of rules) {
          if (!matches.test(path)) continue;
          // Several rules for one name are all sent; a browser enforces every policy it is given.
          for (const [name, value] of headers) response.appendHeader(name, value);
        }
        next();
      });
    },
  };
}
