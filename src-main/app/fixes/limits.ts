import { type AttributeOverride, overrideService } from '#compose/override.ts';
import type { Service } from '#compose/project.ts';
import type { Engine } from '#engine/engine.ts';
import { missing } from '../requestBase.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';

/** Twice the memory limit of the file, where the file has it, in Slipway's override. */
export async function doubleMemory({ source }: FixContext, { service }: Asked): Promise<BootAfter> {
  const definition = source.require().services[service];
  const attributes = definition && doubled(definition);
  if (attributes === undefined) {
    throw missing(
      `memory limit of ${service}`,
      `${service} has no limit: the machine itself has no more memory.`,
    );
  }
  await override(source, service, attributes);
  return {};
}

type Attributes = Readonly<Record<string, AttributeOverride>>;

function doubled({ deploy, mem_limit, memswap_limit }: Service): Attributes | undefined {
  const limits = deploy?.resources.limits;
  if (limits?.memory !== undefined && Number(limits.memory) > 0) {
    return { deploy: merge({ resources: { limits: { memory: twice(limits.memory) } } }) };
  }
  if (mem_limit === undefined || Number(mem_limit) === 0) return undefined;
  // The engine refuses a limit for memory and swap together that is below the one for memory.
  const swap: Attributes =
    Number(memswap_limit ?? 0) > 0 ? { memswap_limit: merge(twice(memswap_limit)) } : {};
  return { mem_limit: merge(twice(mem_limit)), ...swap };
}

function merge(value: unknown): AttributeOverride {
  return { how: 'merge', value };
}

/** As a text: so the file may say it with or without a unit. */
function twice(bytes: unknown): string {
  return String(2 * Number(bytes));
}

/** Asks for the platform that the image is made for; the machine must be able to emulate it. */
export async function emulatePlatform(context: FixContext, { service, argument }: Asked): Promise<BootAfter> {
  const platform =
    argument || (await imagePlatform(context.source.require().services[service]?.image, context.engine()));
  if (platform === undefined) {
    throw missing(`platform of ${service}`, 'It is not known which platform its image is made for.');
  }
  await override(context.source, service, { platform: merge(platform) });
  return {};
}

async function imagePlatform(image: string | undefined, engine: Engine): Promise<string | undefined> {
  return image === undefined ? undefined : (await engine.inspectImage(image))?.platform;
}

async function override(
  source: FixContext['source'],
  service: string,
  attributes: Attributes,
): Promise<void> {
  const files = slipwayFiles(source.require().workingDir);
  await files.writeOverride(overrideService(await files.readOverride(), service, { attributes }));
}
