# What the official rabbitmq image promises: https://hub.docker.com/_/rabbitmq

COOKIE_FILE=/var/lib/rabbitmq/.erlang.cookie
SETTINGS=/etc/rabbitmq/conf.d/20-environment.conf

refuse_files() {
  local name
  for name in RABBITMQ_DEFAULT_USER_FILE RABBITMQ_DEFAULT_PASS_FILE RABBITMQ_DEFAULT_VHOST_FILE RABBITMQ_ERLANG_COOKIE_FILE; do
    if [ -n "${!name:-}" ]; then fail "error: $name is no longer read: use a configuration file instead"; fi
  done
}

write_cookie() {
  [ -n "${RABBITMQ_ERLANG_COOKIE:-}" ] || return 0
  if [ -e "$COOKIE_FILE" ] && [ "$(< "$COOKIE_FILE")" != "$RABBITMQ_ERLANG_COOKIE" ]; then
    echo "warning: RABBITMQ_ERLANG_COOKIE is not what $COOKIE_FILE holds; the file counts" >&2
  else
    (umask 0377 && printf '%s\n' "$RABBITMQ_ERLANG_COOKIE" > "$COOKIE_FILE.new" && mv -f "$COOKIE_FILE.new" "$COOKIE_FILE")
  fi
}

# Users are made when the database is: later changes of these variables have no effect, as in the official image.
write_settings() {
  local name
  for name in default_user default_pass default_vhost; do
    local variable="RABBITMQ_${name^^}"
    if [ -n "${!variable:-}" ]; then printf '%s = %s\n' "$name" "${!variable}"; fi
  done > "$SETTINGS"
}

if [[ "$1" == rabbitmq* ]] && [ "$(id -u)" = 0 ]; then
  if [ "$1" = rabbitmq-server ]; then
    find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +
  fi
  become rabbitmq "$@"
fi
if [ "$1" = rabbitmq-server ]; then
  refuse_files
  write_cookie
  write_settings
fi
exec "$@"
