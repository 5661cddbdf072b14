// Vite plugin: writes the notices of all packages that went into the build, and refuses a licence that is not on the list.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import licenseTexts from 'spdx-license-list/full.js';

export const NOTICES = 'third-party-notices.txt';

/** SPDX identifiers that ask for no more than to be named. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/**
 * What a package may have beyond that, or says in its LICENSE file alone. ELK's layout is used unchanged, so its licence asks for
 * the notice and for where its source is.
 */
/** @type {Readonly<Record<string, string>>} */
const NAMED = { elkjs: 'EPL-2.0', 'svelte-toolbelt': 'MIT' };

/**
 * The folder of the package that a module belongs to; null for our own.
 * @param {string} moduleId
 */
function packageFolder(moduleId) {
  const id = moduleId.replace(/^\0/, '').split('?')[0];
  const at = id.lastIndexOf('/node_modules/');
  if (at < 0) return null;
  const [first, second] = id.slice(at + '/node_modules/'.length).split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  return join(id.slice(0, at), 'node_modules', name);
}

/**
 * @param {{ name: string, license?: unknown }} manifest
 * @returns {string} the licence under which a package is used
 */
export function licenceOf({ name, license }) {
  const stated = typeof license === 'string' ? license.replace(/^\(|\)$/g, '') : '';
  const named = NAMED[name];
  if (named && (stated === '' || stated.split(' OR ').includes(named))) return named;
  const all = stated.split(' AND ');
  const chosen = all.map((part) => part.split(' OR ').find((id) => PERMISSIVE.includes(id)));
  if (chosen.every((id) => id !== undefined)) return chosen.join(' AND ');
  throw new Error(
    `licences: expected ${name} to be under one of ${PERMISSIVE.join(', ')}, got ${stated || 'none'}. Use another package, or add it to scripts/notices.mjs with the reason.`,
  );
}

/** @param {string} folder */
function notice(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, author, repository } = manifest;
  const licence = licenceOf(manifest);
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) {
    const by = typeof author === 'string' ? author : author?.name;
    if (by) texts.push(`Copyright ${by}`);
    for (const id of licence.split(' AND ')) texts.push(licenseTexts[id].licenseText.trim());
  }
  const source = typeof repository === 'string' ? repository : repository?.url;
  const head = [
    `${name} ${version}`,
    `Licence: ${licence}`,
    ...(source ? [`Source: ${source}`] : []),
  ];
  return [head.join('\n'), ...texts].join('\n\n');
}

/**
 * Two plugins that share what they saw: one for the workers, which are built on their own and first, one for the pages.
 * @returns {{ pages: import('vite').Plugin, workers: import('vite').Plugin }}
 */
export function notices() {
  /** @type {Set<string>} */
  const folders = new Set();
  /** @param {import('vite').Rollup.OutputBundle} bundle */
  const collect = (bundle) => {
    for (const chunk of Object.values(bundle)) {
      for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
        const folder = packageFolder(id);
        if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder);
      }
    }
  };
  return {
    workers: {
      name: 'notices-of-workers',
      generateBundle(_, bundle) {
        collect(bundle);
      },
    },
    pages: {
      name: 'notices',
      apply: 'build',
      generateBundle(_, bundle) {
        collect(bundle);
        if (this.environment.name !== 'client') return;
        const all = [...folders].sort().map(notice);
        const rule = `\n\n${'─'.repeat(80)}\n\n`;
        const head =
          'Adjoint is built with the following packages. Each is under the licence that stands with it.';
        this.emitFile({
          type: 'asset',
          fileName: NOTICES,
          source: [head, ...all].join(rule) + '\n',
        });
      },
    },
  };
}
