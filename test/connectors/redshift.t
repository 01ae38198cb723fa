# What the connector redshift says of a simulated Redshift (lib/RedshiftCatalogs.pm): documents, what rights hide, statements.
# No test here has met a real cluster.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use RedshiftCatalogs;
use Source;
use SqlDialect;
use Test::More;

my $connector = installed_connector('redshift');
plan(skip_all => "$connector is not built") unless -x $connector;
start_server();
sql('CREATE DATABASE source', database => 'postgres');
sql(redshift_catalogs());
sql("ALTER ROLE reader PASSWORD '$password'");
sql(<<~'EOT');
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

my $base = {
	type => 'redshift', credentials => { username => 'reader', password => $password },
	endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source' }
};

# The frames of the answer, which are as the protocol wants them.
sub answers
{
	my (%change) = @_;
	my $answer = ask_connector([$connector], request_line($base, %change));
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	return @{ $answer->{frames} };
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
		{   name => 'name', type => 'character varying(20)', pg_type => 'character varying(20)',
			not_null => JSON::PP::true,
			default => "'x'::character varying", comment => 'In full'
		},
		'a column');
	is(columns('shop.customers')->{price}{type}, 'numeric(10,2)', 'a type with its precision');
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
			{ name => 'name', type => 'character varying(20)', pg_type => 'character varying(20)' } ],
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

subtest 'what the server is told' => sub {
	sql("ALTER SYSTEM SET log_statement = 'all'; ");
	reload();
	answers();
	my @said = map { /LOG:  (?:statement|execute <unnamed>): (.*)/ ? $1 : () } split /\n/, content("$home/log");
	my @told = grep { /^(?:SET|BEGIN|ROLLBACK|RESET|START|SAVEPOINT)/ } @said;
	is_deeply(
		[ grep { !/^(?:SET statement_timeout TO \d+|BEGIN READ ONLY|ROLLBACK)$/ } @told ], [],
		'no setting beside the timeout');
	cmp_ok(scalar(@told), '>', 2, 'and that');
};

subtest 'every statement is in the dialect' => sub {
	my @statements = statements_of(content(dirname(__FILE__) . '/../../src/connectors/redshift/catalog.c'));
	is(scalar @statements, 11, 'all are found');
	is(not_in_dialect('redshift', @statements), '', 'sqlglot parses them');
	like(not_in_dialect('redshift', 'SELECT FROM FROM'), qr/FROM FROM/, 'and not everything');
};

done_testing();
