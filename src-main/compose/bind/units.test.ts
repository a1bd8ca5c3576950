import { describe, expect, it } from 'vitest';
import { formatDuration, parseBytes, parseDuration, splitCommand } from './units.ts';

describe('durations', () => {
  it.each([
    ['1m30s', '1m30s'],
    ['90s', '1m30s'],
    ['1.5h', '1h30m0s'],
    ['2d', '48h0m0s'],
    ['1w', '168h0m0s'],
    ['500ms', '500ms'],
    ['1500us', '1.5ms'],
    ['100ns', '100ns'],
    ['0', '0s'],
    ['-10s', '-10s'],
    ['1h2m3s', '1h2m3s'],
    ['.5s', '500ms'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatDuration(parseDuration(text) ?? -1n)).toBe(printed);
  });

  it.each(['', '10', '5x', 's', '1m 30s', '1..5s', '99999999999h'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('sizes', () => {
  it.each([
    ['512', 512],
    ['64k', 65_536],
    ['512m', 536_870_912],
    ['1gb', 1_073_741_824],
    ['1.5 GiB', 1_610_612_736],
    ['10B', 10],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', 'lots', '-1', '5 apples', '64q', '1kk'])('%j is none', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});

describe('command lines', () => {
  it.each([
    ['echo "a b" c', ['echo', 'a b', 'c']],
    [`sh -c 'x "y"'`, ['sh', '-c', 'x "y"']],
    ['a\\ b c', ['a b', 'c']],
    ['""', ['']],
    ['', []],
    ['cat x | grep y', ['cat', 'x']],
    ['run 2> log', ['run']],
    ['echo $(date +%s) x', ['echo', '$(date +%s)', 'x']],
  ])('%s', (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it.each(['"open', "it's", 'a (b)', 'end\\'])('%s is none', (line) => {
    expect(splitCommand(line)).toBeUndefined();
  });
});
