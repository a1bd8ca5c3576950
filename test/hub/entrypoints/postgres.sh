# What the official postgres image promises: https://hub.docker.com/_/postgres

sql() {
  psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"
}

prepare_folders() {
  local user
  user="$(id -u)"
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 00700 "$PGDATA" || :
  chmod 03775 /var/run/postgresql || :
  if [ "$user" = 0 ]; then
    find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
    find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
  fi
}

# Since 18 the volume is the folder above, with one folder for each major version in it.
refuse_old_layout() {
  [ "$PG_MAJOR" -ge 18 ] || return 0
  [ "$PGDATA" = "/var/lib/postgresql/$PG_MAJOR/docker" ] || return 0
  local old found=()
  for old in /var/lib/postgresql /var/lib/postgresql/data; do
    if [ -s "$old/PG_VERSION" ]; then found+=("$old (version $(< "$old/PG_VERSION"))"); fi
  done
  if [ "${#found[@]}" = 0 ] && grep -q ' /var/lib/postgresql/data ' /proc/self/mountinfo; then
    found+=('/var/lib/postgresql/data (a volume without a database)')
  fi
  [ "${#found[@]}" = 0 ] || fail \
    "Error: since 18 this image keeps its data in one folder per major version, $PGDATA," \
    "       and this looks like the layout of older ones: ${found[*]}" \
    '       Mount the volume at /var/lib/postgresql instead of /var/lib/postgresql/data,' \
    '       and bring the data over with a dump or with pg_upgrade.'
}

require_password() {
  if [ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then return 0; fi
  fail \
    'Error: There is no database yet, and no password for its superuser.' \
    '       Set POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) to one that is not empty.' \
    '       POSTGRES_HOST_AUTH_METHOD=trust lets everybody in without a password instead.'
}

create_cluster() {
  local arguments=(--username="$POSTGRES_USER")
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then arguments+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  # POSTGRES_INITDB_ARGS is a line of shell words, quotes included.
  eval 'initdb "${arguments[@]}" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"
  local method="${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}"
  [ "$method" != on ] || method=md5
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

# Only on the unix socket: nobody outside may see a server that is about to go away again.
start_temporary_server() {
  NOTIFY_SOCKET='' PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -w start \
    -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
}

stop_temporary_server() {
  PGUSER="$POSTGRES_USER" pg_ctl -D "$PGDATA" -m fast -w stop
}

create_database() {
  [ "$POSTGRES_DB" != postgres ] || return 0
  local exists
  exists="$(sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<< "SELECT 1 FROM pg_database WHERE datname = :'db';")"
  [ -n "$exists" ] || sql --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          echo "$0: running $file"
          "$file"
        else
          echo "$0: sourcing $file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) echo "$0: running $file"; sql --dbname "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.xz) echo "$0: running $file"; xzcat "$file" | sql --dbname "$POSTGRES_DB" ;;
      *) echo "$0: ignoring $file" ;;
    esac
    echo
  done
}

initialize() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  require_password
  # Readable before the long work starts, so that a wrong mount fails at once.
  ls /docker-entrypoint-initdb.d/ > /dev/null
  create_cluster
  export PGPASSWORD="${PGPASSWORD-$POSTGRES_PASSWORD}"
  start_temporary_server "${@:2}"
  create_database
  run_init_files
  stop_temporary_server
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

if [ "${1:0:1}" = '-' ]; then set -- postgres "$@"; fi
if [ "$1" = postgres ] && ! wants_help "$@"; then
  refuse_old_layout
  prepare_folders
  become postgres "$@"
  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    initialize "$@"
  fi
fi
exec "$@"
