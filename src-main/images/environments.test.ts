import { describe, expect, it } from 'vitest';
import { commandConsent, commandLine, readEnvironments } from './environments.ts';

const read = (declared: unknown) => {
  const problems: string[] = [];
  const environments = readEnvironments(declared, problems);
  return { environments, problems };
};

describe('x-slipway.production', () => {
  it('is one source, short or long, or a map of environments', () => {
    const file = { name: 'production', source: { type: 'file', file: 'k8s.yaml' }, services: {} };
    expect(read('k8s.yaml').environments).toEqual([file]);
    expect(read({ file: 'k8s.yaml' }).environments).toEqual([file]);
    const many = read({
      production: 'k8s.yaml',
      staging: { url: 'https://x.example/s.yaml', services: { api: 'shop/app', worker: false, odd: 3 } },
      live: { command: 'kubectl get pods -o "yaml"' },
      named: { images: { api: 'acme/api:1' } },
    });
    expect(many.problems).toEqual([]);
    expect(many.environments).toEqual([
      file,
      {
        name: 'staging',
        source: { type: 'url', url: 'https://x.example/s.yaml' },
        services: { api: 'shop/app', worker: false },
      },
      {
        name: 'live',
        source: { type: 'command', command: ['kubectl', 'get', 'pods', '-o', 'yaml'] },
        services: {},
      },
      {
        name: 'named',
        source: { type: 'images', text: '{"images":{"api":"acme/api:1"}}', count: 1 },
        services: {},
      },
    ]);
  });

  it('that says nothing usable says so', () => {
    expect(read(undefined)).toEqual({ environments: [], problems: [] });
    expect(read(7).problems).toHaveLength(1);
    expect(read({ production: {} }).problems).toEqual([
      'production names no source: it wants file, url, command or images.',
    ]);
  });

  it('asks anew for another command, and in another folder', () => {
    const consent = commandConsent(['kubectl', 'get'], '/a');
    expect(commandConsent(['kubectl', 'get'], '/a')).toBe(consent);
    expect(commandConsent(['kubectl get'], '/a')).not.toBe(consent);
    expect(commandConsent(['kubectl', 'get'], '/b')).not.toBe(consent);
    expect(commandLine(['sh', '-c', "echo 'x'; rm y"])).toBe("sh -c 'echo '\\''x'\\''; rm y'");
  });
});
