import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page } from '@playwright/test';
import { test } from './fixtures.ts';

/** A stranger's site on this machine: what a container that publishes a port can be. */
async function startStranger(): Promise<{ origin: string; asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.cookie ?? 'no cookie'}`);
    response.setHeader('Content-Type', 'text/javascript').end('globalThis.strangerRan = true;');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** Runs `attempt` in the page; 'refused' when it throws there. */
function tryInPage(page: Page, attempt: string): Promise<unknown> {
  return page.evaluate((source) => {
    const script = document.createElement('script');
    const name = `attempt${Math.random().toString().slice(2)}`;
    script.textContent = `globalThis.${name} = ${source}`;
    document.head.append(script);
    return (globalThis as Record<string, unknown>)[name] ?? 'refused';
  }, attempt);
}

test.beforeEach(async ({ page }) => {
  await expect(page.locator('#root > *').first()).toBeVisible();
});

test('nothing runs that is not our own script: no eval, no inline script, no script from elsewhere', async ({
  page,
}) => {
  const stranger = await startStranger();
  try {
    // From a timer: what Playwright itself evaluates is exempt. `Function` is what `eval` is, and what a library would use.
    const evaluated = await page.evaluate(
      () =>
        new Promise((resolve) => {
          setTimeout(() => {
            try {
              resolve(`ran: ${new Function('return 1 + 1')()}`);
            } catch (thrown) {
              resolve(String(thrown));
            }
          });
        }),
    );
    expect(evaluated).toContain('EvalError');
    expect(await tryInPage(page, '1 + 1')).toBe('refused');
    const loaded = await page.evaluate(
      (source) =>
        new Promise((resolve) => {
          const script = document.createElement('script');
          script.src = source;
          script.onload = () => resolve('loaded');
          script.onerror = () => resolve('refused');
          document.head.append(script);
        }),
      `${stranger.origin}/script.js`,
    );
    expect(loaded).toBe('refused');
    expect(stranger.asked).toEqual([]);
  } finally {
    stranger.server.close();
  }
});

test('nothing leaves for another address: no request, no image, no frame, no form', async ({ page }) => {
  const stranger = await startStranger();
  try {
    const outcomes = await page.evaluate(async (origin) => {
      const fetched = await fetch(`${origin}/fetch`).then(
        () => 'sent',
        () => 'refused',
      );
      const image = await new Promise((resolve) => {
        const element = new Image();
        element.onload = () => resolve('sent');
        element.onerror = () => resolve('refused');
        element.src = `${origin}/image`;
      });
      const refused = (directive: string) =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => {
            if (event.effectiveDirective === directive) resolve('refused');
          });
        });
      const framed = refused('frame-src');
      const frame = document.createElement('iframe');
      frame.src = `${origin}/frame`;
      document.body.append(frame);
      const submitted = refused('form-action');
      const form = document.createElement('form');
      form.action = `${origin}/form`;
      document.body.append(form);
      form.submit();
      return { fetched, image, framed: await framed, submitted: await submitted };
    }, stranger.origin);
    expect(outcomes).toEqual({
      fetched: 'refused',
      image: 'refused',
      framed: 'refused',
      submitted: 'refused',
    });
    expect(stranger.asked).toEqual([]);
  } finally {
    stranger.server.close();
  }
});

test('the window cannot reach Node', async ({ page }) => {
  const reached = await page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer', 'electron'].filter(
      (name) => name in globalThis,
    ),
  );
  expect(reached).toEqual([]);
});
