# Shared by the entrypoints of the hub's images. Sourced in front of each of them.
# Without -u: init scripts of users are sourced into this shell.
set -Eeo pipefail
shopt -s nullglob

note() {
  printf '%s [Note] [Entrypoint]: %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S+00:00')" "$*"
}

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# from_file NAME [DEFAULT]: sets NAME from the file that NAME_FILE points to, so that secrets can stay in files.
from_file() {
  local name="$1" pointer="${1}_FILE" default="${2:-}" value
  if [ -n "${!name:-}" ] && [ -n "${!pointer:-}" ]; then
    fail "error: both $name and $pointer are set (but are exclusive)"
  fi
  if [ -n "${!pointer:-}" ]; then
    value="$(< "${!pointer}")"
  else
    value="${!name:-$default}"
  fi
  export "$name=$value"
  unset "$pointer"
}

# become USER COMMAND…: starts this script over as another user, when it runs as root.
become() {
  local user="$1"
  shift
  if [ "$(id -u)" = 0 ]; then
    HOME="$(getent passwd "$user" | cut -d: -f6)" exec setpriv --reuid="$user" --regid="$user" --init-groups -- "$0" "$@"
  fi
}

# wants_help ARGS…: whether the command only prints something and ends.
wants_help() {
  local argument
  for argument; do
    case "$argument" in
      -'?' | --help | --version | -V | --describe-config) return 0 ;;
    esac
  done
  return 1
}
