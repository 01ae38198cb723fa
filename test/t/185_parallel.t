# Foreign tables beside parallel workers: a scan stays with the leader, the rest of its plan may be parallel, and a function
# that a worker runs may scan, too.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Rivergen;
use Test::More;

my ($server, $source, $id) = start_attached(<<'EOT', conf => 'max_worker_processes = 12');
	CREATE TABLE shop.orders AS SELECT i AS id, i % 100 AS customer, i % 7 AS grp FROM generate_series(1, 20000) i;
	CREATE TABLE shop.bad AS SELECT i AS id, CASE WHEN i % 100 = 0 THEN 'none' ELSE i::text END AS number,
		CASE WHEN i % 100 = 0 THEN '(1,x)' ELSE '(1,2)' END AS pair FROM generate_series(1, 1000) i;
EOT
sql($server, <<'EOT');
	CREATE TABLE own AS SELECT i AS id, i % 100 AS customer FROM generate_series(1, 200000) i;
	ANALYZE own;
	CREATE TYPE pair AS (a int, b int);
	ALTER FOREIGN TABLE shop.bad ALTER COLUMN number TYPE int, ALTER COLUMN pair TYPE pair, OPTIONS (ADD on_error 'null');
	CREATE TABLE parts (id int, customer int, grp int) PARTITION BY RANGE (id);
	CREATE TABLE parts_own PARTITION OF parts FOR VALUES FROM (100000) TO (1000000);
	INSERT INTO parts SELECT i, i % 100, i % 7 FROM generate_series(100000, 299999) i;
	ANALYZE parts_own;
	ALTER TABLE parts ATTACH PARTITION shop.orders FOR VALUES FROM (1) TO (20001);
	CREATE FUNCTION count_orders(wanted int) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
		AS $$ BEGIN RETURN (SELECT count(*) FROM shop.orders o WHERE o.customer = wanted AND o.grp >= 0); END $$;
	CREATE FUNCTION count_bad(lowest int) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
		AS $$ BEGIN RETURN (SELECT count(number) FROM shop.bad WHERE id > lowest); END $$;
EOT

# Everything that can be parallel is, with these.
my $workers =
	'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off; ';
my $version = sql($server, 'SHOW server_version_num');
my $forced = sprintf 'SET %s = on; ', $version >= 160000 ? 'debug_parallel_query' : 'force_parallel_mode';
my $alone = 'SET max_parallel_workers_per_gather = 0; ';

sub plan_of { return sql($server, "${workers}EXPLAIN (COSTS OFF) $_[0]") }

subtest 'a scan is of its leader' => sub {
	my $plan = plan_of('SELECT count(*) FROM own JOIN shop.orders o USING (id) WHERE own.customer < 90 AND o.grp = 3');
	like(
		$plan, qr/->  Gather\n.*Workers Planned: \d\n.*->  Parallel Seq Scan on own/,
		'workers scan the table beside it');
	like($plan, qr/^\s+->  Foreign Scan on orders/m, 'and not the foreign table');
	unlike(plan_of('SELECT sum(grp) FROM shop.orders'), qr/Gather/, 'by itself it has no workers');
	unlike(
		sql($server, "${forced}EXPLAIN (COSTS OFF) SELECT sum(grp) FROM shop.orders"), qr/Gather/,
		'not even forced');
	is( sql($server,
			"SELECT string_agg(DISTINCT proparallel::text, ',') FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace "
				. "AND proname IN ('rows', 'query', 'query_rows')"),
		'u',
		'functions that read are no worker\'s');
};

subtest 'rows beside workers' => sub {
	my $join =
		'SELECT count(*), sum(o.customer) FROM own JOIN shop.orders o USING (id) WHERE own.customer < 90 AND o.grp = 3';
	is(sql($server, "$workers$join"), sql($server, "$alone$join"), 'a join');
	is( sql($server, "${workers}SELECT count(*), sum(customer) FROM parts"), '220000|10890000',
		'a partition among others');
	is( sql($server, "${workers}SELECT count(*) FROM (SELECT id FROM own UNION ALL SELECT id FROM shop.orders) u"),
		220000,
		'an append');
	is( sql($server, "${workers}SELECT count(*) FROM own WHERE customer < (SELECT max(grp) FROM shop.orders)"), 12000,
		'a scan before the workers start');
	like(
		answer($server, "${workers}SELECT sum(1 / (o.grp - 3)) FROM own JOIN shop.orders o USING (id)"),
		qr/division by zero/, 'an error');
	is(sql($server, "${forced}SELECT count(*), sum(grp) FROM shop.orders"), '20000|59998', 'forced');
	is( sql($server, "${forced}SELECT count(*) FROM rivergen.query_rows($id, 'SELECT 1 FROM shop.orders') t (a int)"),
		20000,
		'a query in the source\'s words');
};

subtest 'a worker scans' => sub {
	my $one = 'SELECT count_orders(customer) FROM own WHERE id = 5';
	like(plan_of($one), qr/Gather/, 'for a function that is said to be safe');
	is(sql($server, "$workers$one"), 200, 'and gets its rows');
	is( sql($server, "${workers}SELECT sum(count_orders(customer)) FROM own WHERE id % 20000 = 1"), 2000,
		'several of them do');
};

subtest 'values that become null' => sub {
	my $join = 'FROM own JOIN shop.bad b USING (id)';
	is(sql($server, "${workers}SELECT count(*), count(b.number) $join"), '1000|990', 'beside workers');
	is(sql($server, "${workers}SELECT count_bad(customer) FROM own WHERE id = 5"), 985, 'in a worker');
	is(sql($server, "${alone}SELECT count(*), count(b.pair) $join"), '1000|990', 'of a composite type');
	# A subtransaction may begin beside workers since 17.
	my $expected = $version >= 170000 ? qr/^1000\|990$/ : qr/invalid input syntax for type integer: "x"/;
	my $error = answer($server, "\\set VERBOSITY default\n${workers}SELECT count(*), count(b.pair) $join");
	like($error, $expected, 'of a composite type, beside workers');
	like($error, qr/HINT:.*SET max_parallel_workers_per_gather = 0/, 'and what helps') if $version < 170000;
};

done_testing;
