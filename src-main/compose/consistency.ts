import { findCycle } from './graph.ts';
import type { Problems } from './problems.ts';
import type { FileObject, Service } from './project.ts';
import { suggest } from './suggest.ts';
import { renderPath, type Step } from './treePath.ts';
import type { Place } from './yaml/nodes.ts';

/** The names that may be referred to, and the services that take part. */
export interface Names {
  readonly services: Readonly<Record<string, Service>>;
  readonly disabledServices: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, FileObject>>;
  readonly configs: Readonly<Record<string, unknown>>;
  readonly models: Readonly<Record<string, unknown>>;
}

export interface Tools {
  readonly problems: Problems;
  /** The nearest place in a file to a path in the document. */
  readonly placeOf: (steps: readonly Step[]) => Place | undefined;
}

/** Checks what only the whole project can tell: names that exist, values that agree, no circle. */
export function checkConsistency(names: Names, tools: Tools): void {
  const checker = new Checker(names, tools);
  for (const [name, service] of Object.entries(names.services)) checker.service(name, service);
  checker.secrets();
  checker.containerNames();
  checker.cycle();
}

class Checker {
  readonly #names: Names;
  readonly #tools: Tools;

  constructor(names: Names, tools: Tools) {
    this.#names = names;
    this.#tools = tools;
  }

  service(name: string, service: Service): void {
    const at: Step[] = ['services', name];
    const isEmpty =
      service.build === undefined && service.image === undefined && service.provider === undefined;
    if (isEmpty && !this.#tools.problems.concern(renderPath([...at, 'extends'])))
      this.#complain(at, { message: 'has neither an image nor a build', expected: 'image or build' });
    this.#build(at, service);
    this.#networks(at, service);
    this.#healthcheck(at, service);
    this.#dependencies(at, service);
    this.#resources(at, service);
    this.#limits(at, service);
    this.#scale(at, service);
    this.#watch(at, service);
    this.#mounts(at, service);
  }

  #complain(
    steps: readonly Step[],
    said: { message: string; expected: string; suggestion?: () => string | undefined },
  ): void {
    const path = renderPath(steps);
    this.#tools.problems.invalid({
      message: `${path} ${said.message}.`,
      path,
      place: this.#tools.placeOf(steps),
      expected: said.expected,
      suggestion: said.suggestion,
    });
  }

  /** Complains of a name that is not among `known`. */
  #known(steps: readonly Step[], name: string, what: string, known: Readonly<Record<string, unknown>>): void {
    if (Object.hasOwn(known, name)) return;
    this.#complain(steps, {
      message: `names the ${what} "${name}", which is not defined`,
      expected: `a ${what} of this project`,
      suggestion: () => suggest(name, Object.keys(known)),
    });
  }

  #build(at: readonly Step[], { build, platform }: Service): void {
    if (build === undefined) return;
    if (build.dockerfile && build.dockerfile_inline)
      this.#complain([...at, 'build', 'dockerfile_inline'], {
        message: 'stands beside dockerfile',
        expected: 'one of dockerfile, dockerfile_inline',
      });
    for (const [key, context] of Object.entries(build.additional_contexts ?? {}))
      if (context.startsWith('service:'))
        this.#buildContext([...at, 'build', 'additional_contexts', key], context.slice('service:'.length));
    for (const [index, secret] of (build.secrets ?? []).entries())
      this.#known([...at, 'build', 'secrets', index], secret.source ?? '', 'secret', this.#names.secrets);
    if (build.platforms?.length && platform && !build.platforms.includes(platform))
      this.#complain([...at, 'build', 'platforms'], {
        message: `does not include the service's platform ${platform}`,
        expected: platform,
      });
  }

  #buildContext(steps: readonly Step[], target: string): void {
    const service = this.#names.services[target];
    if (service === undefined) this.#known(steps, target, 'service', this.#names.services);
    else if (service.build === undefined)
      this.#complain(steps, {
        message: `names ${target}, which is not built`,
        expected: 'a service with build',
      });
  }

  #networks(at: readonly Step[], service: Service): void {
    const networks = Object.keys(service.networks ?? {});
    if (service.network_mode !== undefined && networks.length > 0)
      this.#complain([...at, 'network_mode'], {
        message: 'cannot stand beside networks',
        expected: 'one of network_mode, networks',
      });
    for (const network of networks)
      this.#known([...at, 'networks', network], network, 'network', this.#names.networks);
  }

  #healthcheck(at: readonly Step[], { healthcheck }: Service): void {
    const [first] = healthcheck?.test ?? [];
    if (first === undefined || ['CMD', 'CMD-SHELL', 'NONE'].includes(first)) return;
    this.#complain([...at, 'healthcheck', 'test'], {
      message: `starts with "${first}"`,
      expected: 'CMD, CMD-SHELL or NONE first',
      suggestion: () => suggest(first, ['CMD', 'CMD-SHELL', 'NONE']),
    });
  }

  #dependencies(at: readonly Step[], service: Service): void {
    const { services, disabledServices } = this.#names;
    for (const [target, { required }] of Object.entries(service.depends_on ?? {})) {
      if (Object.hasOwn(services, target)) continue;
      const steps = [...at, ...impliedBy(service, target)];
      if (!Object.hasOwn(disabledServices, target)) this.#known(steps, target, 'service', services);
      else if (required)
        this.#complain(steps, {
          message: `names a service whose profiles (${disabledServices[target]?.profiles?.join(', ')}) are not active`,
          expected: 'an active service, or required: false',
        });
    }
  }

  #resources(at: readonly Step[], service: Service): void {
    const { volumes, secrets, configs, models } = this.#names;
    for (const [index, mount] of (service.volumes ?? []).entries())
      if (mount.type === 'volume' && mount.source !== undefined)
        this.#known([...at, 'volumes', index], mount.source, 'volume', volumes);
    for (const [index, config] of (service.configs ?? []).entries())
      this.#known([...at, 'configs', index], config.source ?? '', 'config', configs);
    for (const [index, secret] of (service.secrets ?? []).entries())
      this.#known([...at, 'secrets', index], secret.source ?? '', 'secret', secrets);
    for (const model of Object.keys(service.models ?? {}))
      this.#known([...at, 'models', model], model, 'model', models);
  }

  #limits(at: readonly Step[], service: Service): void {
    const { limits, reservations } = service.deploy?.resources ?? {};
    const pairs: [keyof Service, string, unknown, unknown, boolean][] = [
      ['cpus', 'limits.cpus', service.cpus, limits?.cpus, limits !== undefined],
      ['mem_limit', 'limits.memory', service.mem_limit, limits?.memory, limits !== undefined],
      [
        'mem_reservation',
        'reservations.memory',
        service.mem_reservation,
        reservations?.memory,
        reservations !== undefined,
      ],
      ['pids_limit', 'limits.pids', service.pids_limit, limits?.pids, limits !== undefined],
    ];
    for (const [key, other, value, limit, present] of pairs)
      if (present && value !== undefined && value !== '0' && value !== limit)
        this.#complain([...at, key], {
          message: `differs from deploy.resources.${other}`,
          expected: 'the same value in both places, or one of them',
        });
  }

  #scale(at: readonly Step[], service: Service): void {
    const replicas = service.deploy?.replicas;
    if (service.scale !== undefined && replicas !== undefined && service.scale !== replicas)
      this.#complain([...at, 'scale'], {
        message: `is ${service.scale}, deploy.replicas is ${replicas}`,
        expected: 'the same number in both places, or one of them',
      });
    for (const [key, value] of [
      ['scale', service.scale],
      ['deploy.replicas', replicas],
    ] as const)
      if (value !== undefined && value < 0)
        this.#complain([...at, ...key.split('.')], { message: `is ${value}`, expected: 'zero or more' });
    if ((service.scale ?? replicas ?? 1) > 1 && service.container_name !== undefined)
      this.#complain([...at, 'container_name'], {
        message: 'gives one name to several containers',
        expected: 'no container_name for a service with several replicas',
      });
  }

  #watch(at: readonly Step[], service: Service): void {
    for (const [index, rule] of (service.develop?.watch ?? []).entries())
      if (!rule.target && rule.action !== 'rebuild' && rule.action !== 'restart')
        this.#complain([...at, 'develop', 'watch', index], {
          message: `has the action ${rule.action} and no target`,
          expected: 'a target',
        });
  }

  /** Two mounts cannot share a place in the container. */
  #mounts(at: readonly Step[], service: Service): void {
    const taken = new Set<string>();
    const take = (steps: readonly Step[], target: string) => {
      if (taken.has(target))
        this.#complain(steps, { message: `mounts ${target} a second time`, expected: 'one mount per place' });
      taken.add(target);
    };
    for (const [index, tmpfs] of (service.tmpfs ?? []).entries())
      take([...at, 'tmpfs', index], tmpfs.split(':', 1)[0] ?? '');
    for (const [index, mount] of (service.volumes ?? []).entries())
      take([...at, 'volumes', index], mount.target ?? '');
  }

  secrets(): void {
    for (const [key, secret] of Object.entries(this.#names.secrets))
      if (!secret.external && !secret.file && !secret.environment)
        this.#complain(['secrets', key], {
          message: 'has neither a file nor a variable',
          expected: 'file or environment',
        });
  }

  containerNames(): void {
    const owners = new Map<string, string>();
    for (const [name, { container_name }] of Object.entries(this.#names.services)) {
      if (container_name === undefined) continue;
      const owner = owners.get(container_name);
      if (owner !== undefined)
        this.#complain(['services', name, 'container_name'], {
          message: `is "${container_name}", as that of ${owner}`,
          expected: 'a name of its own',
        });
      owners.set(container_name, name);
    }
  }

  cycle(): void {
    const services = findCycle(this.#names.services);
    if (services === undefined) return;
    const [first = '', second = ''] = services;
    const place = this.#tools.placeOf(['services', first, 'depends_on', second]);
    this.#tools.problems.cycle(services, place);
  }
}

/** Where a service says that it depends on another: outright, or by something that implies it. */
function impliedBy(service: Service, target: string): Step[] {
  const link = service.links?.findIndex((text) => text === target || text.startsWith(`${target}:`)) ?? -1;
  if (link >= 0) return ['links', link];
  const source = service.volumes_from?.findIndex((text) => text.split(':', 1)[0] === target) ?? -1;
  if (source >= 0) return ['volumes_from', source];
  for (const namespace of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'] as const)
    if (service[namespace] === `service:${target}`) return [namespace];
  return ['depends_on', target];
}

/** Where `scale` and `deploy.replicas` are both given they agree, and the first one counts. */
export function withScale(service: Service): Service {
  const { scale, deploy } = service;
  if (scale === undefined || deploy === undefined) return service;
  return { ...service, deploy: { ...deploy, replicas: scale } };
}
