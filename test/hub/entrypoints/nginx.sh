# What the official nginx image promises: https://hub.docker.com/_/nginx

say() {
  if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then echo "$0: $*"; fi
}

run_start_files() {
  local file
  for file in /docker-entrypoint.d/*; do
    case "$file" in
      *.envsh)
        say "Sourcing $file"
        # shellcheck disable=SC1090
        . "$file"
        ;;
      *.sh)
        if [ -x "$file" ]; then
          say "Launching $file"
          "$file"
        else
          say "Ignoring $file, not executable"
        fi
        ;;
      *) say "Ignoring $file" ;;
    esac
  done
}

# Each *.template becomes a file of the same name without the ending, with the variables of the environment put in.
fill_templates() {
  local source="${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"
  local suffix="${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}"
  local target="${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}"
  [ -d "$source" ] || return 0
  local names template inside
  # Only what is set is replaced: $host and $uri are nginx's own.
  names="$(env | cut -d= -f1 | grep -E '^[A-Za-z_][A-Za-z0-9_]*$' | grep -E "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/' | tr '\n' ' ')"
  find "$source" -follow -type f -name "*$suffix" | sort | while read -r template; do
    inside="${template#"$source/"}"
    mkdir -p "$target/$(dirname "$inside")"
    say "Running envsubst on $template to $target/${inside%"$suffix"}"
    envsubst "$names" < "$template" > "$target/${inside%"$suffix"}"
  done
}

if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  fill_templates
  run_start_files
  say 'Configuration complete; ready for start up'
fi
exec "$@"
