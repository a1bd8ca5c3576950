import { readFileSync } from 'node:fs';
import type { ImageConfig, Recipe } from '../recipe.ts';

/** A Go program of ours as the only file of an image. */
interface Program {
  readonly id: string;
  readonly repositories?: readonly string[];
  readonly source: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly config?: ImageConfig;
}

function program({ id, repositories, source, version, tags, config }: Program): Recipe {
  const text = readFileSync(new URL(`../programs/${source}.go`, import.meta.url)).toString('base64');
  const build = `cd "$1/build" && GOROOT="$1/usr/lib/go-1.24" GOPATH="$1/build/path" GOCACHE="$1/build/cache" GO111MODULE=off CGO_ENABLED=0`;
  return {
    id,
    ...(repositories === undefined ? {} : { repositories }),
    rootfs: {
      type: 'whole',
      suite: 'trixie',
      packages: ['golang-1.24-go'],
      only: [source],
      hooks: [
        `mkdir -p "$1/build" && echo ${text} | base64 -d > "$1/build/${source}.go"`,
        `${build} "$1/usr/lib/go-1.24/bin/go" build -trimpath -ldflags "-s -w" -o "$1/${source}" ${source}.go >&2`,
      ],
    },
    version: { exactly: version },
    tags: () => tags,
    config: { entrypoint: [`/${source}`], ...config },
  };
}

export const STATIC: readonly Recipe[] = [
  program({ id: 'hello-world:latest', source: 'hello', version: '1', tags: ['linux'] }),
  program({
    id: 'slipway/shell-less:1',
    source: 'server',
    version: '1',
    tags: ['1.0', 'latest'],
    config: { expose: ['8080'], user: '65532:65532' },
  }),
];
