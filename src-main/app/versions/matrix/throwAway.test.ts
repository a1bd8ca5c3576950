import { describe, expect, it } from 'vitest';
import { projectOf } from '#support/planWorld.ts';
import { throwAway } from './throwAway.ts';

const SHOP = `
name: shop
services:
  db:
    image: postgres:15-alpine
    container_name: the-db
    restart: always
    ports: ["5432:5432"]
    volumes: [pgdata:/var/lib/postgresql/data, ./seed:/docker-entrypoint-initdb.d]
    networks: { back: { ipv4_address: 10.5.0.2 } }
  api:
    build: .
    ports: ["8000:8000"]
    volumes: [shared:/shared]
    networks: [back]
networks:
  back: { external: true, name: company }
volumes:
  pgdata: { external: true, name: precious }
  shared: { name: fixed }
`;

describe('a project to be thrown away', () => {
  it('shares no name, port, address, network or volume with the stack', async () => {
    const project = throwAway(await projectOf(SHOP), { name: 'shop-try', service: 'db', to: '18' });
    const { db, api } = project.services;
    expect([db?.ports, db?.container_name, db?.restart, api?.ports]).toEqual([
      undefined,
      undefined,
      'no',
      undefined,
    ]);
    expect(db?.networks).toEqual({ back: {} });
    expect(project.networks['back']).toMatchObject({ name: 'shop-try_back', ipam: {} });
    expect(project.networks['back']?.external).toBeUndefined();
    expect(project.volumes).toEqual({
      pgdata: { name: 'shop-try_pgdata' },
      shared: { name: 'shop-try_shared' },
    });
  });

  it('runs the version under test on a volume of its image, with its seed, and images that the stack has built', async () => {
    const project = throwAway(await projectOf(SHOP), { name: 'shop-try', service: 'db', to: '18' });
    expect(project.services['db']?.image).toBe('postgres:18');
    expect(project.services['db']?.volumes?.map(({ target }) => target)).toEqual([
      '/docker-entrypoint-initdb.d',
    ]);
    expect(project.services['api']?.image).toBe('shop-api');
  });
});
