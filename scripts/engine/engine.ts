import { readFileSync } from 'node:fs';
import {
  type Daemon,
  isAlive,
  logTail,
  runningPid,
  startDaemon,
  stopDaemon,
  waitUntil,
} from './daemonProcess.ts';
import { type EngineFacts, findEngine } from './findEngine.ts';
import { findCommand, installPackages } from './installPackages.ts';
import { cacheDirectory } from './paths.ts';
import { groupOnProcessors } from './processorGroup.ts';
import { withLock } from './withLock.ts';

export interface EnsureEngineOptions {
  /** A registry the engine should ask before Docker Hub, such as `http://127.0.0.1:5000`. */
  readonly mirror?: string;
  readonly log?: (line: string) => void;
}

/** A cold start on a busy machine with a full data directory; usually it is 2 s. */
const START_TIMEOUT_MS = 60_000;

const PID_FILE = cacheDirectory('engine', 'dockerd.pid');
const OURS = { pidFile: PID_FILE, mark: PID_FILE };

/**
 * Finds a Docker engine that answers, or installs (Debian, root) and starts one that outlives this script.
 * An engine that somebody else started is used as it is, never restarted: when it lacks the mirror, this throws
 * and says what to do.
 */
export async function ensureEngine(options: EnsureEngineOptions = {}): Promise<EngineFacts> {
  const log = options.log ?? (() => {});
  const found = await findEngine();
  if (found !== undefined && hasMirror(found, options.mirror)) return found;
  return await withLock({ name: 'engine' }, async () => {
    const current = await findEngine();
    if (current === undefined) return await startEngine(options.mirror, log);
    if (hasMirror(current, options.mirror)) return current;
    if (runningPid(OURS) === undefined) throw new Error(missingMirror(current, options.mirror));
    log('Restarting the engine that these scripts started, with its registry mirror.');
    await stopEngine();
    return await startEngine(options.mirror, log);
  });
}

/** Ends the engine when these scripts started it; containers stop with it. */
export async function stopEngine(): Promise<'stopped' | 'not ours'> {
  return (await stopDaemon(OURS)) === 'stopped' ? 'stopped' : 'not ours';
}

/** Whether the engine asks this mirror before Docker Hub. */
export function hasMirror(engine: EngineFacts, mirror: string | undefined): boolean {
  return mirror === undefined || engine.mirrors.some((url) => url.replace(/\/$/, '') === mirror);
}

async function startEngine(mirror: string | undefined, log: (line: string) => void): Promise<EngineFacts> {
  if (process.env['DOCKER_HOST'] !== undefined && process.env['DOCKER_HOST'] !== '') {
    throw new Error(`No Docker engine answers at DOCKER_HOST=${process.env['DOCKER_HOST']}.`);
  }
  if (process.platform !== 'linux')
    throw new Error('No Docker engine answers. Start Docker Desktop and try again.');
  installPackages(
    [
      { command: 'dockerd', package: 'docker.io' },
      { command: 'iptables', package: 'iptables' },
    ],
    log,
  );
  if (process.getuid?.() !== 0)
    throw new Error('No Docker engine answers. Start it: sudo systemctl start docker');
  const daemon = dockerd(mirror);
  log(`Starting dockerd (log: ${daemon.logFile})`);
  const pid = startDaemon(daemon);
  if (pid !== undefined) groupOnProcessors(pid);
  return await untilItAnswers(daemon, pid);
}

async function untilItAnswers(daemon: Daemon, pid: number | undefined): Promise<EngineFacts> {
  let engine: EngineFacts | undefined;
  await waitUntil(async () => {
    engine = await findEngine();
    return engine !== undefined || pid === undefined || !isAlive(pid);
  }, START_TIMEOUT_MS);
  if (engine === undefined)
    throw new Error(`dockerd did not start. The end of its log:\n${logTail(daemon.logFile)}`);
  return engine;
}

function dockerd(mirror: string | undefined): Daemon {
  // dockerd refuses a setting that stands both in daemon.json and on the command line, so the file wins.
  const byFile = 'registry-mirrors' in daemonSettings();
  const mirrorFlags = mirror === undefined || byFile ? [] : ['--registry-mirror', mirror];
  return {
    command: findCommand('dockerd') ?? 'dockerd',
    args: ['--pidfile', PID_FILE, ...mirrorFlags],
    ...OURS,
    pidFileWriter: 'program',
    logFile: cacheDirectory('engine', 'dockerd.log'),
  };
}

function daemonSettings(): object {
  try {
    const settings: unknown = JSON.parse(readFileSync('/etc/docker/daemon.json', 'utf8'));
    return typeof settings === 'object' && settings !== null ? settings : {};
  } catch {
    return {}; // no file is the usual case, and dockerd itself complains about a broken one
  }
}

function missingMirror(engine: EngineFacts, mirror: string | undefined): string {
  return [
    `The engine at ${engine.host} runs without the registry mirror ${mirror}, and these scripts did not start it.`,
    `Add {"registry-mirrors": ["${mirror}"]} to its daemon.json and restart it, or stop it and run this again.`,
  ].join('\n');
}
