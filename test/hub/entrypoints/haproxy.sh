# What the official haproxy image promises: https://hub.docker.com/_/haproxy
# In front as master and worker, so that SIGUSR2 reloads the configuration.

if [ "${1:0:1}" = '-' ]; then set -- haproxy "$@"; fi
if [ "$1" = haproxy ]; then
  shift
  set -- haproxy -W -db "$@"
fi
exec "$@"
