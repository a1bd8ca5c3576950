# What the official node image promises: https://hub.docker.com/_/node
# Anything that is no program (a script, a flag) is for node.

if [ "${1:0:1}" = '-' ] || ! command -v "$1" > /dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
