// `npm run test:long`: claims that take minutes. Every template from ten seeds, wrong things that its checks must notice, nodes at their
// extremes, and every template opened in the built app.
import { runPackage } from './setup.mjs';

const opened = ['playwright', 'test', 'tests/e2e/gallery.spec.ts'];
const passed = [
  runPackage(['vitest', 'run', '--project', 'long']),
  runPackage(['vite', 'build', '--logLevel', 'warn']),
  runPackage(opened, { env: { ...process.env, EVERY_TEMPLATE: '1' } }),
];
process.exit(passed.every(Boolean) ? 0 : 1);
