# What is read from a PostgreSQL server is what it has: values of every type, whatever the settings of the user are, and the rows
# for which conditions hold. SEED repeats a run.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Reading;
use Source;
use Test::More;

start_server();
sql($_, database => 'postgres')
	for 'CREATE DATABASE source', "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
sql(<<~"EOT");
	CREATE ROLE reader LOGIN PASSWORD '$password';
	ALTER ROLE reader SET datestyle = 'SQL, DMY';
	ALTER ROLE reader SET intervalstyle = 'sql_standard';
	ALTER ROLE reader SET timezone = 'America/St_Johns';
	ALTER ROLE reader SET bytea_output = 'escape';
	ALTER ROLE reader SET extra_float_digits = -5;
	ALTER ROLE reader SET xmlbinary = 'hex';
	ALTER ROLE reader SET search_path = 'shadow, pg_catalog';
	ALTER ROLE reader SET client_encoding = 'LATIN1';
	CREATE SCHEMA shadow;
	CREATE FUNCTION shadow.equal(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false';
	CREATE OPERATOR shadow.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = shadow.equal);
	CREATE FUNCTION shadow.format_type(oid, integer) RETURNS text LANGUAGE sql AS 'SELECT ''shadowed''';
	GRANT USAGE ON SCHEMA shadow TO reader;
	ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
	CREATE TYPE mood AS ENUM ('sad', 'so-so', 'it''s "fine"');
	CREATE DOMAIN code AS char(3);
	CREATE TYPE pair AS (a integer, "b c" text);
	CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
	CREATE DOMAIN moods AS mood;
	CREATE TYPE floats AS RANGE (subtype = float8);
	CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	EOT

# As the connector has them, whatever the user's are.
my $settings = join ' ', map { "SET $_;" } "DateStyle = 'ISO'", "IntervalStyle = 'postgres'", "TimeZone = 'UTC'",
	"bytea_output = 'hex'", 'extra_float_digits = 3', "search_path = 'pg_catalog'";

my @infinite = ('infinity', '-infinity');
my @times = ('2020-02-01 03:04:05.678901', '0044-03-15 12:00:00 BC', '294276-12-31 23:59:59.999999', @infinite);
my @ranges = ('empty', '[1,2)', '(,5)', '(,)');
my %awkward = (
	'boolean' => [qw(t f)],
	'smallint' => [ -32768, 0 ], 'integer' => [ -2147483648, 7 ],
	'bigint' => [ '-9223372036854775808', '9223372036854775807' ],
	'numeric' => [ 'NaN', 'Infinity', '-0.00', '1e-200', '9' x 400 ],
	'real' => [ 'NaN', 'Infinity', '-0', '0.1', '1e-45', '3.4028235e38' ],
	'double precision' => [ 'NaN', '-Infinity', '-0', '0.1', '5e-324', '0.30000000000000004' ],
	'oid' => [ 0, 4294967295 ],
	'text' => [ '', '\N', '\.', "a\tb\nc\rd\\e\x0b\x0c\x08\x01\x7f", "größe \x{1f600} \x{feff}", 'NULL', ' ', "'" ],
	'character varying(5)' => [ 'abc', '' ], 'character(5)' => [ 'ab', '' ],
	'"char"' => [ 'a', '\377' ], 'name' => ['x y'],
	'bytea' => [ '\x', '\x00ff5c0a09', 'text' ], 'bit(3)' => ['101'], 'bit varying' => [ '', '1' ],
	'uuid' => ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'],
	'json' => [ '{"b": 1,  "a":"\u0041\n", "a": null}', 'null' ], 'jsonb' => [ '{"b": 1, "a": "x\ty"}', '1.10' ],
	'xml' => [ '<a b="1">x</a>', 'text' ],
	'tsvector' => ["'it''s':1A fat:2"], 'tsquery' => ["fat & !'it''s':A"],
	'date' => [ '2020-02-01', '0044-03-15 BC', '5874897-12-31', @infinite ],
	'time without time zone' => [ '00:00:00', '24:00:00', '03:04:05.000001' ],
	'time with time zone' => [ '03:04:05+15:59', '24:00:00-00:30' ],
	'timestamp without time zone' => \@times,
	'timestamp with time zone' => [ @times, '2020-02-01 03:04:05+05:45', '1883-01-01 00:00:00+00' ],
	'interval' => [ '1 mon -3 days 04:05:06.7', '-1 year', '0', '178000000 years' ],
	'inet' => [ '10.1.2.3/8', '::1', '2001:db8::/32' ], 'cidr' => ['10.0.0.0/8'],
	'macaddr' => ['08:00:2b:01:02:03'], 'macaddr8' => ['08:00:2b:01:02:03:04:05'],
	'point' => ['(NaN,-Infinity)'], 'line' => ['{1,-2,3.5}'], 'lseg' => ['[(0,0),(1,1)]'], 'box' => ['(1,1),(0,0)'],
	'path' => [ '[(0,0),(1,2)]', '((0,0),(1,2))' ], 'polygon' => ['((0,0),(1,2),(3,4))'], 'circle' => ['<(1,2),3>'],
	'int4range' => \@ranges, 'int8range' => \@ranges, 'numrange' => [ @ranges, '[NaN,NaN]' ],
	'tsrange' => ['["2020-02-01 00:00:00",infinity]'], 'tstzrange' => ['["2020-02-01 00:00:00+05:45",)'],
	'daterange' => [ '[2020-02-01,2020-03-01)', 'empty' ],
	'int4multirange' => [ '{}', '{[1,2),[5,)}' ], 'int8multirange' => ['{(,)}'], 'nummultirange' => ['{[0.1,0.2]}'],
	'tsmultirange' => ['{["2020-02-01 00:00:00",)}'], 'tstzmultirange' => ['{["2020-02-01 00:00:00+00",)}'],
	'datemultirange' => ['{[2020-02-01,2020-03-01)}'],
	'integer[]' => [ '{}', '{1,NULL,3}', '{{1,2},{3,4}}', '[0:1]={1,2}' ],
	'text[]' => ['{"",NULL,"NULL","a\"b\\\\c","tab	,x"}'],
	'timestamp with time zone[]' => ['{"2020-02-01 00:00:00+05:45"}'],
	'bytea[]' => ['{"\\\\x00ff"}'], 'jsonb[]' => ['{"{\"a\": [1, 2]}"}'], 'double precision[]' => ['{0.1,NaN}'],
	'public.mood' => [ 'sad', 'it\'s "fine"' ], 'public.moods' => ['so-so'],
	'public.mood[]' => ['{sad,"it\'s \"fine\""}'],
	'public.pair' => [ '(1,"x ""y"" \\\\ z")', '(,)' ], 'public.pair[]' => ['{"(1,\"a,b\")",NULL}'],
	'public.positive' => [7], 'public.positive[]' => ['{1,2}'], 'public.floats' => ['[0.1,Infinity]'],
	'money' => ['-1234.50'], 'regclass' => ['pg_catalog.pg_class'], 'pg_lsn' => ['16/B374D848']);

sub literal
{
	my ($text) = @_;
	return 'NULL' if !defined $text;
	return "'" . $text =~ s/'/''/gr . "'";
}

subtest 'values of every type' => sub {
	my @types = sort keys %awkward;
	for my $number (0 .. $#types)
	{
		my ($type, @values) = ($types[$number], @{ $awkward{ $types[$number] } }, undef);
		my $values = join ', ', map { '(' . literal($_) . "::$type)" } @values;
		sql("CREATE TABLE type_$number AS SELECT row_number() OVER ()::integer AS row, v FROM (VALUES $values) x (v)");
	}
	for my $number (0 .. $#types)
	{
		my @read = rows_of(reads([ 'public', "type_$number" ], [ 'row', 'v' ]));
		my $value = "CASE WHEN v IS DISTINCT FROM NULL THEN format('%s', v) END";
		my $had =
			sql("$settings SELECT json_agg(json_build_object('v', $value) ORDER BY row) FROM public.type_$number");
		my @wanted = map { $_->{v} } @{ $json->decode(Encode::encode_utf8($had)) };
		is_deeply([ map { $_->[1] } sort { $a->[0] <=> $b->[0] } @read ], \@wanted, $types[$number]);
		# Back to a value, which is the same one.
		my $same = join ' AND ', map {
				  "(SELECT v::text IS NOT DISTINCT FROM ("
				. literal($_->[1])
				. "::$types[$number])::text FROM public.type_$number WHERE row = $_->[0])"
		} @read;
		is(sql("$settings SELECT $same"), 't', "$types[$number]: the text means the value");
		my @queried = rows_of(queries("SELECT v FROM public.type_$number ORDER BY row"));
		is_deeply([ map { $_->[0] } @queried ], \@wanted, "$types[$number]: a query has the same");
	}
};

# ---- conditions ----

my $seed = $ENV{SEED} // time;
diag("SEED=$seed");
srand $seed;

my @texts = ('a', 'A', 'ä', "a\x{308}", '', ' ', '\\', "'", "\x{1f600}", 'sad', '%', 'NULL');
# A column of each type: the type of conditions, values, whether order is known.
my @columns = (
	[ i2 => 'smallint', 'smallint', [ -32768, -1, 0, 1, 7 ], 1 ],
	[ i4 => 'integer', 'integer', [ -2147483648, -1, 0, 1, 7 ], 1 ],
	[ i8 => 'bigint', 'bigint', [ '-9223372036854775808', -1, 0, 1, 7 ], 1 ],
	[ dom => 'positive', 'integer', [ 1, 7 ], 1 ],
	[ num => 'numeric(10,2)', 'numeric', [ 'NaN', '-1.50', '0.00', '7.00', '7.01' ], 1 ],
	[ r4 => 'real', 'real', [ 'NaN', 'Infinity', '-0', '0.1', '7' ], 1 ],
	[ r8 => 'double precision', 'double precision', [ 'NaN', '-Infinity', '0', '0.1', '7' ], 1 ],
	[ b => 'boolean', 'boolean', [qw(true false)], 1 ],
	[ u => 'uuid', 'uuid', [ map { "00000000-0000-0000-0000-00000000000$_" } 0 .. 4 ], 1 ],
	[ d => 'date', 'date', [ '2020-02-01', '2020-01-02', '0044-03-15 BC', 'infinity' ], 1 ],
	[   ts => 'timestamp(3)', 'timestamp without time zone',
		[ '2020-02-01 00:00:00', '2020-01-02 03:04:05.678', '-infinity' ], 1 ],
	[   tz => 'timestamp with time zone', 'timestamp with time zone',
		[ '2020-02-01 00:00:00+00', '2020-02-01 02:00:00+02', '2020-01-31 23:59:59-01' ], 1 ],
	[ iv => 'interval', 'interval', [ '1 mon', '30 days', '720:00:00', '-1 day' ], 1 ],
	[ by => 'bytea', 'bytea', [ '\x', '\x00', '\xff' ], 1 ],
	[ t => 'text', 'text', \@texts, 0 ],
	[ vc => 'character varying(5)', 'text', \@texts, 0 ],
	[ ch => 'character(5)', 'bpchar', [ 'a', 'a ', 'B', '', 'é' ], 0 ],
	[ co => 'code COLLATE anycase', 'bpchar', [ 'a', 'A', ' a' ], 0 ],
	[ ci => 'text COLLATE anycase', 'text', \@texts, 0 ],
	[ en => 'mood', 'text', [ 'sad', 'so-so', 'it\'s "fine"' ], 0 ]);
my %column = map { $_->[0] => $_ } @columns;

sub one_of { return $_[ rand @_ ] }

sub random_condition
{
	my ($name, undef, $type, $values, $ordered) = @{ one_of(@columns) };
	my $op = one_of('=', '<>', 'in', 'is null', 'is not null', $ordered ? ('<', '<=', '>', '>=') x 2 : ());
	my @values = map { '' . one_of(@$values, $type eq 'text' ? @texts : ()) } 1 .. 1 + rand 3;
	return { column => $name, op => $op } if $op =~ /null/;
	return { column => $name, op => $op, type => $type, values => \@values } if $op eq 'in';
	return { column => $name, op => $op, type => $type, value => $values[0] };
}

# The same condition for the source itself, over the values as they are read: texts are compared by their bytes.
sub as_sql
{
	my ($condition) = @_;
	my ($column, $op, $type) = @$condition{qw(column op type)};
	return "$column $op" if $op =~ /null/;
	my $is_text = $type eq 'text' || $type eq 'bpchar';
	my @values = map { literal($_) . "::$type" . ($is_text ? ' COLLATE "C"' : '') }
		@{ $condition->{values} // [ $condition->{value} ] };
	my $side = $is_text ? "$column\::$type COLLATE \"C\"" : $column;
	return $op eq 'in' ? "$side IN (" . join(', ', @values) . ')' : "$side $op $values[0]";
}

subtest 'conditions' => sub {
	sql('CREATE TABLE compared (id integer, ' . join(', ', map { "$_->[0] $_->[1]" } @columns) . ')');
	my @rows = map {
		my $row = $_;
		'(' . join(', ', $row, map { rand() < 0.15 ? 'NULL' : literal(one_of(@{ $_->[3] })) } @columns) . ')'
	} 1 .. 300;
	sql('INSERT INTO compared VALUES ' . join(', ', @rows));
	sql('CREATE INDEX ON compared (i4); CREATE INDEX ON compared (t); ANALYZE compared');
	for (1 .. 150)
	{
		my @conditions = map { random_condition() } 1 .. 1 + rand 2;
		my $where = join ' AND ', map { '(' . as_sql($_) . ')' } @conditions;
		my @frames = reads([ 'public', 'compared' ], ['id'], conditions => \@conditions);
		my $sent = join ' ', sort { $a <=> $b } map { $_->[0] } rows_of(@frames);
		my $wanted = sql(
			"SET TimeZone = 'UTC'; SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM public.compared WHERE $where"
		);
		my ($reading) = frames_of('reading', @frames);
		my $fine = $sent eq $wanted && @{ $reading->{applied} // [] } == @conditions;
		next if $fine;
		is($sent, $wanted, $where);
		is(scalar @{ $reading->{applied} // [] }, scalar @conditions, "$where is applied");
		diag(message_of(@frames));
	}
	pass('conditions hold for the same rows at both ends');
	my @counted = reads(
		[ 'public', 'compared' ], [],
		conditions => [ { column => 'ci', op => '=', type => 'text', value => 'a' } ]);
	is($counted[-1]{rows}, sql(q{SELECT count(*) FROM compared WHERE ci COLLATE "C" = 'a'}), 'and are counted');
};

subtest 'what is not compared' => sub {
	sql(q{CREATE TABLE padded (c character(5), p pair, j jsonb, ti integer); INSERT INTO padded VALUES ('ab', '(,)', '1', 1), ('b', NULL, NULL, NULL)}
	);
	for my $condition (
		{ column => 'c', op => '=', type => 'text', value => 'ab' },
		{ column => 'c', op => '<>', type => 'text', value => 'ab' },
		{ column => 'j', op => '=', type => 'jsonb', value => '1' },
		{ column => 'ti', op => '=', type => 'text', value => '1' },
		{ column => 'ti', op => '=', type => 'numeric', value => '1.5' },
		{ column => 'ti', op => '=', type => q{integer OR true --}, value => '1' })
	{
		my @frames = reads([ 'public', 'padded' ], ['c'], conditions => [$condition], limit => 1);
		my ($reading) = frames_of('reading', @frames);
		is_deeply(
			[ $frames[-1]{rows}, scalar @{ $reading->{applied} }, $reading->{limited} ? 1 : 0 ], [ 2, 0, 0 ],
			"$condition->{column} $condition->{op} $condition->{type} is left to the server, and so is the limit");
	}
	my %null = (column => 'p', op => 'is null');
	is((reads([ 'public', 'padded' ], ['c'], conditions => [ \%null ]))[-1]{rows}, 1, 'a row of nulls is not null');
};

subtest 'another encoding' => sub {
	sql("SET client_encoding = 'UTF8'; $_", database => 'latin')
		for 'CREATE TABLE t (v text, w "char", c char(6)); GRANT SELECT ON t TO reader',
		q{INSERT INTO t VALUES ('größe', 'a', 'größe'), ('x', 'b', 'x'), (NULL, NULL, NULL)};
	my @latin = ([ 'public', 't' ], ['v'], database => 'latin');
	start_reader();
	is_deeply([ map { $_->[0] } rows_of(reads(@latin)) ], [ 'größe', 'x', undef ], 'values become UTF-8');
	my %v = (column => 'v', type => 'text');
	my %cases = (
		'a character that it has' => [ { op => '=', value => 'größe' } => 'größe' ],
		'a character that it has not' => [ { op => '=', value => "\x{1f600}" } => () ],
		'another than one that it has not' => [ { op => '<>', value => "\x{1f600}" } => 'größe', 'x' ],
		'a list with both' => [ { op => 'in', values => [ "\x{1f600}", 'größe', 'x' ] } => 'größe', 'x' ]);
	for my $name (sort keys %cases)
	{
		my ($condition, @wanted) = @{ $cases{$name} };
		my @frames = reads(@latin, conditions => [ { %v, %$condition } ]);
		is_deeply([ map { $_->[0] } rows_of(@frames) ], \@wanted, $name) or diag(message_of(@frames));
		is_deeply((frames_of('reading', @frames))[0]{applied}, [0], "$name is applied");
	}
	my %c = (column => 'c', op => '=', type => 'bpchar');
	my @counts = map { (reads(@latin, conditions => [ { %c, value => $_ } ]))[-1]{rows} } 'x ', 'größe';
	is_deeply(\@counts, [ 1, 3 ], 'a character(6) is compared with what every encoding has');
	end_reader();
};

done_testing();
