import { defineConfig } from '@playwright/test';
import { launchOptions } from './scripts/chromium.mjs';

const TIMED = /(frame-rate|hostile|watchdog)\.spec\.ts/;

export default defineConfig({
  testDir: 'tests/e2e',
  timeout: 90_000,
  workers: 2,
  reporter: [['list']],
  use: {
    baseURL: 'http://localhost:4174',
    launchOptions: launchOptions(),
    viewport: { width: 1440, height: 900 },
  },
  // What measures time has the machine for itself: `--project=timed --workers=1`.
  projects: [
    { name: 'pages', testIgnore: TIMED },
    { name: 'timed', testMatch: TIMED },
  ],
  webServer: {
    command: 'npx vite preview --port 4174 --strictPort',
    url: 'http://localhost:4174',
    reuseExistingServer: false,
  },
});
