import { describe, expect, it } from 'vitest';
import { formatPlan } from '#plan/formatPlan.ts';
import { booted, inputOf, lines, projectOf } from '#support/planWorld.ts';
import { canRunBoth, replacementPlan } from './replacementPlan.ts';

const WEB = `
name: shop
services:
  web:
    image: nginx:1.26
    scale: 2
    depends_on: [db]
    healthcheck: {test: [CMD, "true"]}
  db:
    image: postgres:15
`;

/** What replaces `web` after a change of its part of the file. */
async function planText(change: (yaml: string) => string, before = WEB): Promise<string> {
  const observed = booted(await projectOf(before));
  const project = await projectOf(change(before));
  const { depends_on: _, ...alone } = project.services['web'] ?? never();
  const named = { ...project, services: { ...project.services, web: alone } };
  return formatPlan(replacementPlan(inputOf(named, observed), 'web').plan);
}

function never(): never {
  throw new Error('no such service');
}

const changed = (yaml: string) => yaml.replace('nginx:1.26', 'nginx:1.26\n    environment: {A: b}');

describe('replacementPlan', () => {
  it('has each new container ready before its old one stops, and before the next is begun', async () => {
    const why = 'configuration changed';
    expect(await planText(changed)).toBe(
      lines(
        `[] -> #1 createContainer 000000000000_shop-web-1, ${why}`,
        `[1] -> #2 startContainer shop-web-1, ${why}`,
        '[2] -> #3 awaitCondition web service_healthy, the old one stops when it is ready',
        `[1,3] -> #4 stopContainer shop-web-1, ${why}`,
        `[1,4] -> #5 removeContainer shop-web-1, ${why}`,
        `[5] -> #6 renameContainer 000000000000_shop-web-1 -> shop-web-1, ${why}`,
        `[6] -> #7 createContainer 000000000000_shop-web-2, ${why}`,
        `[7] -> #8 startContainer shop-web-2, ${why}`,
        '[8] -> #9 awaitCondition web service_healthy, the old one stops when it is ready',
        `[7,9] -> #10 stopContainer shop-web-2, ${why}`,
        `[7,10] -> #11 removeContainer shop-web-2, ${why}`,
        `[11] -> #12 renameContainer 000000000000_shop-web-2 -> shop-web-2, ${why}`,
      ),
    );
  });

  it('keeps the replicas that somebody asked for beyond what the file has', async () => {
    const plan = await planText((yaml) => changed(yaml).replace('scale: 2', 'scale: 1'));
    expect(plan).toContain('shop-web-2');
    expect(plan.match(/createContainer/g)).toHaveLength(2);
    expect(plan.match(/removeContainer/g)).toHaveLength(2);
  });

  it('stops the old one first where both want one port, and keeps it until the new one is ready', async () => {
    const before = WEB.replace('scale: 2', 'ports: ["8080:80"]');
    const steps = (await planText(changed, before))
      .split('\n')
      .map((line) => line.split(' ').slice(2, 4).join(' '));
    expect(steps.map((step) => step.replace(/^#\d+ /, ''))).toEqual([
      'createContainer',
      'stopContainer',
      'startContainer',
      'awaitCondition',
      'removeContainer',
      'renameContainer',
    ]);
  });

  it('does nothing where nothing has changed', async () => {
    expect(await planText((yaml) => yaml)).toBe('');
  });
});

describe('canRunBoth', () => {
  it.each([
    ['nothing shared', '', true],
    ['a port of the host', 'ports: ["80:80"]', false],
    ['any free port', 'ports: ["80"]', true],
    ['the host’s network', 'network_mode: host', false],
    ['a volume that both would write', 'volumes: [data:/data]', false],
    ['a volume that is only read', 'volumes: [data:/data:ro]', true],
    ['a folder', 'volumes: [./src:/src]', true],
  ])('%s', async (_name, line, expected) => {
    const project = await projectOf(
      `name: x\nvolumes: {data: }\nservices:\n  web:\n    image: x\n    ${line}\n`,
    );
    expect(canRunBoth(project.services['web'] ?? never())).toBe(expected);
  });
});
