/** How one package manager is installed from, and what it needs for that: everything but the source. */
export interface Ecosystem {
  readonly name: string;
  /** Names that say what is wanted, and those that pin it. Those that are there are copied. */
  readonly manifests: readonly string[];
  /** Of these one must be there, or the command is about something else. */
  readonly needsOneOf: readonly string[];
  /** Does this RUN fetch the dependencies? */
  readonly installs: RegExp;
  /**
   * What to run instead, where the command also builds from the source: the fetching alone goes first, and the command stays.
   * Undefined: the command itself needs the manifests only.
   */
  readonly fetch?: string | undefined;
  /** Where it keeps what it has downloaded, for `RUN --mount=type=cache`. */
  readonly cache: string;
}

/** In the order in which they are asked: `pnpm install` is not npm's. */
export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: 'pnpm',
    manifests: ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', 'patches'],
    needsOneOf: ['package.json'],
    installs: /\bpnpm\s+(i|install|ci)\b/,
    cache: '/root/.local/share/pnpm/store',
  },
  {
    name: 'yarn',
    manifests: ['package.json', 'yarn.lock', '.yarnrc', '.yarnrc.yml', '.yarn'],
    needsOneOf: ['package.json'],
    installs: /\byarn(\s+(install|--\S+)|\s*($|&&|;|\|))/,
    cache: '/usr/local/share/.cache/yarn',
  },
  {
    name: 'npm',
    manifests: ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'],
    needsOneOf: ['package.json'],
    installs: /\bnpm\s+(--\S+\s+)*(i|install|ci|clean-install)\b(?!\s+(-g|--global)\b)/,
    cache: '/root/.npm',
  },
  {
    name: 'poetry',
    manifests: ['pyproject.toml', 'poetry.lock', 'poetry.toml'],
    needsOneOf: ['pyproject.toml'],
    installs: /\bpoetry\s+(--\S+\s+)*install\b/,
    fetch: 'poetry install --no-root',
    cache: '/root/.cache/pypoetry',
  },
  {
    name: 'uv',
    manifests: ['pyproject.toml', 'uv.lock', '.python-version'],
    needsOneOf: ['pyproject.toml'],
    installs: /\buv\s+sync\b/,
    fetch: 'uv sync --no-install-project',
    cache: '/root/.cache/uv',
  },
  {
    name: 'pip',
    manifests: ['requirements.txt', 'requirements', 'constraints.txt'],
    needsOneOf: ['requirements.txt', 'requirements'],
    installs: /\b(pip3?|uv\s+pip|python3?\s+-m\s+pip)\s+(--\S+\s+)*install\b.*(-r\s*|--requirement[ =])\S+/,
    cache: '/root/.cache/pip',
  },
  {
    name: 'bundler',
    manifests: ['Gemfile', 'Gemfile.lock', '.ruby-version'],
    needsOneOf: ['Gemfile'],
    installs: /\bbundle(r)?\s+(install\b|$|&&)/,
    cache: '/usr/local/bundle/cache',
  },
  {
    name: 'Go modules',
    manifests: ['go.mod', 'go.sum', 'go.work', 'go.work.sum'],
    needsOneOf: ['go.mod'],
    installs: /\bgo\s+(build|install|mod\s+download|test)\b/,
    fetch: 'go mod download',
    cache: '/go/pkg/mod',
  },
  {
    name: 'Maven',
    manifests: ['pom.xml', '.mvn', 'mvnw'],
    needsOneOf: ['pom.xml'],
    installs: /(\bmvn|\.\/mvnw)\b.*\b(package|install|verify|compile|dependency:\S+)\b/,
    fetch: 'mvn -B dependency:go-offline',
    cache: '/root/.m2',
  },
  {
    name: 'Gradle',
    manifests: [
      'build.gradle',
      'build.gradle.kts',
      'settings.gradle',
      'settings.gradle.kts',
      'gradle.properties',
      'gradle.lockfile',
      'gradle',
      'gradlew',
    ],
    needsOneOf: ['build.gradle', 'build.gradle.kts'],
    installs: /(\bgradle|\.\/gradlew)\b.*\b(build|assemble|bootJar|jar|installDist|dependencies)\b/,
    fetch: 'gradle dependencies',
    cache: '/root/.gradle',
  },
  {
    name: 'Cargo',
    manifests: ['Cargo.toml', 'Cargo.lock', '.cargo', 'rust-toolchain.toml', 'rust-toolchain'],
    needsOneOf: ['Cargo.toml'],
    installs: /\bcargo\s+(--\S+\s+)*(build|install|fetch)\b/,
    // Cargo wants a target to exist before it reads the manifest.
    fetch: 'mkdir -p src && touch src/lib.rs && cargo fetch && rm -r src',
    cache: '/usr/local/cargo/registry',
  },
  {
    name: 'Composer',
    manifests: ['composer.json', 'composer.lock', 'auth.json'],
    needsOneOf: ['composer.json'],
    installs: /\bcomposer(\.phar)?\s+(--\S+\s+)*install\b/,
    fetch: undefined,
    cache: '/tmp/cache',
  },
];
