// `npm start`: installs what is missing, builds, serves, prints the address.
import { installPackages, ROOT, runPackage } from './setup.mjs';

const FIRST_PORT = 4173;

installPackages();
if (!runPackage(['vite', 'build', '--logLevel', 'warn'])) {
  console.error('The build failed; its message is above.');
  process.exit(1);
}
const { preview } = await import('vite');
// Not strict: a taken port moves on to the next free one.
const server = await preview({
  root: ROOT,
  logLevel: 'warn',
  preview: { port: FIRST_PORT, strictPort: false },
});
const address = server.resolvedUrls?.local[0] ?? `http://localhost:${FIRST_PORT}/`;
const port = Number(new URL(address).port);
if (port !== FIRST_PORT) console.log(`Port ${FIRST_PORT} is taken; using ${port}.`);
console.log(`\n  Adjoint is at ${address.replace(/\/$/, '')}\n\n  Press Ctrl+C to stop.`);
