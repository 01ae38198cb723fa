# What the connector redshift says of a simulated Redshift (lib/RedshiftCatalogs.pm): documents, what rights hide, statements.
# No test here has met a real cluster.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Peer::Redshift;
use Source;
use SqlDialect;
use Test::More;

my $connector = installed_connector('redshift');
plan(skip_all => "$connector is not built") unless -x $connector;
my $base = Peer::Redshift->with(<<~'EOT')->base;
	CREATE SCHEMA shop;
	COMMENT ON SCHEMA shop IS 'What is sold';
	CREATE SCHEMA lake;
	CREATE TABLE shop.customers (id bigint, part integer, name varchar(20) NOT NULL DEFAULT 'x', price numeric(10,2),
		PRIMARY KEY (id, part), UNIQUE (name));
	COMMENT ON TABLE shop.customers IS 'Buyers';
	COMMENT ON COLUMN shop.customers.name IS 'In full';
	CREATE TABLE shop.orders (gone integer, id integer, buyer bigint, buyer_part integer,
		FOREIGN KEY (buyer, buyer_part) REFERENCES shop.customers (id, part));
	ALTER TABLE shop.orders DROP COLUMN gone;
	CREATE TABLE shop.hidden (id integer);
	CREATE SEQUENCE shop.numbers;
	GRANT USAGE ON SEQUENCE shop.numbers TO public;
	CREATE VIEW shop.open_orders AS SELECT id FROM shop.orders;
	INSERT INTO simulated.style VALUES ('shop.customers', 1), ('shop.orders', 8);
	INSERT INTO simulated.layout VALUES ('shop.customers', 'id', true, 2), ('shop.customers', 'name', false, 1),
		('shop.orders', 'id', false, 1), ('shop.orders', 'buyer', false, -2);
	INSERT INTO simulated.late VALUES ('shop', 'late', 'id', 'integer', 1), ('shop', 'late', 'name', 'character varying(20)', 2),
		('lake', 'late', 'other', 'super', 1);
	INSERT INTO simulated.svv_external_tables VALUES ('lake', 'clicks', 's3://bucket/clicks/', 'PARQUET');
	INSERT INTO simulated.svv_external_columns VALUES ('lake', 'clicks', 'at', 'timestamp', 1, 0, 'true'),
		('lake', 'clicks', 'item', 'struct<id:int,tags:array<string>>', 2, 0, 'true'),
		('lake', 'clicks', 'year', 'int', 3, 1, 'false'), ('lake', 'clicks', 'month', 'int', 4, 2, 'false');
	INSERT INTO simulated.svv_table_info VALUES ('shop', 'customers', 'shop.customers'::regclass, 7, 1234);
	GRANT USAGE ON SCHEMA shop, lake TO reader;
	GRANT SELECT ON shop.customers, shop.orders, shop.open_orders TO reader;
	EOT

# The frames of the answer, which are as the protocol wants them.
sub answers
{
	my (%change) = @_;
	my $answer = ask_connector(
		[$connector], request_line($base, %change),
		open => ($change{operation} // '') =~ /^(?:read|query)$/ ? 1 : 0);
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	return @{ $answer->{frames} };
}

# The rows of a relation of the schema shop, and the frame `reading`.
sub reads
{
	my ($relation, $columns, %more) = @_;
	my @frames = answers(operation => 'read', read => read_request([ 'shop', $relation ], $columns, %more));
	is($frames[-1]{frame}, 'end', 'a read ends well') or diag(explain($frames[-1]));
	return ([ rows_of(@frames) ], (frames_of('reading', @frames))[0]);
}

my @frames = answers();
my %relations = map { ("$_->{schema}.$_->{name}" => $_) } frames_of('relation', @frames);

sub document { return $relations{ $_[0] }{document} // {} }

sub columns
{
	my ($relation) = @_;
	return { map { ($_->{name} => $_) } @{ document($relation)->{columns} // [] } };
}

subtest 'the simulated server is told as a Redshift' => sub {
	my ($connected) = frames_of('connected', @frames);
	is_deeply([ @$connected{qw(server dialect)} ], [ 'Redshift 1.0.12103', 'redshift 1' ], 'its version');
	is_deeply(
		[ map { [ @$_{qw(name comment)} ] } frames_of('schema', @frames) ],
		[   [ 'lake', undef ],
			[ 'public', (map { $_->{comment} } grep { $_->{name} eq 'public' } frames_of('schema', @frames)) ],
			[ 'shop', 'What is sold' ] ],
		'its schemas');
	fails_with(
		'a PostgreSQL', 'connect', 'unsupported', 0,
		answers(credentials => { username => 'owner' }, operation => 'test'));
};

subtest 'tables of a simulated Redshift' => sub {
	my $customers = $relations{'shop.customers'};
	is($customers->{document}{comment}, 'Buyers', 'a comment');
	is($customers->{id}, sql("SELECT 'shop.customers'::regclass::oid"), 'the oid is the id');
	is_deeply([ @$customers{qw(row_estimate size_bytes)} ], [ 1234, 7 * 1048576 ], 'size and rows');
	is_deeply(
		columns('shop.customers')->{name},
		{   name => 'name', type => 'character varying(20)',
			not_null => JSON::PP::true,
			default => "'x'::character varying", comment => 'In full'
		},
		'a column');
	is_deeply(
		[ @{ columns('shop.customers')->{price} }{qw(type pg_type)} ], [ 'numeric(10,2)', 'numeric' ],
		'a type with its precision, and PostgreSQL\'s without');
	is_deeply(
		$customers->{document}{options}, { diststyle => 'KEY', distkey => 'id', sortkey => 'name, id' },
		'how it is laid out');
	is_deeply(
		document('shop.orders')->{options},
		{ diststyle => 'ALL', interleaved_sortkey => 'id, buyer' }, 'an interleaved sort key');
	ok(!$relations{'shop.hidden'}, 'a table without a right on it is absent');
};

subtest 'keys are informational' => sub {
	my $customers = document('shop.customers');
	is_deeply(
		$customers->{primary_key},
		{ name => 'customers_pkey', columns => [ 'id', 'part' ], not_enforced => JSON::PP::true }, 'primary key');
	is_deeply(
		$customers->{unique}, [ { name => 'customers_name_key', columns => ['name'], not_enforced => JSON::PP::true } ],
		'unique');
	is_deeply(
		document('shop.orders')->{foreign_keys},
		[ { name => 'orders_buyer_buyer_part_fkey', columns => [ 'buyer', 'buyer_part' ], schema => 'shop',
			table => 'customers', referenced_columns => [ 'id', 'part' ], not_enforced => JSON::PP::true
		} ],
		'foreign key, also where a column was dropped');
};

subtest 'views of a simulated Redshift' => sub {
	like(document('shop.open_orders')->{definition}, qr/SELECT .*id/s, 'a definition');
	is_deeply(
		document('shop.late')->{columns},
		[   { name => 'id', type => 'integer', pg_type => 'integer' },
			{ name => 'name', type => 'character varying(20)' } ],
		'a view WITH NO SCHEMA BINDING has its columns');
	is_deeply(
		document('lake.late')->{columns}, [ { name => 'other', type => 'super', pg_type => 'jsonb' } ],
		'in each schema its own');
	is_deeply(document('shop.late')->{unreadable}, ['definition'], 'a definition that the catalogs do not show');
};

subtest 'external tables of a simulated Spectrum' => sub {
	my $clicks = $relations{'lake.clicks'};
	is($clicks->{kind}, 'foreign_table', 'a foreign table');
	is_deeply(
		$clicks->{document}{options}, { location => 's3://bucket/clicks/', input_format => 'PARQUET' },
		'where it lies');
	is($clicks->{document}{partition_key}, 'year, month', 'its partition columns');
	is_deeply(
		columns('lake.clicks')->{item}, { name => 'item', type => 'struct<id:int,tags:array<string>>' },
		'a nested type is whole');
};

subtest 'rights' => sub {
	sql('REVOKE SELECT ON simulated.svv_table_info, simulated.svv_external_tables FROM reader');
	my @less = answers();
	is($less[-1]{frame}, 'end', 'without some catalogs it goes on')
		or diag(explain($less[-1]));
	is_deeply([ grep { defined $_->{size_bytes} } frames_of('relation', @less) ], [], 'without sizes');
	sql('REVOKE SELECT ON simulated.svv_all_tables FROM reader');
	fails_with('without the list of tables', 'query', 'permission', 0, answers());
	sql('GRANT SELECT ON ALL TABLES IN SCHEMA simulated TO reader');
};

subtest 'rows of a simulated Redshift' => sub {
	sql(<<~'EOT');
		CREATE TABLE shop.bills (id integer PRIMARY KEY, price numeric(10,2), name varchar(40), code char(4), day date, at timestamp,
			zoned timestamptz, is_open boolean, factor double precision, bytes bytea, small smallint);
		INSERT INTO shop.bills VALUES
			(1, 12.50, 'it''s \', 'de', '2024-02-29', '2024-02-29 12:30:00.5', '2024-02-29 12:30:00+02', true, 0.1, '\x00ff', 1),
			(2, 99, NULL, 'fr', '2023-01-01', '2023-01-01', NULL, false, 1, NULL, 2);
		GRANT SELECT ON shop.bills TO reader;
		ALTER ROLE reader SET datestyle = 'SQL, DMY';
		ALTER ROLE reader SET timezone = 'Asia/Tokyo';
		EOT
	my ($rows) = reads('bills', [qw(id price name code day at zoned is_open factor bytes)]);
	is_deeply(
		$rows->[0],
		[   1, '12.50', "it's \\", 'de  ', '2024-02-29', '2024-02-29 12:30:00.5', '2024-02-29 10:30:00+00', 't', '0.1',
			'\\x00ff' ],
		'values do not depend on the settings of the user');
	my ($count, $reading) = reads('bills', ['id'], limit => 1);
	is_deeply([ scalar(@$count), $reading->{limited} ], [ 1, JSON::PP::true ], 'a limit');
	fails_with(
		'a nested value', 'query', 'unsupported', 0,
		answers(operation => 'read', read => read_request([ 'lake', 'clicks' ], ['item'])));
};

subtest 'conditions' => sub {
	my %cases = (
		'a number' => [ { column => 'price', op => '>', type => 'numeric', value => '12.50' }, [2], 1 ],
		'a number with more digits' =>
			[ { column => 'price', op => '>', type => 'numeric', value => '12.499999' }, [ 1, 2 ], 1 ],
		'39 digits' => [ { column => 'price', op => '<', type => 'numeric', value => '1' x 39 }, [ 1, 2 ], 0 ],
		'no number' => [ { column => 'price', op => '<', type => 'numeric', value => 'NaN' }, [ 1, 2 ], 0 ],
		'whole numbers' => [ { column => 'small', op => 'in', type => 'smallint', values => [ '1', '7' ] }, [1], 1 ],
		'a text, roughly' => [ { column => 'name', op => '=', type => 'text', value => "it's \\" }, [1], 0 ],
		'the order of texts' => [ { column => 'name', op => '<', type => 'text', value => 'a' }, [ 1, 2 ], 0 ],
		'blanks behind a text' => [ { column => 'code', op => '=', type => 'bpchar', value => 'de' }, [ 1, 2 ], 0 ],
		'a day' => [ { column => 'day', op => '<', type => 'date', value => '2024-01-01' }, [2], 1 ],
		'no day' => [ { column => 'day', op => '<', type => 'date', value => 'infinity' }, [ 1, 2 ], 0 ],
		'a moment' => [
			{ column => 'at', op => '>=', type => 'timestamp without time zone', value => '2024-02-29 12:30:00.5' },
			[1], 1 ],
		'a truth' => [ { column => 'is_open', op => '=', type => 'boolean', value => 't' }, [1], 1 ],
		'a float' => [ { column => 'factor', op => '=', type => 'double precision', value => '0.1' }, [ 1, 2 ], 0 ],
		'more values than parameters' =>
			[ { column => 'id', op => 'in', type => 'integer', values => [ map { "$_" } 2 .. 1002 ] }, [ 1, 2 ], 0 ],
		'null' => [ { column => 'name', op => 'is null' }, [2], 1 ]);
	for my $name (sort keys %cases)
	{
		my ($condition, $expected, $applied) = @{ $cases{$name} };
		my ($rows, $reading) = reads('bills', ['id'], conditions => [$condition]);
		is_deeply([ sort map { $_->[0] } @$rows ], $expected, "$name: the rows");
		is_deeply($reading->{applied}, [ $applied ? 0 : () ], "$name: what is applied");
	}
};

subtest 'samples of a simulated Redshift' => sub {
	my %sample = (
		categories => 5, category_length => 50, examples => 1, example_length => 100, masking => JSON::PP::false,
		relation_timeout => 60,
		relations => [ map { { schema => 'shop', name => $_ } } qw(bills gone hidden customers) ]);
	sql("CREATE VIEW shop.broken AS SELECT 1/(id - 1) AS n FROM shop.bills; GRANT SELECT ON shop.broken TO reader");
	push @{ $sample{relations} }, { schema => 'shop', name => 'broken' },
		{ schema => 'shop', name => 'bills', id => '1' };
	my @samples = frames_of('sample', answers(operation => 'sample', sample => \%sample));
	is_deeply(
		$samples[0]{categories}, { small => [ '1', '2' ], code => [ 'de  ', 'fr  ' ], name => ["it's \\"] },
		'categories, of which keys have none') or diag(explain($samples[0]));
	is($samples[0]{examples}[0]{price}, '12.50', 'an example');
	like($samples[$_]{error}, qr/no longer in the data source/, 'a relation that is not there') for 1, 2, 5;
	is($samples[4]{error}, 'the server could not read it; its SQLSTATE is 22012', 'no text of the server is told');
};

# The frames of the answer to a query.
sub queries { my ($text, %more) = @_; return answers(operation => 'query', query => { text => $text, %more }) }

subtest 'queries' => sub {
	my @frames = queries(
		q{/* ; */ WITH b AS (SELECT 'a;$b into \\'' AS "x;into", * FROM shop.bills)
			SELECT "x;into", id, price, zoned, CAST('00ff' AS varbyte) AS digits, 'x' AS word FROM b ORDER BY id; -- end});
	is_deeply(
		[ rows_of(@frames) ],
		[   [ q{a;$b into '}, 1, '12.50', '2024-02-29 10:30:00+00', '\x00ff', 'x' ],
			[ q{a;$b into '}, 2, '99.00', undef, '\x00ff', 'x' ] ],
		'rows') or diag(explain($frames[-1]));
	is_deeply(
		(frames_of('reading', @frames))[0]{columns},
		[   { name => 'x;into', type => 'text' },
			{ name => 'id', type => 'integer', pg_type => 'integer' },
			{ name => 'price', type => 'numeric(10,2)', pg_type => 'numeric' },
			{ name => 'zoned', type => 'timestamp with time zone', pg_type => 'timestamp with time zone' },
			{ name => 'digits', type => 'varbyte', pg_type => 'bytea' },
			{ name => 'word', type => 'text' } ],
		'columns');
	my %refused = (
		'DELETE FROM shop.bills' => 1, 'VALUES (1)' => 1, '"SELECT" 1' => 1, 'EXPLAIN SELECT 1' => 1,
		"SELECT 'größe'; SELECT 2" => 15,
		'SELECT 1 AS n InTo gone' => 15,
		'SELECT 1into gone' => 8,
		'SELECT 1.5into gone' => 10,
		"SELECT '\\\\' into gone" => 13,
		'SELECT $$into$$' => 8,
		'SELECT 1$1' => 8,
		'SELECT CAST($1 AS integer)' => 13,
		'SELECT gone FROM shop.bills' => 8,
		'SELECT FROM FROM' => 13);
	for my $text (sort keys %refused)
	{
		my $error = (queries($text))[-1];
		is_deeply([ @$error{qw(frame code position)} ], [ 'error', 'query', $refused{$text} ], "refused: $text")
			or diag(explain($error));
	}
	fails_with($_, 'query', 'query', 0, queries($_)) for '-- nothing', "SELECT nextval('shop.numbers')";
	for my $is_check (0, 1)
	{
		my ($error) = frames_of('error', queries('SELECT id FROM shop.hidden', check_only => $is_check ? \1 : undef));
		is_deeply(
			[ @$error{qw(code message)} ],
			[ 'permission', 'permission denied for table hidden' ],
			'a right that is missing' . ($is_check ? ', by a check' : ''));
	}
};

my @said;
subtest 'what the server is told' => sub {
	sql("ALTER SYSTEM SET log_statement = 'all'; ");
	reload();
	answers();
	reads(
		'bills', ['bytes'], conditions => [ { column => 'price', op => '>', type => 'numeric', value => '1.5' } ],
		limit => 1);
	answers(
		operation => 'sample',
		sample => {
			categories => 5, category_length => 50, examples => 1, example_length => 100, masking => JSON::PP::false,
			relation_timeout => 60, relations => [ { schema => 'shop', name => 'bills' } ]
		});
	queries('SELECT id, price FROM shop.bills', check_only => \1);
	queries('SELECT id, price FROM shop.bills', limit => 1);
	@said = map { /LOG:  execute <unnamed>: (.*)/ ? $1 : () } split /\n/, content("$home/log");
	my @told = grep { /^(?:SET|BEGIN|ROLLBACK|RESET|START|SAVEPOINT)/ } @said;
	my $settings = qr/statement_timeout TO \d+|datestyle TO 'ISO, YMD'|timezone TO 'UTC'|extra_float_digits TO 2/;
	my $allowed = qr/^(?:SET (?:$settings)|BEGIN READ ONLY|ROLLBACK)$/;
	is_deeply([ grep { !/$allowed/ } @told ], [], 'no setting beside the timeout and how values are written');
	cmp_ok(scalar(@told), '>', 2, 'and that');
};

subtest 'every statement is in the dialect' => sub {
	my %seen = map { $_ => 1 } grep { /^SELECT/ && !/ simulated\./ } @said;
	my @statements = sort keys %seen;
	cmp_ok(scalar @statements, '>', 12, 'all are found');
	is(not_in_dialect('redshift', @statements), '', 'sqlglot parses them');
	like(not_in_dialect('redshift', 'SELECT FROM FROM'), qr/FROM FROM/, 'and not everything');
};

done_testing();
