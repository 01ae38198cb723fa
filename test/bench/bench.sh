#!/bin/bash
# make bench: discovers a database of 10,000 tables x 50 columns and prints what it took as multiples of `a`, the
# time for a raw binary COPY of the catalogs that a discovery needs. SIZE=500 makes it small. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

size=${SIZE:-10000}
runs=5

on_source()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/source.sock" -p "$source_port" -U postgres "$@"
}

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$server_port" -U postgres -d app "$@"
}

# Runs a command and leaves its wall time, in milliseconds, in $milliseconds.
timed()
{
	local began=$EPOCHREALTIME
	"$@" >/dev/null
	milliseconds=$((($(tr -d . <<<"$EPOCHREALTIME") - $(tr -d . <<<"$began")) / 1000))
}

# best COUNT COMMAND…: the shortest of several runs, in $milliseconds.
best()
{
	local count=$1 least=
	shift
	while [ "$count" -gt 0 ]; do
		timed "$@"
		if [ -z "$least" ] || [ "$milliseconds" -lt "$least" ]; then least=$milliseconds; fi
		count=$((count - 1))
	done
	milliseconds=$least
}

# report LABEL MILLISECONDS [BAR [NOTE]]: as multiples of a, and whether the bar is met.
report()
{
	perl -e '($label, $taken, $a, $bar, $note) = @ARGV;
		printf "%-46s %7d ms  %6.2f a   %s%s\n", $label, $taken, $taken / $a,
			length $bar ? sprintf("bar %.1f: %s  ", $bar, $taken <= $bar * $a ? "met" : "MISSED") : "", $note' \
		"$1" "$2" "$a" "${3:-}" "${4:-}"
}

# The columns that a discovery needs, of all rows, as fast as the server can send them and no client reads them.
raw_copy()
{
	on_source -d big <<-SQL
		COPY pg_namespace (oid, nspname) TO STDOUT (FORMAT binary);
		COPY pg_class (oid, relname, relnamespace, relowner, relkind, relispartition, relpersistence, relpages, reltuples)
			TO STDOUT (FORMAT binary);
		COPY pg_attribute (attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity,
			attgenerated, attisdropped, attcollation) TO STDOUT (FORMAT binary);
		COPY pg_type (oid, typname, typnamespace, typtype, typbasetype, typtypmod, typelem, typnotnull)
			TO STDOUT (FORMAT binary);
		COPY pg_attrdef (adrelid, adnum, adbin) TO STDOUT (FORMAT binary);
		COPY pg_constraint (oid, conname, conrelid, contype, confrelid, conkey, confkey, confupdtype, confdeltype,
			confmatchtype, condeferrable, condeferred, convalidated, conindid) TO STDOUT (FORMAT binary);
		COPY pg_index (indexrelid, indrelid, indisunique, indisprimary, indisvalid, indkey, indpred, indexprs)
			TO STDOUT (FORMAT binary);
		COPY pg_description (objoid, classoid, objsubid, description) TO STDOUT (FORMAT binary);
		COPY pg_inherits (inhrelid, inhparent, inhseqno) TO STDOUT (FORMAT binary);
	SQL
}

new_source()
{
	number=$((${number:-0} + 1))
	id=$(on_server -c "SELECT rivergen.data_source_create(jsonb_build_object('name', 'big $number', 'type', 'postgresql',
		'host', '127.0.0.1', 'port', $source_port, 'database_name', 'big', 'schema_auto_refresh', false,
		'credentials', jsonb_build_object('username', 'bench_reader', 'password', 'bench'))) #>> '{data,id}'")
}

discover()
{
	on_server -c "SELECT rivergen.discover_schema($id$1)"
}

first_discovery()
{
	new_source
	discover ''
}

written_rows()
{
	on_server -c "SELECT md5(string_agg(xmin || ' ' || ctid, ',' ORDER BY ctid)) FROM rivergen_catalog.relation"
}

pg_dump_schema()
{
	as_postgres "$bindir/pg_dump" -s -h "$work/source.sock" -p "$source_port" -U postgres big
}

build_and_install
remove_work_at_exit
make_work
source_port=$(free_port)
new_cluster source "$source_port" "shared_buffers = '512MB'
	max_locks_per_transaction = 4096
	max_wal_size = '4GB'
	autovacuum = off"
server_port=$(free_port)
new_cluster server "$server_port" "shared_buffers = '256MB'
	max_wal_size = '4GB'
	$(rivergen_configuration)"

echo "building the big database ($size tables x 50 columns) …"
on_source -d postgres -c "CREATE DATABASE big" -c "CREATE ROLE bench_reader LOGIN PASSWORD 'bench' IN ROLE pg_read_all_data"
timed on_source -d big -v tables="$size" -f - <"$root/test/bench/big.sql"
on_source -d big -x -c "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace >= 16384 AND relkind IN ('r', 'v')) AS relations,
	(SELECT count(*) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE attnum > 0 AND relnamespace >= 16384 AND relkind IN ('r', 'v')) AS columns,
	(SELECT count(*) FROM pg_attrdef) AS defaults,
	(SELECT count(*) FROM pg_constraint WHERE connamespace >= 16384) AS constraints,
	(SELECT count(*) FROM pg_description WHERE objoid >= 16384) AS comments" | tr '\n' ' '
echo "in $((milliseconds / 1000)) s"
on_server -d postgres -c 'CREATE DATABASE app'
on_server -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null

raw_copy >/dev/null
best "$runs" raw_copy
a=$milliseconds
report "a: raw COPY of nine catalogs" "$a" "" "best of $runs"

best 3 first_discovery
report "discover, first time" "$milliseconds" 2.0 "best of 3"
discover ', refresh => true' >/dev/null
before=$(written_rows)
best 3 discover ', refresh => true'
unchanged='0 rows written'
[ "$before" = "$(written_rows)" ] || unchanged='ROWS WERE WRITTEN'
report "discover again, nothing changed" "$milliseconds" 0.7 "best of 3; $unchanged"
# Every hundredth table gets a column: read again, and written.
change_some()
{
	on_source -d big <<-SQL
		SELECT format('ALTER TABLE %s ADD COLUMN added_$1 integer', oid::regclass) FROM pg_class
		WHERE relkind = 'r' AND relnamespace >= 16384 AND oid::bigint % 100 = 0 \gexec
	SQL
}
least=
for turn in 1 2 3; do
	change_some "$turn" >/dev/null
	timed discover ', refresh => true'
	if [ -z "$least" ] || [ "$milliseconds" -lt "$least" ]; then least=$milliseconds; fi
done
report "discover again, 1 % changed" "$least" 0.8 "best of 3"
best 3 discover ', refresh => true, "full" => true'
report "the same, everything read" "$milliseconds" "" "best of 3"
timed pg_dump_schema
report "pg_dump --schema-only, for comparison" "$milliseconds" "" "once"

# Memory in runs of its own: looking costs time.
as_postgres perl - "$(head -1 "$work/server/postmaster.pid")" "$work/memory.done" <"$root/test/bench/memory.pl" >"$work/memory" &
watcher=$!
first_discovery >/dev/null
discover ', refresh => true' >/dev/null
as_postgres touch "$work/memory.done"
wait "$watcher"
cat "$work/memory"
