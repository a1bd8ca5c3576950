import { choice, list, map, object, scalar } from './schema.ts';
import {
  bool,
  boolOrText,
  integerOrText,
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

/** What the attributes of a service hold, where that is more than a word. */

export const command = choice(scalar('null', 'string'), texts);

export const extraHosts = choice(map(choice(text, texts), /.+/, 'forbidden'), uniqueTexts);

export const fileReferences = list(
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

export const ulimits = map(
  choice(
    integerOrText,
    object('a ulimit', { hard: integerOrText, soft: integerOrText }, { required: ['soft', 'hard'] }),
  ),
  /^[a-z]+$/,
);

export const hook = object(
  'a lifecycle hook',
  { command, user: text, privileged: boolOrText, working_dir: text, environment: values },
  { required: ['command'] },
);

export const build = choice(
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

export const blkioLimits = list(
  object('a block I/O limit', { path: text, rate: integerOrText }, { extensions: 'forbidden' }),
);

export const blkio = object(
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

export const dependsOn = choice(
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

export const deviceAttributes = {
  capabilities: uniqueTexts,
  count: scalar('string', 'integer'),
  device_ids: uniqueTexts,
  driver: text,
  options: values,
};

export const deviceRequests = list(
  object('a device request', deviceAttributes, { required: ['capabilities'] }),
);

export const updateConfig = object('an update configuration', {
  parallelism: integerOrText,
  delay: text,
  failure_action: text,
  monitor: text,
  max_failure_ratio: numberOrText,
  order: words('start-first', 'stop-first'),
});

export const deploy = choice(
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

export const develop = choice(
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

export const envFile = choice(
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

export const healthcheck = object('a healthcheck', {
  disable: boolOrText,
  interval: text,
  retries: numberOrText,
  test: choice(text, texts),
  timeout: text,
  start_period: text,
  start_interval: text,
});

export const networkAttachments = choice(
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

export const modelReferences = choice(
  uniqueTexts,
  map(choice(scalar('null'), object("a service's model", { endpoint_var: text, model_var: text })), NAME),
);

export const ports = list(
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

export const volumeMounts = list(
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

export const provider = object(
  'a provider',
  {
    type: text,
    options: map(choice(scalar('string', 'number', 'boolean'), list(scalar('string', 'number', 'boolean')))),
  },
  { required: ['type'] },
);
