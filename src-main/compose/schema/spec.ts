import { any, choice, list, map, object, type ScalarSchema, type Schema, scalar } from './schema.ts';

/**
 * The attributes of the Compose Specification and what each may hold
 * (https://github.com/compose-spec/compose-spec/blob/main/spec.md), as strict as docker compose 2.40 is.
 */

const NAME = /^[a-zA-Z0-9._-]+$/;

const text = scalar('string');
const integer = scalar('integer');
const bool = scalar('boolean');
const boolOrText = scalar('boolean', 'string');
const integerOrText = scalar('integer', 'string');
const numberOrText = scalar('number', 'string');
const texts = list(text);
const uniqueTexts = list(text, 'unique');
const textOrList = choice(text, uniqueTexts);
const options = map(scalar('string', 'number'));
const values = choice(map(scalar('string', 'number', 'boolean', 'null'), /.+/, 'forbidden'), uniqueTexts);

function words(...oneOf: string[]): ScalarSchema {
  return { type: 'scalar', kinds: ['string'], oneOf };
}

function matching(expression: RegExp, shown: string): ScalarSchema {
  return { type: 'scalar', kinds: ['string'], pattern: { expression, shown } };
}

function within(minimum: number, maximum?: number): ScalarSchema {
  return {
    type: 'scalar',
    kinds: ['integer', 'string'],
    minimum,
    ...(maximum !== undefined && { maximum }),
  };
}

const command = choice(scalar('null', 'string'), texts);

const extraHosts = choice(map(choice(text, texts), /.+/, 'forbidden'), uniqueTexts);

const fileReferences = list(
  choice(
    text,
    object('a secret or config of a service', {
      source: text,
      target: text,
      uid: text,
      gid: text,
      mode: numberOrText,
    }),
  ),
);

const ulimits = map(
  choice(
    integerOrText,
    object('a ulimit', { hard: integerOrText, soft: integerOrText }, { required: ['soft', 'hard'] }),
  ),
  /^[a-z]+$/,
);

const hook = object(
  'a lifecycle hook',
  { command, user: text, privileged: boolOrText, working_dir: text, environment: values },
  { required: ['command'] },
);

const build = choice(
  text,
  object('a build', {
    context: text,
    dockerfile: text,
    dockerfile_inline: text,
    entitlements: texts,
    args: values,
    ssh: values,
    labels: values,
    cache_from: texts,
    cache_to: texts,
    no_cache: boolOrText,
    additional_contexts: values,
    network: text,
    provenance: boolOrText,
    sbom: boolOrText,
    pull: boolOrText,
    target: text,
    shm_size: integerOrText,
    extra_hosts: extraHosts,
    isolation: text,
    privileged: boolOrText,
    secrets: fileReferences,
    tags: texts,
    ulimits,
    platforms: texts,
  }),
);

const blkioLimits = list(
  object('a block I/O limit', { path: text, rate: integerOrText }, { extensions: 'forbidden' }),
);

const blkio = object(
  'a block I/O configuration',
  {
    device_read_bps: blkioLimits,
    device_read_iops: blkioLimits,
    device_write_bps: blkioLimits,
    device_write_iops: blkioLimits,
    weight: integerOrText,
    weight_device: list(
      object('a block I/O weight', { path: text, weight: integerOrText }, { extensions: 'forbidden' }),
    ),
  },
  { extensions: 'forbidden' },
);

const dependsOn = choice(
  uniqueTexts,
  map(
    object(
      'a dependency',
      {
        restart: boolOrText,
        required: bool,
        condition: words('service_started', 'service_healthy', 'service_completed_successfully'),
      },
      { required: ['condition'] },
    ),
    NAME,
    'forbidden',
  ),
);

const deviceAttributes = {
  capabilities: uniqueTexts,
  count: scalar('string', 'integer'),
  device_ids: uniqueTexts,
  driver: text,
  options: values,
};

const deviceRequests = list(object('a device request', deviceAttributes, { required: ['capabilities'] }));

const updateConfig = object('an update configuration', {
  parallelism: integerOrText,
  delay: text,
  failure_action: text,
  monitor: text,
  max_failure_ratio: numberOrText,
  order: words('start-first', 'stop-first'),
});

const deploy = choice(
  scalar('null'),
  object('a deployment', {
    mode: text,
    endpoint_mode: text,
    replicas: integerOrText,
    labels: values,
    rollback_config: updateConfig,
    update_config: updateConfig,
    resources: object('resources', {
      limits: object('resource limits', { cpus: numberOrText, memory: text, pids: integerOrText }),
      reservations: object('resource reservations', {
        cpus: numberOrText,
        memory: text,
        generic_resources: list(
          object('a generic resource', {
            discrete_resource_spec: object('a discrete resource', { kind: text, value: numberOrText }),
          }),
        ),
        devices: deviceRequests,
      }),
    }),
    restart_policy: object('a restart policy', {
      condition: text,
      delay: text,
      max_attempts: integerOrText,
      window: text,
    }),
    placement: object('a placement', {
      constraints: texts,
      preferences: list(object('a placement preference', { spread: text })),
      max_replicas_per_node: integerOrText,
    }),
  }),
);

const develop = choice(
  scalar('null'),
  object('a develop section', {
    watch: list(
      object(
        'a watch rule',
        {
          ignore: textOrList,
          include: textOrList,
          path: text,
          action: words('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
          target: text,
          exec: hook,
          initial_sync: bool,
        },
        { required: ['path', 'action'] },
      ),
    ),
  }),
);

const envFile = choice(
  text,
  list(
    choice(
      text,
      object(
        'an environment file',
        { path: text, format: text, required: boolOrText },
        { required: ['path'], extensions: 'forbidden' },
      ),
    ),
  ),
);

const healthcheck = object('a healthcheck', {
  disable: boolOrText,
  interval: text,
  retries: numberOrText,
  test: choice(text, texts),
  timeout: text,
  start_period: text,
  start_interval: text,
});

const networkAttachments = choice(
  uniqueTexts,
  map(
    choice(
      scalar('null'),
      object("a service's network", {
        aliases: uniqueTexts,
        interface_name: text,
        ipv4_address: text,
        ipv6_address: text,
        link_local_ips: uniqueTexts,
        mac_address: text,
        driver_opts: options,
        priority: scalar('number'),
        gw_priority: scalar('number'),
      }),
    ),
    NAME,
    'forbidden',
  ),
);

const modelReferences = choice(
  uniqueTexts,
  map(choice(scalar('null'), object("a service's model", { endpoint_var: text, model_var: text })), NAME),
);

const ports = list(
  choice(
    scalar('number', 'string'),
    object('a port', {
      name: text,
      mode: text,
      host_ip: text,
      target: integerOrText,
      published: integerOrText,
      protocol: text,
      app_protocol: text,
    }),
  ),
  'unique',
);

const volumeMounts = list(
  choice(
    text,
    object(
      'a volume mount',
      {
        type: words('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
        source: text,
        target: text,
        read_only: boolOrText,
        consistency: text,
        bind: object('bind options', {
          propagation: text,
          create_host_path: boolOrText,
          recursive: words('enabled', 'disabled', 'writable', 'readonly'),
          selinux: words('z', 'Z'),
        }),
        volume: object('volume options', { labels: values, nocopy: boolOrText, subpath: text }),
        tmpfs: object('tmpfs options', { size: within(0), mode: numberOrText }),
        image: object('image options', { subpath: text }),
      },
      { required: ['type'] },
    ),
  ),
  'unique',
);

const provider = object(
  'a provider',
  {
    type: text,
    options: map(choice(scalar('string', 'number', 'boolean'), list(scalar('string', 'number', 'boolean')))),
  },
  { required: ['type'] },
);

const service = object('a service', {
  develop,
  deploy,
  annotations: values,
  attach: boolOrText,
  build,
  blkio_config: blkio,
  cap_add: uniqueTexts,
  cap_drop: uniqueTexts,
  cgroup: words('host', 'private'),
  cgroup_parent: text,
  command,
  configs: fileReferences,
  container_name: matching(/[a-zA-Z0-9][a-zA-Z0-9_.-]+/, 'two or more of letters, digits, "_", "." and "-"'),
  cpu_count: within(0),
  cpu_percent: within(0, 100),
  cpu_shares: numberOrText,
  cpu_quota: numberOrText,
  cpu_period: numberOrText,
  cpu_rt_period: numberOrText,
  cpu_rt_runtime: numberOrText,
  cpus: numberOrText,
  cpuset: text,
  credential_spec: object('a credential spec', { config: text, file: text, registry: text }),
  depends_on: dependsOn,
  device_cgroup_rules: uniqueTexts,
  devices: list(
    choice(
      text,
      object('a device', { source: text, target: text, permissions: text }, { required: ['source'] }),
    ),
  ),
  dns: textOrList,
  dns_opt: uniqueTexts,
  dns_search: textOrList,
  domainname: text,
  entrypoint: command,
  env_file: envFile,
  label_file: choice(text, texts),
  environment: values,
  expose: list(scalar('string', 'number'), 'unique'),
  extends: choice(
    text,
    object('an extends', { service: text, file: text }, { required: ['service'], extensions: 'forbidden' }),
  ),
  provider,
  external_links: uniqueTexts,
  extra_hosts: extraHosts,
  gpus: choice(words('all'), list(object('a GPU request', deviceAttributes, { others: 'allowed' }))),
  group_add: list(scalar('string', 'number'), 'unique'),
  healthcheck,
  hostname: text,
  image: text,
  init: boolOrText,
  ipc: text,
  isolation: text,
  labels: values,
  links: uniqueTexts,
  logging: object('a logging configuration', {
    driver: text,
    options: map(scalar('string', 'number', 'null')),
  }),
  mac_address: text,
  mem_limit: numberOrText,
  mem_reservation: integerOrText,
  mem_swappiness: integerOrText,
  memswap_limit: numberOrText,
  network_mode: text,
  models: modelReferences,
  networks: networkAttachments,
  oom_kill_disable: boolOrText,
  oom_score_adj: within(-1000, 1000),
  pid: scalar('string', 'null'),
  pids_limit: numberOrText,
  platform: text,
  ports,
  post_start: list(hook),
  pre_stop: list(hook),
  privileged: boolOrText,
  profiles: uniqueTexts,
  pull_policy: matching(
    /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/,
    'always, never, build, missing, daily, weekly or every_<duration>',
  ),
  pull_refresh_after: text,
  read_only: boolOrText,
  restart: text,
  runtime: text,
  scale: integerOrText,
  security_opt: uniqueTexts,
  shm_size: numberOrText,
  secrets: fileReferences,
  sysctls: values,
  stdin_open: boolOrText,
  stop_grace_period: text,
  stop_signal: text,
  storage_opt: map(any),
  tmpfs: textOrList,
  tty: boolOrText,
  ulimits,
  use_api_socket: bool,
  user: text,
  uts: text,
  userns_mode: text,
  volumes: volumeMounts,
  volumes_from: uniqueTexts,
  working_dir: text,
});

const externalName = object('an external resource', { name: text });
const external = choice(boolOrText, externalName);
const looseExternal = choice(
  boolOrText,
  object('an external resource', { name: text }, { others: 'allowed' }),
);

const network = choice(
  scalar('null'),
  object('a network', {
    name: text,
    driver: text,
    driver_opts: options,
    ipam: object('an address management', {
      driver: text,
      config: list(
        object('an address pool', {
          subnet: text,
          ip_range: text,
          gateway: text,
          aux_addresses: map(text, /^.+$/, 'forbidden'),
        }),
      ),
      options: map(text, /^.+$/, 'forbidden'),
    }),
    external,
    internal: boolOrText,
    enable_ipv4: boolOrText,
    enable_ipv6: boolOrText,
    attachable: boolOrText,
    labels: values,
  }),
);

const volume = choice(
  scalar('null'),
  object('a volume', { name: text, driver: text, driver_opts: options, external, labels: values }),
);

const secret = object('a secret', {
  name: text,
  environment: text,
  file: text,
  external: looseExternal,
  labels: values,
  driver: text,
  driver_opts: options,
  template_driver: text,
});

const config = object('a config', {
  name: text,
  content: text,
  environment: text,
  file: text,
  external: looseExternal,
  labels: values,
  template_driver: text,
});

const model = object(
  'a model',
  { name: text, model: text, context_size: integer, runtime_flags: texts },
  { required: ['model'] },
);

const include = choice(
  text,
  object(
    'an include',
    { path: textOrList, env_file: textOrList, project_directory: text },
    { extensions: 'forbidden' },
  ),
);

/** A whole document. */
export const DOCUMENT: Schema = object('a compose file', {
  version: text,
  name: text,
  include: list(include),
  services: map(service, NAME, 'forbidden'),
  models: map(model, NAME),
  networks: map(network, NAME),
  volumes: map(volume, NAME, 'forbidden'),
  secrets: map(secret, NAME, 'forbidden'),
  configs: map(config, NAME, 'forbidden'),
});
