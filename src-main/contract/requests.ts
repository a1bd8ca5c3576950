import { app } from './requests/app.ts';
import { boot } from './requests/boot.ts';
import { builds } from './requests/builds.ts';
import { data } from './requests/data.ts';
import { files } from './requests/files.ts';
import { logs } from './requests/logs.ts';
import { memory } from './requests/memory.ts';
import { production } from './requests/production.ts';
import { project } from './requests/project.ts';
import { service } from './requests/service.ts';
import { share } from './requests/share.ts';
import { stack } from './requests/stack.ts';
import { state } from './requests/state.ts';
import { terminal } from './requests/terminal.ts';
import { versions } from './requests/versions.ts';
import { watch } from './requests/watch.ts';

/**
 * Everything a reader may ask. Adding a request: a line in requests/<feature>.ts, a function in
 * app/handlers/<feature>.ts, a test. No transport file grows with it.
 */
export const contract = {
  state,
  app,
  project,
  stack,
  service,
  boot,
  terminal,
  versions,
  data,
  builds,
  production,
  share,
  watch,
  logs,
  files,
  memory,
};

export type Contract = typeof contract;
