import type { Engine } from '#engine/engine.ts';

/** Not compose's: nobody but the engine is to work for these. */
const LABEL = 'slipway-bench';

/** Milliseconds for the bare calls: one network, then every container created and started, all at once. */
export async function bareBoot(engine: Engine, name: string, services: number): Promise<number> {
  const Labels = { [LABEL]: name };
  const began = performance.now();
  await engine.createNetwork({ Name: `${name}_bare`, Labels });
  await Promise.all(
    Array.from({ length: services }, async (_, index) => {
      const { id } = await engine.createContainer({
        name: `${name}-bare-${index}`,
        body: {
          Image: 'busybox:1',
          Cmd: ['sleep', '100000'],
          StopSignal: 'SIGKILL',
          Labels,
          HostConfig: { NetworkMode: `${name}_bare` },
        },
      });
      await engine.startContainer(id);
    }),
  );
  return performance.now() - began;
}

/** Not measured: what `bareBoot` made goes. */
export async function bareDown(engine: Engine, name: string): Promise<void> {
  const labels = [`${LABEL}=${name}`];
  const containers = await engine.listContainers({ all: true, labels });
  await Promise.all(containers.map(({ id }) => engine.removeContainer(id, { force: true })));
  for (const { id } of await engine.listNetworks({ labels })) await engine.removeNetwork(id);
}
