import { defineConfig } from '@playwright/test';
import { electronRuntime } from './scripts/electronRuntime.ts';
import type { E2eOptions } from './test/e2e/fixtures.ts';

/**
 * One list of specs, two targets: the window in Chromium over `slipway serve`, and in real Electron where its runtime is
 * there. `*.web.spec.ts` and `*.electron.spec.ts` are about one host only.
 */
const report = process.env['SLIPWAY_E2E_REPORT'];
const hasElectron = electronRuntime({ install: 'never' }) !== undefined;

export default defineConfig<E2eOptions>({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  // Each spec has a core, an engine connection and containers of its own; two at once keep two processors busy.
  // Beside the engine tests (`npm test`) one is enough.
  workers: Number(process.env['SLIPWAY_E2E_WORKERS']) || 2,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: report === undefined ? 'list' : [['list'], ['json', { outputFile: report }]],
  use: { screenshot: 'only-on-failure', trace: 'retain-on-failure' },
  projects: [
    { name: 'web', testIgnore: '**/*.electron.spec.ts', use: { target: 'web' } },
    ...(hasElectron
      ? [{ name: 'electron', testIgnore: '**/*.web.spec.ts', use: { target: 'electron' as const } }]
      : []),
  ],
});
