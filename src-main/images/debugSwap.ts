import type { AttributeOverride } from '#compose/override.ts';
import type { Service } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import { type DebuggerId, debuggerOf } from './debuggers.ts';
import { maskCommand } from './maskCommand.ts';

/** How a service is looked into while production's image is in its place. */
export interface DebugChoice {
  /** Its process is a sleep; what it would run is started by hand. */
  readonly idle: boolean;
  /** Where its port is published on this machine's loopback. */
  readonly debugger?: { readonly id: DebuggerId; readonly hostPort: number } | undefined;
}

export interface DebugDecision {
  readonly attributes: Readonly<Record<string, AttributeOverride>>;
  readonly notes: readonly string[];
  /** To be set, or appended where there is a value. */
  readonly environment?: { readonly name: string; readonly add: string } | undefined;
  /** For a person, secrets masked. */
  readonly startByHand?: string | undefined;
}

/** A sleep that ends only when it is told to: about 68 years. */
const SLEEP = ['sleep', '2147483647'];

/** What debugging decides on top of a swap. `command`: what would run, entrypoint first. */
export function decideDebug(
  choice: DebugChoice,
  {
    service,
    definition,
    command,
  }: { readonly service: string; readonly definition: Service; readonly command: readonly string[] },
): DebugDecision {
  const tool = choice.debugger && debuggerOf(choice.debugger.id);
  const wrapped = tool?.wrap?.(command);
  const runs = wrapped ?? command;
  const notes: string[] = [];
  if (tool?.wrap !== undefined && wrapped === undefined)
    notes.push(`${maskCommand(command)} cannot be put under ${tool.title} by itself: start it by hand.`);
  if (tool?.needs !== undefined) notes.push(`${tool.title} wants ${tool.needs} in the image.`);
  if (choice.debugger && tool)
    notes.push(`${tool.title}: ${tool.attach('127.0.0.1', choice.debugger.hostPort)}.`);
  const shown = maskCommand(runs);
  if (choice.idle) notes.push(`Its process is a sleep. Start it by hand: ${shown}`);
  return {
    attributes: {
      ...(choice.idle ? asleep() : wrapped === undefined ? {} : runsAs(wrapped)),
      ...(choice.debugger && tool ? published(service, definition, tool.port, choice.debugger.hostPort) : {}),
      ...(tool?.capabilities === undefined
        ? {}
        : { cap_add: { how: 'merge', value: [...tool.capabilities] } as const }),
    },
    notes,
    environment: tool?.environment,
    ...(choice.idle ? { startByHand: shown } : {}),
  };
}

/** A check of a process that does not run would only make it unhealthy. `init` lets it stop at once. */
function asleep(): Record<string, AttributeOverride> {
  return {
    ...runsAs(SLEEP),
    healthcheck: { how: 'replace', value: { disable: true } },
    init: { how: 'merge', value: true },
  };
}

function runsAs(command: readonly string[]): Record<string, AttributeOverride> {
  return {
    entrypoint: { how: 'replace', value: command },
    command: { how: 'replace', value: [] },
  };
}

/** Beside the ports that it has. A debugger listens to whoever reaches it: loopback only. */
function published(
  service: string,
  definition: Service,
  target: number,
  hostPort: number,
): Record<string, AttributeOverride> {
  const replicas = definition.scale ?? definition.deploy?.replicas ?? 1;
  if (replicas > 1)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'debugger',
      message: `${service} has ${replicas} replicas: one port of this machine can belong to one of them.`,
      hint: `Scale it to 1 first: slipway scale ${service}=1.`,
    });
  const port = {
    target,
    published: String(hostPort),
    host_ip: '127.0.0.1',
    protocol: 'tcp',
    mode: 'ingress',
  };
  return { ports: { how: 'replace', value: [...(definition.ports ?? []), port] } };
}
