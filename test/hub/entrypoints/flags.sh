# Flags alone are for the server: `docker run memcached -m 64`.

if [ "${1:0:1}" = '-' ]; then set -- "$SERVER" "$@"; fi
exec "$@"
