import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import { parseEngineAddress } from '#engine/endpoints.ts';
import type { SwitchWorld } from '#middleware/switch/world.ts';
import { SwitchHarness } from './switchHarness.ts';

/**
 * A switch in a process of its own, to be killed: `node switchChild.ts HOST FOLDER SERVICE VERSION [POINT]`. At the point
 * (`step:move`: that step has begun; `journal:committed`, `override`, `lanes`: that has just been written) it kills itself
 * as hard as a power cut would.
 */
const [url = '', folder = '', service = '', version = '', point] = process.argv.slice(2);

function dieAt(reached: string): void {
  if (reached === point) process.kill(process.pid, 'SIGKILL');
}

class DyingHarness extends SwitchHarness {
  override async world(): Promise<SwitchWorld> {
    const world = await super.world();
    const { files } = world;
    return {
      ...world,
      onStep: ({ step, status }) => status === 'running' && dieAt(`step:${step}`),
      files: {
        ...files,
        beginJournal: async (name, text) => {
          const begun = await files.beginJournal(name, text);
          dieAt('journal:begun');
          return begun;
        },
        writeJournal: async (name, text) => {
          await files.writeJournal(name, text);
          if (text !== undefined) dieAt(`journal:${(JSON.parse(text) as { phase: string }).phase}`);
        },
        writeOverride: async (text) => {
          await files.writeOverride(text);
          dieAt('override');
        },
        writeLanes: async (text) => {
          await files.writeLanes(text);
          dieAt('lanes');
        },
      },
    };
  }
}

const address = parseEngineAddress(url);
if (address === undefined) throw new Error(`no engine at ${url}`);
const engine = await openEngine({ address, url, source: 'test', explicit: true });
await new DyingHarness(engine, folder, service).switchTo(version);
await engine.close();
