# What the official redis and valkey images promise: https://hub.docker.com/_/redis

case "$1" in
  -* | *.conf) set -- "$SERVER" "$@" ;;
esac
if [ "$1" = "$SERVER" ]; then
  shift
  # The official builds ship with protected mode off, since a container's port is closed until it is published.
  # Said first, so that a configuration or an option of the user's wins.
  case "${1:-}" in
    *.conf) if grep -qs '^[[:space:]]*protected-mode' "$1"; then set -- "$SERVER" "$@"; else set -- "$SERVER" "$1" --protected-mode no "${@:2}"; fi ;;
    *) set -- "$SERVER" --protected-mode no "$@" ;;
  esac
fi
if [ "$1" = "$SERVER" ] && [ "$(id -u)" = 0 ]; then
  find . \! -user "$OWNER" -exec chown "$OWNER" '{}' +
  become "$OWNER" "$@"
fi
# Dumps and append-only files are nobody else's business.
if [ "$(umask)" = 0022 ]; then umask 0077; fi
exec "$@"
