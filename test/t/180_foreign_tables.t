# Foreign tables give the rows of the relations themselves: every type, conditions, joins, limits, and any style of the
# session.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use Rivergen;
use Test::More;

# Each type, with values that are easily damaged on the way.
my %values = (
	boolean => [qw(t f)],
	smallint => [ -32768, 32767, 0 ],
	integer => [ -2147483648, 2147483647, 7 ],
	bigint => [ '-9223372036854775808', '9223372036854775807', -1 ],
	numeric => [ 'NaN', 'Infinity', '-123456789012345678901234567890.000100', '1e-20' ],
	real => [ 'NaN', '-Infinity', '1.1754944e-38', '3.1415927' ],
	'double precision' => [ 'NaN', '-0', '0.1', '1.7976931348623157e308' ],
	oid => [ 4294967295, 0 ],
	text => [ '', '\\N', '\\.', "tab\tand\nline", "\r\b\f\x0b", 'é😀', "back\\slash", 'NULL', '"', ' ' ],
	'character varying(20)' => [ 'new', ' x ' ],
	'character(5)' => [ 'ab', '', 'é b' ],
	code => [ 'a', 'ab ' ],
	'character(2)[]' => ['{a,"b ",NULL}'],
	bytea => [ '\\x', '\\x00ff5c', 'abc' ],
	'bit varying' => [ '101', '' ],
	uuid => ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
	json => ['{"a": [1, "\u00e9", null]}'],
	jsonb => ['{"a": "x\\ty", "b": 1.50}'],
	xml => [ '<a>x</a>', 'no document' ],
	tsvector => ["'a':1A 'b''c':2"],
	date => [ '2020-02-01', '0044-03-15 BC', 'infinity', '5874897-12-31' ],
	'time without time zone' => [ '24:00:00', '01:02:03.000004' ],
	'time with time zone' => ['01:02:03.5+13:30'],
	'timestamp without time zone' => [ '2020-02-01 03:04:05.678901', '0001-01-01 00:00:00 BC', '-infinity' ],
	'timestamp with time zone' => [ '2020-02-01 03:04:05.678901+05:45', 'infinity', '4713-01-01 00:00:00+00 BC' ],
	interval =>
		[ '-1 mons +2 days -03:04:05.6', '1 year -1 days', '-00:00:00.000001', '-1 year -2 mons -3 days -04:00' ],
	inet => [ '10.1.2.3/8', '::1' ],
	cidr => ['10.0.0.0/8'],
	macaddr => ['08:00:2b:01:02:03'],
	point => ['(1.5,-2)'],
	polygon => ['((0,0),(1,1),(1,0))'],
	int4range => [ '[1,5)', 'empty', '(,)' ],
	tstzrange => ['["2020-01-01 00:00:00+00",infinity)'],
	datemultirange => ['{[2020-01-01,2020-02-01),[2021-01-01,)}'],
	'integer[]' => [ '{1,NULL,3}', '{}', '[0:1]={5,6}' ],
	'text[]' => ['{"a b",NULL,"NULL","\\"","",tab\\\\t}'],
	'timestamp with time zone[]' => ['{"2020-02-01 00:00:00+00",NULL}'],
	mood => [ 'sad', 'ok' ],
	positive => [ 1, 2 ],
	pair => ['(1,"a b")']);

my @types = sort keys %values;
my $every = join ', ', 'n int', map { "c$_ $types[$_]" } 0 .. $#types;
my @rows = map {
	my $row = $_;
	join ', ', $row, map { literal($values{$_}[ $row % @{ $values{$_} } ]) } @types
} 0 .. 11;

my ($server, $source, $id) = start_attached(<<"EOT");
	SET search_path = shop, public;
	CREATE TYPE mood AS ENUM ('sad', 'ok');
	CREATE DOMAIN positive AS int CHECK (VALUE > 0);
	CREATE DOMAIN code AS char(3);
	CREATE TYPE pair AS (a int, b text);
	CREATE TABLE every ($every);
	INSERT INTO every VALUES ${\ join ', ', map { "($_)" } @rows};
	INSERT INTO every (n) VALUES (100);
	CREATE TABLE "Odd ""Name""" ("select" int, "a ""b""\\c" text, "é" text);
	INSERT INTO "Odd ""Name""" VALUES (1, 'x', 'y');
	CREATE TABLE empty (a int, b text);
	CREATE TABLE nothing ();
	INSERT INTO nothing SELECT FROM generate_series(1, 3);
	CREATE TABLE numbers AS SELECT i AS id, i % 10 AS grp, repeat('x', i % 50) AS filler FROM generate_series(1, 20000) i;
	ALTER TABLE numbers ADD PRIMARY KEY (id);
	CREATE TABLE wide (${\ join ', ', map { "c$_ int DEFAULT $_" } 1 .. 1000});
	INSERT INTO wide DEFAULT VALUES;
	CREATE TABLE lost (a int, b int, c text);
	INSERT INTO lost VALUES (1, 2, 'c');
	CREATE VIEW few AS SELECT * FROM numbers WHERE id <= 5;
EOT

sub is_same { my ($query, $name) = @_; return same($server, $source, $query, $name) }

subtest 'every type' => sub {
	is_same("SELECT n, c$_ FROM shop.every ORDER BY n", $types[$_]) for 0 .. $#types;
	is_same('SELECT * FROM shop.every ORDER BY n', 'all in one row');
	is_same('SELECT count(*) FROM shop.every WHERE every IS NOT NULL', 'whole rows');
};

subtest 'styles of the session' => sub {
	my $columns = join ', ',
		map { "c$_" } grep { $types[$_] =~ /date|time|interval|xml|real|double|bytea|\[\]/ } 0 .. $#types;
	for my $style (
		"DateStyle = 'SQL, DMY'", "DateStyle = 'German'", "IntervalStyle = sql_standard", "IntervalStyle = iso_8601",
		"TimeZone = 'Asia/Kathmandu'", "xmloption = document", "extra_float_digits = -3", "bytea_output = escape",
		"array_nulls = off")
	{
		is_same("SET $style; SELECT n, $columns FROM shop.every ORDER BY n", $style);
		is( answer($server, "SET $style; SELECT count(*) FROM shop.every; SHOW ${\ $style =~ s/ .*//r}"),
			answer($source, "SET $style; SELECT count(*) FROM shop.every; SHOW ${\ $style =~ s/ .*//r}"), 'which stays'
		);
	}
	my $moments = join ', ', map { "c$_" } grep { $types[$_] =~ /^(date|timestamp.*zone)$/ } 0 .. $#types;
	for my $column (split /, /, $moments)
	{
		is_same(
			"SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kathmandu'; SELECT n FROM shop.every WHERE $column > '01/02/2020' ORDER BY n",
			"a condition on $column in the session's style");
	}
};

# The conditions of one type: here and there, and here again on the rows of a subquery, which are checked here alone.
sub check_conditions
{
	my ($i) = @_;
	my $type = $types[$i] =~ /^(mood|positive|pair)$/ ? 'text' : $types[$i] eq 'code' ? 'bpchar' : $types[$i];
	my $column = $type eq 'text' ? "c$i\::text" : "c$i";
	my @conditions = $types[$i] eq 'pair' ? () : ("c$i IS NULL", "c$i IS NOT NULL");
	for my $value (map { literal($_) . "::$type" } @{ $values{ $types[$i] } })
	{
		push @conditions, map { "$column $_ $value" } '=', '<>', '<', '>=';
		push @conditions, "$column IN ($value, NULL)", "$value > $column", "($column <= $value OR $column IS NULL)";
	}
	my ($pushed, $checked) = map {
		my $from = $_;
		join '; ', map { "SELECT n FROM $from WHERE $_ ORDER BY n; SELECT '$i'" } @conditions
	} 'shop.every', '(SELECT * FROM shop.every OFFSET 0) every';
	my $here = answer($server, $pushed);
	unlike($here, qr/ERROR/, "$types[$i]: no errors");
	is($here, answer($server, $checked), "$types[$i]: the rows that are checked here");
	is($here, answer($source, $pushed), "$types[$i]: the rows there");
	return;
}

subtest 'conditions' => sub {
	check_conditions($_) for grep { $types[$_] !~ /^(json|xml|point|polygon)$/ } 0 .. $#types;
};

subtest 'shapes' => sub {
	is_same(q(SELECT * FROM shop."Odd ""Name"""), 'odd names');
	is_same(q(SELECT "é" FROM shop."Odd ""Name""" WHERE "a ""b""\\c" = 'x'), 'odd names in a condition');
	is_same('SELECT * FROM shop.empty', 'no rows');
	is_same('SELECT count(*), count(a) FROM shop.empty', 'no rows, counted');
	is_same('SELECT count(*) FROM shop.nothing', 'no columns');
	is_same('SELECT * FROM shop.wide', 'a thousand columns');
	is_same('SELECT c999 FROM shop.wide WHERE c1 = 1', 'one of a thousand');
	is_same('SELECT * FROM shop.few ORDER BY id', 'a view');
	sql($_, 'ALTER TABLE shop.lost DROP COLUMN b') for $server, $source;
	is_same('SELECT * FROM shop.lost', 'a dropped column');
	is_same('SELECT lost FROM shop.lost', 'a whole row without it');
	is_same('SELECT sum(id), count(*), sum(length(filler)) FROM shop.numbers', 'many frames');
};

subtest 'plans' => sub {
	is_same('SELECT count(*) FROM shop.numbers WHERE grp = 3 AND id > 100', 'count(*) at the source');
	is_same('SELECT count(*) FROM shop.numbers WHERE grp = NULL', 'a null condition has no rows');
	is_same(q(SELECT count(*) FROM shop.numbers WHERE id = ANY('{}'::int[])), 'an empty list has none either');
	is_same('SELECT id FROM shop.few ORDER BY id LIMIT 2 OFFSET 1', 'a limit behind a sort');
	is( answer($server, 'SELECT count(*) FROM (SELECT * FROM shop.numbers LIMIT 7 OFFSET 3) n'), 7,
		'a limit at the source');
	is(answer($server, 'SELECT count(*) FROM (SELECT * FROM shop.numbers LIMIT NULL) n'), 20000, 'no limit');
	is(answer($server, 'SELECT count(*) FROM (SELECT * FROM shop.numbers LIMIT 0) n'), 0, 'no row');
	is_same('SELECT a.id, b.grp FROM shop.few a JOIN shop.numbers b ON b.id = a.id * 2 ORDER BY 1', 'a join');
	is_same(
		'SELECT id, (SELECT count(*) FROM shop.numbers n WHERE n.grp = f.grp AND n.id < 1000) FROM shop.few f ORDER BY 1',
		'a correlated subquery');
	is_same(
		'SELECT id FROM shop.few f WHERE EXISTS (SELECT FROM shop.numbers n WHERE n.id = f.id + 19997) ORDER BY 1',
		'exists');
	is_same(
		'SELECT id, l.* FROM shop.few f, LATERAL (SELECT max(n.id) FROM shop.numbers n WHERE n.grp = f.id) l ORDER BY 1',
		'lateral');
	my $forced = 'SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;';
	is_same("$forced SELECT count(*) FROM shop.few a, shop.few b WHERE a.id + b.id > 3", 'a rescan is replayed');
	is_same(
		"$forced SET work_mem = '64kB'; SELECT count(*) FROM shop.few a, shop.numbers b WHERE a.id + b.id > 3",
		'one that does not fit is asked again');
	like(
		answer(
			$server,
			"$forced EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) SELECT count(*) FROM shop.few a, shop.few b WHERE a.id + b.id > 3"
		),
		qr/Requests: 1\b(?!.*Requests: [2-9])/s,
		'replayed means one request each');
	like(
		answer(
			$server,
			'EXPLAIN (ANALYZE, VERBOSE, TIMING OFF, COSTS OFF) SELECT id FROM shop.numbers WHERE grp = 3 LIMIT 4'),
		qr/Source:\ Shop\n.*Source\ Relation:\ shop.numbers\n.*Source\ Columns:\ id\n.*Source\ Conditions:\ grp\ =\ 3\n.*Source\ Limit:\ '4'::bigint\n
			.*Requests:\ 1\n.*Rows\ Received:\ 4\n.*Bytes\ Received:\ \d+\n/x,
		'EXPLAIN tells what was sent and received');
	my ($one, $all) = map { answer($server, "EXPLAIN SELECT $_ FROM shop.numbers") =~ /cost=\S+\.\.(\S+)/ } 'id', '*';
	cmp_ok($one, '<', $all, 'one column costs less than all');
	answer($server, 'ANALYZE shop.numbers');
	is( answer(
			$server,
			"SELECT reltuples, n_distinct FROM pg_class JOIN pg_stats ON tablename = relname WHERE relname = 'numbers' AND attname = 'grp'"
		),
		'20000|10',
		'ANALYZE');
	sql($server,
		"CREATE TABLE parted (LIKE shop.numbers) PARTITION BY RANGE (id); ALTER TABLE parted ATTACH PARTITION shop.numbers "
			. "FOR VALUES FROM (1) TO (20001); CREATE TABLE parted_here PARTITION OF parted FOR VALUES FROM (20001) TO (40001); "
			. "INSERT INTO parted_here SELECT id + 20000, grp, filler FROM shop.numbers; ANALYZE parted_here");
	my (undef, undef, $sampled) =
		$server->psql('postgres', 'SET default_statistics_target = 1; ANALYZE VERBOSE parted');
	my ($part) = $sampled =~ /inheritance tree.*?"numbers": .*? (\d+) are in the sample/s;
	cmp_ok($part // 0, '>', 100, 'a partition is sampled in proportion to its rows') or diag($sampled);
	cmp_ok($part // 0, '<', 200, 'among 300 in all');
	sql($server, 'ALTER TABLE parted DETACH PARTITION shop.numbers; DROP TABLE parted');
};

subtest 'nothing is written' => sub {
	my %refused = (
		"INSERT INTO shop.few VALUES (1)" => 'insert into', 'UPDATE shop.few SET grp = 1' => 'update',
		'DELETE FROM shop.few' => 'delete from', 'TRUNCATE shop.few' => 'truncate',
		"COPY shop.few FROM STDIN" => 'insert into');
	like(answer($server, $_), qr/cannot $refused{$_} foreign table "few"/, $_) for sort keys %refused;
	like(
		answer(
			$server,
			'CREATE SERVER mine FOREIGN DATA WRAPPER rivergen; CREATE FOREIGN TABLE mine (a int) SERVER mine OPTIONS (table_name \'x\');
		SELECT * FROM mine'),
		qr/foreign server "mine" belongs to no data source/,
		'a server made by hand');
};

survives($server);
done_testing();
