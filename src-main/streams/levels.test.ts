import { expect, test } from 'vitest';
import { LOG_LEVELS } from '#contract/logBatch.ts';
import { CONTINUES, LevelTracker, levelOfLine } from './levels.ts';

function level(text: string): string {
  const bytes = Buffer.from(`ERROR ${text} ERROR`); // what stands outside the line must not matter
  const found = levelOfLine(bytes, 6, bytes.length - 6);
  return found === CONTINUES ? 'continues' : (LOG_LEVELS[found] ?? '?');
}

test.each([
  ['2026-11-20 10:11:12.123 UTC [71] ERROR:  relation "x" does not exist', 'error'],
  ['2026-11-20 10:11:12.123 UTC [1] LOG:  database system is ready to accept connections', 'info'],
  ['2026-11-20 10:11:12.123 UTC [71] FATAL:  password authentication failed', 'fatal'],
  ['2026-11-20 10:11:12.123 UTC [71] STATEMENT:  select ERROR', 'continues'],
  ['1:M 20 Nov 2026 10:11:12.123 * Ready to accept connections', 'info'],
  ['1:M 20 Nov 2026 10:11:12.123 # WARNING overcommit', 'warn'],
  ['1:C 20 Nov 2026 10:11:12.123 . x', 'debug'],
  ['2026/11/20 10:11:12 [error] 29#29: *1 connect() failed', 'error'],
  ['2026/11/20 10:11:12 [notice] 1#1: start worker', 'info'],
  ['127.0.0.1 - - [20/Nov/2026:10:11:12 +0000] "GET /error HTTP/1.1" 200 12', 'none'],
  ['{"level":"warn","msg":"x"}', 'warn'],
  ['{"time":"x","msg":"level: \\"error\\"","level":"info"}', 'info'],
  ['{"level":50,"time":1,"msg":"boom"}', 'error'],
  ['{"time": 1, "severity": "CRITICAL"}', 'fatal'],
  ['{"t":{"$date":"2026"},"s":"W","c":"NETWORK"}', 'warn'],
  ['{"message":"all is \\"level\\":\\"error\\" quoted"}', 'none'],
  ['time=2026-11-20T10:11:12Z level=ERROR msg="x"', 'error'],
  ['ts=1 lvl=warn msg=x', 'warn'],
  ['time="2026" level="debug" msg=x', 'debug'],
  ['status=error code=5', 'none'],
  ['ERROR:root:it broke', 'error'],
  ['2026-11-20 10:11:12,123 - app - WARNING - careful', 'warn'],
  ['Traceback (most recent call last):', 'error'],
  ['  File "/app/x.py", line 3, in <module>', 'continues'],
  ["TypeError: Cannot read properties of undefined (reading 'x')", 'error'],
  ['    at Object.<anonymous> (/app/index.js:1:7)', 'continues'],
  ['npm ERR! code ELIFECYCLE', 'error'],
  ['2026-11-20 10:11:12.123 ERROR 1 --- [main] c.e.App : boom', 'error'],
  ['Exception in thread "main" java.lang.IllegalStateException: x', 'error'],
  ['java.lang.NullPointerException', 'error'],
  ['Caused by: java.io.IOException: x', 'continues'],
  ['\tat com.example.App.main(App.java:3)', 'continues'],
  ['panic: runtime error: index out of range', 'fatal'],
  ['E1120 10:11:12.123456       1 reflector.go:1] x', 'error'],
  ['I1120 10:11:12.123456       1 main.go:1] x', 'info'],
  ['2026-11-20T10:11:12Z\tinfo\tstarted', 'info'],
  ['\u001b[31mERROR\u001b[0m it broke', 'error'],
  ['10:11AM INF started', 'info'],
  ['[1] 2026/11/20 10:11:12.123 [WRN] slow', 'warn'],
  ['2026-11-20 10:11:12 0 [Warning] Aborted connection', 'warn'],
  ['2026-11-20 10:11:12 [info] <0.222.0> started', 'info'],
  ['warn: Microsoft.Hosting[0]', 'warn'],
  ['an error happened on the way', 'none'],
  ['ERROR_COUNT is 5', 'none'],
  ['', 'none'],
  ['plain text', 'none'],
  ['}', 'continues'],
])('%s is %s', (text, expected) => {
  expect(level(text)).toBe(expected);
});

function trace(lines: readonly string[]): string[] {
  const tracker = new LevelTracker();
  return lines.map((line) => {
    const bytes = Buffer.from(line);
    const found = tracker.next(bytes, 0, bytes.length);
    return `${LOG_LEVELS[found]}${tracker.continued ? '+' : ''}`;
  });
}

test('a Python traceback holds together, with the line that names the exception', () => {
  const lines = [
    'INFO x',
    'Traceback (most recent call last):',
    '  File "x"',
    '    y()',
    'ValueError: z',
    'INFO next',
  ];
  expect(trace(lines)).toEqual(['info', 'error', 'error+', 'error+', 'error+', 'info']);
});

test('a Go panic holds together', () => {
  const lines = [
    'panic: x',
    '',
    'goroutine 1 [running]:',
    'main.main()',
    '\t/app/main.go:4 +0x1',
    'exit status 2',
  ];
  expect(trace(lines)).toEqual(['fatal', 'fatal+', 'fatal+', 'fatal+', 'fatal+', 'none']);
});

test('a Java exception with its causes holds together', () => {
  const lines = [
    'ERROR x',
    'java.lang.Error: x',
    '\tat a.b(C.java:1)',
    'Caused by: d',
    '\t... 3 more',
    'DEBUG y',
  ];
  expect(trace(lines)).toEqual(['error', 'error', 'error+', 'error+', 'error+', 'debug']);
});
