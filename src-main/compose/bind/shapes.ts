import {
  addresses,
  bool,
  bytes,
  command,
  deviceCount,
  duration,
  envFiles,
  environment,
  extraHosts,
  fileMode,
  float32,
  healthTest,
  int,
  multiOptions,
  pairs,
  size,
  span,
  ssh,
  text,
  texts,
  ulimit,
  unsigned,
} from './leaves.ts';
import { always, exact, field, listOf, recordOf, struct } from './shape.ts';

/**
 * The model's attributes in the order in which docker compose prints them. The order matters: the config hash of a
 * service is the hash of that print (configHash.ts), and a container whose hash differs gets recreated.
 */

const fileReference = struct(
  field('source', text),
  field('target', text),
  field('uid', text),
  field('gid', text),
  exact('mode', fileMode),
);

const hook = struct(
  always('command', command, null),
  field('user', text),
  field('privileged', bool),
  field('working_dir', text),
  field('environment', environment),
);

const build = struct(
  field('context', text),
  field('dockerfile', text),
  field('dockerfile_inline', text),
  field('entitlements', texts),
  field('args', environment),
  field('provenance', text),
  field('sbom', text),
  field('ssh', ssh),
  field('labels', pairs),
  field('cache_from', texts),
  field('cache_to', texts),
  field('no_cache', bool),
  field('additional_contexts', pairs),
  field('pull', bool),
  field('extra_hosts', extraHosts),
  field('isolation', text),
  field('network', text),
  field('target', text),
  field('secrets', listOf(fileReference)),
  field('shm_size', size),
  field('tags', texts),
  field('ulimits', recordOf(ulimit)),
  field('platforms', texts),
  field('privileged', bool),
);

const watchRule = struct(
  always('path', text, ''),
  always('action', text, ''),
  field('target', text),
  always('exec', hook, { command: null }),
  field('include', texts),
  field('ignore', texts),
  field('initial_sync', bool),
);

/** docker compose prints these three with capitals. */
const blkioDevice = listOf(struct(always('path', text, '', 'Path'), always('rate', bytes, '0', 'Rate')));

const blkio = struct(
  field('weight', unsigned),
  field(
    'weight_device',
    listOf(struct(always('path', text, '', 'Path'), always('weight', unsigned, 0, 'Weight'))),
  ),
  field('device_read_bps', blkioDevice),
  field('device_read_iops', blkioDevice),
  field('device_write_bps', blkioDevice),
  field('device_write_iops', blkioDevice),
);

const dependency = struct(field('condition', text), field('restart', bool), always('required', bool, false));

const deviceRequest = struct(
  field('capabilities', texts),
  field('driver', text),
  field('count', deviceCount),
  field('device_ids', texts),
  field('options', pairs),
);

const resource = struct(
  field('cpus', float32),
  field('memory', size),
  field('pids', int),
  field('devices', listOf(deviceRequest)),
  field(
    'generic_resources',
    listOf(
      struct(exact('discrete_resource_spec', struct(always('kind', text, ''), always('value', int, 0)))),
    ),
  ),
);

const updateConfig = struct(
  exact('parallelism', unsigned),
  field('delay', span),
  field('failure_action', text),
  field('monitor', span),
  field('max_failure_ratio', float32),
  field('order', text),
);

const deploy = struct(
  field('mode', text),
  exact('replicas', int),
  field('labels', pairs),
  exact('update_config', updateConfig),
  exact('rollback_config', updateConfig),
  always('resources', struct(exact('limits', resource), exact('reservations', resource)), {}),
  exact(
    'restart_policy',
    struct(
      field('condition', text),
      exact('delay', duration),
      exact('max_attempts', unsigned),
      exact('window', duration),
    ),
  ),
  always(
    'placement',
    struct(
      field('constraints', texts),
      field('preferences', listOf(struct(field('spread', text)))),
      field('max_replicas_per_node', unsigned),
    ),
    {},
  ),
  field('endpoint_mode', text),
);

const healthcheck = struct(
  field('test', healthTest),
  exact('timeout', duration),
  exact('interval', duration),
  exact('retries', unsigned),
  exact('start_period', duration),
  exact('start_interval', duration),
  field('disable', bool),
);

const attachment = struct(
  field('aliases', texts),
  field('driver_opts', pairs),
  field('gw_priority', int),
  field('interface_name', text),
  field('ipv4_address', text),
  field('ipv6_address', text),
  field('link_local_ips', texts),
  field('mac_address', text),
  field('priority', int),
);

const port = struct(
  field('name', text),
  field('mode', text),
  field('host_ip', text),
  field('target', unsigned),
  field('published', text),
  field('protocol', text),
  field('app_protocol', text),
);

const mount = struct(
  field('type', text),
  field('source', text),
  field('target', text),
  field('read_only', bool),
  field('consistency', text),
  exact(
    'bind',
    struct(
      field('selinux', text),
      field('propagation', text),
      field('create_host_path', bool),
      field('recursive', text),
    ),
  ),
  exact('volume', struct(field('labels', pairs), field('nocopy', bool), field('subpath', text))),
  exact('tmpfs', struct(field('size', size), field('mode', unsigned))),
  exact('image', struct(field('subpath', text))),
);

export const SERVICE = struct(
  field('profiles', texts),
  field('annotations', pairs),
  exact('attach', bool),
  exact('build', build),
  exact('develop', struct(field('watch', listOf(watchRule)))),
  exact('blkio_config', blkio),
  field('cap_add', texts),
  field('cap_drop', texts),
  field('cgroup_parent', text),
  field('cgroup', text),
  field('cpu_count', int),
  field('cpu_percent', float32),
  field('cpu_period', int),
  field('cpu_quota', int),
  field('cpu_rt_period', int),
  field('cpu_rt_runtime', int),
  field('cpus', float32),
  field('cpuset', text),
  field('cpu_shares', int),
  always('command', command, null),
  field('configs', listOf(fileReference)),
  field('container_name', text),
  exact('credential_spec', struct(field('config', text), field('file', text), field('registry', text))),
  field('depends_on', recordOf(dependency)),
  exact('deploy', deploy),
  field('device_cgroup_rules', texts),
  field('devices', listOf(struct(field('source', text), field('target', text), field('permissions', text)))),
  field('dns', addresses),
  field('dns_opt', texts),
  field('dns_search', texts),
  field('domainname', text),
  always('entrypoint', command, null),
  exact('provider', struct(field('type', text), field('options', multiOptions))),
  field('environment', environment),
  field('env_file', envFiles),
  field('expose', texts),
  field('external_links', texts),
  field('extra_hosts', extraHosts),
  field('group_add', texts),
  field('gpus', listOf(deviceRequest)),
  field('hostname', text),
  exact('healthcheck', healthcheck),
  field('image', text),
  exact('init', bool),
  field('ipc', text),
  field('isolation', text),
  field('labels', pairs),
  field('label_file', texts),
  field('links', texts),
  exact('logging', struct(field('driver', text), field('options', pairs))),
  field('mem_limit', size),
  field('mem_reservation', size),
  field('memswap_limit', size),
  field('mem_swappiness', size),
  field('mac_address', text),
  field('models', recordOf(struct(field('endpoint_var', text), field('model_var', text)), 'null')),
  field('network_mode', text),
  field('networks', recordOf(attachment, 'null')),
  field('oom_kill_disable', bool),
  field('oom_score_adj', int),
  field('pid', text),
  field('pids_limit', int),
  field('platform', text),
  field('ports', listOf(port)),
  field('privileged', bool),
  field('pull_policy', text),
  field('read_only', bool),
  field('restart', text),
  field('runtime', text),
  exact('scale', int),
  field('secrets', listOf(fileReference)),
  field('security_opt', texts),
  field('shm_size', size),
  field('stdin_open', bool),
  exact('stop_grace_period', duration),
  field('stop_signal', text),
  field('storage_opt', pairs),
  field('sysctls', pairs),
  field('tmpfs', texts),
  field('tty', bool),
  field('ulimits', recordOf(ulimit)),
  field('use_api_socket', bool),
  field('user', text),
  field('userns_mode', text),
  field('uts', text),
  field('volumes', listOf(mount)),
  field('volumes_from', texts),
  field('working_dir', text),
  field('post_start', listOf(hook)),
  field('pre_stop', listOf(hook)),
);

const ipam = struct(
  field('driver', text),
  field(
    'config',
    listOf(
      struct(
        field('subnet', text),
        field('gateway', text),
        field('ip_range', text),
        field('aux_addresses', pairs),
      ),
    ),
  ),
);

export const NETWORK = struct(
  field('name', text),
  field('driver', text),
  field('driver_opts', pairs),
  always('ipam', ipam, {}),
  field('external', bool),
  field('internal', bool),
  field('attachable', bool),
  field('labels', pairs),
  exact('enable_ipv4', bool),
  exact('enable_ipv6', bool),
);

export const VOLUME = struct(
  field('name', text),
  field('driver', text),
  field('driver_opts', pairs),
  field('external', bool),
  field('labels', pairs),
);

/** A secret or a config. */
export const FILE_OBJECT = struct(
  field('name', text),
  field('file', text),
  field('environment', text),
  field('content', text),
  field('external', bool),
  field('labels', pairs),
  field('driver', text),
  field('driver_opts', pairs),
  field('template_driver', text),
);

export const MODEL = struct(
  field('name', text),
  field('model', text),
  field('context_size', int),
  field('runtime_flags', texts),
);
