# What the official redis and valkey images promise: https://hub.docker.com/_/redis

case "$1" in
  -* | *.conf) set -- "$SERVER" "$@" ;;
esac
if [ "$1" = "$SERVER" ] && [ "$(id -u)" = 0 ]; then
  find . \! -user "$OWNER" -exec chown "$OWNER" '{}' +
  become "$OWNER" "$@"
fi
# Dumps and append-only files are nobody else's business.
if [ "$(umask)" = 0022 ]; then umask 0077; fi
exec "$@"
