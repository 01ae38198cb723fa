#!/bin/bash
# Reading what was discovered: every read function and view in an organization of eight sources with 22,000,000 columns,
# 5,000,000 in each of the four large ones. Medians as a client in psql sees them, with statistics and before the
# first ANALYZE. SIZE=10000 is that; SIZE=1000 is a tenth. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

relations=$((${SIZE:-10000} * 176 / 10))

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres -d postgres "$@"
}

# What a statement took: the median of several runs, fewer of one that takes long, and what it answered, shortened.
measuring='CREATE FUNCTION pg_temp.measure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz;
	taken float8[];
	answer text;
BEGIN
	FOR i IN 0..20 LOOP
		began := clock_timestamp();
		BEGIN
			EXECUTE statement INTO answer;
		EXCEPTION WHEN SQLSTATE $e$PT413$e$ THEN
			answer := $e$413$e$;
		END;
		IF i > 0 OR clock_timestamp() - began > interval $i$1 s$i$ THEN
			taken := taken || extract(epoch FROM clock_timestamp() - began)::float8 * 1000;
		END IF;
		EXIT WHEN (SELECT sum(t) FROM unnest(taken) t) > 1000;
	END LOOP;
	RETURN (SELECT format($f$%s ms   %s$f$, lpad(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 2)::text, 10),
		left(answer, 20)) FROM unnest(taken) t);
END $$;'

# measure LABEL STATEMENT [BAR]: SOURCE in it stands for the id of a large source.
measure()
{
	printf '%-58s %-34s %s\n' "$1" "$(on_server -c "$measuring" -c "SELECT pg_temp.measure(\$s\$${2//SOURCE/$source}\$s\$)")" "${3:-}"
}

# What a function answers, as short as its length.
call()
{
	measure "$1" "SELECT length((rivergen.$2)::text)" "${3:-}"
}

measure_all()
{
	local one="data_source_id = SOURCE AND table_schema = 's8' AND table_name = 'archive_7'" view
	for view in tables columns constraints indexes; do
		measure "$view of one table" "SELECT count(*) FROM rivergen.$view WHERE $one" 'bar 2 ms'
		measure "$view by table name, any source" "SELECT count(*) FROM rivergen.$view WHERE table_name = 'archive_7'"
		measure "$view, the first 20 of a source" "SELECT count(*) FROM (SELECT FROM rivergen.$view WHERE data_source_id = SOURCE LIMIT 20) v" 'bar 2 ms'
		measure "$view of a source" "SELECT count(*) FROM rivergen.$view WHERE data_source_id = SOURCE"
		measure "$view, all" "SELECT count(*) FROM rivergen.$view"
	done
	measure 'columns by name, of a source' "SELECT count(*) FROM rivergen.columns WHERE data_source_id = SOURCE AND column_name = 'column_7_7'"
	measure 'columns by name, any source' "SELECT count(*) FROM rivergen.columns WHERE column_name = 'column_7_7'"
	measure 'views of a source' 'SELECT count(*) FROM rivergen.views WHERE data_source_id = SOURCE'
	measure 'sequences of a source' 'SELECT count(*) FROM rivergen.sequences WHERE data_source_id = SOURCE'
	measure 'schemas of a source' 'SELECT count(*) FROM rivergen.schemas WHERE data_source_id = SOURCE' 'bar 2 ms'
	measure 'schemas, all' 'SELECT count(*) FROM rivergen.schemas'
	measure 'schema_changes of a source' 'SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = SOURCE' 'bar 2 ms'
	measure 'schema_as_of of a source' "SELECT count(*) FROM rivergen.schema_as_of(SOURCE, now())"
	call 'discover_schema, cached' 'discover_schema(SOURCE)' 'bar 5 ms'
	call 'discover_schema of a schema, cached' "discover_schema(SOURCE, 's8')" 'bar 5 ms'
	call 'data_source_schemas, one table' "data_source_schemas(SOURCE, 's8', 'archive_7')" 'bar 2 ms'
	call 'data_source_schemas, one table of any schema' "data_source_schemas(SOURCE, NULL, 'archive_7')" 'bar 10 ms'
	call 'data_source_schemas, a page' 'data_source_schemas(SOURCE, page => 1, page_size => 20)' 'bar 10 ms'
	call 'data_source_schemas, a page in the middle' "data_source_schemas(SOURCE, page => $((relations / 40)), page_size => 20)"
	call 'data_source_schemas, whole' 'data_source_schemas(SOURCE)'
	call 'table_description_list, the first page' 'table_description_list(SOURCE, page_size => 20)' 'bar 10 ms'
	call 'table_description_list, a page in the middle' "table_description_list(SOURCE, page => $((relations / 40)), page_size => 20)"
	call 'table_description_list of a schema' "table_description_list(SOURCE, table_schema => 's8', page_size => 20)" 'bar 10 ms'
	call 'table_description_list by status' "table_description_list(SOURCE, status => 'NOT_SCANNED', page_size => 20)"
	call 'table_description_list, search, a few' "table_description_list(SOURCE, search => 'archive_77', page_size => 20)"
	call 'table_description_list, search, many' "table_description_list(SOURCE, search => 'monthly', page_size => 20)"
	call 'table_description_list, search, nothing' "table_description_list(SOURCE, search => 'zebra', page_size => 20)"
	call 'table_description_list of all sources' 'table_description_list(page_size => 20)' 'bar 10 ms'
	call 'table_description_get' "table_description_get((SELECT relation_id FROM rivergen.tables WHERE ${one}))" 'bar 5 ms'
	call 'catalog_export' 'catalog_export()'
}

build_and_install
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)
	autovacuum = off
	shared_buffers = '4GB'
	max_wal_size = '8GB'
	maintenance_work_mem = '256MB'
	work_mem = '16MB'"
on_server -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null
began=$SECONDS
on_server -v relations="$relations" -f - <"$root/test/bench/catalog.sql" >/dev/null
echo "$(on_server -c "SELECT count(*) || ' relations, ' || sum(columns_count) || ' columns, ' || pg_size_pretty(pg_table_size('rivergen_catalog.relation'))
	FROM rivergen_catalog.relation") made in $((SECONDS - began)) s"
source=$(on_server -c "SELECT id FROM rivergen.data_sources WHERE name = 'source 1'")
echo '== before the first ANALYZE'
measure_all
on_server -c 'VACUUM ANALYZE'
echo '== with statistics'
measure_all
