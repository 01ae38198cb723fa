# What a scan leaves behind when it ends early, in an error, or in the middle of a transaction that goes on: nothing. And
# the statements that wait for nothing: locks and drops in the same transaction.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Rivergen;
use Test::More;

# Of each type, a value that it has and a text that it has not.
my @faulty = (
	[ boolean => 't', 'maybe' ],
	[ smallint => 1, 40000 ],
	[ bigint => 1, '1e3' ],
	[ real => '1.5', '1e400' ],
	[ 'double precision' => '1.5', '1,5' ],
	[ 'numeric(4,2)' => '1.25', '123.45' ],
	[ money => '1.25', 'one' ],
	[ oid => 1, '-x' ],
	[ 'varchar(3)' => 'abc', 'abcd' ],
	[ 'char(3)' => 'abc', 'abcd' ],
	[ bytea => '\\x00', '\\x0' ],
	[ 'bit(2)' => '10', '102' ],
	[ 'varbit(2)' => '1', '111' ],
	[ uuid => 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99' ],
	[ date => '2020-02-29', '2021-02-29' ],
	[ time => '10:00', '25:00' ],
	[ timetz => '10:00+01', '10:00+99' ],
	[ timestamp => '2020-02-29 10:00', '294277-01-01 00:00:00' ],
	[ timestamptz => '2020-02-29 10:00+01', '2020-02-29 10:00 Mars/North' ],
	[ interval => '1 day', '1 dya' ],
	[ json => '{}', '{' ],
	[ jsonb => '{"a": 1}', '{"a": "\u0000"}' ],
	[ inet => '10.0.0.1', '10.0.0.256' ],
	[ cidr => '10.0.0.0/8', '10.1.2.3/8' ],
	[ macaddr => '08:00:2b:01:02:03', '08:00' ],
	[ point => '(1,2)', '(1;2)' ],
	[ tsvector => "'a':1", "'a" ],
	[ xml => '<a/>', '<a>' ],
	[ regclass => 'pg_class', 'no_such_table' ],
	[ int4range => '[1,5)', '[5,1)' ],
	[ int4multirange => '{[1,5)}', '{[5,1)}' ],
	[ 'int[]' => '{1,2}', '{1,x}' ],
	[ 'date[]' => '{2020-02-29}', '{2020-02-29' ],
	[ mood => 'ok', 'glad' ],
	[ 'mood[]' => '{ok}', '{glad}' ],
	[ pair => '(1,2)', '(1,x)' ],
	[ 'pair[]' => '{"(1,2)"}', '{"(1,x)"}' ],
	[ positive => 1, -1 ],
	[ spanned => '[1,5)', '[5,1)' ]);
my $faulty_columns = join ', ', map { "c$_ text" } 0 .. $#faulty;
my @faulty_rows = map {
	my $is_bad = $_;
	'(' . join(', ', map { literal($_->[ 1 + $is_bad ]) } @faulty) . ')'
} 0, 1;

my ($server, $source, $id) = start_attached(<<"EOT", conf => 'dynamic_shared_memory_type = mmap');
	CREATE TABLE shop.numbers AS SELECT i AS id, i % 10 AS grp, 'name ' || i AS name FROM generate_series(1, 100000) i;
	CREATE TABLE shop.bad AS SELECT i AS id, CASE WHEN i = 50000 THEN 'no number' ELSE i::text END AS number FROM generate_series(1, 50001) i;
	CREATE VIEW shop.slow AS SELECT i AS id, pg_sleep(i * 0)::text AS nap FROM generate_series(1, 100000) i WHERE i < 3 OR pg_sleep(600) IS NOT NULL;
	CREATE TABLE shop.many (a int, b int, c text);
	INSERT INTO shop.many VALUES (1, 10, 'x'), (2, 20, 'y');
	CREATE TABLE shop.filled (id int NOT NULL, number text NOT NULL);
	INSERT INTO shop.filled VALUES (1, 'no number'), (2, '2');
	CREATE TABLE shop.gap (a int);
	INSERT INTO shop.gap VALUES (1), (NULL);
	CREATE TABLE shop.faulty ($faulty_columns);
	INSERT INTO shop.faulty VALUES $faulty_rows[0], $faulty_rows[1], $faulty_rows[0];
EOT
sql($server, 'ALTER FOREIGN TABLE shop.bad ALTER COLUMN number TYPE int; CREATE TABLE own AS SELECT 1 AS a');

sub segments { return scalar(() = glob $server->data_dir . '/pg_dynshmem/*') }
sub idle
{
	return sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state <> 'idle'") eq '0';
}

sub naps
{
	return sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND wait_event = 'PgSleep'");
}

# Runs a query that warms everything up, so that what it leaves is the usual.
answer($server, 'SELECT count(*) FROM shop.many');
my $segments = segments();

sub leaves_nothing
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( eval {
			wait_for('nothing left', sub { segments() <= $segments && idle() });
		},
		"$name: no segment, no query at the source") or diag(segments() . " segments, $segments before");
	is(answer($server, 'SELECT sum(id) FROM shop.numbers'), 5000050000, "$name: the next scan is whole");
	return;
}

subtest 'an error in a row' => sub {
	my $error = (answer(
		$server, '\set VERBOSITY default
		SELECT sum(number) FROM shop.bad'));
	like($error, qr/invalid input syntax for type integer: "no number"/, 'is the type\'s own');
	like($error, qr/CONTEXT:  column "number" of foreign table "bad", row 50000/, 'and says where');
	leaves_nothing('an error');
	sql($server, "ALTER FOREIGN TABLE shop.bad OPTIONS (ADD on_error 'null')");
	my (undef, $out, $warning) = $server->psql(
		'postgres', '\set SHOW_CONTEXT always
		SELECT count(*), count(number), sum(number) FROM shop.bad');
	is($out, '50001|50000|' . (50001 * 50002 / 2 - 50000), 'on_error: the value is null');
	like(
		$warning,
		qr/WARNING:  a value was read as null: invalid .* "no number"\nCONTEXT:  column "number" of foreign table "bad", row 50000/,
		'with a warning');
	is(answer($server, 'SELECT id FROM shop.bad WHERE number IS NULL'), 50000, 'and is null for a condition');
	sql($server, "ALTER FOREIGN TABLE shop.bad OPTIONS (DROP on_error)");
};

# The constraint is the source's: what is read as null fulfils the conditions of a null.
subtest 'a fault in a column that is not null' => sub {
	sql($server, q(ALTER FOREIGN TABLE shop.filled OPTIONS (ADD on_error 'null'), ALTER number TYPE int));
	is(answer($server, 'SELECT id FROM shop.filled WHERE number IS NULL'), 1, 'IS NULL');
	is(answer($server, 'SELECT id FROM shop.filled WHERE number IS NOT NULL'), 2, 'IS NOT NULL');
	is(answer($server, 'SELECT count(*) FROM shop.filled WHERE number IS NULL OR id = 2'), 2, 'one of several');
};

subtest 'faults of every type that become null' => sub {
	sql($server,
		"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b int); CREATE DOMAIN positive AS int CHECK (VALUE > 0);"
			. 'CREATE TYPE spanned AS RANGE (subtype = int); ALTER FOREIGN TABLE shop.faulty '
			. join(', ', map { "ALTER c$_ TYPE $faulty[$_][0]" } 0 .. $#faulty));
	my (undef, undef, $said) = $server->psql('postgres', <<~"EOT");
		DO \$\$
		BEGIN
			FOR i IN 0 .. $#faulty LOOP
				BEGIN
					EXECUTE format('SELECT c%s FROM shop.faulty', i);
					RAISE NOTICE 'c% has no fault', i;
				EXCEPTION WHEN OTHERS THEN
				END;
			END LOOP;
		END
		\$\$
		EOT
	is($said, '', 'each is an error');
	sql($server, "ALTER FOREIGN TABLE shop.faulty OPTIONS (ADD on_error 'null')");
	my $each = join "; ", map { "SELECT count(*), count(c${_}::text) FROM shop.faulty" } 0 .. $#faulty;
	is_deeply([ split /\n/, answer($server, $each) ], [ ('3|2') x @faulty ], 'each is null');
	my $counts = join ', ', map { "count(c${_}::text)" } 0 .. $#faulty;
	is(answer($server, "SELECT $counts FROM shop.faulty"), join('|', (2) x @faulty), 'all of them in one row');
	is( answer(
			$server,
			"BEGIN; DECLARE c CURSOR FOR SELECT $counts FROM shop.faulty; SAVEPOINT s; FETCH 1 FROM c; ROLLBACK TO s; SELECT 1; COMMIT"
		),
		join('|', (2) x @faulty) . "\n1",
		'in a cursor, over a savepoint');
	leaves_nothing('faults');
};

subtest 'a null that a domain refuses' => sub {
	sql($server, 'CREATE DOMAIN there AS int NOT NULL; ALTER FOREIGN TABLE shop.gap ALTER a TYPE there');
	my $error = answer(
		$server, '\set VERBOSITY default
		SELECT a FROM shop.gap');
	like($error, qr/domain there does not allow null values/, 'is an error');
	like($error, qr/CONTEXT:  column "a" of foreign table "gap", row 2/, 'that says where');
	is(answer($server, 'SELECT count(*) FROM shop.gap'), 2, 'where it is read');
	sql($server, "ALTER FOREIGN TABLE shop.gap OPTIONS (ADD on_error 'null')");
	is( answer($server, 'SELECT count(*), count(a) FROM shop.gap WHERE a IS NULL OR a = 1'), '2|1',
		'on_error: it is null');
};

subtest 'errors that are caught' => sub {
	my ($status, $out, $error) = $server->psql('postgres', <<~'EOT');
		DO $$
		DECLARE
			failures int := 0;
		BEGIN
			FOR i IN 1 .. 60 LOOP
				BEGIN
					PERFORM sum(number) FROM shop.bad WHERE id > 49000;
				EXCEPTION WHEN invalid_text_representation THEN
					failures := failures + 1;
				END;
				PERFORM 1 FROM shop.numbers LIMIT 1;
			END LOOP;
			RAISE NOTICE '% failures', failures;
		END
		$$
		EOT
	like($error, qr/60 failures/, 'sixty in one transaction');
	leaves_nothing('sixty errors');
	is( answer(
			$server,
			'DO $$ DECLARE r record; n int := 0; BEGIN FOR r IN SELECT * FROM shop.numbers LOOP n := n + r.grp;
				EXIT WHEN r.id = 2000; END LOOP; END $$'
		),
		'',
		'a loop that is left early');
	leaves_nothing('a loop');
};

subtest 'cursors' => sub {
	is( answer(
			$server,
			'BEGIN; DECLARE c CURSOR FOR SELECT id FROM shop.numbers; FETCH 2 FROM c; FETCH 1 FROM c; CLOSE c; COMMIT'),
		"1\n2\n3",
		'closed early');
	leaves_nothing('closed early');
	is( answer(
			$server,
			'BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT id FROM shop.numbers WHERE id <= 5; FETCH 1 FROM c; COMMIT; FETCH 2 FROM c; CLOSE c'
		),
		"1\n2\n3",
		'held');
	is( answer(
			$server,
			'BEGIN; DECLARE c CURSOR FOR SELECT id FROM shop.numbers; FETCH 1 FROM c; SAVEPOINT s; FETCH 1 FROM c; SELECT sum(a) FROM shop.many;
			ROLLBACK TO s; FETCH 1 FROM c; ROLLBACK'),
		"1\n2\n3\n3",
		'over a savepoint');
	like(
		answer(
			$server,
			'BEGIN; SAVEPOINT s; DECLARE c CURSOR FOR SELECT id FROM shop.numbers; FETCH 1 FROM c; ROLLBACK TO s; FETCH 1 FROM c'
		),
		qr/cursor "c" does not exist/,
		'rolled back');
	is( answer(
			$server,
			'BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id FROM shop.numbers; FETCH 3 FROM c; FETCH BACKWARD 1 FROM c;
				MOVE ABSOLUTE 0 FROM c; FETCH 1 FROM c; COMMIT'
		),
		"1\n2\n3\n2\n1",
		'backwards');
	is( answer(
			$server,
			'BEGIN; DECLARE a CURSOR FOR SELECT id FROM shop.numbers; DECLARE b CURSOR FOR SELECT a FROM shop.many;
				FETCH 1 FROM a; FETCH 1 FROM b; FETCH 1 FROM a; FETCH 1 FROM b; COMMIT'
		),
		"1\n1\n2\n2",
		'two at once');
	leaves_nothing('cursors');
	my $last = "SELECT pid FROM pg_stat_activity WHERE usename = 'reader' ORDER BY query_start DESC LIMIT 1";
	ok( wait_for(
			'one of two connections',
			sub {
				answer(
					$server,
					'BEGIN; DECLARE a CURSOR FOR SELECT id FROM shop.numbers;
						DECLARE b CURSOR FOR SELECT id FROM shop.numbers;
						FETCH 1 FROM a; FETCH 1 FROM b; MOVE ALL FROM a; MOVE ALL FROM b; COMMIT');
				my %used;
				for (1 .. 4)
				{
					wait_for('rest', \&idle);
					answer($server, 'SELECT id FROM shop.numbers LIMIT 1');
					$used{ sql($source, $last) }++;
				}
				return keys %used == 1;
			}),
		'of two connections that rest, the next scans use one');
};

# All of them rest when they end at once. A connection that rests for too long ends: then once more.
subtest 'as many streams as two readers have' => sub {
	my @names = map { "c$_" } 1 .. 44;
	my $cursors = join ' ', 'BEGIN;',
		(map { "DECLARE $_ CURSOR FOR SELECT * FROM shop.numbers WHERE id <= 40000; FETCH 1 FROM $_;" } @names),
		(map { "MOVE ALL FROM $_;" } @names), 'COMMIT';
	my $used = "SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity WHERE usename = 'reader'";
	my $before = '';
	ok( wait_for(
			'the same connections',
			sub {
				my $last = $before;
				answer($server, $cursors);
				wait_for('rest', \&idle);
				$before = sql($source, $used);
				return $before eq $last;
			}),
		'each connection is used again');
	cmp_ok(scalar(split ' ', $before), '>=', scalar(@names), 'one for each stream');
	leaves_nothing('many streams');
};

# The rows before the failure fill the queue, and the reason comes behind them.
subtest 'a reading that takes too long while its cursor rests' => sub {
	call(
		$server,
		"rivergen.data_source_update($id, '{\"metadata\": {\"query\": {\"enabled\": true, \"timeout\": 5}}}')");
	my $session = $server->background_psql('postgres', on_error_stop => 0);
	$session->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT * FROM shop.numbers; FETCH 1 FROM c');
	wait_for(
		'the end of its time',
		sub { sql($server, "SELECT 1 FROM rivergen.audit WHERE detail ->> 'code' = 'timeout' LIMIT 1") });
	$session->query('MOVE ALL FROM c');
	like($session->{stderr}, qr/the answer took longer than it may/, 'says so');
	$session->quit;
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"query\": {\"enabled\": true}}}')");
	leaves_nothing('too long');
};

subtest 'several scans' => sub {
	my $joined = join ' JOIN ', 'shop.many t0', map { "shop.many t$_ USING (a)" } 1 .. 9;
	is(answer($server, "SET enable_nestloop = off; SELECT count(*) FROM $joined"), 2, 'ten in one query');
	my $appended = join ' UNION ALL ', map { "SELECT a FROM shop.many" } 1 .. 20;
	is(answer($server, "SELECT count(*) FROM ($appended) t"), 40, 'twenty, one after the other');
	is( answer(
			$server, 'SELECT count(*) FROM shop.numbers a JOIN shop.numbers b USING (id) JOIN shop.numbers c USING (id)'
		),
		100000,
		'three that are read whole');
	leaves_nothing('several scans');
};

subtest 'two sources' => sub {
	attach_second($server, $source, 'second');
	is( answer($server, 'SELECT count(*), sum(b.grp) FROM shop.numbers a JOIN second.numbers b USING (id)'),
		'100000|450000', 'are joined');
	is( answer(
			$server,
			'SELECT count(*), sum(id) FROM (SELECT * FROM shop.numbers UNION ALL SELECT * FROM second.numbers) n WHERE grp = 3'
		),
		'20000|999960000',
		'and appended');
	leaves_nothing('two sources');
};

subtest 'prepared statements' => sub {
	is( answer(
			$server,
			'SET plan_cache_mode = force_generic_plan; PREPARE p AS SELECT name FROM shop.numbers WHERE id = ANY ($1) ORDER BY id LIMIT $2;'
				. 'EXECUTE p(\'{3,1,2}\', 2); EXECUTE p(\'{7}\', NULL); EXECUTE p(NULL, 1)'),
		"name 1\nname 2\nname 7",
		'take their parameters');
	is( answer(
			$server,
			'PREPARE q AS SELECT b FROM shop.many ORDER BY b; EXECUTE q;
				ALTER FOREIGN TABLE shop.many ALTER COLUMN b OPTIONS (SET column_name \'a\'); EXECUTE q'
		),
		"10\n20\n1\n2",
		'and are planned again when an option changes');
	sql($server, 'ALTER FOREIGN TABLE shop.many ALTER COLUMN b OPTIONS (SET column_name \'b\')');
};

subtest 'cancelled' => sub {
	like(
		answer($server, "SET statement_timeout = '500ms'; SELECT * FROM shop.slow"),
		qr/canceling statement due to statement timeout/, 'by statement_timeout');
	leaves_nothing('a timeout');
	my $session = session_start($server, 'SELECT nap FROM shop.slow');
	wait_for('the slow query', \&naps);
	sql($server, q(SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT nap%'));
	like((session_end($session))[1], qr/canceling statement due to user request/, 'by a user');
	leaves_nothing('a cancel');
	$session = session_start($server, 'SELECT nap FROM shop.slow');
	wait_for('the slow query', \&naps);
	sql($server, q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT nap%'));
	session_end($session);
	leaves_nothing('a terminated session');
};

subtest 'locks of the same transaction' => sub {
	is( answer($server, 'BEGIN; LOCK TABLE own; SELECT count(*) FROM shop.many; COMMIT'), 2,
		'LOCK of another table');
	# After a change the reader looks at the catalog again.
	sql($server, 'CREATE TABLE changed ()');
	like(
		answer(
			$server,
			'BEGIN; LOCK TABLE rivergen_catalog.data_source IN ACCESS EXCLUSIVE MODE; SELECT count(c) FROM shop.many; ROLLBACK'
		),
		qr/ERROR: /,
		'a lock of what the reader needs is an error');
	like(
		answer($server, 'BEGIN; DROP EXTENSION rivergen CASCADE; SELECT count(*) FROM shop.many'), qr/does not exist/,
		'DROP EXTENSION');
	like(
		answer(
			$server,
			'BEGIN; DECLARE c CURSOR FOR SELECT id FROM shop.numbers; FETCH 1 FROM c; DROP EXTENSION rivergen CASCADE'),
		qr/cannot DROP .* because it is being used by active queries/,
		'DROP EXTENSION while a scan is open');
	is(answer($server, 'SELECT count(*) FROM shop.many'), 2, 'nothing is dropped');
	leaves_nothing('locks');
};

subtest 'rights' => sub {
	sql($server,
		'CREATE ROLE guest LOGIN; CREATE VIEW small AS SELECT a FROM shop.many; GRANT SELECT ON small TO guest');
	is( answer($server, 'SET ROLE guest; SELECT count(a) FROM small'), 2,
		'a role reads what it was granted, as through a view');
	like(answer($server, 'SET ROLE guest; SELECT * FROM shop.many'), qr/permission denied/, 'and nothing else');
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"query\": {\"enabled\": false}}}')");
	like(
		answer($server, 'SELECT a FROM shop.many'), qr/reading is not switched on for data source $id/,
		'the source decides');
	is( answer($server, 'EXPLAIN (COSTS OFF) SELECT a FROM shop.many'), 'Foreign Scan on many',
		'EXPLAIN starts nothing');
};

survives($server);
done_testing();
