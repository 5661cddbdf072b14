import { playwright } from '@vitest/browser-playwright';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './scripts/chromium.mjs';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['src/**/*.test.ts', 'tests/contract/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        plugins: [sveltekit()],
        // Imported dynamically: found late, they would make Vite reload the page in the middle of a test.
        optimizeDeps: {
          include: [
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-backend-wasm',
            '@tensorflow/tfjs-backend-webgpu',
            '@noble/hashes/sha2.js',
            'dexie',
            'fflate',
            'valibot',
          ],
        },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.ts', 'tests/contract/**/*.browser.test.ts'],
          testTimeout: 60_000,
          // One page at a time: software WebGPU has two cores to share.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
