import { createRouterClient } from '@orpc/server';
import { createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import { runServe } from '../src-main/web/main.ts';

/** Serves the built window over a core of its own until Ctrl-C; `folder` is opened in it. */
export async function serveWindow(options: {
  readonly folder: string | undefined;
  readonly browser: 'open' | 'leave';
}): Promise<void> {
  const system = systemOptions({ connectEngine });
  const core = createCore(system);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    if (options.folder !== undefined) {
      await createRouterClient(core.router, { context: {} }).project.open({ path: options.folder });
    }
    await runServe({
      core,
      signal: stop.signal,
      onWarning: (text) => console.error(text),
      async onReady(url) {
        console.log(url);
        if (options.browser === 'open') await system.openExternal(url);
      },
    });
  } finally {
    await core.dispose();
  }
}
