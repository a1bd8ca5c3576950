import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A registry on loopback that has one package, `test-dep` 1.0.0, for npm and its like, pip and Go. */
export interface PackageServer extends AsyncDisposable {
  readonly url: string;
  readonly npm: { readonly path: string; readonly integrity: string; readonly shasum: string };
}

type Files = Readonly<Record<string, string>>;

const NPM: Files = {
  'package/package.json': JSON.stringify({ name: 'test-dep', version: '1.0.0', main: 'index.js' }),
  'package/index.js': "module.exports = 'dep 1.0.0';\n",
};
const WHEEL_INFO = 'test_dep-1.0.0.dist-info';
const WHEEL: Files = {
  'test_dep.py': "VALUE = 'dep 1.0.0'\n",
  [`${WHEEL_INFO}/METADATA`]: 'Metadata-Version: 2.1\nName: test-dep\nVersion: 1.0.0\n',
  [`${WHEEL_INFO}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  [`${WHEEL_INFO}/RECORD`]: `test_dep.py,,\n${WHEEL_INFO}/METADATA,,\n${WHEEL_INFO}/WHEEL,,\n${WHEEL_INFO}/RECORD,,\n`,
};
const GO_MOD = 'module dep.example/test\n\ngo 1.19\n';
const GO: Files = {
  'dep.example/test@v1.0.0/go.mod': GO_MOD,
  'dep.example/test@v1.0.0/test.go': 'package test\n\nconst Value = "dep 1.0.0"\n',
};

export async function openPackageServer(): Promise<PackageServer> {
  const tarball = await npmTarball();
  const digest = (name: string, as: 'hex' | 'base64') => createHash(name).update(tarball).digest(as);
  const npm = {
    path: '/test-dep/-/test-dep-1.0.0.tgz',
    integrity: `sha512-${digest('sha512', 'base64')}`,
    shasum: digest('sha1', 'hex'),
  };
  const server = http.createServer((request, response) => {
    const answer = answers(urlOf(server), tarball, npm)[(request.url ?? '').replace(/\?.*/, '')];
    // pip takes a page only when it says that it is one.
    const page =
      typeof answer === 'string' && answer.startsWith('<') ? 'text/html' : 'application/octet-stream';
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': page });
    response.end(answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: urlOf(server),
    npm,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function urlOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** By path. Sources: npm's registry API, PEP 503, the protocol of Go's module proxies. */
function answers(
  url: string,
  tarball: Buffer,
  npm: PackageServer['npm'],
): Readonly<Record<string, string | Buffer>> {
  const dist = { tarball: `${url}${npm.path}`, integrity: npm.integrity, shasum: npm.shasum };
  const version = { name: 'test-dep', version: '1.0.0', main: 'index.js', dist };
  const wheel = 'test_dep-1.0.0-py3-none-any.whl';
  return {
    '/test-dep': JSON.stringify({
      name: 'test-dep',
      'dist-tags': { latest: '1.0.0' },
      versions: { '1.0.0': version },
    }),
    [npm.path]: tarball,
    '/simple/test-dep/': `<!DOCTYPE html><html><body><a href="/wheels/${wheel}">${wheel}</a></body></html>`,
    [`/wheels/${wheel}`]: storedZip(WHEEL),
    '/go/dep.example/test/@v/list': 'v1.0.0\n',
    '/go/dep.example/test/@v/v1.0.0.info': JSON.stringify({
      Version: 'v1.0.0',
      Time: '2026-01-01T00:00:00Z',
    }),
    '/go/dep.example/test/@v/v1.0.0.mod': GO_MOD,
    '/go/dep.example/test/@v/v1.0.0.zip': storedZip(GO),
  };
}

async function npmTarball(): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(NPM)) tar.entry({ name, mtime: new Date(0) }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** A zip archive without compression. Source: PKWARE's APPNOTE, 4.3. */
function storedZip(files: Files): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version needed
    fields.writeUInt16LE(0x21, 8); // 1 January 1980
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place, Buffer.from(name)]),
    );
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
