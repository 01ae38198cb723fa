#!/bin/bash
# make demo: from nothing to a discovered database, with everything shown. Builds and installs rivergen, starts a
# throwaway PostgreSQL, loads a sample shop, registers it as a data source and discovers it. Everything is removed at
# the end, unless KEEP=1 is given.
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

# Follows a job in rivergen.jobs and prints a line whenever it got further, until it has ended.
follow()
{
	psql_in app -v VERBOSITY=terse -f - 2>&1 <<-SQL | sed 's/.*NOTICE:  //'
		DO \$\$
		DECLARE
			now_at text;
			before text = '';
			done boolean = false;
			until timestamptz = clock_timestamp() + interval '1 minute';
		BEGIN
			WHILE NOT done AND clock_timestamp() < until LOOP
				SELECT finished_at IS NOT NULL, format('  %-10s ', status) || CASE WHEN phase IS NOT NULL
						THEN format('%-10s %4s relations %5s columns', phase, relations, columns)
						ELSE coalesce(error_message, 'in ' || (result ->> 'discovery_duration_ms') || ' ms', '') END
					INTO done, now_at FROM rivergen.jobs WHERE job_id = $1;
				COMMIT;
				IF now_at <> before THEN
					RAISE NOTICE '%', now_at;
				END IF;
				before = now_at;
				PERFORM pg_sleep(0.003);
			END LOOP;
		END
		\$\$;
	SQL
}

leave_running()
{
	trap - EXIT
	local stop=$work/stop
	as_postgres tee "$stop" >/dev/null <<-STOP
		#!/bin/sh
		cd /
		[ "\$(id -u)" -ne 0 ] || exec runuser -u postgres -- "$stop"
		"$bindir/pg_ctl" -D "$work/demo" -m fast stop && rm -rf "$work"
	STOP
	as_postgres chmod 0700 "$stop"
	heading "Look around"
	cat <<-TEXT
		The server is still running. Connect with
		    psql -h $work/demo.sock -p $port -U postgres app
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
new_cluster demo "$port" "$(rivergen_configuration)"
psql_in postgres -c 'CREATE DATABASE shop' -c 'CREATE DATABASE app'
psql_in shop -f - <"$root/test/demo/shop.sql"
password=demo-$RANDOM$RANDOM
psql_in shop -f - <<-SQL
	CREATE ROLE shop_reader LOGIN PASSWORD '$password';
	GRANT USAGE ON SCHEMA catalog, sales, hr, analytics TO shop_reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA catalog, sales, hr, analytics TO shop_reader;
SQL
echo "It listens on 127.0.0.1:$port. Database \"shop\" is the sample to discover, \"app\" has the extension."

heading "Set up"
show "CREATE EXTENSION rivergen;"
show "SELECT rivergen.quick_start('Acme');" -At

heading "Register the shop as a data source"
statement="SELECT jsonb_pretty(rivergen.data_source_create('{
	\"name\": \"Shop\", \"type\": \"postgresql\",
	\"host\": \"127.0.0.1\", \"port\": $port, \"database_name\": \"shop\",
	\"schema_auto_refresh\": false, \"tags\": [\"demo\"],
	\"credentials\": {\"username\": \"shop_reader\", \"password\": \"$password\"}}'));"
printf '%s%s%s\n' "$dim" "${statement/$password/…}" "$plain"
psql_in app -At -c "$statement"
id=$(answer 'SELECT max(id) FROM rivergen.data_sources')

heading "Discover it in the background"
statement="SELECT rivergen.discover_schema($id, wait => false);"
printf '%s%s%s\n' "$dim" "$statement" "$plain"
started=$(answer "$statement")
echo "$started"
follow "$(sed 's/.*"job_id": \([0-9]*\).*/\1/' <<<"$started")"

heading "The answer, now from the cache"
show "SELECT jsonb_pretty(rivergen.discover_schema($id));" -At

heading "Its tables"
show "SELECT table_schema, table_name, table_type FROM rivergen.tables WHERE data_source_id = $id ORDER BY 1, 2;"

heading "A table: its columns"
show "SELECT column_name, data_type, is_nullable, column_default FROM rivergen.columns
 WHERE data_source_id = $id AND table_schema = 'sales' AND table_name = 'orders' ORDER BY ordinal_position;"

heading "and its keys"
show "SELECT constraint_name, constraint_type, column_names, referenced_schema, referenced_table, referenced_columns
  FROM rivergen.constraints WHERE data_source_id = $id AND table_schema = 'sales' AND table_name IN ('orders', 'order_line', 'shipment_item')
   AND constraint_type <> 'CHECK' ORDER BY table_name, constraint_type DESC;"

if [ "${KEEP:-}" = 1 ]; then
	leave_running
else
	heading "Look around"
	echo "make demo KEEP=1 does the same, leaves the server running and says how to connect and how to stop it."
fi
