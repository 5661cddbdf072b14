import { defineConfig } from '@playwright/test';
import { launchOptions } from './scripts/chromium.mjs';

export default defineConfig({
  testDir: 'tests/e2e',
  timeout: 90_000,
  // Some measure time, and two pages on two cores gain little.
  workers: 1,
  reporter: [['list']],
  use: {
    baseURL: 'http://localhost:4174',
    launchOptions: launchOptions(),
    viewport: { width: 1440, height: 900 },
  },
  webServer: {
    command: 'npx vite preview --port 4174 --strictPort',
    url: 'http://localhost:4174',
    reuseExistingServer: false,
  },
});
