import { expect, it } from 'vitest';
import {
  formatDependencies,
  LABELS,
  OF_NO_SERVICE,
  parseContainerLabels,
  parseDependencies,
} from './labels.ts';

it('reads the labels that docker compose writes', () => {
  const labels = parseContainerLabels({
    [LABELS.project]: 'shop',
    [LABELS.service]: 'web',
    [LABELS.containerNumber]: '3',
    [LABELS.oneOff]: 'False',
    [LABELS.configHash]: 'abc',
    [LABELS.configFiles]: '/p/compose.yaml,/p/over.yaml',
    [LABELS.workingDir]: '/p',
    [LABELS.dependencies]: 'db:service_healthy:true,cache:service_started:false',
  });
  expect(labels).toEqual({
    project: 'shop',
    service: 'web',
    number: 3,
    oneOff: false,
    configHash: 'abc',
    workingDir: '/p',
    configFiles: ['/p/compose.yaml', '/p/over.yaml'],
    dependencies: [
      { service: 'db', condition: 'service_healthy', restart: true },
      { service: 'cache', condition: 'service_started', restart: false },
    ],
  });
});

it('does not take a container of nobody for one of a project', () => {
  expect(parseContainerLabels({ maintainer: 'x' })).toBeUndefined();
});

it('counts a broken number as none', () => {
  const labels = { [LABELS.project]: 'p', [LABELS.service]: 's', [LABELS.configHash]: 'h' };
  expect(parseContainerLabels({ ...labels, [LABELS.containerNumber]: 'x' })).toMatchObject({ number: 0 });
});

it('takes a container with the labels of its image, and one that is told to be no service’s, for nobody’s', () => {
  const ofImage = { [LABELS.project]: 'p', [LABELS.service]: 's', [LABELS.version]: '2' };
  expect(parseContainerLabels(ofImage)).toBeUndefined();
  expect(parseContainerLabels({ ...ofImage, [LABELS.configHash]: 'h' })).toBeDefined();
  expect(parseContainerLabels({ ...ofImage, [LABELS.configHash]: 'h', ...OF_NO_SERVICE })).toBeUndefined();
});

it('writes dependencies as it reads them', () => {
  const text = 'cache:service_started:false,db:service_healthy:true';
  const dependencies = Object.fromEntries(
    parseDependencies(text).map(({ service, ...rest }) => [service, rest]),
  );
  expect(formatDependencies(dependencies)).toBe(text);
});
