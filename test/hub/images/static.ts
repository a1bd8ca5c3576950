import { readFileSync } from 'node:fs';
import type { Recipe, WholeRootfs } from '../recipe.ts';

/** One Go program is all there is in these images: its layer is built once and shared. */
function program(): WholeRootfs {
  const text = readFileSync(new URL('../programs/server.go', import.meta.url)).toString('base64');
  const go = 'usr/lib/go-1.24';
  const settings = 'GOPATH="$1/build/path" GOCACHE="$1/build/cache" GO111MODULE=off CGO_ENABLED=0';
  return {
    type: 'whole',
    suite: 'trixie',
    packages: ['golang-1.24-go'],
    only: ['server'],
    hooks: [
      `mkdir -p "$1/build" && echo ${text} | base64 -d > "$1/build/server.go"`,
      `cd "$1/build" && GOROOT="$1/${go}" ${settings} "$1/${go}/bin/go" build -trimpath -ldflags "-s -w" -o "$1/server" server.go >&2`,
    ],
  };
}

export const STATIC: readonly Recipe[] = [
  {
    id: 'slipway/shell-less:1',
    rootfs: program(),
    version: { exactly: '1' },
    tags: () => ['1.0', 'latest'],
    config: { entrypoint: ['/server'], expose: ['8080'], user: '65532:65532' },
  },
  {
    id: 'hello-world:latest',
    rootfs: program(),
    version: { exactly: '1' },
    tags: () => ['linux'],
    config: { cmd: ['/server', 'hello'] },
  },
];
