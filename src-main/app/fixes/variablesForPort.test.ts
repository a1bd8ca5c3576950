import { expect, test } from 'vitest';
import { projectOf } from '#support/planWorld.ts';
import { variablesForPort } from './variablesForPort.ts';

const YAML = `
name: shop
services:
  api:
    image: a
    ports: ["8080:80"]
    environment: { PORT: "80" }
  front:
    image: b
    environment:
      API: http://localhost:8080/v1
      ALSO: tcp://127.0.0.1:8080,tcp://127.0.0.1:80801
      INSIDE: http://api:8080
      API_PORT: "8080"
      ITEMS: "8080"
`;

test('addresses of this machine and variables called a port follow the move, nothing else does', async () => {
  expect(variablesForPort(await projectOf(YAML), '8080', '9090')).toEqual({
    front: {
      API: 'http://localhost:9090/v1',
      ALSO: 'tcp://127.0.0.1:9090,tcp://127.0.0.1:80801',
      API_PORT: '9090',
    },
  });
});

test('a bare number that is also a port inside a container is left alone', async () => {
  const same = YAML.replace('8080:80', '8080:8080');
  expect(variablesForPort(await projectOf(same), '8080', '9090')['front']).not.toHaveProperty('API_PORT');
});
