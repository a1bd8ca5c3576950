import type { Advice, BuildStepView, BuildView } from '#contract/requests/builds.ts';

const AT = Date.UTC(2026, 10, 20, 14, 12);

function step(line: number, name: string, status: BuildStepView['status'], tookMs = 0): BuildStepView {
  return { name: `[${line}/6] ${name}`, line, status, startedAt: AT, tookMs, log: '' };
}

const STEPS: readonly BuildStepView[] = [
  step(1, 'FROM docker.io/library/node:24', 'cached'),
  step(2, 'WORKDIR /app', 'cached'),
  step(3, 'COPY . .', 'done', 220),
  step(4, 'RUN npm ci', 'done', 117_800),
  step(5, 'RUN npm run build', 'done', 8_400),
];

const done: BuildView = {
  id: '1',
  service: 'storefront',
  image: 'shop-storefront',
  dockerfile: '/home/ada/shop/storefront/Dockerfile',
  startedAt: AT,
  finishedAt: AT + 126_500,
  outcome: 'done',
  steps: STEPS,
  warnings: [],
  missed: {
    line: 3,
    step: '[3/6] COPY . .',
    files: ['src/cart.ts', 'src/cart.css'],
    moreFiles: 0,
    costMs: 126_420,
  },
};

const failed: BuildView = {
  ...done,
  id: '2',
  service: 'worker',
  image: 'shop-worker',
  finishedAt: AT + 3_100,
  outcome: 'failed',
  missed: undefined,
  steps: [
    step(1, 'FROM docker.io/library/ruby:3.3', 'cached'),
    {
      ...step(2, 'RUN bundle install', 'failed', 2_900),
      log: "Could not find gem 'bunny (~> 3.9)' in rubygems repository.\n",
    },
  ],
  error: {
    kind: 'build.failed',
    service: 'worker',
    at: { file: '/home/ada/shop/worker/Dockerfile', line: 2, column: 1 },
    output: '',
    message: 'RUN bundle install ended with 7.',
  } as BuildView['error'],
};

/** Two builds at once, then silence. */
export async function* builds(signal: AbortSignal | undefined): AsyncGenerator<readonly BuildView[]> {
  yield [done, failed];
  await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

export function advice(service: string): readonly Advice[] {
  if (service !== 'storefront') return [];
  return [
    {
      rule: 'late-copy',
      severity: 'slow',
      title: 'Every change of the source installs the npm dependencies again',
      explanation:
        'COPY on line 3 brings the source before npm runs on line 4, so the cache is lost with every edit. Copy package.json, package-lock.json first, install, then copy the rest.',
      line: 4,
      costMs: 117_800,
      change: {
        file: '/home/ada/shop/storefront/Dockerfile',
        text: '',
        diff: '--- a/Dockerfile\n+++ b/Dockerfile\n@@ -2,4 +2,5 @@\n WORKDIR /app\n-COPY . .\n+COPY package.json package-lock.json ./\n RUN npm ci\n+COPY . .\n RUN npm run build\n',
      },
    },
  ];
}
