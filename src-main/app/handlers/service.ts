import { configDocument } from '#compose/config.ts';
import { unknownService } from '#compose/unknownService.ts';
import { masked } from '../maskSecrets.ts';
import { projectYaml } from '../projectYaml.ts';
import { failing, requests } from '../requestBase.ts';
import { sampleStats } from '../stats.ts';
import type { Workspaces } from '../workspaces.ts';

export function serviceHandlers(workspaces: Workspaces) {
  return {
    stats: requests.service.stats.handler(({ input, signal }) =>
      failing(sampleStats(workspaces.get(input.workspace), input.services, signal)),
    ),
    inspect: requests.service.inspect.handler(async ({ input, signal }) => {
      const workspace = workspaces.get(input.workspace);
      const { raw } = await workspace
        .engine()
        .inspectContainer(workspace.replica(input.service, input.replica).id, { signal });
      return { json: JSON.stringify(masked(raw), undefined, 2) };
    }),
    definition: requests.service.definition.handler(({ input }) => {
      const project = workspaces.get(input.workspace).source.require();
      const document = configDocument(project)['services'] as Readonly<Record<string, unknown>>;
      const service = document[input.service];
      if (service === undefined) throw unknownService(project, input.service);
      const at = project.sourceOf(`services.${input.service}`);
      return {
        yaml: projectYaml(JSON.stringify({ services: { [input.service]: masked(service) } })),
        ...(at === undefined ? {} : { at: { file: at.file, line: at.line } }),
      };
    }),
    top: requests.service.top.handler(({ input, signal }) => {
      const workspace = workspaces.get(input.workspace);
      return workspace.engine().top(workspace.replica(input.service).id, { signal });
    }),
  };
}
