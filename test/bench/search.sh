#!/bin/bash
# Search and schema context in an organization of 5,000,000 columns (SIZE is a two-thousandth of it): p50 of calls whose
# words differ each time, also of the processor's time, and the bytes that the dictionary and its indexes take for a column. With
# SIZE=2500 it needs 3 GB of disk. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

columns=$((${SIZE:-2500} * 2000))
calls=100

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres "$@"
}

# measure LABEL STATEMENT BAR: the statement names the call's number :i.
measure()
{
	printf '%-34s %s   %s\n' "$1" "$(on_server -d postgres -c "$measuring" -c "SELECT pg_temp.measure(\$a\$$2\$a\$, $calls)" | tail -1)" "$3"
}

# shellcheck disable=SC2016 # dollars of SQL
measuring='CREATE FUNCTION pg_temp.measure(statement text, calls int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz;
	ran float8;
	taken float8[];
	used float8[];
BEGIN
	FOR i IN 1 .. calls + 10 LOOP
		ran := split_part(pg_read_file($f$/proc/self/schedstat$f$, 0, 100), $f$ $f$, 1)::float8;
		began := clock_timestamp();
		EXECUTE replace(statement, $f$:i$f$, (i % 20 + 1)::text);
		IF i > 10 THEN
			taken := taken || extract(epoch FROM clock_timestamp() - began)::float8 * 1000;
			used := used || (split_part(pg_read_file($f$/proc/self/schedstat$f$, 0, 100), $f$ $f$, 1)::float8 - ran) / 1e6;
		END IF;
	END LOOP;
	RETURN (SELECT format($f$%s ms, processor %s ms$f$,
		lpad(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 1)::text, 8),
		round(percentile_cont(0.5) WITHIN GROUP (ORDER BY u)::numeric, 1)) FROM unnest(taken, used) m (t, u));
END $$;'

build_and_install
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)
	shared_buffers = '1GB'
	max_wal_size = '8GB'
	maintenance_work_mem = '256MB'"
on_server -d postgres -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null
began=$SECONDS
on_server -d postgres -v columns="$columns" -v organization=1 -f - <"$root/test/bench/search.sql" >/dev/null
echo "$columns columns made in $((SECONDS - began)) s; $(on_server -d postgres -c "
	SELECT round((pg_total_relation_size('rivergen_catalog.search_name') + pg_total_relation_size('rivergen_catalog.search_relation')
			+ pg_total_relation_size('rivergen_catalog.search_word'))
		/ $columns.0, 1)") bytes a column, bar 60"
measure 'search, beginnings of two words' "SELECT rivergen.search('custo:i')" 'bar 10 ms'
measure 'search, a beginning' "SELECT rivergen.search('invoic')" 'bar 5 ms'
measure 'search, a part' "SELECT rivergen.search('\"ment_:i\"')" 'bar 15 ms'
measure 'search, a mistyped word' "SELECT rivergen.search('custmoer shiped')" 'bar 40 ms'
measure 'search, two words' "SELECT rivergen.search('customer :i')" 'bar 10 ms'
measure 'context of a source of 10,000' "SELECT rivergen.schema_context('balance of the account :i', 1)" 'bar 20 ms'
measure 'context of the organization' "SELECT rivergen.schema_context('balance of the account :i')" 'bar 80 ms'
