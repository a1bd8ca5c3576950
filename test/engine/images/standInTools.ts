/**
 * One image that stands for every ecosystem's base: its tools do what the real ones do as far as a build's cache can tell. An install
 * needs its manifest, and leaves behind what it was made from and a number that is never the same twice; a build needs that install and
 * the source. Nothing is downloaded, so it runs anywhere.
 */
const TOOL = `#!/bin/sh
# $0 is the tool's name: npm, yarn, pip ...
set -e
tool=\${0##*/}
manifest() {
  for name in "$@"; do [ -f "$name" ] && { echo "$name"; return; }; done
  echo "$tool: none of $* is here" >&2; exit 1
}
case $tool in
  npm|yarn|pnpm) wants="package.json";;
  pip|python) wants="requirements.txt pyproject.toml";;
  poetry|uv) wants="pyproject.toml";;
  bundle) wants="Gemfile";;
  go) wants="go.mod";;
  mvn|mvnw) wants="pom.xml";;
  gradle|gradlew) wants="build.gradle build.gradle.kts";;
  cargo) wants="Cargo.toml";;
  composer) wants="composer.json";;
  php|corepack) exit 0;;
esac
if [ "$tool" = pip ] && ! echo "$*" | grep -q -- -r; then exit 0; fi
if [ "$tool" = bundle ] && [ "$1" = config ]; then exit 0; fi
file=$(manifest $wants)
mkdir -p /deps
now=$(md5sum < "$file")
if [ ! -f /deps/of ] || [ "$(cat /deps/of)" != "$now" ]; then
  echo "$now" > /deps/of
  head -c 8 /dev/urandom | od -An -tx1 | tr -d ' ' > /deps/id
  echo "$tool: installed from $file"
fi
case "$tool $*" in
  *build*|*package*|*bootJar*|"cargo install"*)
    source=$(find . -name marker.txt | head -n 1)
    [ -n "$source" ] || { echo "$tool: no source" >&2; exit 1; }
    mkdir -p /built && cat "$source" > /built/marker.txt
    for out in /out /target/marker.txt; do mkdir -p "$(dirname $out)"; cat "$source" /deps/id > $out; done;;
esac
`;

export const TOOLS = [
  'npm',
  'yarn',
  'pnpm',
  'corepack',
  'pip',
  'python',
  'poetry',
  'uv',
  'bundle',
  'go',
  'mvn',
  'gradle',
  'cargo',
  'composer',
  'php',
] as const;

/** Files of the context of the base image. */
export const STAND_IN: Readonly<Record<string, string>> = {
  tool: TOOL,
  Dockerfile: [
    'FROM busybox:1',
    'COPY --chmod=755 tool /usr/local/bin/npm',
    `RUN cd /usr/local/bin && for name in ${TOOLS.slice(1).join(' ')}; do ln -s npm $name; done \\`,
    ' && mkdir -p /deps /built /work && chmod 777 /deps /built /work / \\',
    ' && for name in node app gradle www-data; do echo "$name:x:1$(echo $name | wc -c):100::/:/bin/sh" >> /etc/passwd; done',
    'ENV PATH=/usr/local/bin:/bin:/usr/bin:/sbin',
    'WORKDIR /work',
    '',
  ].join('\n'),
};

/** What each manifest holds in the tests; wrappers are the tool itself. */
export function contentOf(name: string): string {
  return /^(mvnw|gradlew)$/.test(name) ? TOOL : `# ${name}\n`;
}
