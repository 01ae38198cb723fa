# A source that changes between discovery, plan and rows, in other encodings, a value that fails after many rows, and a reader
# that stops.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Encode qw(decode_utf8);
use Rivergen;
use Test::More;

my ($server, $source, $id) = start_attached(<<'EOT', conf => 'dynamic_shared_memory_type = mmap');
	CREATE TABLE shop.late AS SELECT i AS id, CASE WHEN i = 1000000 THEN 'no number' ELSE i::text END AS number FROM generate_series(1, 1000001) i;
	CREATE TABLE shop.orders AS SELECT i AS id, i % 10 AS grp, 'note ' || i AS note FROM generate_series(1, 50000) i;
	CREATE TABLE shop.moving AS SELECT * FROM shop.orders;
	CREATE TABLE shop.gone AS SELECT * FROM shop.orders;
	CREATE TABLE shop.renamed AS SELECT * FROM shop.orders;
	CREATE TABLE shop.days AS SELECT 1 AS id, date '2020-01-01' AS d, real '0.1' AS x;
	CREATE VIEW shop.slow AS SELECT i AS id FROM generate_series(1, 3) i WHERE i < 3 OR pg_sleep(600) IS NOT NULL;
EOT
sql($server, 'ALTER FOREIGN TABLE shop.late ALTER COLUMN number TYPE int');

sub segments { return scalar(() = glob $server->data_dir . '/pg_dynshmem/*') }

sub leaves_nothing
{
	my ($segments, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( wait_for(
			'nothing left',
			sub {
				segments() <= $segments
					&& !sql(
					$source,
					"SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state <> 'idle'");
			}),
		"$name: no segment, no query at the source");
	return;
}

subtest 'a value that fails in row 1,000,000' => sub {
	answer($server, 'SELECT count(id) FROM shop.orders');
	my $segments = segments();
	sql($source,
		"ALTER TABLE shop.days ALTER d TYPE timestamp USING d + interval '10 hours', ALTER x TYPE double precision USING 0.1"
	);
	is(answer($server, "SELECT id FROM shop.days WHERE d = timestamp '2020-01-01'"), 1, 'dates became moments');
	is(answer($server, 'SELECT id FROM shop.days WHERE x <> 0.1::float8'), 1, 'and floats longer');
	my $error = answer(
		$server, '\set VERBOSITY default
		SELECT sum(number) FROM shop.late');
	like($error, qr/invalid input syntax for type integer: "no number"/, 'is an error');
	like($error, qr/foreign table "late", row 1000000/, 'of this row');
	leaves_nothing($segments, 'after it');
	my $reader = "SELECT state FROM pg_stat_activity WHERE backend_type = 'rivergen reader'";
	ok(wait_for('an idle reader', sub { sql($server, $reader) eq 'idle' }), 'the reader serves no stream');
	is(answer($server, 'SELECT count(id) FROM shop.orders'), 50000, 'and then the next scan');
};

subtest 'ANALYZE' => sub {
	my (undef, undef, $message) =
		$server->psql('postgres', 'SET default_statistics_target = 1; ANALYZE VERBOSE shop.moving');
	my ($sent) = $message =~ /the data source sent (\d+) rows, 300 are in the sample/;
	cmp_ok($sent // 0, '>=', 300, 'gets as many rows as it samples') or diag($message);
	cmp_ok($sent // 0, '<', 20000, 'and not all of the table');
	is( sql($server, "SELECT reltuples FROM pg_class WHERE oid = 'shop.moving'::regclass"), 50000,
		'how many there are the discovery has said');
};

subtest 'the source changes before a scan' => sub {
	my $change = sub {
		my ($statement, $query, $says, $name) = @_;
		sql($source, $statement);
		like(answer($server, $query), $says, $name);
	};
	$change->(
		'ALTER TABLE shop.orders DROP COLUMN note', 'SELECT sum(length(note)) FROM shop.orders',
		qr/^ERROR: .*A column is no longer in the data source/, 'a column is gone');
	is(answer($server, 'SELECT count(grp) FROM shop.orders'), 50000, 'the others are read');
	$change->(
		'ALTER TABLE shop.orders RENAME COLUMN grp TO kind', 'SELECT sum(grp) FROM shop.orders',
		qr/^ERROR: .*A column is no longer in the data source/, 'a column has another name');
	$change->(
		q(ALTER TABLE shop.orders ALTER COLUMN id TYPE text USING 'n' || id), 'SELECT sum(id) FROM shop.orders',
		qr/^ERROR: .*invalid input syntax for type integer: "n1"/, 'a column has another type');
	my $error = answer(
		$server, '\set VERBOSITY default
		SELECT count(*) FROM shop.orders WHERE id = 7');
	like($error, qr/changed since its last discovery/, 'a count of such a column is refused');
	like($error, qr/refresh => true/, 'and the hint says what helps');
	$change->('DROP TABLE shop.gone', 'SELECT sum(id) FROM shop.gone', qr/^ERROR: .*no longer/, 'a table is gone');
	$change->(
		'ALTER TABLE shop.renamed RENAME TO moved', 'SELECT sum(id) FROM shop.renamed',
		qr/^ERROR: .*another name/, 'a table has another name');
	discover($server, $id, 'refresh => true');
	wait_for('the refresh', sub { sql($server, "SELECT to_regclass('shop.moved') IS NOT NULL") eq 't' });
	is(answer($server, 'SELECT count(grp) FROM shop.moved'), 50000, 'a discovery follows the name');
	is(answer($server, 'SELECT min(id) FROM shop.orders'), 'n1', 'the type');
	is(answer($server, 'SELECT sum(kind) FROM shop.orders'), 225000, 'and the column');
};

subtest 'the source changes between plan and rows' => sub {
	is( answer(
			$server,
			"SET plan_cache_mode = force_generic_plan; PREPARE p AS SELECT sum(kind) FROM shop.orders; EXECUTE p"),
		225000,
		'a prepared plan');
	my $session = $server->background_psql('postgres', on_error_stop => 0);
	$session->query_safe('PREPARE p AS SELECT count(*) FROM shop.orders WHERE kind = $1');
	is($session->query_safe('EXECUTE p(3)'), 5000, 'of a count');
	sql($source, 'ALTER TABLE shop.orders ALTER COLUMN kind TYPE bigint');
	is($session->query('EXECUTE p(3)'), 5000, 'still counts when the type is wider');
	sql($source, 'ALTER TABLE shop.orders RENAME COLUMN kind TO sort');
	$session->query('EXECUTE p(3)');
	like($session->{stderr}, qr/A column is no longer in the data source/, 'and fails when the column is gone');
	$session->quit;
};

# The rows come from one snapshot of a transaction that holds a lock: a change waits for the end of the scan.
subtest 'the source changes in mid-scan' => sub {
	my $session = $server->background_psql('postgres');
	$session->query_safe('BEGIN; DECLARE d CURSOR FOR SELECT * FROM shop.late');
	$session->query_safe('FETCH 1 FROM d');
	my $error = answer($source, "SET lock_timeout = '100ms'; DROP TABLE shop.late");
	like($error, qr/lock timeout/, 'a drop waits');
	is($session->query_safe('MOVE 900000 FROM d'), '', 'the rest comes');
	$session->query_safe('CLOSE d; COMMIT');
	$session->quit;
	wait_for('the lock to go', sub { answer($source, "SET lock_timeout = '1s'; DROP TABLE shop.late") eq '' });
	like(answer($server, 'SELECT id FROM shop.late'), qr/^ERROR: .*no longer/, 'the next scan says so');
};

subtest 'rights that the source denies' => sub {
	sql($source, 'REVOKE SELECT ON ALL TABLES IN SCHEMA shop FROM reader');
	my %way = (
		'a foreign table' => 'SELECT id FROM shop.orders', 'rows' => "SELECT rivergen.rows($id, 'shop', 'moving')",
		'a query' => "SELECT rivergen.query($id, 'SELECT note FROM shop.moving')");
	for my $name (sort keys %way)
	{
		my (undef, undef, $error) = $server->psql('postgres', "\\set VERBOSITY verbose\n$way{$name}");
		like($error, qr/ERROR:  PT403: /, "$name: 403");
	}
	sql($source, 'GRANT SELECT ON shop.moving TO reader');
	is( call($server, "rivergen.query($id, 'SELECT count(*) FROM shop.moving')")->{data}{rows}[0][0], 50000,
		'a right of its own is enough');
	sql($source, 'GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader');
};

subtest 'encodings' => sub {
	my @texts = ([ LATIN1 => 'Größe ß' ], [ EUC_JP => '日本語 ソ' ], [ WIN1251 => 'Привет' ], [ SQL_ASCII => "plain" ]);
	for (@texts)
	{
		my ($encoding, $text) = @$_;
		my $name = lc $encoding;
		sql($source,
			"CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
		);
		$source->safe_psql(
			$name,
			"SET client_encoding = UTF8; CREATE TABLE t (id int, \"$text\" text);
			INSERT INTO t VALUES (1, '$text'), (2, 'x'); GRANT SELECT ON t TO reader"
		);
		my $other = create_source(
			$server,
			{   %{ source_of($source, 'Tr0ub4dor-and-3', name => $name) }, database_name => $name,
				metadata => { query => { enabled => JSON::PP::true } }
			});
		discover($server, $other);
		call($server, "rivergen.attach($other, '$name')");
		is( decode_utf8(answer($server, "SELECT \"$text\" FROM $name.t WHERE id = 1")), $text,
			"$encoding: a value and a name");
		is(answer($server, "SELECT id FROM $name.t WHERE \"$text\" = '$text'"), 1, "$encoding: a condition");
		is( answer($server, "SELECT count(*) FROM $name.t WHERE \"$text\" = '$text ☃'"), 0,
			"$encoding: a condition with a character that it lacks") if $encoding ne 'SQL_ASCII';
		is( call($server, "rivergen.query($other, 'SELECT ''$text'' AS a')")->{data}{rows}[0][0], $text,
			"$encoding: a query");
	}
	$source->safe_psql('sql_ascii', q(INSERT INTO t VALUES (3, E'\\xff')));
	like(
		answer($server, 'SELECT * FROM sql_ascii.t'), qr/^ERROR: .*(?:UTF-?8|byte sequence)/,
		'bytes that are no text are an error');
};

subtest 'a reader that stops' => sub {
	my $session = session_start($server, 'SELECT * FROM shop.slow');
	wait_for(
		'the scan',
		sub {
			sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND wait_event = 'PgSleep'");
		});
	my ($reader) = sql($server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen reader'");
	kill STOP => $reader;
	sql($server, q(SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT * FROM shop.slow'));
	like((session_end($session))[1], qr/canceling statement due to user request/, 'leaves its scan cancellable');
	kill CONT => $reader;
	ok( wait_for(
			'the end',
			sub { !sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'") }
		),
		'and ends the query at the source when it goes on');
	is(answer($server, 'SELECT count(grp) FROM shop.moved'), 50000, 'and serves again');
};

survives($server);
done_testing();
