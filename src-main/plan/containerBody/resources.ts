import type { BlkioConfig, DeviceRequest, Service, Ulimit } from '#compose/project.ts';
import type { HostConfigBody } from '#engine/bodies.ts';
import { bytes, compact, meaningful } from './units.ts';

/** Limits, devices and ulimits; `deploy.resources` goes over the short attributes. */
export function resources(service: Service): HostConfigBody {
  return compact({
    ...cpu(service),
    ...memory(service),
    ...blkio(service.blkio_config),
    PidsLimit: meaningful(service.deploy?.resources.limits?.pids) ?? meaningful(service.pids_limit),
    CgroupParent: meaningful(service.cgroup_parent),
    DeviceCgroupRules: meaningful(service.device_cgroup_rules),
    Devices: meaningful(plainDevices(service).map(deviceMapping)),
    DeviceRequests: meaningful(deviceRequests(service)),
    Ulimits: meaningful(ulimits(service.ulimits)),
  });
}

function cpu(service: Service): HostConfigBody {
  const cpus = service.deploy?.resources.limits?.cpus || service.cpus || 0;
  return compact({
    NanoCpus: meaningful(Math.round(cpus * 1e9)),
    CpuCount: meaningful(service.cpu_count),
    CpuPeriod: meaningful(service.cpu_period),
    CpuQuota: meaningful(service.cpu_quota),
    CpuRealtimePeriod: meaningful(service.cpu_rt_period),
    CpuRealtimeRuntime: meaningful(service.cpu_rt_runtime),
    CpuShares: meaningful(service.cpu_shares),
    CpuPercent: meaningful(Math.round((service.cpu_percent ?? 0) * 100)),
    CpusetCpus: meaningful(service.cpuset),
  });
}

function memory(service: Service): HostConfigBody {
  const { limits, reservations } = service.deploy?.resources ?? {};
  return compact({
    Memory: bytes(limits?.memory) ?? bytes(service.mem_limit),
    MemoryReservation: bytes(reservations?.memory) ?? bytes(service.mem_reservation),
    MemorySwap: bytes(service.memswap_limit),
    MemorySwappiness: bytes(service.mem_swappiness),
    OomKillDisable: meaningful(service.oom_kill_disable),
  });
}

function blkio(config: BlkioConfig | undefined): HostConfigBody {
  if (config === undefined) return {};
  const rates = (list: BlkioConfig['device_read_bps']) =>
    meaningful(list?.map(({ Path, Rate }) => ({ Path, Rate: Number(Rate) })));
  return compact({
    BlkioWeight: meaningful(config.weight),
    BlkioWeightDevice: meaningful(config.weight_device),
    BlkioDeviceReadBps: rates(config.device_read_bps),
    BlkioDeviceWriteBps: rates(config.device_write_bps),
    BlkioDeviceReadIOps: rates(config.device_read_iops),
    BlkioDeviceWriteIOps: rates(config.device_write_iops),
  });
}

type Device = NonNullable<Service['devices']>[number];

/** A device of the Container Device Interface is named `vendor/class=name`, on both sides alike. */
function isCdi(device: Device): boolean {
  return device.source === device.target && /^[\w.-]+\/[\w-]+=[\w:.-]+$/.test(device.source ?? '');
}

function plainDevices(service: Service): Device[] {
  return (service.devices ?? []).filter((device) => !isCdi(device));
}

function deviceMapping(device: Device): object {
  return {
    PathOnHost: device.source ?? '',
    PathInContainer: device.target ?? '',
    CgroupPermissions: device.permissions ?? '',
  };
}

function deviceRequests(service: Service): object[] {
  const cdi = (service.devices ?? []).filter(isCdi).map((device) => device.source ?? '');
  const reserved = service.deploy?.resources.reservations?.devices ?? [];
  return [
    ...reserved.map((request) => deviceRequest(request, request.capabilities ?? [])),
    ...(cdi.length > 0 ? [{ Driver: 'cdi', DeviceIDs: cdi }] : []),
    ...(service.gpus ?? []).map((request) =>
      deviceRequest(request, [...(request.capabilities ?? []), 'gpu']),
    ),
  ];
}

function deviceRequest(request: DeviceRequest, capabilities: readonly string[]): object {
  return compact({
    Driver: meaningful(request.driver),
    Count: meaningful(request.count),
    DeviceIDs: meaningful(request.device_ids),
    Capabilities: [capabilities],
    Options: meaningful(request.options),
  });
}

function ulimits(limits: Readonly<Record<string, Ulimit>> | undefined): object[] {
  return Object.entries(limits ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => {
      if (typeof limit === 'number') return { Name: name, Soft: limit, Hard: limit };
      return { Name: name, Soft: limit.soft ?? 0, Hard: limit.hard ?? 0 };
    });
}
