# What the official mariadb image promises: https://hub.docker.com/_/mariadb

error() {
  printf '%s [ERROR] [Entrypoint]: %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S+00:00')" "$1" >&2
  shift
  if [ "$#" -gt 0 ]; then printf '\t%s\n' "$@" >&2; fi
  exit 1
}

# setting NAME: MARIADB_NAME, or MYSQL_NAME as older compose files write it, or the file that either names.
setting() {
  local ours="MARIADB_$1" older="MYSQL_$1"
  from_file "$ours"
  from_file "$older"
  if [ -z "${!ours}" ]; then export "$ours=${!older}"; fi
}

# configured NAME COMMAND…: what the server would use for an option, config files and arguments together.
configured() {
  local name="$1"
  shift
  "$@" --verbose --help 2> /dev/null | awk -v name="$name" '$1 == name && NF > 1 { sub(/^[^ ]+ +/, ""); print; exit }'
}

quoted() {
  local text="${1//\\/\\\\}" quote="'"
  printf "'%s'" "${text//$quote/$quote$quote}"
}

# From the time the root password is set, the temporary server wants it.
sql() {
  MYSQL_PWD="$ROOT_PASSWORD_NOW" mariadb --no-defaults --protocol=socket -uroot --socket="$SOCKET" --comments "$@"
}

start_temporary_server() {
  note 'Starting temporary server'
  "$@" --skip-networking --default-time-zone=SYSTEM --socket="$SOCKET" --wsrep_on=OFF --loose-innodb_buffer_pool_load_at_startup=0 &
  TEMPORARY_PID=$!
  note 'Waiting for server startup'
  local attempt
  for attempt in {120..0}; do
    if mariadb-admin --no-defaults --protocol=socket --socket="$SOCKET" ping > /dev/null 2>&1; then
      note 'Temporary server started.'
      return 0
    fi
    kill -0 "$TEMPORARY_PID" 2> /dev/null || break
    sleep 0.25
  done
  error "Unable to start server (after ${attempt} attempts)."
}

stop_temporary_server() {
  note 'Stopping temporary server'
  kill "$TEMPORARY_PID"
  wait "$TEMPORARY_PID" || :
  note 'Temporary server stopped'
}

require_password() {
  if [ -n "$MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then return 0; fi
  error 'There is no database yet, and nothing is said about the password of its root account' \
    'Set one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD'
}

load_time_zones() {
  [ -z "${MARIADB_INITDB_SKIP_TZINFO:-}" ] || return 0
  mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2> /dev/null | sql mysql
}

create_accounts() {
  local password="$MARIADB_ROOT_PASSWORD" host="${MARIADB_ROOT_HOST:-%}"
  if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    password="$(head -c 24 /dev/urandom | base64)"
    note "GENERATED ROOT PASSWORD: $password"
  fi
  local identified="BY $(quoted "$password")"
  if [ -n "$MARIADB_ROOT_PASSWORD_HASH" ]; then identified="BY PASSWORD $(quoted "$MARIADB_ROOT_PASSWORD_HASH")"; fi
  local statements=''
  if [ "$host" != localhost ]; then
    statements="CREATE USER root@$(quoted "$host") IDENTIFIED $identified; GRANT ALL ON *.* TO root@$(quoted "$host") WITH GRANT OPTION;"
  fi
  # Old installers also make roots without a password for the loopback addresses and the build's host name.
  local strays="DELETE FROM global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost'); FLUSH PRIVILEGES;"
  sql mysql <<< "SET @@SESSION.SQL_LOG_BIN = 0; $strays $statements GRANT ALL ON *.* TO root@localhost IDENTIFIED $identified WITH GRANT OPTION;"
  if [ -z "$MARIADB_ROOT_PASSWORD_HASH" ]; then ROOT_PASSWORD_NOW="$password"; fi
}

create_user_and_database() {
  if [ -n "$MARIADB_DATABASE" ]; then
    note "Creating database $MARIADB_DATABASE"
    sql mysql <<< "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
  fi
  [ -n "$MARIADB_USER" ] || return 0
  [ "$MARIADB_USER" != root ] || error 'MARIADB_USER may not be root: that account has MARIADB_ROOT_PASSWORD'
  [ -n "$MARIADB_PASSWORD$MARIADB_PASSWORD_HASH" ] || error 'MARIADB_USER needs MARIADB_PASSWORD or MARIADB_PASSWORD_HASH'
  note "Creating user $MARIADB_USER"
  local identified="BY $(quoted "$MARIADB_PASSWORD")"
  if [ -n "$MARIADB_PASSWORD_HASH" ]; then identified="BY PASSWORD $(quoted "$MARIADB_PASSWORD_HASH")"; fi
  sql mysql <<< "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED $identified;"
  if [ -n "$MARIADB_DATABASE" ]; then
    note "Giving user $MARIADB_USER access to schema $MARIADB_DATABASE"
    sql mysql <<< "GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO $(quoted "$MARIADB_USER")@'%';"
  fi
}

create_healthcheck_account() {
  local password host
  password="$(head -c 24 /dev/urandom | base64)"
  for host in 127.0.0.1 ::1 localhost; do
    sql mysql <<< "CREATE USER IF NOT EXISTS healthcheck@'$host' IDENTIFIED BY '$password'; SET PASSWORD FOR healthcheck@'$host' = PASSWORD('$password');"
  done
  (umask 0077 && printf '[mariadb-client]\nsocket=%s\nuser=healthcheck\npassword=%s\nprotocol=tcp\n' "$SOCKET" "$password" > "$DATADIR/.my-healthcheck.cnf")
}

run_init_files() {
  local file database=()
  if [ -n "$MARIADB_DATABASE" ]; then database=("--database=$MARIADB_DATABASE"); fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          note "$0: running $file"
          "$file"
        else
          note "$0: sourcing $file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) note "$0: running $file"; sql "${database[@]}" < "$file" ;;
      *.sql.gz) note "$0: running $file"; gunzip -c "$file" | sql "${database[@]}" ;;
      *.sql.xz) note "$0: running $file"; xzcat "$file" | sql "${database[@]}" ;;
      *) note "$0: ignoring $file" ;;
    esac
  done
}

initialize() {
  require_password
  note 'Initializing database files'
  mariadb-install-db --datadir="$DATADIR" --rpm --auth-root-authentication-method=normal --skip-test-db "${@:2}"
  note 'Database files initialized'
  start_temporary_server "$@"
  load_time_zones
  create_accounts
  create_user_and_database
  create_healthcheck_account
  run_init_files
  stop_temporary_server
  note 'MariaDB init process done. Ready for start up.'
}

# The version that last ran mariadb-upgrade on these files: 10.11 of 10.11.4-MariaDB.
files_version() {
  local file
  for file in "$DATADIR"/mariadb_upgrade_info "$DATADIR"/mysql_upgrade_info; do
    if [ -f "$file" ]; then
      grep -aoE '^[0-9]+\.[0-9]+' "$file"
      return 0
    fi
  done
}

upgrade_if_needed() {
  local before
  before="$(files_version)"
  if [ "$before" = "$MARIADB_MAJOR" ]; then
    note 'No upgrade is due'
  elif [ -z "${MARIADB_AUTO_UPGRADE:-}" ]; then
    note "These files were last used by ${before:-an unknown version}: mariadb-upgrade is due, and MARIADB_AUTO_UPGRADE is not set"
  else
    ROOT_PASSWORD_NOW="$MARIADB_ROOT_PASSWORD"
    start_temporary_server "$@" --skip-grant-tables
    if [ -z "${MARIADB_DISABLE_UPGRADE_BACKUP:-}" ]; then
      note "Backing up system database to system_mysql_backup_${before:-unknown}.sql"
      mariadb-dump --no-defaults --protocol=socket --socket="$SOCKET" -uroot --skip-lock-tables --databases mysql \
        > "$DATADIR/system_mysql_backup_${before:-unknown}.sql"
    fi
    note 'Starting mariadb-upgrade'
    mariadb-upgrade --no-defaults --protocol=socket --socket="$SOCKET" -uroot --upgrade-system-tables --force
    note 'Finished mariadb-upgrade'
    stop_temporary_server
  fi
}

if [ "${1:0:1}" = '-' ]; then set -- mariadbd "$@"; fi
if { [ "$1" = mariadbd ] || [ "$1" = mysqld ]; } && ! wants_help "$@"; then
  note "Entrypoint script for MariaDB Server $MARIADB_MAJOR started."
  DATADIR="$(configured datadir "$@")"
  DATADIR="${DATADIR:-/var/lib/mysql/}"
  DATADIR="${DATADIR%/}"
  SOCKET="$(configured socket "$@")"
  SOCKET="${SOCKET:-/run/mysqld/mysqld.sock}"
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$DATADIR" "$(dirname "$SOCKET")"
    find "$DATADIR" "$(dirname "$SOCKET")" \! -user mysql -exec chown mysql: '{}' +
    note 'Switching to dedicated user mysql'
    become mysql "$@"
  fi
  ROOT_PASSWORD_NOW=''
  for name in ROOT_HOST DATABASE USER PASSWORD PASSWORD_HASH ROOT_PASSWORD ROOT_PASSWORD_HASH ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD INITDB_SKIP_TZINFO; do
    setting "$name"
  done
  # The older image called these ALLOW_EMPTY_PASSWORD.
  if [ -n "${MYSQL_ALLOW_EMPTY_PASSWORD:-}" ]; then MARIADB_ALLOW_EMPTY_ROOT_PASSWORD="$MYSQL_ALLOW_EMPTY_PASSWORD"; fi
  if [ -d "$DATADIR/mysql" ]; then upgrade_if_needed "$@"; else initialize "$@"; fi
fi
exec "$@"
