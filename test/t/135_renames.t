# What follows from a rename in other relations is no change of them; what is changed besides is.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE SCHEMA other;
CREATE TABLE person (id int PRIMARY KEY, name text, "Größe" int);
CREATE TABLE orders (id int PRIMARY KEY, person int CONSTRAINT buyer REFERENCES person, name text);
CREATE VIEW people AS SELECT p.id, p.name, p."Größe" FROM person p WHERE p.name <> '';
CREATE VIEW direct AS SELECT id, name FROM person;
CREATE VIEW bought AS SELECT o.name FROM orders o JOIN person p ON p.id = o.person;
CREATE TABLE parts (day date) PARTITION BY RANGE (day);
CREATE TABLE part PARTITION OF parts DEFAULT;
CREATE TABLE parent (a int);
CREATE TABLE heir () INHERITS (parent);
CREATE TABLE counted (n serial);
EOS
my $id = create_source($server, source_of($source, $password));
discover($server, $id);
my $seen = 0;

# A test: these statements lead to these changes, and the next discovery tells none.
sub tells
{
	my ($statements, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $told = sub {
		discover($server, $id, 'refresh => true');
		my $new = sql(
			$server,
			"SELECT coalesce(string_agg(concat_ws(' ', object_type, concat_ws('.', table_name, object_name), change), ', '
			ORDER BY table_name, object_type <> 'relation', object_name), '')
		FROM rivergen.schema_changes WHERE data_source_id = $id AND change_id > $seen"
		);
		$seen = sql($server, "SELECT coalesce(max(change_id), 0) FROM rivergen.schema_changes");
		return $new;
	};
	sql($source, $statements);
	is($told->(), $expected, $name);
	is($told->(), '', '... once');
}

tells('ALTER TABLE person RENAME TO human', 'relation human renamed', 'a table, with a foreign key and views of it');
tells(
	'ALTER TABLE human RENAME COLUMN id TO number', 'column human.number renamed',
	'a column that a foreign key and views name');
tells(
	'ALTER TABLE human RENAME COLUMN "Größe" TO "How tall?"', 'column human.How tall? renamed',
	'with names that are quoted');
tells('ALTER TABLE human SET SCHEMA other', 'relation human renamed', 'another schema');
tells(
	'ALTER TABLE other.human RENAME TO orders_2; ALTER TABLE orders RENAME COLUMN person TO human; ALTER TABLE other.orders_2 RENAME number TO id',
	'column orders.human renamed, relation orders_2 renamed, column orders_2.id renamed',
	'on both ends of a key at once');
tells(
	'ALTER TABLE parts RENAME TO pieces; ALTER TABLE parent RENAME TO ancestor; ALTER TABLE counted RENAME COLUMN n TO m',
	'relation ancestor renamed, column counted.m renamed, relation pieces renamed',
	'partitions, heirs and sequences of columns');
tells(
	'ALTER TABLE other.orders_2 RENAME COLUMN name TO title; CREATE OR REPLACE VIEW direct AS SELECT id, upper(title) AS name FROM other.orders_2',
	'relation direct changed, column orders_2.title renamed', 'a view that was changed besides is told');
tells(
	'ALTER TABLE other.orders_2 RENAME COLUMN id TO key; ALTER TABLE orders DROP CONSTRAINT buyer,
		ADD CONSTRAINT buyer FOREIGN KEY (human) REFERENCES other.orders_2 ON DELETE CASCADE',
	'foreign_key orders.buyer changed, column orders_2.key renamed',
	'a foreign key that was changed besides is reported');
like(
	sql($server, "SELECT view_definition FROM rivergen.views WHERE data_source_id = $id AND table_name = 'people'"),
	qr/title/, 'what is shown is what it is now');

# The same with how grave it is, and of one schema.
sub told
{
	my ($scope) = @_;
	discover($server, $id, 'refresh => true' . ($scope ? ", schema_name => '$scope'" : ''));
	my $new = sql(
		$server,
		"SELECT coalesce(string_agg(concat_ws(' ', object_type, concat_ws('.', table_name, object_name), change, classification), ', '
		ORDER BY table_name, object_type <> 'relation', object_name), '')
		FROM rivergen.schema_changes WHERE data_source_id = $id AND change_id > $seen"
	);
	$seen = sql($server, "SELECT coalesce(max(change_id), 0) FROM rivergen.schema_changes");
	return $new;
}

sql($source, <<'EOS');
CREATE SCHEMA types;
CREATE TYPE types.mood AS ENUM ('good', 'bad');
CREATE TYPE types.grade AS ENUM ('1', '2');
CREATE DOMAIN types.felt AS types.mood;
CREATE SCHEMA shop;
CREATE TABLE shop.customer (id int PRIMARY KEY, code text UNIQUE,
	mood types.mood DEFAULT 'good' CHECK (mood <> 'bad'), felt types.felt, moods types.mood[]);
CREATE UNIQUE INDEX one_bad ON shop.customer (id) WHERE mood = 'bad';
CREATE SCHEMA log;
CREATE TABLE log.visit (customer int CONSTRAINT who REFERENCES shop.customer, code text CONSTRAINT by_code REFERENCES shop.customer (code));
CREATE VIEW log.seen AS SELECT c.id, v.code FROM shop.customer c JOIN log.visit v ON v.customer = c.id;
CREATE TABLE log.heir () INHERITS (shop.customer);
EOS
told();

subtest 'one schema, while another one changed' => sub {
	sql($source, 'ALTER TABLE shop.customer RENAME TO client');
	is(told('log'), '', 'a key, a view and an heir of a table that has another name now');
	is(told(), 'relation client renamed breaking', 'the discovery of the renamed table reports the rename');
	sql($source, 'ALTER SCHEMA shop RENAME TO store');
	is(told('log'), '', 'objects of a renamed schema that is discovered alone are no change');
	is(told('store'), 'relation client renamed breaking', 'likewise');
	is(told(), '', 'once');
	sql($source,
		'ALTER TABLE store.client RENAME TO buyer; ALTER TABLE log.visit DROP CONSTRAINT by_code,
			ADD CONSTRAINT by_code FOREIGN KEY (code) REFERENCES store.buyer (code) ON DELETE CASCADE'
	);
	is(told('log'), 'foreign_key visit.by_code changed breaking', 'what changed besides is told');
	is(told(), 'relation buyer renamed breaking', 'the rename is reported where it happened');
};

subtest 'types' => sub {
	my $columns =
		'column buyer.felt changed compatible, column buyer.mood changed compatible, column buyer.moods changed compatible';
	my $heir =
		'column heir.felt changed compatible, column heir.mood changed compatible, column heir.moods changed compatible';
	sql($source, 'ALTER TYPE types.mood RENAME TO temper');
	is(told('store'), $columns, 'an enumeration that has another name, in columns and not in what names it');
	is(told('log'), $heir, 'schema by schema');
	sql($source, 'ALTER TYPE types.temper SET SCHEMA public');
	is(told(), "$columns, $heir", 'an enumeration in another schema changes only the columns');
	sql($source, 'ALTER TYPE public.temper SET SCHEMA types');
	told();
	sql($source, 'ALTER SCHEMA types RENAME TO kinds');
	is(told(), "$columns, $heir", 'an enumeration in a renamed schema changes only the columns');
	sql($source, 'ALTER SCHEMA store RENAME TO shop; ALTER TYPE kinds.temper SET SCHEMA shop');
	like(told(), qr/^relation buyer renamed breaking/, 'a schema of tables and types');
	sql($source, 'ALTER SCHEMA shop RENAME TO store');
	is(told(), 'relation buyer renamed breaking', 'tells the tables only');
	sql($source, 'ALTER TABLE store.buyer DROP mood CASCADE, ADD mood kinds.grade');
	like(told(), qr/column buyer\.mood .*breaking/, 'another enumeration is another type');
	sql($source, 'ALTER TABLE store.buyer ALTER moods TYPE text[], ALTER felt TYPE text');
	is( told(),
		'column buyer.felt changed breaking, column buyer.moods changed breaking, '
			. 'column heir.felt changed breaking, column heir.moods changed breaking',
		'a plain type instead of an enumeration is breaking');
};

done_testing();
