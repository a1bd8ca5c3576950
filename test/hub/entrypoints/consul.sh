# What the official consul image promises: https://hub.docker.com/_/consul

if [ "${1:0:1}" = '-' ]; then set -- agent "$@"; fi
case "$1" in
  agent)
    shift
    address=()
    # The name of an interface to bind to, instead of an address.
    if [ -n "${CONSUL_BIND_INTERFACE:-}" ]; then
      address=(-bind="$(hostname -i | cut -d' ' -f1)")
    fi
    if [ -n "${CONSUL_CLIENT_INTERFACE:-}" ]; then address+=(-client=0.0.0.0); fi
    if [ -n "${CONSUL_LOCAL_CONFIG:-}" ]; then printf '%s\n' "$CONSUL_LOCAL_CONFIG" > /consul/config/local.json; fi
    set -- consul agent -data-dir=/consul/data -config-dir=/consul/config "${address[@]}" "$@"
    ;;
  version) set -- consul "$@" ;;
  *) if consul --help "$1" 2>&1 | grep -q "consul $1"; then set -- consul "$@"; fi ;;
esac
if [ "$1" = consul ] && [ "$(id -u)" = 0 ]; then
  find /consul/data /consul/config \! -user consul -exec chown consul: '{}' +
  exec setpriv --reuid=consul --regid=consul --init-groups -- "$@"
fi
exec "$@"
