import { AppFailure } from '#contract/errors.ts';
import type { CoreParts } from '../coreParts.ts';
import { runDoctor } from '../doctor.ts';
import { requests } from '../requestBase.ts';

export function appHandlers(parts: CoreParts) {
  return {
    setTheme: requests.app.setTheme.handler(async ({ input }) => {
      await parts.settings.setTheme(input.theme);
      await parts.publishSettings();
    }),
    setGateway: requests.app.setGateway.handler(async ({ input }) => {
      const { port } = (await parts.settings.read()).gateway;
      const wanted = { on: input.on, port: input.port ?? port };
      // What cannot be listened on is not what the next start should try.
      if (wanted.on) await parts.gateway.start(wanted.port);
      else await parts.gateway.stop();
      await parts.settings.setGateway(wanted);
      await parts.publishSettings();
    }),
    reconnect: requests.app.reconnect.handler(() => parts.link.reconnect()),
    doctor: requests.app.doctor.handler(({ input, signal }) => runDoctor(parts, input.workspace, signal)),
    openExternal: requests.app.openExternal.handler(({ input }) =>
      parts.options.openExternal(webAddress(input.url)),
    ),
  };
}

/** Only pages: no file, no program, no other scheme that the system might act on. */
function webAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.href;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'url',
    message: 'Only http and https pages can be opened.',
  });
}
