#!/bin/bash
# How long people wait: a small database (100 tables x 10 columns) from the call to the committed result, as multiples of
# a bare connect, and from queueing a job to its start, while the workers are idle and while half of them are busy; and
# how soon a job runs again after its worker was killed, which takes the whole server down and up.
# Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

calls=100
jobs=100
sources=40
workers=4
held=

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres -d app "$@"
}

# load FILE OPTIONS…: pgbench with one script, on the server that has the extension.
load()
{
	local script=$1
	shift
	as_postgres "$bindir/pgbench" -n -h "$work/server.sock" -p "$port" -U postgres -f "$work/$script" "$@" app
}

# What it takes to connect as the connector does and to ask nothing, in milliseconds.
bare_connect()
{
	as_postgres env PGPASSWORD=bench "$bindir/pgbench" -n -C -t "$calls" -f "$work/nothing" -h 127.0.0.1 -p "$port" \
		-U bench_reader small | sed -n 's/^average connection time = \([0-9.]*\) ms.*/\1/p'
}

# The calls are made in a session that is open already.
waiting()
{
	on_server <<-SQL | tail -1
		CREATE FUNCTION pg_temp.measure(source bigint, calls int) RETURNS text LANGUAGE plpgsql AS \$\$
		DECLARE
			began timestamptz;
			taken float8[];
		BEGIN
			FOR i IN 1 .. calls + 5 LOOP
				began := clock_timestamp();
				PERFORM rivergen.discover_schema(source, refresh => true);
				IF i > 5 THEN
					taken := taken || extract(epoch FROM clock_timestamp() - began)::float8 * 1000;
				END IF;
			END LOOP;
			RETURN (SELECT format('%s %s', percentile_cont(0.5) WITHIN GROUP (ORDER BY t),
				percentile_cont(0.99) WITHIN GROUP (ORDER BY t)) FROM unnest(taken) t);
		END \$\$;
		SELECT pg_temp.measure($first, $calls);
	SQL
}

# What the jobs of this round waited for their start, once all of them have ended: those that found one of the workers
# free, then all. The others wait for the end of a job, which is as long as the jobs are and says nothing about the queue.
queue()
{
	on_server -c "DELETE FROM rivergen_catalog.job WHERE status NOT IN ('queued', 'running')"
	load enqueue -t "$jobs" -R 10 >/dev/null 2>&1
	until [ "$(on_server -c "SELECT count(*) FROM rivergen_catalog.job WHERE status IN ('queued', 'running')
		AND data_source_id <> ALL ('{$held}')")" = 0 ]; do :; done
	on_server -c "SELECT format('%s %s %s', percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FILTER (WHERE before < $workers),
			percentile_cont(0.99) WITHIN GROUP (ORDER BY t) FILTER (WHERE before < $workers),
			format('%s of %s found a worker free; all: p50 %s, p99 %s', count(*) FILTER (WHERE before < $workers), count(*),
				round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 1), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY t)::numeric, 1)))
		FROM (SELECT extract(epoch FROM j.started_at - j.queued_at)::float8 * 1000 AS t, (SELECT count(*) FROM rivergen_catalog.job o
				WHERE o.job_id <> j.job_id AND o.queued_at <= j.queued_at AND coalesce(o.finished_at, 'infinity') > j.queued_at) AS before
			FROM rivergen_catalog.job j WHERE j.data_source_id <> ALL ('{$held}')) j"
}

# A port that accepts connections and never says a word: who is discovered there keeps a worker busy.
silent_port()
{
	perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 20, LocalAddr => "127.0.0.1", LocalPort => 0) or die;
		$| = 1; print $s->sockport, "\n"; push @kept, $s->accept while 1' >"$work/silent" &
	silent=$!
	until [ -s "$work/silent" ]; do :; done
}

# Discovers a source that never answers, in the variables source and worker.
hold_worker()
{
	source=$(on_server -c "SELECT rivergen.data_source_create(jsonb_build_object('name', 'silent $1', 'type', 'postgresql', 'host',
		'127.0.0.1', 'port', $(cat "$work/silent"), 'database_name', 'x', 'schema_auto_refresh', false, 'connection_timeout', 600,
		'credentials', jsonb_build_object('username', 'x', 'password', 'x'))) #>> '{data,id}'")
	on_server -c "SELECT rivergen.discover_schema($source, wait => false)" >/dev/null
	until worker=$(on_server -c "SELECT pid FROM pg_stat_activity WHERE query LIKE 'rivergen: discovering data source $source %'
		AND backend_type = 'rivergen worker'") && [ -n "$worker" ]; do :; done
}

let_go()
{
	on_server -c "SELECT rivergen.job_cancel(job_id) FROM rivergen.jobs WHERE data_source_id = ANY ('{$1}') AND status = 'running'" >/dev/null
}

# How long the jobs of killed workers wait until they run again, in milliseconds: each round has a source of its own.
rescue()
{
	local round source worker killed taken=()
	for round in 1 2 3 4 5; do
		hold_worker "$round"
		killed=$(date +%s.%N)
		kill -KILL "$worker"
		until taken+=("$(on_server -c "SELECT (extract(epoch FROM started_at) - $killed) * 1000 FROM rivergen_catalog.job
			WHERE data_source_id = $source AND status = 'running' AND attempts = 2" 2>/dev/null)") && [ -n "${taken[-1]}" ]; do
			unset 'taken[-1]'
		done
		let_go "$source"
	done
	printf '%s\n' "${taken[@]}" | sort -n | sed -n '3p;$p' | xargs
}

# report LABEL "P50 P99 REST" WHICH BAR: WHICH of the two (1 or 2) the bar is for.
report()
{
	perl -e '($label, $taken, $which, $bar) = @ARGV; @taken = split " ", $taken, 3;
		printf "%-46s p50 %7.1f ms  p99 %7.1f ms   bar %5.1f ms for p%s: %s\n", $label, @taken[0, 1], $bar, $which == 1 ? 50 : 99,
			$taken[$which - 1] <= $bar ? "met" : "MISSED";
		print "    $taken[2]\n" if $taken[2]' "$@"
}

build_and_install
remove_work_at_exit
make_work
port=$(free_port)
# All sources are one organization's, on one server: neither is the bound here.
new_cluster server "$port" "$(rivergen_configuration)
rivergen.max_workers = $workers
rivergen.max_workers_per_organization = $workers
rivergen.max_connections_per_host = $workers"
on_server -d postgres -c 'CREATE DATABASE app' -c 'CREATE DATABASE small' \
	-c "CREATE ROLE bench_reader LOGIN PASSWORD 'bench'"
on_server -d small -c "SELECT format('CREATE TABLE t%s (c1 bigint PRIMARY KEY, %s);', t, (SELECT string_agg(format('c%s text', c), ', ')
	FROM generate_series(2, 10) c)) FROM generate_series(1, 100) t" | on_server -d small -f -
on_server -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null
first=$(on_server -c "SELECT min((rivergen.data_source_create(jsonb_build_object('name', 'small ' || i, 'type', 'postgresql',
	'host', '127.0.0.1', 'port', $port, 'database_name', 'small', 'schema_auto_refresh', false,
	'credentials', jsonb_build_object('username', 'bench_reader', 'password', 'bench'))) #>> '{data,id}')::bigint)
	FROM generate_series(1, $sources) i")
until [ "$(on_server -c "SELECT count(*) FROM rivergen_catalog.job WHERE status IN ('queued', 'running')")" = 0 ]; do :; done

as_postgres tee "$work/nothing" >/dev/null <<<'SELECT 1;'
as_postgres tee "$work/enqueue" >/dev/null <<SQL
\set source random($first + 2, $first + $sources - 1)
SELECT rivergen.discover_schema(:source, refresh => true, wait => false);
SQL

connect=$(bare_connect)
printf '%-46s     %7.1f ms\n' "a bare connect" "$connect"
report "100 tables, from the call to the result" "$(waiting)" 1 "$(perl -e 'print 4 * $ARGV[0] + 10' "$connect")"
report "a queued job starts, idle pool" "$(queue)" 2 50
silent_port
for number in a b; do
	hold_worker "$number"
	held=$held${held:+,}$source
done
report "a queued job starts, two of four workers busy" "$(queue)" 2 50
let_go "$held"
report "an orphaned job runs again (slowest of five)" "$(rescue)" 2 5000
kill "$silent"
