import { resolve } from 'node:path';
import { callerFolder, openRequest } from '../globals.ts';
import type { Action } from '../program.ts';
import { asked, withCore } from '../session.ts';

interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly open?: boolean;
  readonly gateway?: number;
}

/** `slipway serve [FOLDER]`: until Ctrl-C. Opens the project that is meant, or welcomes where none is. */
export const serve: Action<ServeOptions> = ({ globals, output, signal }, [folder], options) =>
  withCore(async (core, client) => {
    const { runServe } = await import('#web/main.ts');
    const caller = callerFolder(process.env, process.cwd());
    const named = folder ?? globals.projectDirectory;
    const request = openRequest(globals, caller);
    const path = named === undefined ? caller : resolve(caller, named);
    const isMeant = named !== undefined || request.files !== undefined;
    if (isMeant || (await asked(client.project.browse({ path }))).hasCompose)
      await asked(client.project.open({ ...request, path }));
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
