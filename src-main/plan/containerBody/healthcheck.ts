import type { Healthcheck, Service } from '#compose/project.ts';
import type { HealthcheckBody } from '#engine/bodies.ts';
import { apiAtLeast, compact, meaningful, nanoseconds } from './units.ts';

/** Engine 25 knows an interval of its own for the time of the start. */
const START_INTERVAL_API = '1.44';

export function healthcheckBody(service: Service, apiVersion: string): HealthcheckBody | undefined {
  const check = service.healthcheck;
  if (check === undefined) return undefined;
  const duration = (text: string | undefined) =>
    text === undefined ? undefined : meaningful(nanoseconds(text));
  return compact({
    Test: check.disable ? ['NONE'] : meaningful(check.test),
    Interval: duration(check.interval),
    Timeout: duration(check.timeout),
    StartPeriod: duration(check.start_period),
    StartInterval: apiAtLeast(apiVersion, START_INTERVAL_API) ? duration(check.start_interval) : undefined,
    Retries: meaningful(check.retries),
  });
}

export function startIntervalIgnored(check: Healthcheck | undefined, apiVersion: string): boolean {
  return check?.start_interval !== undefined && !apiAtLeast(apiVersion, START_INTERVAL_API);
}
