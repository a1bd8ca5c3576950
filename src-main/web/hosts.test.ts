import { expect, test } from 'vitest';
import { allowedHosts, hostHeader } from './hosts.ts';

test('on loopback only the names of loopback are known', () => {
  expect(allowedHosts('127.0.0.1', 4477)).toEqual(['127.0.0.1:4477', 'localhost:4477', '[::1]:4477']);
});

test('a named address is known beside loopback; a wildcard stands for every address of this machine', () => {
  expect(allowedHosts('10.0.0.7', 4477)).toContain('10.0.0.7:4477');
  expect(allowedHosts('0.0.0.0', 4477)).toContain('127.0.0.1:4477');
  expect(allowedHosts('0.0.0.0', 4477)).not.toContain('0.0.0.0:4477');
});

test('a Host header as a browser writes it', () => {
  expect(hostHeader('::1', 80)).toBe('[::1]');
  expect(hostHeader('Devbox', 4477)).toBe('devbox:4477');
});
