#!/bin/sh
# Starts PostgreSQL, after creating its data folder when there is none. Understands the official image's
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB and PGDATA, and refuses what it does not understand.
set -eu

stop() {
	printf 'postgres image: %s\n' "$1" >&2
	exit 2
}

case "${1:-postgres}" in
-*) set -- postgres "$@" ;;
postgres) ;;
*) exec "$@" ;;
esac

[ "$(id -u)" != 0 ] || stop 'PostgreSQL does not run as root: set runAsUser to any other user, such as 999.'
for name in POSTGRES_PASSWORD_FILE POSTGRES_INITDB_ARGS POSTGRES_INITDB_WALDIR POSTGRES_HOST_AUTH_METHOD; do
	eval "[ -z \"\${$name:-}\" ]" || stop "$name is not supported by this image; see tools/kind-offline/README.md."
done
if [ -d /docker-entrypoint-initdb.d ] && [ -n "$(ls -A /docker-entrypoint-initdb.d)" ]; then
	stop 'there is no psql in this image to run /docker-entrypoint-initdb.d with.'
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
new=$PGDATA/.initialising

# initdb asks who runs it; a uid without a passwd entry gets one for as long as that takes.
as_named_user() {
	if id -un >/dev/null 2>&1; then
		"$@"
		return
	fi
	printf 'postgres:x:%s:%s:PostgreSQL:/var/lib/postgresql:/bin/false\n' "$(id -u)" "$(id -g)" >"$new.passwd"
	printf 'postgres:x:%s:\n' "$(id -g)" >"$new.group"
	LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$new.passwd NSS_WRAPPER_GROUP=$new.group "$@"
}

create_database() {
	quoted=$(printf '%s' "$database" | sed 's/"/""/g')
	printf 'CREATE DATABASE "%s"\n' "$quoted" |
		as_named_user postgres --single -j -D "$new" postgres >/dev/null
}

# The folder is made beside the data and moved in at the end, PG_VERSION last: a start that was cut short leaves
# no data folder that only looks complete.
initialise() {
	[ -n "${POSTGRES_PASSWORD:-}" ] || stop 'set POSTGRES_PASSWORD to the password the superuser is to get.'
	rm -rf "$new"
	printf '%s\n' "$POSTGRES_PASSWORD" | as_named_user initdb --pgdata="$new" --username="$user" --pwfile=/dev/stdin \
		--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 \
		--set=listen_addresses='*' --set=unix_socket_directories=/var/run/postgresql
	printf '\nhost all all all scram-sha-256\n' >>"$new/pg_hba.conf"
	[ "$database" = postgres ] || create_database
	rm -f "$new.passwd" "$new.group"
	for path in "$new"/*; do
		name=${path##*/}
		[ "$name" != PG_VERSION ] || continue
		rm -rf "${PGDATA:?}/$name"
		mv "$path" "$PGDATA/$name"
	done
	mv "$new/PG_VERSION" "$PGDATA/PG_VERSION"
	rmdir "$new"
}

mkdir -p "$PGDATA"
chmod 0700 "$PGDATA"
[ -s "$PGDATA/PG_VERSION" ] || initialise
exec "$@"
