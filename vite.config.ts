import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * Fetches what is loaded later right after the page: Chromium fails whatever it is loading when a network of the machine
 * changes (ERR_NETWORK_CHANGED), which is what every boot of a stack does.
 */
function preloadLazyParts(): Plugin {
  return {
    name: 'preload-lazy-parts',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const later = Object.keys(bundle ?? {}).filter(
          (file) => /\.(js|css)$/.test(file) && !html.includes(file),
        );
        return later
          .filter((file) => !/worker/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: file.endsWith('.js')
              ? { rel: 'modulepreload', crossorigin: true, href: `./${file}` }
              : { rel: 'preload', as: 'style', crossorigin: true, href: `./${file}` },
            injectTo: 'head',
          }));
      },
    },
  };
}

/** The window. Addresses are relative: it is served below a folder by the web host and under a scheme by the desktop app. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  plugins: [react(), preloadLazyParts()],
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
