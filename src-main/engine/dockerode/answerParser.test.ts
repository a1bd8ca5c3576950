import { describe, expect, test } from 'vitest';
import { AnswerParser } from './answerParser.ts';

const CHUNKED =
  'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '5\r\nhello\r\n1A;name="a value"\r\nabcdefghijklmnopqrstuvwxyz\r\n2 \r\n\r\n\r\n0\r\n\r\n';
const CHUNKED_BODY = 'helloabcdefghijklmnopqrstuvwxyz\r\n';

class Reading {
  body = '';
  readonly parser = new AnswerParser({
    body: (bytes, start, end) => {
      this.body += bytes.toString('latin1', start, end);
    },
  });

  push(text: string): this {
    const bytes = Buffer.from(text, 'latin1');
    this.parser.push(bytes, bytes.length);
    return this;
  }
}

describe('a body in chunks', () => {
  test('cut at every place', () => {
    for (let cut = 0; cut <= CHUNKED.length; cut++) {
      const { body, parser } = new Reading().push(CHUNKED.slice(0, cut)).push(CHUNKED.slice(cut));
      expect({ cut, body, status: parser.status, isOver: parser.isOver }).toEqual({
        cut,
        body: CHUNKED_BODY,
        status: 200,
        isOver: true,
      });
    }
  });

  test('byte for byte', () => {
    const reading = new Reading();
    for (const byte of CHUNKED) reading.push(byte);
    expect(reading.body).toBe(CHUNKED_BODY);
    expect(reading.parser.isWhole).toBe(true);
  });

  test('is whole with its last line only, wherever else it is cut', () => {
    for (let cut = 0; cut < CHUNKED.length; cut++) {
      expect(new Reading().push(CHUNKED.slice(0, cut)).parser.isWhole).toBe(false);
    }
  });

  test('with a trailer; what follows the answer is nobody’s', () => {
    const { body, parser } = new Reading().push(`${CHUNKED.slice(0, -2)}X-Sum: 1\r\n\r\nHTTP/1.1 500 no\r\n`);
    expect(body).toBe(CHUNKED_BODY);
    expect(parser.isOver).toBe(true);
  });

  test('counts its chunks', () => {
    const { parser } = new Reading().push(CHUNKED);
    expect(parser.takeChunks()).toBe(4);
    expect(parser.takeChunks()).toBe(0);
  });
});

describe('a body of known length', () => {
  test('ends there', () => {
    const reading = new Reading().push('HTTP/1.1 404 Not Found\r\ncontent-length:  5\r\n\r\nhel');
    expect(reading.parser.isWhole).toBe(false);
    reading.push('lo and more');
    expect(reading.body).toBe('hello');
    expect(reading.parser).toMatchObject({ status: 404, isWhole: true, isOver: true });
  });

  test.each(['HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'])(
    'of nothing: %j',
    (head) => expect(new Reading().push(head).parser.isOver).toBe(true),
  );
});

test('a body of unknown length ends with the connection', () => {
  const { body, parser } = new Reading().push('HTTP/1.0 200 OK\r\n\r\nhel').push('lo');
  expect(body).toBe('hello');
  expect(parser).toMatchObject({ isWhole: true, isOver: false });
});

test('an answer that is announced first is read all the same', () => {
  const { body, parser } = new Reading().push(`HTTP/1.1 100 Continue\r\n\r\n${CHUNKED}`);
  expect(parser.status).toBe(200);
  expect(body).toBe(CHUNKED_BODY);
});

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['an encoding nobody asked for', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
  ['a chunk without a size', `${HEAD}\r\n`],
  ['a chunk of impossible size', `${HEAD}fffffffff\r\n`],
  ['a chunk of negative size', `${HEAD}-1\r\n`],
  ['a chunk that is longer than it says', `${HEAD}2\r\nabc\r\n`],
  ['a chunk extension without an end', `${HEAD}2;${'x'.repeat(5000)}`],
  ['a trailer without an end', `${HEAD}0\r\n${'x'.repeat(70_000)}`],
])('not HTTP: %s', (_, answer) => {
  expect(() => new Reading().push(answer)).toThrow('does not speak HTTP');
});
