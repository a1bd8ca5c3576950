import path from 'node:path';
import { callerFolder, openRequest } from '../globals.ts';
import type { Action } from '../program.ts';
import { asked, withCore } from '../session.ts';

interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly open?: boolean;
  readonly gateway?: number;
}

/** `slipway serve [FOLDER]`: until Ctrl-C. */
export const serve: Action<ServeOptions> = ({ globals, output, signal }, [folder], options) =>
  withCore(async (core, client) => {
    const { runServe } = await import('#web/main.ts');
    const caller = callerFolder(process.env, process.cwd());
    const request = openRequest(globals, folder === undefined ? caller : path.resolve(caller, folder));
    if (folder !== undefined || request.files !== undefined) await asked(client.project.open(request));
    if (options.gateway !== undefined) {
      const port = await core.gateway.start(options.gateway);
      output.note(`Gateway at http://SERVICE.PROJECT.localhost:${port}/`);
    }
    await runServe({
      core,
      port: options.port,
      host: options.host,
      signal,
      onWarning: (text) => output.note(text),
      onReady: async (url) => {
        output.document({ url });
        output.line(url);
        if (options.open) await asked(client.app.openExternal({ url }));
      },
    });
    return 0;
  }, 'app');
