#!/bin/bash
# make demo: from nothing to a discovered database, with everything shown. Builds and installs rivergen, starts a
# throwaway PostgreSQL, loads a sample shop, registers it as a data source and discovers it, and where MariaDB is
# installed a second source of that type; then files of CSV and Parquet. Queries read them together. Everything is removed at the end, unless KEEP=1 is given.
# HTTP=1 does it over HTTP, through PostgREST and nginx (http.sh).
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

heading()
{
	printf '\n%s-- %s%s\n' "$bold" "$1" "$plain"
}

psql_in()
{
	local database=$1
	shift
	as_postgres "$bindir/psql" -X -q -v ON_ERROR_STOP=1 -h "$work/demo.sock" -p "$port" -U postgres -d "$database" "$@"
}

# Shows a statement as one would type it, then what it answers.
show()
{
	printf '%s%s%s\n' "$dim" "$1" "$plain"
	psql_in app -P pager=off -P null='·' "${@:2}" -c "$1"
}

answer()
{
	psql_in app -At -c "$1"
}

# start_process PLACE COMMAND: in the background; PLACE, below $work, is what its files begin with: PLACE.process has its id.
start_process()
{
	local place=$work/$1
	shift
	as_postgres setsid bash -c 'echo $$ >"$0.process" && exec "$@"' "$place" "$@" \
		</dev/null >"$place.log" 2>&1 &
}

leave_running()
{
	trap - EXIT
	local stop=$work/stop
	as_postgres tee "$stop" >/dev/null <<-STOP
		#!/bin/sh
		cd /
		[ "\$(id -u)" -ne 0 ] || exec runuser -u postgres -- "$stop"
		for process in "$work"/*/*.process; do [ ! -f "\$process" ] || kill "\$(cat "\$process")"; done
		"$bindir/pg_ctl" -D "$work/demo" -m fast stop && rm -rf "$work"
	STOP
	as_postgres chmod 0700 "$stop"
	heading "Look around"
	[ "${HTTP:-}" != 1 ] || http_look_around
	cat <<-TEXT
		The server is still running. Connect with
		    $bindir/psql -h $work/demo.sock -p $port -U postgres app
		and try
		    SELECT table_schema, table_name, table_type FROM rivergen.tables;
		    SELECT * FROM rivergen.columns WHERE table_name = 'orders';
		    SELECT jsonb_pretty(rivergen.data_source_list());
		    \\df rivergen.*
		Stop it and remove everything with
		    $stop
	TEXT
}

heading "Packages, build, install"
build_and_install
echo "rivergen $(sed -n "s/^default_version = '\(.*\)'/\1/p" "$root/rivergen.control") is installed for $("$PG_CONFIG" --version)"
remove_work_at_exit
make_work

heading "A throwaway PostgreSQL"
port=$(free_port)
gateway=
[ "${HTTP:-}" != 1 ] || gateway="rivergen.gateway_roles = 'rivergen_gateway'"
new_cluster demo "$port" "$(rivergen_configuration)
	rivergen.storage_root = '$work/files'
	log_error_verbosity = terse
	log_min_error_statement = panic
	log_parameter_max_length = 0
	$gateway"
psql_in postgres -c 'CREATE DATABASE shop' -c 'CREATE DATABASE app'
psql_in shop -f - <"$root/test/demo/shop.sql"
password=shop-password
psql_in shop -v password="$password" -f - <"$root/test/demo/shop_reader.sql"
echo "It listens on 127.0.0.1:$port. Database \"shop\" is the sample to discover, \"app\" has the extension."
echo "Role shop_reader reads the sample; its password is $password."

heading "Set up"
show "CREATE EXTENSION rivergen;"
show "SELECT rivergen.quick_start('Acme');" -At

if [ "${HTTP:-}" = 1 ]; then
	. "$root/test/demo/http.sh"
else
	. "$root/test/demo/sql.sh"
fi

if [ "${KEEP:-}" = 1 ]; then
	leave_running
else
	heading "Look around"
	echo "make demo${HTTP:+ HTTP=$HTTP} KEEP=1 does the same, leaves the server running and says how to connect and how to stop it."
fi
