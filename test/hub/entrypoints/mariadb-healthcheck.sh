# healthcheck.sh of the official mariadb image: fails unless every check that is asked for holds.
# https://mariadb.com/kb/en/using-healthcheck-sh/

set -euo pipefail
DEFAULTS="${HEALTHCHECK_DEFAULTS:-/var/lib/mysql/.my-healthcheck.cnf}"

ask() {
  mariadb --defaults-file="$DEFAULTS" --skip-ssl --host=127.0.0.1 --skip-column-names --batch -e "$1"
}

[ "$#" -gt 0 ] || { echo 'healthcheck.sh: no checks asked for' >&2; exit 1; }
for check; do
  case "$check" in
    --connect) ask 'SELECT 1' > /dev/null ;;
    --innodb_initialized)
      found="$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine = 'innodb' AND support IN ('YES', 'DEFAULT', 'ENABLED')")"
      [ "$found" = 1 ]
      ;;
    --innodb_buffer_pool_loaded)
      ask "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_buffer_pool_load_status'" | grep -q complete
      ;;
    --su-mysql | --su=* | --no-su-mysql) ;;
    *) echo "healthcheck.sh: unknown check $check" >&2; exit 1 ;;
  esac
done
