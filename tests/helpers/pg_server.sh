# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# pg_server.sh — a PostgreSQL server of the test's own, on a socket that nobody else sees.
#
#   pg_start DIR   a new server in DIR (must not exist); its socket is in DIR
#   pg_where DIR   where a store finds it (cardflow/store.h)
#   pg_stop

PG_BIN=$(ls -d /usr/lib/postgresql/*/bin | tail -1)

# PostgreSQL refuses to run as root: words that make a command another user's.
PG_AS=()
[ "$(id -u)" = 0 ] && PG_AS=(setpriv --reuid postgres --regid postgres --clear-groups)

pg_where() { printf 'postgresql:host=%s user=kazasu_owner dbname=postgres' "$1"; }

pg_start() {
	local dir=$1
	mkdir "$dir" && chmod 711 "$(dirname "$dir")"
	[ "$(id -u)" = 0 ] && chown postgres: "$dir"
	(cd "$dir" && "${PG_AS[@]}" "$PG_BIN/initdb" -D "$dir/data" -U kazasu_owner --auth=trust --no-sync -E UTF8 --locale=C >"$dir/log" 2>&1) || return 1
	cd "$dir" || return 1
	# setpriv becomes the server: the pid is the server's.
	"${PG_AS[@]}" "$PG_BIN/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=8MB \
		>>"$dir/log" 2>&1 </dev/null &
	PG_PID=$!
	cd - >/dev/null || return 1
	for _ in $(seq 200); do
		"$PG_BIN/pg_isready" -q -h "$dir" && return 0
		sleep 0.1
	done
	return 1
}

pg_stop() {
	[ -n "$PG_PID" ] && kill -INT "$PG_PID" 2>/dev/null && wait "$PG_PID" 2>/dev/null
	PG_PID=
}
