import { any, choice, list, map, object, type Schema, scalar } from './schema.ts';
import {
  blkio,
  build,
  command,
  dependsOn,
  deploy,
  develop,
  deviceAttributes,
  envFile,
  extraHosts,
  fileReferences,
  healthcheck,
  hook,
  modelReferences,
  networkAttachments,
  ports,
  provider,
  ulimits,
  volumeMounts,
} from './serviceParts.ts';
import {
  bool,
  boolOrText,
  integer,
  integerOrText,
  matching,
  NAME,
  numberOrText,
  options,
  text,
  textOrList,
  texts,
  uniqueTexts,
  values,
  within,
  words,
} from './words.ts';

/**
 * The attributes of the Compose Specification and what each may hold
 * (https://github.com/compose-spec/compose-spec/blob/main/spec.md), as strict as docker compose 2.40 is.
 */

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
