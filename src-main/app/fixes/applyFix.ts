import { missing } from '../requestBase.ts';
import { createPath, setVariable } from './environment.ts';
import type { Asked, BootAfter, Fix, FixContext, FixRequest, Started } from './fixContext.ts';
import { doubleMemory, emulatePlatform } from './limits.ts';
import { movePort } from './movePort.ts';
import { givePermission } from './permissions.ts';
import { pruneDisk } from './pruneDisk.ts';
import { convertScripts, makeExecutable } from './scripts.ts';
import { setPassword } from './setPassword.ts';
import { stopHolder } from './stopHolder.ts';

/** By kind, the part of a fix's id before the colon. What only a window can do (open the log, the versions) is not here. */
const FIXES: Readonly<Record<string, Fix>> = {
  retry: nothing,
  'service.start': async (_, { service, argument }) => ({ services: [argument, service] }),
  'build.again': async (_, { service }) => ({ services: [service], build: true }),
  'path.create': createPath,
  'variable.set': setVariable,
  'port.move': movePort,
  'port.stopHolder': stopHolder,
  'script.lf': convertScripts,
  'script.executable': makeExecutable,
  'memory.double': doubleMemory,
  'platform.emulate': emulatePlatform,
  'disk.prune': pruneDisk,
  'permission.fix': givePermission,
  'data.password': setPassword,
};

/** Does what a button of a failure card says and boots what is left. Throws `notFound` for a fix that is none. */
export async function applyFix(context: FixContext, request: FixRequest): Promise<Started> {
  const [kind, argument] = split(request.fix);
  const fix = Object.hasOwn(FIXES, kind) ? FIXES[kind] : undefined;
  if (fix === undefined) throw missing(`fix ${kind}`, 'This cannot be done from here.');
  const { service, values = {}, consents = [] } = request;
  const after = await fix(context, { service, argument, values, consents });
  await context.source.load();
  return context.stack.boot({ ...after, consents });
}

async function nothing(_context: FixContext, _asked: Asked): Promise<BootAfter> {
  return {};
}

/** At the first colon: a path or an image has more. */
function split(fix: string): readonly [string, string] {
  const colon = fix.indexOf(':');
  return colon < 0 ? [fix, ''] : [fix.slice(0, colon), fix.slice(colon + 1)];
}
