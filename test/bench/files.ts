import { OpenedStack } from './openedStack.ts';
import { type Figure, median, seconds } from './report.ts';

/** Services as they are written: an anchor, variables, ports, mounts, conditions, limits. */
function everydayStack(name: string, services: number): string {
  const parts = Array.from(
    { length: services },
    (_, index) => `  service-${index}:
    <<: *common
    hostname: service-${index}
    environment:
      NAME: "service-${index}"
      REGION: \${REGION:-eu-west-1}
      DATABASE_URL: postgres://app:\${DB_PASSWORD:-secret}@service-0:5432/app
      LOG_LEVEL: debug
    ports: ["127.0.0.1::\${PORT:-8080}"]
    volumes: ["data-${index % 10}:/data", "./config:/config:ro"]
    healthcheck: { test: [CMD, "true"], interval: 10s, timeout: 2s, retries: 5 }
    deploy: { resources: { limits: { cpus: "0.5", memory: 256M } } }
    labels: { team: "team-${index % 7}" }
${index === 0 ? '' : `    depends_on: { service-${Math.floor((index - 1) / 3)}: { condition: service_healthy } }\n`}`,
  );
  const volumes = Array.from({ length: 10 }, (_, index) => `  data-${index}:`);
  return `name: ${name}
x-common: &common
  image: busybox:1
  restart: unless-stopped
  logging: { driver: json-file, options: { max-size: 10m } }
  networks: [front, back]
services:
${parts.join('')}networks: { front: , back: { internal: true } }
volumes:
${volumes.join('\n')}
`;
}

/** Reading the files and planning a boot of them in the running app, against `docker compose config` alone. */
export async function fileFigures(own: {
  readonly services: number;
  readonly rounds: number;
}): Promise<Figure[]> {
  const name = `slipway-bench-files-${process.pid}`;
  const stack = await OpenedStack.open(name, everydayStack(name, own.services));
  const { client, workspace } = stack;
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < own.rounds; round += 1) {
      const began = performance.now();
      await client.project.reload({ workspace });
      const { steps } = await client.stack.plan({ workspace });
      ours.push(performance.now() - began);
      if (steps.length < own.services) throw new Error(`a plan of ${steps.length} steps is not a whole boot`);
      theirs.push(await stack.compose('config', '--format', 'json'));
    }
  } finally {
    await stack.dispose();
  }
  const [mine, other] = [median(ours), median(theirs)];
  return [
    {
      name: `${own.services} services read, merged, checked and planned`,
      ours: seconds(mine),
      other: `docker compose config: ${seconds(other)}`,
      value: mine / other,
      unit: '',
      target: 0.2,
    },
  ];
}
