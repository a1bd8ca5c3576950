import { once } from 'node:events';
import { expect, type WebSocketRoute } from '@playwright/test';
import { test } from './fixtures.ts';
import { makeProject } from './support/project.ts';
import { connectReader } from './support/reader.ts';
import { loadWindow, startServer } from './support/webHost.ts';

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  test(`${name} ends the server at once, with readers connected`, async ({ world }) => {
    const server = await startServer(world);
    const reader = await connectReader(server.url);
    const connected = new Promise<void>((resolve) => {
      reader.watchState(() => resolve());
    });
    await connected;
    const exited = once(server.child, 'exit');
    server.child.kill(name);
    const [code, signal] = await exited;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    await expect(fetch(server.url)).rejects.toThrow();
    reader.close();
  });
}

test('a page of an earlier start says that it belongs to that', async ({ world, chromium }) => {
  const first = await startServer(world);
  const context = await (await chromium()).newContext();
  try {
    const reader = await connectReader(first.url);
    await reader.client.project.open({ path: await makeProject(world, 'firststart') });
    reader.close();
    const page = await context.newPage();
    await loadWindow(page, first.url);
    await expect(page.getByText('firststart').first()).toBeVisible();
    await first.stop();
    await expect(page.getByText('connection to Slipway is lost').first()).toBeVisible();
    const second = await startServer(world, { port: Number(new URL(first.url).port) });
    try {
      await expect(page.getByText('belongs to the start before').first()).toBeVisible();
    } finally {
      await second.stop();
    }
  } finally {
    await context.close();
  }
});

test('boots that could not be read are asked for again when the connection is back', async ({
  world,
  chromium,
}) => {
  const server = await startServer(world);
  const context = await (await chromium()).newContext();
  try {
    const reader = await connectReader(server.url);
    await reader.client.project.open({ path: await makeProject(world, 'cutoff') });
    reader.close();
    const page = await context.newPage();
    const sockets: WebSocketRoute[] = [];
    let isCut = false;
    await page.routeWebSocket(/\/socket$/, (socket) => {
      if (isCut) return void socket.close();
      socket.connectToServer();
      sockets.push(socket);
    });
    await loadWindow(page, server.url);
    await expect(page.getByText('cutoff').first()).toBeVisible();
    isCut = true;
    for (const socket of sockets) await socket.close();
    await expect(page.getByText('connection to Slipway is lost').first()).toBeVisible();
    await page.getByRole('navigation').getByRole('button', { name: /^Boot/ }).click();
    await expect(page.getByRole('heading', { name: 'The boots cannot be read' })).toBeVisible();
    await expect(page.getByText('No boot yet')).toBeHidden();
    isCut = false;
    await expect(page.getByText('No boot yet')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'The boots cannot be read' })).toBeHidden();
  } finally {
    await context.close();
    await server.stop();
  }
});
