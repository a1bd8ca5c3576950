import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { CreateContainer } from '../containers.ts';
import type { Cancel, Engine } from '../engine.ts';
import { containerDetails, containerSummary } from './containerShape.ts';
import { list, number, record, text, texts } from './raw.ts';
import { type EngineRequest, encoded, type Transport } from './transport.ts';

type ContainerCalls = Pick<
  Engine,
  | 'listContainers'
  | 'inspectContainer'
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'restartContainer'
  | 'pauseContainer'
  | 'unpauseContainer'
  | 'renameContainer'
  | 'removeContainer'
  | 'waitContainer'
  | 'updateContainer'
  | 'top'
  | 'changes'
>;

const CHANGE_KINDS = ['modified', 'added', 'deleted'] as const;

export function containerCalls(transport: Transport): ContainerCalls {
  const post = (
    id: string,
    verb: string,
    signal: AbortSignal | undefined,
    extra: Partial<EngineRequest> = {},
  ) =>
    transport.run({
      method: 'POST',
      path: `${containerPath(id)}/${verb}`,
      about: aboutContainer(id),
      signal,
      ...extra,
    });
  const get = (id: string, noun: string, signal: AbortSignal | undefined) =>
    transport.json({
      method: 'GET',
      path: `${containerPath(id)}/${noun}`,
      about: aboutContainer(id),
      signal,
    });

  return {
    async listContainers({ labels, names, ids, all, signal }) {
      // Names are patterns to the engine; anchored, they are names.
      const filters = filterQuery({
        label: labels,
        name: names?.map((name) => `^/?${escaped(name)}$`),
        id: ids,
      });
      const query = { all, filters };
      const about = { what: 'container', id: '' } as const;
      const answer = await transport.json({ method: 'GET', path: '/containers/json', query, about, signal });
      return list(answer).map((entry) => containerSummary(record(entry)));
    },
    inspectContainer: async (id, options) => containerDetails(record(await get(id, 'json', options?.signal))),
    createContainer: (request) => create(transport, request),
    startContainer: (id, options) => post(id, 'start', options?.signal, { holds: true }),
    stopContainer: (id, options) =>
      post(id, 'stop', options?.signal, {
        query: { t: options?.graceSeconds, signal: options?.signalName },
        holds: true,
      }),
    killContainer: (id, options) =>
      post(id, 'kill', options?.signal, { query: { signal: options?.signalName } }),
    restartContainer: (id, options) =>
      post(id, 'restart', options?.signal, { query: { t: options?.graceSeconds }, holds: true }),
    pauseContainer: (id, options) => post(id, 'pause', options?.signal),
    unpauseContainer: (id, options) => post(id, 'unpause', options?.signal),
    renameContainer: (id, name, options) => post(id, 'rename', options?.signal, { query: { name } }),
    removeContainer: (id, options) => remove(transport, id, options),
    waitContainer: (id, options) => wait(transport, id, options),
    updateContainer: (id, { memoryBytes, memorySwapBytes, nanoCpus, restart, signal }) =>
      post(id, 'update', signal, {
        // A new limit above the old one is refused while memory plus swap stays below it.
        body: {
          Memory: memoryBytes,
          MemorySwap: memorySwapBytes ?? (memoryBytes === undefined ? undefined : 2 * memoryBytes),
          NanoCpus: nanoCpus,
          RestartPolicy: restart && { Name: restart.name, MaximumRetryCount: restart.maximumRetries ?? 0 },
        },
      }),
    async top(id, options) {
      const answer = record(await get(id, 'top', options?.signal));
      return { titles: texts(answer['Titles']), rows: list(answer['Processes']).map(texts) };
    },
    async changes(id, options) {
      return list(await get(id, 'changes', options?.signal)).map((entry) => ({
        path: text(record(entry)['Path']),
        kind: CHANGE_KINDS[number(record(entry)['Kind'])] ?? 'modified',
      }));
    },
  };
}

export function containerPath(id: string): string {
  return `/containers/${encoded(id)}`;
}

export function aboutContainer(id: string) {
  return { what: 'container', id } as const;
}

/** `filters` of a list; undefined when nothing is asked for. */
export function filterQuery(
  filters: Readonly<Record<string, readonly string[] | undefined>>,
): Record<string, readonly string[]> | undefined {
  const asked = Object.entries(filters).flatMap(([key, values]) =>
    values === undefined || values.length === 0 ? [] : [[key, values] as const],
  );
  return asked.length === 0 ? undefined : Object.fromEntries(asked);
}

export function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function create(transport: Transport, { name, body, platform, signal }: CreateContainer & Cancel) {
  try {
    const answer = record(
      await transport.json({
        method: 'POST',
        path: '/containers/create',
        query: { name, platform },
        body: body as unknown as Record<string, unknown>,
        about: { what: 'container', id: name },
        signal,
      }),
    );
    return { id: text(answer['Id']) as ContainerId, warnings: texts(answer['Warnings']) };
  } catch (thrown) {
    if (isKind(thrown, 'engine.conflict')) await explainConflict(transport, name, thrown, signal);
    throw thrown;
  }
}

/** A name can be held by a container that is just going away: then the same request is done a moment later. */
async function explainConflict(
  transport: Transport,
  name: string,
  conflict: AppFailure,
  signal: AbortSignal | undefined,
): Promise<void> {
  const state = await stateOf(transport, name, signal);
  if (state !== undefined && state !== 'removing') return;
  throw new AppFailure(
    { kind: 'engine.failed', status: 409, transient: true, message: `${name} is still being removed.` },
    { cause: conflict },
  );
}

async function stateOf(
  transport: Transport,
  id: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const path = `${containerPath(id)}/json`;
    return containerDetails(
      record(await transport.json({ method: 'GET', path, about: aboutContainer(id), signal })),
    ).state;
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}

async function remove(
  transport: Transport,
  id: ContainerId,
  options: Parameters<Engine['removeContainer']>[1],
): Promise<void> {
  const query = { force: options?.force, v: options?.anonymousVolumes };
  const about = aboutContainer(id);
  try {
    await transport.run({
      method: 'DELETE',
      path: containerPath(id),
      query,
      about,
      signal: options?.signal,
      holds: true,
    });
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return;
    // 409 is a running container, or one that somebody else is removing: then it is gone when that is done.
    if (!isKind(thrown, 'engine.conflict')) throw thrown;
    const state = await stateOf(transport, id, options?.signal);
    if (state === undefined) return;
    if (state !== 'removing') throw thrown;
    await wait(transport, id, { condition: 'removed', signal: options?.signal }).catch((failure) => {
      if (!isKind(failure, 'engine.notFound')) throw failure;
    });
  }
}

async function wait(
  transport: Transport,
  id: ContainerId,
  options: Parameters<Engine['waitContainer']>[1],
): Promise<number> {
  const answer = record(
    await transport.json({
      method: 'POST',
      path: `${containerPath(id)}/wait`,
      query: { condition: options?.condition },
      about: aboutContainer(id),
      signal: options?.signal,
      holds: true,
    }),
  );
  const failed = text(record(answer['Error'])['Message']);
  if (failed !== '') {
    throw new AppFailure({ kind: 'engine.failed', status: 500, transient: false, message: failed });
  }
  return number(answer['StatusCode']);
}
