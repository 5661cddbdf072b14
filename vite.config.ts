import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { sendHeaders } from './scripts/headers.mjs';
import { notices } from './scripts/notices.mjs';

const { pages, workers } = notices();

export default defineConfig({
  plugins: [sveltekit(), pages, sendHeaders()],
  worker: { format: 'es', plugins: () => [workers] },
  build: { target: 'es2022', chunkSizeWarningLimit: 3000 },
});
