import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The window. Addresses are relative: it is served below a folder by the web host and under a scheme by the desktop app. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // Electron 33 carries Chromium 130; the browsers of the same age understand the same.
    target: ['chrome130', 'firefox132', 'safari18'],
    // An asset inside a data: address would need a wider policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4_000,
  },
});
