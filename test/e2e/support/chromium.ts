import { existsSync } from 'node:fs';
import { chromium, type LaunchOptions } from '@playwright/test';

/** Where Linux distributions install it. */
const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Playwright's own where it has been installed, else the system's; undefined where there is neither. */
export function chromiumPath(): string | undefined {
  return [chromium.executablePath(), ...SYSTEM_PATHS].find((file) => existsSync(file));
}

export function chromiumOptions(): LaunchOptions {
  const executablePath = chromiumPath();
  if (executablePath === undefined)
    throw new Error('There is no Chromium: run `npm run e2e`, which installs one.');
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // Chromium's sandbox does not start for root.
  return { executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox', ...quiet] : quiet };
}
