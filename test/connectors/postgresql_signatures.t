# Refreshing by signatures is worth nothing unless it finds what reading everything finds: after each of many changes
# the two must agree, and a change must not make more be read than what it may have touched.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

start_server();
sql('CREATE DATABASE source', database => 'postgres');
sql(<<~'EOT');
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw;
	CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw;
	CREATE ROLE keeper;
	CREATE ROLE reader LOGIN PASSWORD 'correct "horse" \battery';
	CREATE SCHEMA archive;
	CREATE TYPE mood AS ENUM ('sad', 'happy');
	CREATE TYPE pair AS (a integer, b text);
	CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
	CREATE DOMAIN many AS mood[];
	CREATE COLLATION german FROM "C";
	CREATE FUNCTION next_value() RETURNS integer LANGUAGE sql AS 'SELECT 1';
	CREATE FUNCTION unused() RETURNS integer LANGUAGE sql AS 'SELECT 1';
	CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
	CREATE TABLE customers (id integer PRIMARY KEY, name text, email text UNIQUE);
	CREATE TABLE orders (id serial PRIMARY KEY, customer integer REFERENCES customers, state mood, states many,
		amount positive, pair pair, note text COLLATE german, price numeric(10,2) DEFAULT 1, n integer DEFAULT next_value(),
		total integer GENERATED ALWAYS AS (id * 2) STORED, whole customers, CONSTRAINT cheap CHECK (price < 100));
	CREATE INDEX orders_twice ON orders (twice(id)) WHERE price > 1;
	CREATE INDEX orders_note ON orders (note);
	CREATE VIEW summary AS SELECT o.id, c.name, next_value() AS v FROM orders o JOIN customers c ON c.id = o.customer;
	CREATE VIEW above AS SELECT * FROM summary;
	CREATE MATERIALIZED VIEW stored AS SELECT name FROM customers;
	CREATE SEQUENCE numbers;
	CREATE TABLE numbered (id integer DEFAULT nextval('numbers'));
	CREATE TABLE events (at date, kind mood) PARTITION BY RANGE (at);
	CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
	CREATE TABLE events_2 (at date, kind mood);
	CREATE TABLE parent (a integer); CREATE TABLE child (b integer) INHERITS (parent); CREATE TABLE loner (a integer);
	CREATE FOREIGN TABLE far (a integer) SERVER remote OPTIONS (table_name 'x');
	CREATE TABLE quiet (a integer);
	CREATE TABLE base (a integer, b text);
	CREATE TABLE holder (one base, several base[]);
	CREATE DOMAIN wrapped AS base;
	CREATE TABLE wrapping (w wrapped);
	CREATE TYPE nested AS (inner_row base);
	CREATE TABLE nesting (n nested);
	CREATE FUNCTION rows_of_base() RETURNS SETOF base LANGUAGE sql AS 'SELECT NULL::integer, NULL::text';
	CREATE VIEW through_function AS SELECT r.a FROM rows_of_base() r;
	CREATE VIEW field AS SELECT (one).a FROM holder;
	CREATE INDEX base_a ON base (a);
	CREATE TABLE naming (c regclass DEFAULT 'base_a'::regclass, d regclass DEFAULT 'holder'::regclass);
	CREATE TABLE target (id integer PRIMARY KEY);
	CREATE VIEW chain_1 AS SELECT id FROM target;
	CREATE VIEW chain_2 AS SELECT id FROM chain_1;
	CREATE VIEW chain_3 AS SELECT id FROM chain_2;
	CREATE TABLE pointing (id integer REFERENCES target);
	CREATE FUNCTION checked(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
	CREATE TABLE checking (a integer CHECK (checked(a)));
	CREATE FUNCTION cut(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
	CREATE TABLE cutting (a integer) PARTITION BY LIST (cut(a));
	CREATE TABLE identity (a integer GENERATED ALWAYS AS IDENTITY);
	INSERT INTO quiet SELECT generate_series(1, 1000);
	EOT

my %cache;    # by native id: frame, signature
my $source;

sub known
{
	return {
		signature => $source,
		relations => [ map { [ "$_", $cache{$_}{signature} ] } grep { $cache{$_}{signature} } sort keys %cache ]
	};
}

# What a receiver makes of the frames of a refresh: the names of the relations that were read.
sub refresh
{
	my (%change) = @_;
	my @frames = connect_with(known => known(), %change);
	my (%now, @read);
	my $end = $frames[-1];
	die explain($end) if $end->{frame} ne 'end';
	for my $frame (grep { $_->{frame} =~ /^(relation|unchanged)$/ } @frames)
	{
		my $id = $frame->{id};
		push @read, $frame->{name} if $frame->{frame} eq 'relation';
		$now{$id} = $frame->{frame} eq 'relation' ? $frame : $cache{$id};
		die "$frame->{name} is called unchanged and was never read" unless $now{$id};
	}
	%cache = %now;
	$source = $end->{signature};
	return @read;
}

sub documents
{
	return join "\n", sort map { $json->encode([ @$_{qw(id schema name kind columns document)} ]) } @_;
}

sub read_in_full
{
	return documents(grep { $_->{frame} eq 'relation' } connect_with());
}

# ---- without a change ----

is(scalar(grep { $_->{signature} } connect_with()), 0, 'a request without signatures gets none');
is(scalar(refresh()), scalar keys %cache, 'the first refresh reads everything');
like($source, qr/./, 'the first refresh fetches a signature');
is_deeply([ refresh() ], [], 'the second reads nothing');
for my $harmless (
	'VACUUM FREEZE', 'ANALYZE', 'INSERT INTO quiet VALUES (5000)', 'UPDATE quiet SET a = a + 10000',
	'SELECT nextval(\'numbers\')',
	'VACUUM FREEZE pg_class', 'DO $$ BEGIN FOR i IN 1 .. 5000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$',
	'VACUUM FREEZE', 'CREATE TEMP TABLE passing (a integer)', 'CHECKPOINT',
	'CREATE OR REPLACE FUNCTION unused() RETURNS integer LANGUAGE sql AS \'SELECT 2\'',
	'BEGIN; ALTER TABLE quiet ADD COLUMN never integer; ROLLBACK')
{
	sql($harmless);
	is_deeply([ refresh() ], [], "nothing is read after: $harmless");
	is(documents(values %cache), read_in_full(), "and nothing is missed");
}

# ---- every kind of change ----

my @changes = (
	'ALTER TABLE quiet ADD COLUMN b text', 'ALTER TABLE numbered ALTER id SET NOT NULL',
	'ALTER TABLE numbered ALTER id DROP NOT NULL',
	'ALTER TABLE quiet RENAME b TO c', 'ALTER TABLE quiet ALTER c TYPE varchar(7)',
	"ALTER TABLE quiet ALTER c SET DEFAULT 'x'",
	"ALTER TABLE quiet ALTER c SET DEFAULT 'y'", 'ALTER TABLE quiet ALTER c DROP DEFAULT',
	'ALTER TABLE quiet DROP COLUMN c',
	'ALTER TABLE quiet ALTER a TYPE bigint', 'ALTER TABLE quiet RENAME TO silent', 'ALTER TABLE silent RENAME TO quiet',
	'ALTER TABLE quiet ADD COLUMN g bigint GENERATED ALWAYS AS (a + 1) STORED',
	'ALTER TABLE quiet ALTER g DROP EXPRESSION',
	'ALTER TABLE quiet ALTER a SET NOT NULL', 'ALTER TABLE quiet ALTER a ADD GENERATED BY DEFAULT AS IDENTITY',
	'ALTER TABLE quiet ALTER a SET GENERATED ALWAYS', 'ALTER TABLE quiet ALTER a DROP IDENTITY',
	'ALTER TABLE identity ALTER a SET INCREMENT 7', "COMMENT ON TABLE quiet IS 'one'",
	"COMMENT ON TABLE quiet IS 'two'",
	'COMMENT ON TABLE quiet IS NULL', "COMMENT ON COLUMN quiet.a IS 'three'", 'ALTER TABLE quiet OWNER TO keeper',
	'ALTER ROLE keeper RENAME TO warden', 'ALTER TABLE quiet ALTER a SET STATISTICS 5',
	'GRANT SELECT ON quiet TO reader',
	'ALTER TABLE orders RENAME CONSTRAINT cheap TO affordable', 'ALTER TABLE orders DROP CONSTRAINT affordable',
	'ALTER TABLE orders ADD CONSTRAINT dear CHECK (price > 1) NOT VALID', 'ALTER TABLE orders VALIDATE CONSTRAINT dear',
	'ALTER TABLE orders ALTER CONSTRAINT orders_customer_fkey DEFERRABLE INITIALLY DEFERRED',
	'ALTER TABLE customers RENAME id TO number', 'ALTER TABLE customers RENAME TO clients',
	'ALTER TABLE clients SET SCHEMA archive',
	'ALTER TABLE archive.clients RENAME name TO title',
	'ALTER TABLE archive.clients DROP CONSTRAINT customers_email_key',
	'ALTER SCHEMA archive RENAME TO cellar', 'ALTER TABLE cellar.clients ADD COLUMN added integer',
	'ALTER INDEX orders_note RENAME TO orders_noted', 'CREATE INDEX orders_price ON orders (price DESC)',
	'DROP INDEX orders_price',
	'CREATE UNIQUE INDEX single ON quiet (a)', 'ALTER INDEX single SET (fillfactor = 70)',
	'ALTER TABLE quiet ADD PRIMARY KEY USING INDEX single',
	'REINDEX TABLE orders', 'CLUSTER quiet USING single', 'ALTER FUNCTION twice(integer) RENAME TO double',
	'ALTER FUNCTION next_value() RENAME TO following', 'ALTER FUNCTION following() SET SCHEMA cellar',
	"ALTER TYPE mood ADD VALUE 'angry' BEFORE 'happy'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
	'ALTER TYPE mood RENAME TO temper',
	'ALTER DOMAIN positive SET NOT NULL', 'ALTER DOMAIN positive RENAME TO plus', 'ALTER DOMAIN many RENAME TO plenty',
	'ALTER TYPE pair RENAME TO couple', 'ALTER TYPE couple RENAME ATTRIBUTE a TO z',
	'ALTER COLLATION german RENAME TO deutsch',
	'CREATE OR REPLACE VIEW summary AS SELECT o.id, c.title AS name, cellar.following() AS v FROM orders o
		JOIN cellar.clients c ON c.number = o.customer WHERE o.id > 1',
	'ALTER VIEW summary RENAME v TO w', 'ALTER VIEW summary RENAME TO digest',
	'ALTER VIEW above ALTER id SET DEFAULT 5',
	'ALTER MATERIALIZED VIEW stored RENAME name TO renamed', 'REFRESH MATERIALIZED VIEW stored',
	'ALTER SEQUENCE numbers RENAME TO figures',
	'ALTER SEQUENCE figures INCREMENT 3 CYCLE', 'ALTER SEQUENCE figures OWNED BY numbered.id',
	'ALTER TABLE numbered RENAME id TO ident',
	'ALTER TABLE numbered RENAME TO counted', 'ALTER TABLE counted ADD COLUMN second integer',
	'ALTER SEQUENCE figures OWNED BY counted.second', 'ALTER SEQUENCE figures OWNED BY NONE',
	"ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
	'ALTER TABLE events RENAME at TO moment', 'ALTER TABLE events RENAME TO happenings',
	'ALTER TABLE happenings DETACH PARTITION events_1',
	'CREATE TABLE events_3 PARTITION OF happenings DEFAULT', 'ALTER TABLE happenings ADD PRIMARY KEY (moment)',
	'ALTER TABLE loner INHERIT parent',
	'ALTER TABLE child NO INHERIT parent', 'ALTER TABLE parent RENAME a TO x', 'ALTER TABLE parent RENAME TO elder',
	"ALTER FOREIGN TABLE far OPTIONS (SET table_name 'y')",
	"ALTER FOREIGN TABLE far ALTER a OPTIONS (ADD column_name 'q')",
	'ALTER SERVER remote RENAME TO distant', 'DROP FOREIGN TABLE far', 'CREATE TABLE fresh (a integer)',
	'DROP TABLE fresh; CREATE TABLE fresh (a integer)',
	'BEGIN; ALTER TABLE fresh ADD b integer; SAVEPOINT s; ALTER TABLE fresh ADD c integer; RELEASE s; COMMIT',
	'ALTER TABLE target RENAME TO aim', 'ALTER TABLE aim RENAME id TO number', 'ALTER VIEW chain_1 RENAME TO link_1',
	'ALTER VIEW link_1 RENAME id TO n', 'ALTER VIEW chain_2 SET SCHEMA cellar', 'ALTER TABLE base RENAME a TO aa',
	'ALTER TABLE base RENAME TO ground',
	'ALTER TABLE ground SET SCHEMA cellar', 'ALTER INDEX cellar.base_a RENAME TO ground_a',
	'ALTER TABLE holder RENAME one TO uno',
	'ALTER TABLE holder RENAME TO keeper', 'ALTER FUNCTION rows_of_base() RENAME TO ground_rows',
	'ALTER TYPE nested RENAME TO within',
	'ALTER TYPE within RENAME ATTRIBUTE inner_row TO inside', 'ALTER FUNCTION checked(integer) RENAME TO proven',
	"CREATE OR REPLACE FUNCTION proven(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'",
	'ALTER FUNCTION cut(integer) RENAME TO split', 'DROP TABLE aim CASCADE',
	'ALTER TABLE checking DROP CONSTRAINT checking_a_check',
	'CREATE RULE nothing AS ON INSERT TO fresh DO INSTEAD NOTHING', 'TRUNCATE quiet', 'VACUUM FULL quiet',
	'VACUUM FULL pg_class',
	'CREATE TYPE colour AS ENUM (\'red\')', 'DROP OWNED BY warden CASCADE', 'DROP SCHEMA cellar CASCADE');

# Nothing but these few makes everything be read.
my $everything = qr/SCHEMA archive RENAME|ALTER TYPE mood|COLLATION|DOMAIN|SERVER|CREATE TYPE|DROP SCHEMA/;

for my $change (@changes)
{
	sql($change);
	my @read = refresh();
	is(documents(values %cache), read_in_full(), "the same as in full after: $change");
	cmp_ok(scalar @read, '<', keys %cache, "not everything was read") unless $change =~ $everything;
	is_deeply([ refresh() ], [], "and then nothing more is read");
}

# ---- what is not offered, and what is no longer the same source ----

my $all = keys %cache;
my ($some) = grep { $cache{$_}{name} eq 'orders' } keys %cache;
delete $cache{$some}{signature};
is_deeply(
	[ sort(refresh()) ], [qw(orders orders_id_seq)],
	'a relation without a known signature is read, and what names it');
is( scalar(refresh(known => { signature => undef, relations => known()->{relations} })), $all,
	'without the source\'s signature all are');
$source .= 'x';
is(scalar(refresh()), $all, 'another signature of the source reads everything');
is(scalar(refresh(credentials => { username => 'reader' })), $all, 'another user reads everything');
is(scalar(refresh()), $all, 'the first user reads everything again');
$cache{$some}{signature} = 'not mine';
is_deeply([ sort(refresh()) ], [qw(orders orders_id_seq)], 'an invented signature is another one');

my ($end) = (connect_with(known => known(), schema => 'public'))[-1];
is_deeply(
	[ @$end{qw(relations unchanged signature)} ],
	[ (scalar grep { $_->{schema} eq 'public' } values %cache), undef, undef ],
	'one schema is read in full: what changed elsewhere may be named in it');

# ---- what is named but not described ----

sql('CREATE SCHEMA hidden; CREATE TABLE hidden.t (id integer PRIMARY KEY); CREATE TABLE hidden.other (id integer);
	CREATE TABLE visible (id integer REFERENCES hidden.t); CREATE VIEW shown AS SELECT id FROM hidden.t;
		CREATE VIEW apart AS SELECT id FROM hidden.other'
);
my %without_hidden = (scope => { exclude => [ 'hidden', '*.gone_*' ] });

sub same_without_hidden
{
	my ($change, @expected) = @_;
	sql($change);
	is_deeply([ sort(refresh(%without_hidden)) ], \@expected, "what is read after: $change");
	is( documents(values %cache), documents(grep { $_->{frame} eq 'relation' } connect_with(%without_hidden)),
		"and it is right after: $change");
	is_deeply([ refresh(%without_hidden) ], [], 'the next refresh reads nothing');
}

refresh(%without_hidden);
same_without_hidden('ALTER TABLE hidden.t RENAME id TO number', qw(shown visible));
same_without_hidden('ALTER TABLE hidden.t RENAME TO u', qw(shown visible));
same_without_hidden('CREATE TABLE hidden.more (a integer)', qw(shown visible));
same_without_hidden('CREATE TABLE seen (id integer PRIMARY KEY)', 'seen');
same_without_hidden('CREATE VIEW over AS SELECT id FROM seen', 'over');
same_without_hidden('ALTER TABLE seen RENAME TO gone_away', qw(over shown visible));
same_without_hidden('ALTER TABLE gone_away RENAME TO seen', qw(over seen shown visible));
same_without_hidden('ALTER TABLE hidden.u SET SCHEMA public', qw(shown u visible));
same_without_hidden('DROP TABLE u CASCADE', 'visible');
refresh();
$all = keys %cache;

sql('CREATE DATABASE copy TEMPLATE source', database => 'postgres');
my ($copied) = (connect_with(known => known(), endpoint => { database => 'copy' }))[-1];
is_deeply([ @$copied{qw(relations unchanged)} ], [ $all, undef ], 'a copy of the database is read in full');

sql('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
my ($without) = (connect_with(known => known(), credentials => { username => 'reader' }))[-1];
is_deeply(
	[ @$without{qw(frame relations unchanged signature)} ], [ 'end', $all, undef, undef ],
	'where the cluster may not be asked who it is, everything is read');

done_testing();
