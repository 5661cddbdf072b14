// Shared set-up for `npm start` and `npm test`; uses Node alone, since nothing may be installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** No package needs its install script: binaries come as packages of their own. */
const CI_FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund'];
const NPX = process.platform === 'win32' ? 'npx.cmd' : 'npx';
const STAMP = join(ROOT, 'node_modules', '.adjoint-lock');

/**
 * Runs a command with its output on this terminal.
 * @returns {boolean} whether it exited with 0
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status === 0;
}

/**
 * Runs a package's executable beside others; what it prints is kept together.
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runBeside(args) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(NPX, ['--no-install', ...args], { cwd: ROOT });
    const keep = (chunk) => (output += chunk);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(`${args[0]}: ${error.message}\n`));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** Runs a package's executable through npx without reaching for the registry. */
export function runPackage(args, options) {
  return run(NPX, ['--no-install', ...args], options);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Node: expected 20.19 or newer, got ${process.versions.node}. Install a current Node from https://nodejs.org.`,
  );
  process.exit(1);
}

/** Installs the packages of package-lock.json unless they are there already. */
export function installPackages() {
  checkNode();
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  console.log('Installing packages …');
  if (!run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', ...CI_FLAGS])) {
    console.error('npm ci failed; its message is above. Check the network, then run this again.');
    process.exit(1);
  }
  writeFileSync(STAMP, hash);
}

/** Installs a Chromium for the tests unless there is one. */
export async function installChromium() {
  const { findChromium } = await import('./chromium.mjs');
  const found = findChromium();
  if (found) return found;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    console.log("Installing Debian's Chromium …");
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { env });
  }
  if (!findChromium()) {
    console.log("Downloading Playwright's Chromium …");
    runPackage(['playwright', 'install', 'chromium']);
  }
  const installed = findChromium();
  if (installed) return installed;
  console.error(
    'No Chromium was found and none could be installed. Install one (Debian: `apt-get install chromium`), ' +
      'or name one: `CHROMIUM_PATH=/path/to/chrome npm test`.',
  );
  process.exit(1);
}
