#!/bin/bash
# Reading in place beside postgres_fdw (fetch_size 10,000 and 100), dblink and the source's own COPY: 1,000,000 rows of 10
# columns over TCP, in turns. Each line is a ratio to postgres_fdw with 10,000 in the same run, and its bar; then memory, and
# a cancel.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

rows=${SIZE:-1000000}
rounds=${ROUNDS:-5}
firsts=100 # sessions of a round that read first rows

build_and_install >/dev/null
remove_work_at_exit
make_work
port=$(free_port)
new_cluster bench "$port" "$(rivergen_configuration)"

in_database()
{
	as_postgres "$bindir/psql" -XAtq -v ON_ERROR_STOP=1 -h "$work/bench.sock" -p "$port" -U postgres -d "$@"
}

in_database postgres -c "CREATE DATABASE shop" -c "CREATE ROLE reader LOGIN PASSWORD 'bench-password'"
# A simulated Redshift: its rows come one by one, and the connector escapes their values.
perl -I"$root/test/connectors/lib" -MRedshiftCatalogs -e "print redshift_catalogs() =~ s/\breader( LOGIN)?\b/shopper\$1/gr" | in_database shop 2>/dev/null
in_database postgres -c "ALTER ROLE shopper PASSWORD 'bench-password'"
in_database shop <<-SQL
	CREATE TABLE big AS SELECT i::bigint AS id, (i % 100)::int AS grp, 'name of ' || i AS name, md5(i::text) || md5((-i)::text) AS note,
		(i * 1.25)::numeric(12,2) AS amount, timestamptz '2020-01-01' + i * interval '1 minute' AS at, i % 2 = 0 AS flag,
		md5(i::text)::uuid AS code, jsonb_build_object('n', i, 'of', 'bench') AS doc, (i % 1000)::int AS k FROM generate_series(1, $rows) i;
	ALTER TABLE big ADD PRIMARY KEY (id);
	CREATE TABLE plain AS SELECT id, grp, name::varchar(40), note::varchar(80), amount, at::timestamp, flag, code::varchar(40), doc::varchar(60), k
		FROM big;
	CREATE TABLE small AS SELECT id * 10 AS id, note AS word FROM big WHERE id <= $rows / 10;
	VACUUM ANALYZE;
	GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
	GRANT SELECT ON plain TO shopper;
SQL
in_database postgres >/dev/null <<-SQL
	CREATE EXTENSION rivergen;
	CREATE EXTENSION postgres_fdw;
	CREATE EXTENSION dblink;
	SELECT rivergen.quick_start('Bench');
	SELECT rivergen.data_source_create('{"name": "ours", "type": "postgresql", "host": "127.0.0.1", "port": $port, "database_name": "shop",
		"credentials": {"username": "reader", "password": "bench-password"}, "metadata": {"query": {"enabled": true}}}');
	SELECT rivergen.discover_schema(1, refresh => true);
	SELECT rivergen.attach(1, 'ours', ARRAY['public']);
	SELECT rivergen.data_source_create('{"name": "escaped", "type": "redshift", "host": "127.0.0.1", "port": $port, "database_name": "shop",
		"credentials": {"username": "shopper", "password": "bench-password"}, "metadata": {"query": {"enabled": true}}}');
	SELECT rivergen.discover_schema(2, refresh => true);
	SELECT rivergen.attach(2, 'escaped', ARRAY['public']);
	CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$port', dbname 'shop', fetch_size '10000');
	CREATE SERVER remote_100 FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$port', dbname 'shop', fetch_size '100');
	CREATE USER MAPPING FOR postgres SERVER remote OPTIONS (user 'reader', password 'bench-password');
	CREATE USER MAPPING FOR postgres SERVER remote_100 OPTIONS (user 'reader', password 'bench-password');
	CREATE SCHEMA remote;
	CREATE SCHEMA remote_100;
	IMPORT FOREIGN SCHEMA public FROM SERVER remote INTO remote;
	IMPORT FOREIGN SCHEMA public FROM SERVER remote_100 INTO remote_100;
SQL

# name|bar|statement; T stands for the schema. OFFSET 0 keeps postgres_fdw from sending the counting.
columns='count(id), count(grp), count(name), count(note), count(amount), count(at), count(flag), count(code), count(doc), count(k)'
queries="all columns|0.50|SELECT $columns FROM (SELECT * FROM T.big OFFSET 0) b
one column|0.50|SELECT count(id) FROM (SELECT id FROM T.big OFFSET 0) b
temporary table|0.55|CREATE TEMP TABLE copy AS SELECT * FROM T.big
1 % by condition|0.85|SELECT $columns FROM (SELECT * FROM T.big WHERE grp = 7 OFFSET 0) b
join, all columns|0.85|SELECT $columns, count(word) FROM (SELECT * FROM T.big OFFSET 0) b JOIN (SELECT * FROM T.small OFFSET 0) s USING (id)
count(*), not sent|0.40|SELECT count(*) FROM (SELECT * FROM T.big OFFSET 0) b
count(*), sent|1.50|SELECT count(*) FROM T.big"

# timed SETUP STATEMENT: milliseconds of the statement in a session of its own, after the other.
timed()
{
	in_database postgres -c "$1" -c '\timing on' -c "$2" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1
}

# The middle of the numbers in a file.
median()
{
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio()
{
	awk -v a="$(median "$work/$1")" -v b="$(median "$work/$2")" 'BEGIN { printf "%.2f", a / b }'
}

# report NAME BAR FILES: the ratio of the files NAME ours to NAME remote, and of the others.
report()
{
	local name=$1 bar=$2 line
	line="$name: x $(ratio "$name.ours" "$name.remote") (bar $bar)"
	[ ! -f "$work/$name.remote_100" ] || line+="; fetch_size 100 x $(ratio "$name.remote_100" "$name.remote")"
	[ ! -f "$work/$name.dblink" ] || line+="; dblink x $(ratio "$name.dblink" "$name.remote")"
	echo "$line; postgres_fdw $(median "$work/$name.remote") ms"
}

dblink="SELECT $columns FROM dblink('host=127.0.0.1 port=$port dbname=shop user=reader password=bench-password', 'SELECT * FROM big')
	AS b (id bigint, grp int, name text, note text, amount numeric, at timestamptz, flag bool, code uuid, doc jsonb, k int)"
first='SELECT * FROM T.big LIMIT 1'

# session_of SCHEMA: what psql does in a new session: a first statement, which may connect, one more, and a series of five.
session_of()
{
	local statement="${first//T./$1.} \\g /dev/null"
	printf '%s\n' '\connect' "$statement" '\timing on' "\\echo first row, connected.$1" "$statement" \
		"\\echo first row, in a series.$1" "$statement"{,,,,} '\timing off'
}

# timed_first_rows: so many sessions of either, in turns; no connection rests so briefly that it ends between two of them.
timed_first_rows()
{
	local i
	for ((i = 0; i < firsts; i++)); do
		session_of ours
		session_of remote
	done >"$work/sessions"
	in_database postgres <"$work/sessions" | awk -v work="$work" '/^first row/ { file = work "/" $0 } /^Time:/ { print $2 >>file }'
}

# What the source needs to send the rows at all: COPY to a client that drops them. Its time has psql's start and login.
timed_copy()
{
	local begin
	begin=$(date +%s%N)
	as_postgres env PGPASSWORD=bench-password "$bindir/psql" -XAtq -h 127.0.0.1 -p "$port" -U reader -d shop \
		-c 'COPY (SELECT * FROM big) TO STDOUT' >/dev/null
	echo $((($(date +%s%N) - begin) / 1000000))
}

# Two scans of the whole table at once, in sessions of their own: until both have ended.
timed_two()
{
	local begin one
	begin=$(date +%s%N)
	in_database postgres -c "$1" >/dev/null &
	one=$!
	in_database postgres -c "$1" >/dev/null
	wait "$one"
	echo $((($(date +%s%N) - begin) / 1000000))
}

# Until no session is at the source: connectors rest for five seconds, and postgres_fdw's connections end with their sessions.
await_no_connection()
{
	local until=$((SECONDS + 120))
	while in_database shop -c "SELECT 1 FROM pg_stat_activity WHERE usename = 'reader'" | grep -q .; do
		[ $SECONDS -le $until ] || { echo "a connection stays at the source" >&2; return 1; }
		sleep 0.1
	done
}

all="SELECT $columns FROM (SELECT * FROM T.big OFFSET 0) b"
plain="SELECT $columns FROM (SELECT * FROM T.plain OFFSET 0) b"
for ((round = 0; round < rounds; round++)); do
	while IFS='|' read -r name bar statement; do
		for schema in ours remote remote_100; do
			timed "SELECT id FROM $schema.small LIMIT 1" "${statement//T./$schema.}" >>"$work/$name.$schema"
		done
	done <<<"$queries"
	for schema in escaped remote; do
		timed "SELECT id FROM $schema.plain LIMIT 1" "${plain//T./$schema.}" >>"$work/all columns, escaped.${schema/escaped/ours}"
	done
	timed 'SELECT 1' "$dblink" >>"$work/all columns.dblink"
	timed_copy >>"$work/all columns.copy"
	for schema in ours remote; do
		timed_two "${all//T./$schema.}" >>"$work/two scans at once.$schema"
	done
	timed_first_rows
	await_no_connection
	timed 'SELECT 1' "${first//T./ours.}" >>"$work/first row, cold.ours"
	timed 'SELECT 1' "${first//T./remote.}" >>"$work/first row, cold.remote"
	in_database postgres -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'rivergen reader'" >/dev/null
	await_no_connection
	timed 'SELECT 1' "${first//T./ours.}" >>"$work/first row, no reader.ours"
done
while IFS='|' read -r name bar statement; do
	report "$name" "$bar"
done <<<"$queries"
echo "all columns, against the source's own COPY: x $(ratio 'all columns.ours' 'all columns.copy') (bar 1.30)"
report 'all columns, escaped' 0.60
report 'two scans at once' 0.80
report 'first row, connected' 1.50
report 'first row, in a series' 1.50
report 'first row, cold' 2.00
cp "$work/first row, cold.remote" "$work/first row, no reader.remote"
report 'first row, no reader' none

# ---- memory and a cancel, in a long scan ----

programs=$("$PG_CONFIG" --pkglibdir)/rivergen
anonymous() { awk '/^RssAnon/ { print $2 }' "/proc/$1/status" 2>/dev/null || true; }

# highest PROCESS: the most kB that were seen while the scan ran.
highest()
{
	local most=0 now
	while kill -0 "$scan" 2>/dev/null; do
		now=$(anonymous "$1")
		((${now:-0} <= most)) || most=$now
	done
	echo "$most"
}

# start_scan STATEMENT: in a session that rests first, so that its memory is known.
start_scan()
{
	rm -f "$work/statements" "$work/scan"
	as_postgres mkfifo "$work/statements"
	in_database postgres <"$work/statements" >"$work/scan" 2>/dev/null &
	scan=$!
	exec 3>"$work/statements"
	# Just-in-time compilation loads LLVM, which is PostgreSQL's own and as large for every query of that cost.
	echo "SET jit = off; SELECT pg_backend_pid();" >&3
	until backend=$(head -n 1 "$work/scan" 2>/dev/null) && [ -n "$backend" ]; do :; done
	before=$(anonymous "$backend")
	echo "$1;" >&3
	exec 3>&-
}

await_connector()
{
	until connector=$(pgrep -n -f "^$programs/postgresql") || ! kill -0 "$scan" 2>/dev/null; do :; done
}

start_scan "${all//T./remote.}"
remote_most=$(highest "$backend")
remote_most=$((remote_most - before))
wait "$scan"
start_scan "${all//T./ours.}"
await_connector
highest "$connector" >"$work/connector" &
backend_most=$(highest "$backend")
wait
echo "memory: backend $((backend_most - before)) kB above its start (bar 2048; postgres_fdw $remote_most), connector $(cat "$work/connector") kB (bar 8192)"

start_scan "${all//T./ours.}"
until ! kill -0 "$scan" 2>/dev/null || in_database shop -c "SELECT 1 FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'" | grep -q .; do :; done
begin=$(date +%s%N)
in_database postgres -c "SELECT pg_cancel_backend($backend)" >/dev/null
while in_database shop -c "SELECT 1 FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'" | grep -q .; do :; done
echo "cancel: the source is idle after $((($(date +%s%N) - begin) / 1000000)) ms, the calls of psql included (bar 250)"
wait "$scan" || true
