import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { AppError } from '#contract/errors.ts';
import { toAppError } from '#contract/errors.ts';
import { GATEWAY_PORT } from '#contract/gatewayAddress.ts';
import type { Globals } from './globals.ts';
import { INTERRUPTED, interruptSignal } from './interrupt.ts';
import { Output } from './output.ts';
import type { CommandContext } from './session.ts';

/** Exit statuses: done, failed, wrong use; a command that runs another one passes that one's on. */
export const DONE = 0;
export const FAILED = 1;
export const WRONG_USE = 2;

/** A command's work. Answers the exit status; a failure is thrown. */
export type Action<Options> = (
  context: CommandContext,
  args: readonly string[],
  options: Options,
) => Promise<number>;

/** Runs one command line and answers the exit status. What fails has been written where it belongs. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const run: { status: number } = { status: DONE };
  try {
    await createProgram(run).parseAsync([...argv], { from: 'user' });
    return run.status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? DONE : WRONG_USE;
    throw thrown;
  }
}

function createProgram(run: { status: number }): Command {
  const program = new Command('slipway')
    .description('Boot, inspect and switch whole stacks of services.')
    .usage('[options] <command>')
    .option('-f, --file <path>', 'compose file; may be repeated', collect)
    .option('--profile <name>', 'profile to enable; may be repeated', collect)
    .option('-p, --project-name <name>', 'project name')
    .option('--env-file <path>', 'environment file instead of .env; may be repeated', collect)
    .option('--project-directory <path>', 'what relative paths in the files start from')
    .addOption(jsonOption())
    .enablePositionalOptions()
    .showHelpAfterError('(see slipway --help)')
    .exitOverride();
  defineStack(program, run);
  defineLook(program, run);
  defineInside(program, run);
  defineVersions(program, run);
  defineData(program, run);
  defineProduction(program, run);
  defineShare(program, run);
  return program;
}

function defineStack(program: Command, run: { status: number }): void {
  command(
    program,
    'up [services...]',
    'boot: create and start what is not there or has changed, until all is ready',
  )
    .option('-d, --detach', 'accepted; up always returns when everything is ready')
    .option('--build', 'build images first, even where they exist')
    .option('--no-build', 'do not build')
    .option('--force-recreate', 'recreate containers that did not change too')
    .option('--no-recreate', 'leave containers that exist as they are')
    .option('--remove-orphans', 'remove containers of services that the files do not have any more')
    .addOption(new Option('--pull <policy>', 'before starting').choices(['always', 'missing', 'never']))
    .option('--wait', 'accepted; up always waits until services are ready')
    .option('--no-wait', 'return when everything is started')
    .option('--no-deps', 'only the named services, not what they depend on')
    .option('--scale <service=n>', 'number of replicas; may be repeated', collect)
    .option('-t, --timeout <seconds>', 'time to stop a container', seconds)
    .addOption(
      new Option(
        '--recreate-volumes [data]',
        'make volumes anew whose definition changed: asks, naming each; a copy goes into the bin',
      )
        .choices(['carry', 'empty'])
        .preset('carry'),
    )
    .option('--timings', 'print where the time went')
    .option('--locked', 'exactly the images of slipway.lock.yaml')
    .option('-y, --yes', 'agree to what the plan warns of')
    .action(lazy(run, async () => (await import('./commands/up.ts')).up));
  command(program, 'down', 'stop and remove containers and networks; data stays')
    .option('-v, --volumes', 'remove named volumes too: asks, naming each')
    .option('--remove-orphans', 'remove containers of services that the files do not have any more')
    .option('-t, --timeout <seconds>', 'time to stop a container', seconds)
    .option('-y, --yes', 'do not ask')
    .action(lazy(run, async () => (await import('./commands/down.ts')).down));
  command(program, 'start [services...]', 'start stopped containers').action(
    lazy(run, async () => (await import('./commands/simpleRuns.ts')).start),
  );
  command(program, 'stop [services...]', 'stop containers, keep them')
    .option('-t, --timeout <seconds>', 'time to stop a container', seconds)
    .action(lazy(run, async () => (await import('./commands/simpleRuns.ts')).stop));
  command(program, 'restart [services...]', 'restart containers')
    .option('-t, --timeout <seconds>', 'time to stop a container', seconds)
    .action(lazy(run, async () => (await import('./commands/simpleRuns.ts')).restart));
  command(program, 'build [services...]', 'build images')
    .option('--no-cache', 'build every step anew')
    .option('--pull', 'look for newer base images')
    .action(lazy(run, async () => (await import('./commands/simpleRuns.ts')).build));
  command(
    program,
    'watch [services...]',
    'boot, then follow the files: sync, rebuild or restart as develop.watch says',
  )
    .option('--no-up', 'do not boot first')
    .action(lazy(run, async () => (await import('./commands/watch.ts')).watch));
  command(program, 'scale <service=n...>', 'set the number of replicas').action(
    lazy(run, async () => (await import('./commands/scale.ts')).scale),
  );
  command(
    program,
    'memory [service] [limit]',
    'memory in use, limits, and who ran out of it; or set a limit: 512m, none, file',
  ).action(lazy(run, async () => (await import('./commands/memory.ts')).memory));
  command(program, 'pull [services...]', 'pull images').action(
    lazy(run, async () => (await import('./commands/simpleRuns.ts')).pull),
  );
}

function defineLook(program: Command, run: { status: number }): void {
  command(program, 'ps [services...]', 'list containers')
    .option('-a, --all', 'stopped ones too')
    .option('-q, --quiet', 'only ids')
    .option('--services', 'only names of services')
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'))
    .action(lazy(run, async () => (await import('./commands/ps.ts')).ps));
  command(program, 'plan [services...]', 'show what up would do, and why, without doing it')
    .option('--build', 'as if images were built first')
    .option('--force-recreate', 'as if everything were recreated')
    .action(lazy(run, async () => (await import('./commands/plan.ts')).plan));
  command(program, 'config', 'print the resolved project')
    .addOption(new Option('--format <format>', 'output').choices(['yaml', 'json']).default('yaml'))
    .option('--hash <services>', 'configuration hashes, `*` for all')
    .option('--services', 'names of services')
    .option('--images', 'names of images')
    .option('--volumes', 'names of volumes')
    .option('--profiles', 'names of profiles')
    .option('-q, --quiet', 'only check')
    .action(lazy(run, async () => (await import('./commands/config.ts')).config));
  command(program, 'logs [services...]', 'print logs')
    .option('-f, --follow', 'go on printing')
    .option('-n, --tail <lines>', 'the last so many lines of each service, or all')
    .option('--since <time>', 'a time, or a span such as 10m')
    .option('--until <time>', 'a time, or a span such as 10m')
    .option('-t, --timestamps', 'print times')
    .option('--no-log-prefix', 'print no names')
    .option('--no-color', 'print names without colour')
    .option('--grep <pattern>', 'only lines that match this regular expression')
    .option('--level <levels>', 'only these levels, e.g. warn,error')
    .action(lazy(run, async () => (await import('./commands/logs.ts')).logs));
  command(program, 'doctor', 'look for what is wrong or will be').action(
    lazy(run, async () => (await import('./commands/doctor.ts')).doctor),
  );
  command(program, 'advise [services...]', 'what makes builds slow, and the change that helps')
    .option('--apply', 'write the changes into the files')
    .action(lazy(run, async () => (await import('./commands/advise.ts')).advise));
  command(program, 'version', 'print the version').action(
    lazy(run, async () => (await import('./commands/version.ts')).version),
  );
}

function defineInside(program: Command, run: { status: number }): void {
  command(program, 'exec <service> <command...>', 'run a command in a running container')
    .passThroughOptions()
    .option('-T, --no-tty', 'no terminal')
    .option('-d, --detach', 'do not wait for it')
    .option('-i, --interactive', 'accepted; standard input is always connected')
    .option('-u, --user <user>', 'as this user')
    .option('-w, --workdir <path>', 'in this folder')
    .option('-e, --env <name=value>', 'environment; may be repeated', collect)
    .option('--index <number>', 'which replica', integer)
    .option('--privileged', 'with all privileges')
    .action(lazy(run, async () => (await import('./commands/exec.ts')).exec));
  command(program, 'shell <service>', 'open a shell in a running container: bash where there is one, else sh')
    .option('-u, --user <user>', 'as this user')
    .option('-w, --workdir <path>', 'in this folder')
    .option('--index <number>', 'which replica', integer)
    .action(lazy(run, async () => (await import('./commands/exec.ts')).shell));
  command(program, 'cp <from> <to>', 'copy files out of a container (SERVICE:PATH LOCAL) or into one')
    .option('--index <number>', 'which replica', integer)
    .action(lazy(run, async () => (await import('./commands/cp.ts')).cp));
  command(program, 'gateway', 'every service with an HTTP port at SERVICE.PROJECT.localhost, until Ctrl-C')
    .option('--port <port>', 'port, 0 for any free one', integer)
    .action(lazy(run, async () => (await import('./commands/gateway.ts')).gateway));
  command(program, 'serve [folder]', 'the window in a browser')
    .option('--port <port>', 'port, 0 for any free one', integer)
    .option('--host <address>', 'address to listen on')
    .option('--open', 'open the browser')
    .addOption(gatewayOption())
    .action(lazy(run, async () => (await import('./commands/serve.ts')).serve));
}

function defineVersions(program: Command, run: { status: number }): void {
  command(program, 'versions <service>', 'versions to switch to, and where data of each is').action(
    lazy(run, async () => (await import('./commands/versions.ts')).versions),
  );
  command(
    program,
    'switch <services...>',
    'switch to another version and keep the data: SERVICE VERSION, or SERVICE=VERSION of several',
  )
    .addOption(
      new Option(
        '--data <how>',
        'carry it over, return to earlier data of that version, or start empty',
      ).choices(['carry', 'resume', 'fresh']),
    )
    .option('--dry-run', 'show what would be done')
    .action(lazy(run, async () => (await import('./commands/versions.ts')).switchVersion));
  command(program, 'reindex <service>', 'rebuild indexes after an image that sorts text otherwise').action(
    lazy(run, async () => (await import('./commands/versions.ts')).reindex),
  );
  command(
    program,
    'matrix <service> <versions...>',
    'run a check against several versions, each in a project that is thrown away',
  )
    .requiredOption('--check <service>', 'the one-shot service that tells, or the service to run --exec in')
    .option('--exec <command>', 'a shell command to run inside the check service instead')
    .action(lazy(run, async () => (await import('./commands/matrix.ts')).matrix));
}

function defineData(program: Command, run: { status: number }): void {
  command(program, 'checkpoint [services...]', 'copy all data at one point in time, to come back to')
    .option('--name <name>', 'what to call it')
    .option('--seed', 'a service can be reset to it')
    .option('--list', 'show those that are there')
    .option('--export <checkpoint>', 'write one to a file, for a colleague')
    .option('--to <file>', 'which file')
    .option('--import <file>', 'take one in from a file')
    .option('--delete <checkpoint>', 'delete one for good: asks')
    .option('-y, --yes', 'do not ask')
    .action(lazy(run, async () => (await import('./commands/data.ts')).checkpoint));
  command(program, 'restore <checkpoint>', 'put data back; what is there now goes into the bin').action(
    lazy(run, async () => (await import('./commands/data.ts')).restore),
  );
  command(program, 'bin', 'what was deleted in the last 7 days; restore brings it back').action(
    lazy(run, async () => (await import('./commands/data.ts')).bin),
  );
  command(
    program,
    'seed <service>',
    "reset a service's data to its init scripts; what is there goes into the bin",
  )
    .option('--from <checkpoint>', 'to this checkpoint instead')
    .action(lazy(run, async () => (await import('./commands/data.ts')).seed));
}

function defineProduction(program: Command, run: { status: number }): void {
  command(program, 'drift [services...]', 'how far this stack is from what production runs')
    .option('-e, --environment <name>', 'another environment than production')
    .option('-a, --all', 'what is configured differently, too')
    .option('-y, --yes', 'let the project run its command that lists production')
    .action(lazy(run, async () => (await import('./commands/production.ts')).drift));
  command(program, 'swap <service> [image]', 'run the production image in place of a service, for a while')
    .option('--environment <name>', 'another environment than production')
    .option('--lease <span>', '30m, 2h, 1d, or none; 2h when not said')
    .option('-e, --env <name=value>', 'a value that the image expects; may be repeated', collect)
    .option('--keep-mounts', "keep mounts that hide the image's own program")
    .option('--keep-command', 'keep the local command and entrypoint')
    .option('--idle', 'start a sleep instead of its program, which is then started by hand')
    .addOption(
      new Option('--debugger <name>', 'publish its port on loopback, and start the program under it').choices(
        ['node', 'jdwp', 'debugpy', 'delve'],
      ),
    )
    .option('--debug-port <port>', 'where the debugger is reached; its own number when not said', integer)
    .option('--dry-run', 'show what would be done')
    .option('-y, --yes', 'let the project run its command that lists production')
    .action(lazy(run, async () => (await import('./commands/production.ts')).swap));
  command(program, 'unswap <service>', 'bring the local image back').action(
    lazy(run, async () => (await import('./commands/production.ts')).unswap),
  );
  command(
    program,
    'match [services...]',
    'bring services, or all, to what production runs: versions switched with their data, images swapped',
  )
    .option('--environment <name>', 'another environment than production')
    .option('--lease <span>', 'for images: 30m, 2h, 1d, or none; 2h when not said')
    .option('--dry-run', 'show what would be done')
    .option('-y, --yes', 'let the project run its command that lists production')
    .action(lazy(run, async () => (await import('./commands/match.ts')).match));
  command(program, 'diff <service>', 'files that its container has changed against its image').action(
    lazy(run, async () => (await import('./commands/production.ts')).diff),
  );
  command(program, 'bisect <service> [command...]', 'find the release of production that broke something')
    .requiredOption('--good <tag>', 'a release that was good')
    .option('--bad <tag>', 'a later one that is bad; the last when not said')
    .option('--environment <name>', 'another environment than production')
    .option('-y, --yes', 'let the project run its command that lists production')
    .action(lazy(run, async () => (await import('./commands/bisect.ts')).bisect));
  command(program, 'compare <left> <right>', 'two images, or services, side by side')
    .option('--files', 'files that differ, too; both images have to be on this machine')
    .action(lazy(run, async () => (await import('./commands/images.ts')).compare));
  command(program, 'preflight [images...]', 'can everything be pulled, and how much is it').action(
    lazy(run, async () => (await import('./commands/images.ts')).preflight),
  );
  command(program, 'lock', 'write the digests of the whole stack into slipway.lock.yaml').action(
    lazy(run, async () => (await import('./commands/images.ts')).lock),
  );
  command(program, 'login [registry]', 'log in to a registry, Docker Hub when none is named')
    .option('-u, --username <name>', 'name; asked for when not given')
    .option('--password-stdin', 'read the password from standard input')
    .action(lazy(run, async () => (await import('./commands/login.ts')).login));
  command(program, 'logout [registry]', 'forget a login').action(
    lazy(run, async () => (await import('./commands/login.ts')).logout),
  );
}

function defineShare(program: Command, run: { status: number }): void {
  command(program, 'pack', 'one file with which a colleague boots the same stack and sees the same failure')
    .option('--to <file>', 'which file')
    .option('--checkpoint <checkpoint>', 'data to take along; may be repeated', collect)
    .option('--no-images', 'leave out what was built here')
    .option('--around <time>', 'the moment that the logs are to show; the last failure when not said')
    .option('--dry-run', 'show what would be in it')
    .action(lazy(run, async () => (await import('./commands/share.ts')).pack));
  command(program, 'unpack <file> [folder]', 'open what a colleague has packed')
    .option('--values-from <folder>', 'a checkout of the project, for the values that a pack never holds')
    .option('--boot', 'put its data back and boot it')
    .action(lazy(run, async () => (await import('./commands/share.ts')).unpack));
  command(
    program,
    'registry [what] [services...]',
    'a registry on this machine that keeps pulls and takes pushes: status, start, stop, push',
  )
    .option('--network', 'let colleagues reach it: plain HTTP, without a login')
    .option('--port <port>', 'where it listens; the next one keeps pulls', integer)
    .option('--tag <tag>', 'push under this tag; the branch when not said')
    .action(lazy(run, async () => (await import('./commands/share.ts')).registry));
}

function command(program: Command, usage: string, text: string): Command {
  return program.command(usage).description(text).addOption(jsonOption()).exitOverride();
}

function gatewayOption(): Option {
  return new Option('--gateway [port]', 'the gateway too: services at SERVICE.PROJECT.localhost')
    .argParser(integer)
    .preset(GATEWAY_PORT);
}

function jsonOption(): Option {
  return new Option(
    '--json',
    'one JSON document on standard output and nothing else (one per line for streams)',
  );
}

/** commander's callback: positional arguments, then the options, then the command. The work is loaded when it is wanted. */
function lazy<Options>(run: { status: number }, load: () => Promise<Action<Options>>) {
  return async (...given: unknown[]): Promise<void> => {
    const self = given.at(-1) as Command;
    const options = given.at(-2) as Options & { readonly json?: boolean };
    const args = given.slice(0, -2).flat() as string[];
    const globals: Globals = self.parent?.opts() ?? {};
    const output = new Output({
      json: Boolean(globals.json || options.json),
      out: process.stdout,
      err: process.stderr,
    });
    const interrupt = interruptSignal();
    try {
      const action = await load();
      run.status = await action({ globals, output, signal: interrupt.signal }, args.filter(Boolean), options);
    } catch (thrown) {
      const error = toAppError(thrown);
      output.failure(error);
      run.status = statusOf(error, interrupt.signal);
    } finally {
      interrupt.dispose();
    }
  };
}

function statusOf(error: AppError, signal: AbortSignal): number {
  if (signal.aborted) return INTERRUPTED;
  return error.kind === 'input.invalid' ? WRONG_USE : FAILED;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function integer(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(value);
}

const seconds = integer;
