import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AppFailure } from '#contract/errors.ts';
import { mutateText, seededRandom } from '#support/mutateText.ts';
import { matchServices } from './matchServices.ts';
import { parseManifest } from './parseManifest.ts';

/** One of every kind that is read, with a value of a variable planted in each. */
const SEEDS: readonly string[] = [
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop-api }
spec: { template: { spec: { initContainers: [{ name: wait, image: "busybox:1" }], containers: [{ name: api, image: "acme/api:2", command: [serve], args: [--fast], env: [{ name: A, value: planted-value }], envFrom: [{ configMapRef: { name: c } }], resources: { limits: { cpu: 500m, memory: 1Gi } }, ports: [{ containerPort: 8080 }], securityContext: { runAsUser: 5 } }] } } }
---
apiVersion: v1
kind: List
items:
  - { kind: CronJob, metadata: { name: n }, spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: r, image: "a/r:1" }] } } } } } }
`,
  `services: { api: { image: "acme/api:2", environment: { A: planted-value }, command: serve --fast, deploy: { resources: { limits: { cpus: "0.5", memory: 1g } } } }, db: { image: "postgres:15", environment: ["B=planted-value", C] } }
`,
  JSON.stringify({
    taskDefinition: {
      family: 'shop',
      containerDefinitions: [
        {
          name: 'api',
          image: 'acme/api:2',
          environment: [{ name: 'A', value: 'planted-value' }],
          secrets: [{ name: 'B', valueFrom: 'arn:planted-value' }],
          portMappings: [{ containerPort: 80 }],
          memory: 512,
          cpu: 256,
        },
      ],
    },
  }),
  JSON.stringify({
    tasks: [
      {
        taskDefinitionArn: 'arn:x:task-definition/a:1',
        containers: [{ name: 'a', image: 'a:1', imageDigest: 'sha256:1' }],
      },
    ],
  }),
  JSON.stringify({
    Job: {
      ID: 'shop',
      TaskGroups: [
        {
          Name: 'g',
          Tasks: [
            {
              Name: 'api',
              Driver: 'docker',
              Config: { image: 'a:1' },
              Env: { A: 'planted-value' },
              Resources: { CPU: 1, MemoryMB: 2 },
            },
          ],
        },
      ],
    },
  }),
  `{ api: "acme/api:2", db: "postgres:15" }`,
];

/** Reads, and tells what came of it; anything but a manifest or a failure of ours is a bug. */
function read(text: string): string {
  try {
    const manifest = parseManifest(text, 'production');
    matchServices([{ name: 'api', image: 'acme/api:1', declared: undefined }], manifest.containers, 'shop');
    return JSON.stringify(manifest);
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    expect(thrown.error.kind).toBe('input.invalid');
    return thrown.error.message;
  }
}

const scalar = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '\u202e',
    '\u001b[31m',
    'a:b@sha256:',
    '$A',
    '../..',
  ),
);
const KEYS = [
  'kind',
  'items',
  'spec',
  'template',
  'containers',
  'initContainers',
  'name',
  'image',
  'env',
  'envFrom',
  'value',
  'metadata',
  'services',
  'environment',
  'command',
  'args',
  'Job',
  'TaskGroups',
  'Tasks',
  'Config',
  'Env',
  'containerDefinitions',
  'taskDefinition',
  'tasks',
  'resources',
  'limits',
  'ports',
  '__proto__',
  'jobTemplate',
];
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 7 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 5 }),
  ),
}));

describe('a manifest that was not written for us', () => {
  it('of any shape ends in containers or in our own words', () => {
    fc.assert(
      fc.property(tree, (value) => {
        read(JSON.stringify(value) ?? 'null');
        read(stringify(value) ?? '');
      }),
      { numRuns: 800 },
    );
  });

  it('with characters changed, cut and doubled does the same', () => {
    const random = seededRandom(20261128);
    for (let round = 0; round < 1000; round += 1) read(mutateText(SEEDS[round % SEEDS.length] ?? '', random));
  });

  it.each(SEEDS.map((text, index) => [index, text] as const))(
    'as it is (%i) is read without its values',
    (_, text) => {
      const found = read(text);
      expect(found).toContain('"containers":[{');
      expect(found).not.toContain('planted');
    },
  );

  it('takes names that mean something to JavaScript for names', () => {
    const found = JSON.parse(read('{"__proto__": "a:1", "constructor": "b:2"}')) as {
      containers: { name: string }[];
    };
    expect(found.containers.map(({ name }) => name).sort()).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['image']).toBeUndefined();
  });
});
