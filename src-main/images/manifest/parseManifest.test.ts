import { describe, expect, it } from 'vitest';
import { parseManifest } from './parseManifest.ts';

const DIGEST = `sha256:${'9c1f20a4'.repeat(8)}`;

const KUBERNETES = `
apiVersion: v1
kind: Service
metadata: {name: shop-api}
---
# Source: shop/templates/api.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-api
spec:
  replicas: 3
  template:
    spec:
      securityContext: {runAsUser: 10001}
      initContainers:
        - {name: migrate, image: "registry.acme.example/api:2.4.1", command: [python3, migrate.py]}
      containers:
        - name: api
          image: registry.acme.example/api:2.4.1
          args: ["--workers", "4"]
          ports: [{containerPort: 8000}]
          env:
            - {name: DATABASE_URL, value: "postgres://shop:planted-secret@db/shop"}
            - {name: FEATURE_FLAGS, valueFrom: {configMapKeyRef: {name: flags, key: all}}}
          resources: {limits: {cpu: 500m, memory: 512Mi}, requests: {cpu: 100m}}
---
apiVersion: v1
kind: Pod
metadata:
  name: shop-api-7d9c-x2
  ownerReferences: [{kind: ReplicaSet, name: shop-api-7d9c, controller: true}]
spec:
  containers: [{name: api, image: "registry.acme.example/api:2.4.1"}]
status:
  containerStatuses: [{name: api, imageID: "docker-pullable://registry.acme.example/api@${DIGEST}"}]
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: postgres}
    spec: {template: {spec: {containers: [{name: postgres, image: "postgres:17", envFrom: [{secretRef: {name: pg}}]}]}}}
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: report, image: "acme/report:1"}]}}}}}
`;

describe('a manifest', () => {
  it('of Kubernetes gives its containers, and the digest that its pods really run', () => {
    const manifest = parseManifest(KUBERNETES, 'production');
    expect(manifest.format).toBe('kubernetes');
    expect(manifest.problems).toEqual([]);
    expect(manifest.containers.map(({ name, image, role }) => `${role} ${name} ${image}`)).toEqual([
      'service api registry.acme.example/api:2.4.1',
      'init migrate registry.acme.example/api:2.4.1',
      'service postgres postgres:17',
      'job report acme/report:1',
    ]);
    expect(manifest.containers[0]).toMatchObject({
      digest: DIGEST,
      workload: { kind: 'Deployment', name: 'shop-api' },
      env: ['DATABASE_URL', 'FEATURE_FLAGS'],
      envIncomplete: false,
      command: ['--workers', '4'],
      user: '10001',
      ports: ['8000/tcp'],
      limits: { cpus: 0.5, memoryBytes: 512 * 2 ** 20 },
    });
    expect(manifest.containers[2]).toMatchObject({ envIncomplete: true });
  });

  it('keeps no value of a variable, whatever the format', () => {
    const compose = 'services: {api: {image: a/b, environment: {K: planted-secret}, command: x}}';
    const list = 'services: {api: {image: a/b, environment: ["K=planted-secret"]}}';
    const ecs = JSON.stringify({
      containerDefinitions: [
        { name: 'a', image: 'a/b', environment: [{ name: 'K', value: 'planted-secret' }] },
      ],
    });
    const nomad = JSON.stringify({
      TaskGroups: [{ Tasks: [{ Driver: 'docker', Config: { image: 'a/b' }, Env: { K: 'planted-secret' } }] }],
    });
    for (const text of [KUBERNETES, compose, list, ecs, nomad]) {
      const manifest = parseManifest(text, 'production');
      expect(manifest.containers[0]?.env.length).toBeGreaterThan(0);
      expect(JSON.stringify(manifest)).not.toContain('planted-secret');
    }
  });

  it('of ECS joins the definition with the tasks that run', () => {
    const definition = {
      taskDefinition: {
        family: 'shop-api',
        containerDefinitions: [
          {
            name: 'api',
            image: 'acme/api:2',
            cpu: 256,
            memory: 512,
            entryPoint: [],
            command: ['serve'],
            environment: [],
            secrets: [{ name: 'DATABASE_URL', valueFrom: 'arn:aws:ssm:…' }],
            portMappings: [{ containerPort: 8000, hostPort: 8000, protocol: 'tcp' }],
          },
        ],
      },
    };
    const tasks = {
      tasks: [
        {
          taskDefinitionArn: 'arn:aws:ecs:eu-west-1:1:task-definition/shop-api:42',
          containers: [{ name: 'api', image: 'acme/api:2', imageDigest: DIGEST }],
        },
      ],
      failures: [],
    };
    const both = parseManifest(JSON.stringify([definition, tasks]), 'production');
    expect(both.format).toBe('ecs');
    expect(both.containers).toMatchObject([
      {
        name: 'api',
        image: 'acme/api:2',
        digest: DIGEST,
        env: ['DATABASE_URL'],
        command: ['serve'],
        ports: ['8000/tcp'],
        limits: { cpus: 0.25, memoryBytes: 512 * 2 ** 20 },
      },
    ]);
    expect(both.containers[0]?.entrypoint).toBeUndefined();
    const alone = parseManifest(JSON.stringify(tasks), 'production');
    expect(alone.containers).toMatchObject([{ name: 'api', digest: DIGEST, envIncomplete: true }]);
  });

  it('of Nomad takes what docker runs, with the ports of its group', () => {
    const job = {
      Job: {
        ID: 'shop',
        Name: 'shop',
        Type: 'service',
        TaskGroups: [
          {
            Networks: [
              {
                DynamicPorts: [
                  { Label: 'http', To: 8000 },
                  { Label: 'admin', To: 9000 },
                ],
              },
            ],
            Tasks: [
              {
                Name: 'api',
                Driver: 'docker',
                User: 'app',
                Config: { image: 'acme/api:2', command: 'serve', args: ['--fast'], ports: ['http'] },
                Env: { MODE: 'x' },
                Resources: { CPU: 500, MemoryMB: 256 },
              },
              { Name: 'native', Driver: 'exec', Config: { command: '/bin/x' } },
            ],
          },
        ],
      },
    };
    const manifest = parseManifest(JSON.stringify(job), 'production');
    expect(manifest.containers).toMatchObject([
      {
        name: 'api',
        command: ['serve', '--fast'],
        ports: ['8000/tcp'],
        user: 'app',
        limits: { memoryBytes: 256 * 2 ** 20 },
      },
    ]);
    expect(manifest.containers[0]?.limits.cpus).toBeUndefined();
  });

  it('of compose takes defaults, and says what it cannot know', () => {
    const manifest = parseManifest(
      `services:
  api: {image: "acme/api:\${TAG:-2.4}", command: serve --name "big shop", ports: ["127.0.0.1:80:8000", {target: 9000}], deploy: {resources: {limits: {cpus: "0.5", memory: 512M}}}}
  web: {image: "acme/web:\${WEB_TAG}"}
  tool: {build: .}
`,
      'production',
    );
    expect(manifest.containers).toMatchObject([
      {
        name: 'api',
        image: 'acme/api:2.4',
        command: ['serve', '--name', 'big shop'],
        ports: ['8000/tcp', '9000/tcp'],
        limits: { cpus: 0.5, memoryBytes: 512 * 2 ** 20 },
      },
    ]);
    expect(manifest.problems).toEqual([
      expect.stringMatching(/^The image of web depends on WEB_TAG, which the file does not set: acme/),
      'tool is built in production: it has no image to compare with.',
    ]);
  });

  it('may be a plain map of services to images', () => {
    const manifest = parseManifest(`api: acme/api@${DIGEST}\nweb: acme/web:2\nbad: "not an image!"\n`, 'x');
    expect(manifest.containers).toMatchObject([
      { name: 'api', digest: DIGEST },
      { name: 'web', image: 'acme/web:2' },
    ]);
    expect(manifest.problems).toEqual(['bad has no name of an image.']);
  });

  it('that is hostile does no harm and says so', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from(
      { length: 9 },
      (_, i) =>
        `a${i + 1}: &a${i + 1} [${Array(10)
          .fill(i === 0 ? '*a' : `*a${i}`)
          .join(',')}]`,
    ).join('\n')}\n`;
    expect(parseManifest(bomb, 'x')).toMatchObject({ containers: [] });
    expect(parseManifest(bomb, 'x').problems.join()).toContain('alias');
    expect(parseManifest('{"__proto__": {"image": "x"}}', 'x').containers.length).toBeLessThan(2);
    expect(({} as { image?: string }).image).toBeUndefined();
    expect(parseManifest('<html>404</html>', 'x').problems).toHaveLength(1);
    expect(parseManifest('', 'x').problems).toHaveLength(1);
    expect(parseManifest('key: "unclosed planted-secret', 'x').problems.join()).not.toContain(
      'planted-secret',
    );
    const hostile = parseManifest('services: {"a\\u001b[2Jb": {image: acme/api}}', 'x');
    expect(hostile.containers[0]?.name).toBe('a [2Jb');
  });

  it('deeply nested ends in words, not in a crash', () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect(parseManifest(deep, 'x').containers).toEqual([]);
    expect(parseManifest(`${'[a,'.repeat(20_000)}`, 'x').containers).toEqual([]);
  });
});
