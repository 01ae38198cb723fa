# What every version of PostgreSQL brought, as the connector describes it: SOURCE_BIN names the server's programs
# (make check-sources).
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../connectors';
use Source;
use Test::More;

start_server();
my $version = int(sql('SHOW server_version_num', database => 'postgres') / 10000);

# Each statement, and the version that brought it.
my @statements = (
	[ 10, "CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('sad', 'glad'); CREATE DOMAIN shop.felt AS shop.mood" ],
	[   10,
		"CREATE TABLE shop.customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'x', felt shop.felt,
		amount numeric(10, 2) CHECK (amount > 0), tags text[], UNIQUE (name) DEFERRABLE INITIALLY DEFERRED)" ],
	[ 10, "COMMENT ON TABLE shop.customer IS 'People'; COMMENT ON COLUMN shop.customer.name IS 'As they say it'" ],
	[ 10, "CREATE INDEX customer_lower ON shop.customer (lower(name)) WHERE amount > 1" ],
	[   10,
		"CREATE TABLE shop.orders (id int PRIMARY KEY, customer_id bigint REFERENCES shop.customer ON DELETE CASCADE)"
	],
	[   10,
		"CREATE VIEW shop.rich AS SELECT * FROM shop.customer WHERE amount > 100; CREATE MATERIALIZED VIEW shop.kept AS SELECT 1 AS one"
	],
	[   10, "CREATE TABLE shop.event (at date, what text) PARTITION BY RANGE (at);
		CREATE TABLE shop.event_old PARTITION OF shop.event FOR VALUES FROM ('2000-01-01') TO ('2001-01-01')" ],
	[ 10, "CREATE SEQUENCE shop.counter AS integer INCREMENT 5" ],
	[ 10, "CREATE TABLE shop.booking (during int4range, EXCLUDE USING gist (during WITH &&))" ],
	[   11,
		"CREATE TABLE shop.event_rest PARTITION OF shop.event DEFAULT; CREATE INDEX customer_covering ON shop.customer (id) INCLUDE (name)"
	],
	[ 12, "CREATE TABLE shop.computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED)" ],
	[ 15, "CREATE TABLE shop.unlike (a int, UNIQUE NULLS NOT DISTINCT (a))" ],
	[   15, "CREATE TABLE shop.member (org int, id int, PRIMARY KEY (org, id));
		CREATE TABLE shop.entry (org int, author int, CONSTRAINT entry_author
			FOREIGN KEY (org, author) REFERENCES shop.member ON DELETE SET NULL (author))"
	],
	[ 15, "CREATE VIEW shop.invoked WITH (security_invoker) AS SELECT 1 AS one" ],
	[ 18, "CREATE TABLE shop.virtual (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)" ],
	[   18, "CREATE TABLE shop.stay (room int4range, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));
		CREATE TABLE shop.guest (room int4range, during daterange, CONSTRAINT guest_stay
			FOREIGN KEY (room, PERIOD during) REFERENCES shop.stay (room, PERIOD during))"
	],
	[ 18, "CREATE TABLE shop.promise (a int, CONSTRAINT kept CHECK (a > 0) NOT ENFORCED)" ]);

sql("CREATE DATABASE source", database => 'postgres');
for my $statement (@statements)
{
	sql($statement->[1]) if $statement->[0] <= $version;
}

my @frames = connect_with();
my %relation = map { $_->{name} => $_ } grep { $_->{frame} eq 'relation' } @frames;
my %document = map { $_ => $relation{$_}{document} } keys %relation;

sub column
{
	my ($name, $column) = @_;
	return (grep { $_->{name} eq $column } @{ $document{$name}{columns} })[0] // {};
}

sub named
{
	my ($list, $name) = @_;
	return (grep { $_->{name} eq $name } @{ $list // [] })[0] // {};
}

# A test of what a version brought; what is older does not have it.
sub brought
{
	my ($since, $name, $test) = @_;
	subtest $name => $test if $version >= $since;
}

is($frames[-1]{frame}, 'end', "PostgreSQL $version is discovered") or diag($json->encode($frames[-1]));
is_deeply([ grep { $_->{frame} eq 'skipped' } @frames ], [], 'nothing is skipped');
ok(!(grep { exists $_->{unreadable} } values %document), 'everything could be read')
	or diag($json->encode([ grep { exists $_->{unreadable} } values %document ]));
is($relation{event}{kind}, 'partitioned_table', 'a partitioned table');
is($relation{event_old}{kind}, 'partition', 'a partition');
is($relation{kept}{kind}, 'materialized_view', 'a materialized view');
is($document{customer}{comment}, 'People', 'a comment');
is(column('customer', 'id')->{identity}, 'always', 'an identity');
is_deeply(column('customer', 'felt')->{enum}, [ 'sad', 'glad' ], 'labels below a domain');
is_deeply($document{customer}{primary_key}{columns}, ['id'], 'a primary key');
is($document{orders}{foreign_keys}[0]{on_delete}, 'cascade', 'a foreign key');
ok(named($document{customer}{unique}, 'customer_name_key')->{deferrable}, 'a deferrable key');
like(
	named($document{customer}{indexes}, 'customer_lower')->{definition} // '', qr/lower\(name\)/,
	'an index over an expression');
like($document{rich}{definition} // '', qr/FROM shop\.customer/, 'the definition of a view');
brought(12, 'generated columns', sub { is(column('computed', 'b')->{generated}, 'stored', 'are stored') });
brought(15, 'nulls not distinct', sub { ok($document{unlike}{unique}[0]{nulls_not_distinct}, 'is told') });
brought(
	15, 'ON DELETE SET NULL (column)',
	sub { is_deeply($document{entry}{foreign_keys}[0]{on_delete_columns}, ['author'], 'names it') });
brought(15, 'security_invoker', sub { is($document{invoked}{options}{security_invoker}, 'true', 'is told') });
brought(18, 'virtual columns', sub { is(column('virtual', 'b')->{generated}, 'virtual', 'are told apart') });
brought(
	18,
	'temporal keys',
	sub {
		ok($document{stay}{primary_key}{temporal}, 'WITHOUT OVERLAPS');
		ok($document{guest}{foreign_keys}[0]{temporal}, 'PERIOD');
	});
brought(
	18,
	'NOT ENFORCED',
	sub {
		my $check = named($document{promise}{checks}, 'kept');
		ok($check->{not_enforced}, 'is told');
		ok(!$check->{not_valid}, 'and is not taken for NOT VALID');
	});

# Nothing that varies between two looks, and signatures that hold.
my @again = connect_with();
is_deeply(
	[ grep { $_->{frame} eq 'relation' } @again ], [ grep { $_->{frame} eq 'relation' } @frames ],
	'read again, it is the same');
sql("INSERT INTO shop.customer (name, felt, amount, tags) SELECT 'n' || i, 'glad', i, '{a}' FROM generate_series(1, 30) i; ANALYZE"
);
my @sample = connect_with(
	operation => 'sample',
	sample => {
		relations => [ { schema => 'shop', name => 'customer', id => $relation{customer}{id} } ],
		categories => 60, category_length => 50, examples => 3, example_length => 200, relation_timeout => 10
	});
my ($values) = grep { $_->{frame} eq 'sample' } @sample;
is_deeply($values->{categories}{felt}, [ 'sad', 'glad' ], 'values can be sampled') or diag($json->encode(\@sample));
is(scalar @{ $values->{examples} // [] }, 3, 'three rows of them');
is((connect_with(operation => 'test'))[-1]{frame}, 'end', 'and the connection tested');
done_testing();
