#!/bin/bash
# The list in a catalog of 1,000,000 sources: p50 and p99 of data_source_list as a client in psql calls it, for an
# organization of 1,000 and one of 100,000 of them. SIZE is a hundredth of the number of sources: SIZE=500 makes it
# small, as it does bench.sh. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

sources=$((${SIZE:-10000} * 100))
calls=200

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres -d postgres "$@"
}

# What it took to make the same call again and again, the arguments different each time where they name :i.
measuring='CREATE FUNCTION pg_temp.measure(arguments text, calls int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz;
	taken float8[];
	answer jsonb;
BEGIN
	FOR i IN 1 .. calls + 10 LOOP
		began := clock_timestamp();
		EXECUTE format($f$SELECT rivergen.data_source_list(%s)$f$, replace(arguments, $f$:i$f$, (i % 20 + 1)::text)) INTO answer;
		IF i > 10 THEN
			taken := taken || extract(epoch FROM clock_timestamp() - began)::float8 * 1000;
		END IF;
	END LOOP;
	RETURN (SELECT format($f$%s ms  %s ms   %s$f$,
		lpad(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 2)::text, 8),
		lpad(round(percentile_cont(0.99) WITHIN GROUP (ORDER BY t)::numeric, 2)::text, 8),
		coalesce((answer #>> $f${data,pagination,total_items}$f$) || $f$ found$f$, $f$not counted$f$)) FROM unnest(taken) t);
END $$;'

# measure ORGANIZATION LABEL ARGUMENTS [BAR]
measure()
{
	printf '%-7s %-34s %s   %s\n' "$1" "$2" "$(on_server -c "$measuring" \
		-c "SELECT set_config('rivergen.organization_id', organization_id::text, false) FROM rivergen_catalog.organization
			WHERE name = '$1'" -c "SELECT pg_temp.measure(\$a\$$3\$a\$, $calls)" | tail -1)" "${4:-}"
}

# A cursor in the middle: of the row that a page by number ends with.
cursor_in()
{
	on_server -c "SELECT set_config('rivergen.organization_id', organization_id::text, false) FROM rivergen_catalog.organization
		WHERE name = '$1'" -c "SELECT encode(convert_to(format('created_at.d.%s=%s', item ->> 'id',
			((extract(epoch FROM (item ->> 'created_at')::timestamptz) - 946684800) * 1000000)::bigint), 'UTF8'), 'hex')
		FROM jsonb_path_query(rivergen.data_source_list(page => ${2}, page_size => 1), '\$.data.items[0]') item" | tail -1
}

build_and_install
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)
	shared_buffers = '1GB'
	max_wal_size = '8GB'
	maintenance_work_mem = '256MB'
	work_mem = '16MB'"
on_server -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null
began=$SECONDS
on_server -v sources="$sources" -f - <"$root/test/bench/list.sql" >/dev/null
echo "$sources sources made in $((SECONDS - began)) s; $(on_server -c "SELECT 'table ' || pg_size_pretty(pg_table_size('rivergen_catalog.data_source'))
	|| ', search index ' || pg_size_pretty(pg_relation_size('rivergen_catalog.data_source_search'))")"
printf '%-7s %-34s %11s  %11s\n' '' '' p50 p99
for organization in middle large; do
	if [ "$organization" = middle ]; then bar='bar 1 ms' search='bar 1 ms' half=$((sources / 2000)); else
		bar='bar 15 ms' search='bar 20 ms' half=$((sources / 20)); fi
	measure $organization 'first page' '' "$bar"
	measure $organization 'page in the middle' "page => $((half / 20 + 1))" "$bar"
	measure $organization 'sorted by name' "sort_by => 'name', sort_order => 'asc'" "$bar"
	measure $organization 'sorted by updated_at' "sort_by => 'updated_at'" "$bar"
	measure $organization 'status failed' "status_filter => 'failed'" "$bar"
	measure $organization 'type mysql' "type => 'mysql'" "$bar"
	measure $organization 'search, a few' "search => 'Payments 1:i'" "$search"
	measure $organization 'search, a word of many' "search => 'team 4:i'" "$search"
	measure $organization 'search, nothing found' "search => 'zebra:i'" "$search"
	measure $organization 'search, two characters' "search => 'eq'"
	measure $organization 'search, a third of all' "search => 'warehouse'"
	measure $organization 'one tag' "tags => ARRAY['team-:i']" "$search"
	measure $organization 'two tags' "tags => ARRAY['team-:i', 'orders']" "$search"
	measure $organization 'sorted by host (no index)' "sort_by => 'host'"
	measure $organization 'keyset, from the beginning' "after => ''" 'bar 1 ms'
	measure $organization 'keyset, in the middle' "after => '$(cursor_in $organization $half)'" 'bar 1 ms'
done
