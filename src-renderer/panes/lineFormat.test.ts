import { expect, test } from 'vitest';
import type { LogLine } from '#contract/logBatch.ts';
import { formatLines, type LineLook, prefixWidth } from './lineFormat.ts';

const look: LineLook = {
  time: 'off',
  bootAt: 0,
  sourceWidth: 8,
  numbered: new Set(),
  colourOf: () => 36,
  columns: 80,
  fields: [],
};

function line(text: string, more: Partial<LogLine> = {}): LogLine {
  const base = { id: '1', time: 64_182, kind: 'stdout', level: 'info', source: 'api' } as const;
  return { ...base, text: new TextEncoder().encode(text), ...more };
}

function shown(entry: LogLine, more: Partial<LineLook> = {}): string {
  return new TextDecoder().decode(formatLines([entry], { ...look, ...more }));
}

/** As a terminal would show it: no colours, no line end. */
function plain(text: string): string {
  return text.replaceAll(/\x1b\[[\d;]*m/g, '').trimEnd();
}

test('a line has its source in a column of one width', () => {
  expect(plain(shown(line('hello')))).toBe('api      hello');
  expect(plain(shown(line('hello', { source: 'storefront' })))).toBe('storefr… hello');
  expect(plain(shown(line('hello'), { sourceWidth: 0 }))).toBe('hello');
});

test('the first of several replicas has its number, in its lines and in the marks of what became of it', () => {
  const numbered = new Set(['worker']);
  const shownAs = (source: string, kind: LogLine['kind'] = 'stdout') =>
    plain(shown(line('up', { source, kind }), { numbered }));
  expect([shownAs('worker'), shownAs('worker-2'), shownAs('api')]).toEqual([
    'worker-1 up',
    'worker-2 up',
    'api      up',
  ]);
  expect(shownAs('worker', 'marker')).toContain('  worker-1 up  ');
});

test('the time is of the day or since the boot, and always as wide', () => {
  const time = new Date(2026, 10, 20, 14, 2, 11, 482).getTime();
  expect(plain(shown(line('x', { time }), { time: 'absolute' }))).toBe('14:02:11.482  api      x');
  expect(plain(shown(line('x'), { time: 'boot' }))).toBe('   +1:04.182  api      x');
  expect(plain(shown(line('x', { time: -300 }), { time: 'boot' }))).toBe('      -0.300  api      x');
});

test.each(['off', 'absolute', 'boot'] as const)('the prefix is as wide as promised: time %s', (time) => {
  const text = plain(shown(line('text'), { time }));
  expect(text.indexOf('text')).toBe(prefixWidth({ time, sourceWidth: 8 }));
});

test('the word of the level is coloured, or the line where there is none', () => {
  expect(shown(line('ERROR it broke', { level: 'error' }))).toContain('\x1b[31mERROR\x1b[0m it broke');
  expect(shown(line('it broke', { level: 'error' }))).toContain('\x1b[31mit broke');
  expect(shown(line('\x1b[32mERROR', { level: 'error' }))).not.toContain('\x1b[31m');
});

test('a marker is a line across, a folded line says that it is cut', () => {
  expect(plain(shown(line('restarted', { kind: 'marker' })))).toMatch(/^─{14} {2}api restarted {2}─+$/);
  expect(plain(shown(line('head', { kind: 'folded' })))).toBe(
    'api      head … cut here; Enter shows all of it',
  );
});
