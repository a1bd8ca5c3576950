/** Ends at once when it is stopped: what is measured is not a grace period. */
const TRIVIAL = `image: busybox:1
    command: [sleep, "100000"]
    stop_signal: SIGKILL`;

/** Services without healthchecks in levels; each waits for one of the level before. */
export function levelStack(name: string, services: number, levels: number): string {
  const perLevel = Math.ceil(services / levels);
  const lines = Array.from({ length: services }, (_, index) => {
    const above = index - perLevel;
    const waits = above < 0 ? '' : `\n    depends_on: [s${above}]`;
    return `  s${index}:\n    ${TRIVIAL}${waits}`;
  });
  return `name: ${name}\nservices:\n${lines.join('\n')}\n`;
}

/** Five real services, each with a healthcheck at the engine's own interval of 30 s, in three levels. */
export function healthStack(name: string): string {
  return `name: ${name}
services:
  db:
    image: postgres:15
    environment: { POSTGRES_PASSWORD: bench }
    stop_signal: SIGKILL
    healthcheck: { test: [CMD-SHELL, "pg_isready -U postgres -h 127.0.0.1"] }
  cache:
    image: redis:7.0
    stop_signal: SIGKILL
    healthcheck: { test: [CMD, redis-cli, ping] }
  api:
    image: busybox:1
    command: [httpd, -f, -p, "8000"]
    stop_signal: SIGKILL
    depends_on: { db: { condition: service_healthy }, cache: { condition: service_healthy } }
    healthcheck: { test: [CMD-SHELL, "nc -w 1 127.0.0.1 8000 < /dev/null"] }
  worker:
    image: busybox:1
    command: [sleep, "100000"]
    stop_signal: SIGKILL
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: [CMD, "true"] }
  web:
    image: nginx:1.26
    stop_signal: SIGKILL
    depends_on: { api: { condition: service_healthy }, worker: { condition: service_healthy } }
    healthcheck: { test: [CMD-SHELL, "bash -c '</dev/tcp/127.0.0.1/80'"] }
`;
}
