import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** A program of this machine that listens on a port. */
export interface Listener {
  readonly pid: number;
  readonly program: string;
}

/** Who listens on a port of this machine, as far as the system tells: others' programs may be hidden from a user. */
export async function listenersOn(port: number, protocol: string): Promise<readonly Listener[]> {
  switch (process.platform) {
    case 'linux':
      return fromProc(port, protocol);
    case 'win32':
      return fromNetstat(port, protocol);
    default:
      return fromLsof(port, protocol);
  }
}

/** TCP_LISTEN, and the state of a UDP socket that is not connected. Source: Linux, include/net/tcp_states.h. */
const LISTENING: Readonly<Record<string, string>> = { tcp: '0A', udp: '07' };

/** Linux: sockets by port in /proc/net, then whose open file such a socket is. */
async function fromProc(port: number, protocol: string): Promise<readonly Listener[]> {
  const tables = await Promise.all([`/proc/net/${protocol}`, `/proc/net/${protocol}6`].map(readOr));
  const inodes = new Set(tables.flatMap((table) => socketsOn(table, port, LISTENING[protocol] ?? '')));
  if (inodes.size === 0) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const holders = await Promise.all(pids.map(async (pid) => ((await holdsOne(pid, inodes)) ? [pid] : [])));
  return Promise.all(
    holders.flat().map(async (pid) => ({ pid: Number(pid), program: await programOf(pid) })),
  );
}

/** What people know it by: its file. The kernel's own name for it is one of its threads (`MainThread`). */
async function programOf(pid: string): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return path.basename(file.replace(/ \(deleted\)$/, '')) || (await readOr(`/proc/${pid}/comm`)).trim();
}

/** Columns: `sl local_address rem_address st … inode`. Source: Linux, Documentation/networking/proc_net_tcp.rst. */
function socketsOn(table: string, port: number, state: string): string[] {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    return columns[1]?.endsWith(ending) && columns[3] === state && inode !== undefined ? [inode] : [];
  });
}

/** A process that has just ended, or is somebody else's, holds nothing that we can see. */
async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

function readOr(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** macOS and the BSDs: `-F pc` prints one `p<pid>` and one `c<command>` line for each process. */
async function fromLsof(port: number, protocol: string): Promise<readonly Listener[]> {
  const words = ['-nP', `-i${protocol.toUpperCase()}:${port}`, '-F', 'pc'];
  if (protocol === 'tcp') words.push('-sTCP:LISTEN');
  const lines = (await output('lsof', words)).split('\n');
  return lines.flatMap((line, index) => {
    const pid = Number(/^p(\d+)$/.exec(line)?.[1]);
    return pid > 0 ? [{ pid, program: lines[index + 1]?.replace(/^c/, '') || 'a program' }] : [];
  });
}

/** Windows: `  TCP    0.0.0.0:8080    0.0.0.0:0    LISTENING    1234`, the third word in the system's language. */
async function fromNetstat(port: number, protocol: string): Promise<readonly Listener[]> {
  const lines = (await output('netstat', ['-ano', '-p', protocol])).split(/\r?\n/);
  const pids = lines.flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const pid = Number(columns.at(-1));
    const remote = columns[2] ?? '';
    return columns[1]?.endsWith(`:${port}`) && /:0$|\*:\*/.test(remote) && pid > 0 ? [pid] : [];
  });
  return [...new Set(pids)].map((pid) => ({ pid, program: 'a program' }));
}

/** Nothing where the tool is not there, or finds nothing (lsof ends with 1 then). */
async function output(command: string, words: readonly string[]): Promise<string> {
  return promisify(execFile)(command, [...words]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
