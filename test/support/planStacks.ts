/** Stacks that more than one test of the planner boots. */
export const WEB_AND_DB = `
name: shop
services:
  db:
    image: postgres:15
    healthcheck: {test: [CMD, pg_isready]}
    volumes: [data:/var/lib/postgresql/data]
  web:
    image: nginx:1.26
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
`;

export const MIGRATION = `
name: shop
services:
  migrate: {image: busybox, network_mode: none, environment: {STEP: "1"}}
  api: {image: busybox, network_mode: none, depends_on: {migrate: {condition: service_completed_successfully}}}
`;
