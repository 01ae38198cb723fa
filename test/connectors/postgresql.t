# The connector for PostgreSQL against a real server: every kind of object, compared with the server's own catalogs;
# and everything that keeps it from connecting. Run as root or as any other user.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use IPC::Open3;
use JSON::PP;
use Symbol qw(gensym);
use Test::More;
use Time::HiRes qw(time);

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = $ENV{CONNECTOR} // dirname(__FILE__) . '/../../src/connectors/postgresql/postgresql';
my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $bin = `$pg_config --bindir`);
plan skip_all => "$connector is not built" unless -x $connector;

my $json = JSON::PP->new->utf8->canonical;
my $password = 'correct "horse" \\battery';
my $home = tempdir('rivergen-connector-XXXXXX', TMPDIR => 1);
my @as_server = $> == 0 ? ('runuser', '-u', 'postgres', '--') : ();
my $port = free_port();
my $started = 0;

sub free_port
{
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "no port: $!";
	return $socket->sockport;
}

sub write_file
{
	my ($name, $content) = @_;
	open(my $file, '>:utf8', "$home/$name") or die "$name: $!";
	print $file $content;
	close $file;
}

sub run
{
	my @command = @_;
	my $pid = open3(my $in, my $out, undef, @command);
	close $in;
	my $said = do { local $/; <$out> } // '';
	waitpid($pid, 0);
	die "@command: $said" if $?;
	return $said;
}

# What a query says, as text; SQL errors end the test.
sub sql
{
	my ($query, %option) = @_;
	my $pid = open3(my $in, my $out, my $err = gensym,
		"$bin/psql", '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $home, '-p', $port, '-U', 'owner', '-d',
		$option{database} // 'source', '-f', '-');
	binmode($in, ':utf8');
	binmode($out, ':utf8');
	print $in $query;
	close $in;
	my $said = do { local $/; <$out> } // '';
	my $fault = do { local $/; <$err> } // '';
	waitpid($pid, 0);
	die "$fault\nin $query" if $?;
	chomp $said;
	return $said;
}

# The rows of a query as JSON objects.
sub rows { return @{ $json->decode(Encode::encode_utf8(sql("SELECT coalesce(json_agg(q), '[]') FROM ($_[0]) q"))) } }

sub start_server
{
	write_file('password', $password);
	chmod 0755, $home;
	run('chown', '-R', 'postgres', $home) if @as_server;
	run(@as_server, "$bin/initdb", '-D', "$home/data", '-U', 'owner', '-E', 'UTF8', '--locale=C.UTF-8', '-A',
		'scram-sha-256', "--pwfile=$home/password");
	run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=source.test',
		'-addext', 'subjectAltName=DNS:source.test', '-keyout', "$home/data/server.key", '-out',
		"$home/data/server.crt");
	run('chown', 'postgres', "$home/data/server.key", "$home/data/server.crt") if @as_server;
	chmod 0600, "$home/data/server.key";
	open(my $conf, '>>', "$home/data/postgresql.conf") or die $!;
	print $conf <<~"EOT";
		port = $port
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$home'
		ssl = on
		ssl_ca_file = 'server.crt'
		fsync = off
		autovacuum = off
		EOT
	close $conf;
	open(my $hba, '>', "$home/data/pg_hba.conf") or die $!;
	print $hba <<~'EOT';
		local all all trust
		host all trusted 127.0.0.1/32 trust
		hostssl all certified 127.0.0.1/32 cert
		host all nobody 127.0.0.1/32 reject
		host all all 127.0.0.1/32 scram-sha-256
		EOT
	close $hba;
	run(@as_server, "$bin/pg_ctl", '-D', "$home/data", '-l', "$home/log", '-w', 'start');
	$started = 1;
}

sub stop_server
{
	run(@as_server, "$bin/pg_ctl", '-D', "$home/data", '-m', 'immediate', '-w', 'stop') if $started;
	$started = 0;
	remove_tree($home);
}
END { my $status = $?; stop_server() if defined $home; $? = $status }

# Runs the connector on a request, which is the usual one with some changes; returns its frames.
sub connect_with
{
	my (%change) = @_;
	my $request = {
		protocol => 1, operation => $change{operation} // 'discover', type => 'postgresql',
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source',
			tls => { mode => 'disable' }, options => {}, %{ $change{endpoint} // {} } },
		credentials => { username => 'owner', password => $password, %{ $change{credentials} // {} } },
		scope => { schema => $change{schema} },
		limits => {
			connection_timeout => 10, query_timeout => 30, connections => 5, document_bytes => 16777216,
			%{ $change{limits} // {} } } };
	return ask($json->encode($request) . "\n", $change{environment});
}

sub ask
{
	my ($line, $environment) = @_;
	local %ENV = (HOME => '/nonexistent', LC_ALL => 'C.UTF-8', %{ $environment // {} });
	my $pid = open3(my $in, my $out, my $err = gensym, $connector);
	print $in $line;
	close $in;
	my @frames = map { $json->decode($_) } <$out>;
	my $said = do { local $/; <$err> } // '';
	waitpid($pid, 0);
	is($said, '', 'nothing is written to standard error') if $said ne '';
	unlike($json->encode(\@frames), qr/battery/, 'no frame repeats the password') if grep { $_->{frame} eq 'error' } @frames;
	return @frames;
}

sub fails_with
{
	my ($name, $step, $code, $transient, @frames) = @_;
	my $last = $frames[-1] // {};
	is_deeply([ @$last{qw(frame step code)}, $last->{transient} ? 1 : 0 ], [ 'error', $step, $code, $transient ], $name)
	  or diag(explain($last));
	is($frames[0]{frame}, 'hello', "$name: the first frame is hello");
	return $last;
}

# The discovered relations by "schema.name".
sub relations { return map { ("$_->{schema}.$_->{name}" => $_) } grep { $_->{frame} eq 'relation' } @_ }

sub column_of
{
	my ($relation, $name) = @_;
	my ($column) = grep { $_->{name} eq $name } @{ $relation->{document}{columns} };
	return $column;
}

sub named { my ($name, $list) = @_; my ($found) = grep { $_->{name} eq $name } @{ $list // [] }; return $found }

start_server();
sql('CREATE DATABASE source', database => 'postgres');
sql(<<~'EOT');
	CREATE EXTENSION postgres_fdw;
	CREATE EXTENSION btree_gist;
	COMMENT ON SCHEMA public IS 'what everybody sees';
	CREATE SCHEMA empty;
	CREATE SCHEMA "Odd.Schema ""q""";
	CREATE ROLE keeper;
	CREATE ROLE trusted LOGIN;
	CREATE ROLE certified LOGIN;
	CREATE ROLE nobody LOGIN;
	CREATE ROLE reader LOGIN PASSWORD 'correct "horse" \battery';

	CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'glücklich');
	CREATE TYPE pair AS (a integer, b text);
	CREATE DOMAIN positive AS numeric(10,2) CHECK (VALUE > 0);
	CREATE DOMAIN certain AS positive NOT NULL;
	CREATE DOMAIN feeling AS mood;
	CREATE DOMAIN bytewise AS text COLLATE "C";
	CREATE COLLATION german (provider = icu, locale = 'de');

	CREATE TABLE customers (country char(2), number integer, name text NOT NULL, PRIMARY KEY (number, country));
	CREATE TABLE "Odd.Schema ""q"""."Größe, ""x"".y 😀" ("ID" integer PRIMARY KEY, "a.b" text, "sel""ect" int, "\" int,
		"tab	new
	line" int);
	CREATE TABLE orders (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		other integer GENERATED BY DEFAULT AS IDENTITY (START 5 INCREMENT 5 MAXVALUE 500 CACHE 7 CYCLE),
		serial_number serial,
		customer_country char(2), customer_number integer,
		gone integer,
		price numeric(12,2) NOT NULL DEFAULT 0.5,
		quantity integer DEFAULT 1 CHECK (quantity > 0),
		total numeric GENERATED ALWAYS AS (price * quantity) STORED,
		state mood DEFAULT 'sad',
		states mood[],
		felt feeling,
		amount positive,
		sure certain,
		created timestamptz(3) DEFAULT now(),
		at_noon timestamptz DEFAULT '2020-06-01 12:00:00+02',
		note varchar(40) COLLATE "C",
		noted text COLLATE german,
		bytes bytewise,
		plain_bytes bytewise COLLATE "default",
		parts pair, matrix integer[][], document jsonb DEFAULT '{"{VAR ": "\\"}', secret bytea DEFAULT '\x00ff',
		span interval day to second(3), flags bit varying(5),
		period int4range,
		CONSTRAINT orders_customer FOREIGN KEY (customer_country, customer_number)
			REFERENCES customers (country, number) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL
			DEFERRABLE INITIALLY DEFERRED,
		CONSTRAINT orders_unique UNIQUE NULLS NOT DISTINCT (note, quantity),
		CONSTRAINT "a plain one" UNIQUE (other) INCLUDE (price),
		CONSTRAINT no_overlap EXCLUDE USING gist (quantity WITH =, period WITH &&));
	ALTER TABLE orders DROP COLUMN gone;
	ALTER TABLE orders ADD CONSTRAINT cheap CHECK (price < 1000000) NOT VALID;
	ALTER TABLE orders ADD CONSTRAINT odd FOREIGN KEY (serial_number)
		REFERENCES "Odd.Schema ""q"""."Größe, ""x"".y 😀" NOT VALID;
	ALTER TABLE orders OWNER TO keeper;
	COMMENT ON TABLE orders IS E'Orders\nof "customers" \\ ünïcode';
	COMMENT ON COLUMN orders.price IS 'net';
	COMMENT ON COLUMN orders.felt IS 'how it felt';
	CREATE INDEX orders_lower ON orders (lower(note), price DESC NULLS LAST) INCLUDE (quantity) WHERE quantity > 5;
	CREATE INDEX orders_order ON orders (price DESC, quantity NULLS FIRST, created DESC NULLS LAST);
	CREATE INDEX orders_state ON orders USING hash (state);
	CREATE INDEX orders_pattern ON orders (noted text_pattern_ops);
	CREATE INDEX orders_collated ON orders (note COLLATE "default");
	CREATE INDEX orders_document ON orders USING gin (document) WITH (fastupdate = off);
	CREATE INDEX orders_bytes ON orders (bytes);
	CREATE INDEX "Weird ""index""" ON orders ("note");
	CREATE UNIQUE INDEX orders_distinct ON orders (span) NULLS NOT DISTINCT;
	CREATE INDEX "select" ON "Odd.Schema ""q"""."Größe, ""x"".y 😀" ("a.b", "sel""ect");

	CREATE TABLE events (at date NOT NULL, kind text, id integer) PARTITION BY RANGE (at, lower(kind));
	CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2025-01-01', MINVALUE);
	CREATE TABLE events_rest PARTITION OF events DEFAULT PARTITION BY LIST (kind);
	CREATE TABLE events_rest_a PARTITION OF events_rest FOR VALUES IN ('a', NULL);
	CREATE INDEX events_at ON events (at);
	CREATE TABLE accounts (id integer PRIMARY KEY) PARTITION BY HASH (id);
	CREATE TABLE accounts_0 PARTITION OF accounts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE accounts_1 PARTITION OF accounts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	CREATE TABLE bookings (account integer CONSTRAINT bookings_account REFERENCES accounts);
	CREATE TABLE parent_a (a integer);
	CREATE TABLE parent_b (b integer);
	CREATE TABLE child (c integer) INHERITS (parent_b, parent_a);
	CREATE UNLOGGED TABLE no_columns ();
	CREATE TEMP TABLE temporary (a integer);

	CREATE VIEW order_totals AS SELECT id, total, note AS "the note" FROM orders WHERE quantity > 0;
	CREATE MATERIALIZED VIEW order_counts AS SELECT customer_number, count(*) AS n FROM orders GROUP BY 1;
	CREATE UNIQUE INDEX order_counts_key ON order_counts (customer_number);
	CREATE SEQUENCE lonely AS smallint MINVALUE -5 START 3 INCREMENT -1 MAXVALUE 10;

	CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere');
	CREATE USER MAPPING FOR owner SERVER elsewhere OPTIONS (user 'u', password 'mapped-secret');
	CREATE FOREIGN TABLE remote (a integer OPTIONS (column_name 'x'), b text NOT NULL) SERVER elsewhere
		OPTIONS (schema_name 'their', table_name 'ta"ble');
	CREATE FOREIGN DATA WRAPPER anything;
	CREATE SERVER something FOREIGN DATA WRAPPER anything;
	CREATE FOREIGN TABLE secretive (a integer) SERVER something
		OPTIONS (uri 'x=y', "API_Key" 'option-secret', password 'option-secret', empty '');
	INSERT INTO customers SELECT 'de', n, 'x' FROM generate_series(1, 1000) n;
	ANALYZE customers;
	EOT

# ---- what is discovered ----

my @frames = connect_with();
my %found = relations(@frames);
my ($connected) = grep { $_->{frame} eq 'connected' } @frames;
my %schemas = map { ($_->{name} => $_) } grep { $_->{frame} eq 'schema' } @frames;
my $odd = 'Odd.Schema "q"';
my $orders = $found{'public.orders'};

is_deeply([ map { $_->{frame} } @frames[ 0 .. 2 ] ], [qw(hello progress connected)], 'a discovery begins as it should');
like($connected->{server}, qr/^PostgreSQL \d+(\.\d+|\w+)$/, 'the server is named');
is_deeply(
	$frames[-1],
	{   frame => 'end', schemas => scalar keys %schemas, relations => scalar keys %found,
		columns => eval { my $n = 0; $n += $_->{columns} for values %found; $n } },
	'the counts in the last frame are right');
is_deeply([ sort keys %schemas ], [ $odd, 'empty', 'public' ], 'schemas, the empty one too, and none of the system');
is($schemas{public}{comment}, 'what everybody sees', 'the comment of a schema');
is_deeply([ grep { $_->{frame} eq 'skipped' } @frames ], [], 'nothing is skipped');

my %kinds = (
	r => 'table', p => 'partitioned_table', f => 'foreign_table', v => 'view', m => 'materialized_view', S => 'sequence');
for my $row (
	rows(<<~'EOT'))
	SELECT n.nspname || '.' || c.relname AS name, c.oid::bigint AS oid, c.relkind, c.relispartition, r.rolname,
		obj_description(c.oid, 'pg_class') AS comment
	FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles r ON r.oid = relowner
	WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
	EOT
{
	my $relation = $found{ $row->{name} } // { document => {} };
	my $kind = $row->{relkind} eq 'r' && $row->{relispartition} ? 'partition' : $kinds{ $row->{relkind} };
	is_deeply(
		[ @$relation{qw(native_id kind)}, @{ $relation->{document} }{qw(owner comment)} ],
		[ $row->{oid}, $kind, $row->{rolname}, $row->{comment} ],
		"$row->{name} is described");
	$relation->{expected} = 1;
}
is_deeply([ grep { !$found{$_}{expected} } keys %found ], [], 'nothing else is described');

# Each column against information_schema and format_type, in order.
my %expected;
sql("SET search_path = pg_catalog; SELECT 1");
for my $row (
	rows(<<~'EOT'))
	SELECT table_schema || '.' || table_name AS relation, column_name AS name, is_nullable,
		(SELECT format_type(atttypid, atttypmod) FROM pg_attribute, set_config('search_path', 'pg_catalog', false)
		 WHERE attrelid = format('%I.%I', table_schema, table_name)::regclass AND attname = column_name) AS type
	FROM information_schema.columns WHERE table_schema !~ '^pg_' AND table_schema <> 'information_schema'
	ORDER BY 1, ordinal_position
	EOT
{
	push @{ $expected{ $row->{relation} } }, [ $row->{name}, $row->{type}, $row->{is_nullable} ];
}
for my $row (
	rows(<<~'EOT'))
	SELECT 'public.order_counts' AS relation, attname AS name, format_type(atttypid, atttypmod) AS type, 'YES' AS is_nullable
	FROM pg_attribute WHERE attrelid = 'order_counts'::regclass AND attnum > 0 ORDER BY attnum
	EOT
{
	push @{ $expected{ $row->{relation} } }, [ $row->{name}, $row->{type}, $row->{is_nullable} ];
}
for my $name (sort keys %found)
{
	my @columns = map { [ $_->{name}, $_->{type}, $_->{not_null} ? 'NO' : 'YES' ] } @{ $found{$name}{document}{columns} // [] };
	next if $found{$name}{kind} eq 'sequence';
	is_deeply(\@columns, $expected{$name} // [], "$name: columns, types and nullability are information_schema's");
	is($found{$name}{columns}, scalar @columns, "$name: the frame counts the columns");
}

# Each index against the server's own definition.
for my $row (
	rows(<<~'EOT'))
	SELECT n.nspname || '.' || t.relname AS relation, c.relname AS name, pg_get_indexdef(c.oid) AS definition,
		indisunique, indisprimary, pg_get_expr(indpred, indrelid) AS predicate, amname,
		(SELECT json_agg(coalesce(attname, pg_get_indexdef(c.oid, k.i::int, false)) ORDER BY i)
		 FROM unnest(indkey) WITH ORDINALITY k (number, i)
		 LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number) AS columns
	FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
	JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am a ON a.oid = c.relam
	WHERE n.nspname !~ '^pg_' ORDER BY 1, c.relname COLLATE "C"
	EOT
{
	my $index = shift @{ $found{ $row->{relation} }{document}{indexes} };
	is_deeply(
		[   @$index{qw(name definition method predicate)},
			$index->{unique} // JSON::PP::false,
			$index->{primary} // JSON::PP::false,
			[ @{ $index->{columns} }, @{ $index->{include} // [] } ] ],
		[ @$row{qw(name definition amname predicate indisunique indisprimary columns)} ],
		"index $row->{name}");
}
is_deeply([ grep { @{ $found{$_}{document}{indexes} // [] } } keys %found ], [], 'there are no other indexes');

# Each default and each check against the server's own text.
for my $row (
	rows(<<~'EOT'))
	SELECT attrelid::regclass::text AS relation, attname AS name, attgenerated = 's' AS generated,
		pg_get_expr(adbin, adrelid) AS text
	FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum,
		set_config('search_path', 'pg_catalog', false), set_config('TimeZone', 'UTC', false)
	WHERE attrelid::regclass::text NOT LIKE 'pg\_%' AND attrelid = 'public.orders'::regclass
	EOT
{
	my $column = column_of($orders, $row->{name});
	is($column->{ $row->{generated} ? 'expression' : 'default' }, $row->{text}, "default of $row->{name}");
	is($column->{generated}, $row->{generated} ? 'stored' : undef, "is $row->{name} generated?");
}

is(column_of($orders, 'id')->{identity}, 'always', 'identity always');
is(column_of($orders, 'other')->{identity}, 'by default', 'identity by default');
is(column_of($orders, 'gone'), undef, 'a dropped column is not there');
my @labels = ('sad', q(it's "ok"), 'glücklich');
is_deeply(column_of($orders, 'state')->{enum}, \@labels, 'labels of an enum');
is_deeply(column_of($orders, 'states')->{enum}, \@labels, 'labels of an array of an enum');
is_deeply(column_of($orders, 'felt')->{enum}, \@labels, 'labels of a domain over an enum');
is(column_of($orders, 'felt')->{domain_base}, 'public.mood', 'what is under a domain');
is(column_of($orders, 'sure')->{domain_base}, 'numeric(10,2)', 'what is under a domain over a domain');
is(column_of($orders, 'note')->{collation}, 'C', 'a collation');
is(column_of($orders, 'noted')->{collation}, 'public.german', 'a collation of the source');
is(column_of($orders, 'bytes')->{collation}, undef, 'the collation that a domain brings is not repeated');
is(column_of($orders, 'plain_bytes')->{collation}, 'default', 'the default collation where it is not the default');
is(column_of($orders, 'price')->{comment}, 'net', 'the comment of a column');
is(column_of($orders, 'felt')->{comment}, 'how it felt', 'the comment of a later column');

my $document = $orders->{document};
is_deeply($document->{primary_key}, { name => 'orders_pkey', columns => ['id'] }, 'primary key');
is_deeply(
	$found{'public.customers'}{document}{primary_key},
	{ name => 'customers_pkey', columns => [ 'number', 'country' ] },
	'a composite primary key in its own order');
is_deeply(
	$document->{foreign_keys},
	[   {   name => 'odd', columns => ['serial_number'], schema => $odd, table => 'Größe, "x".y 😀',
			referenced_columns => ['ID'], not_valid => JSON::PP::true },
		{   name => 'orders_customer', columns => [ 'customer_country', 'customer_number' ], schema => 'public',
			table => 'customers', referenced_columns => [ 'country', 'number' ], on_update => 'cascade',
			on_delete => 'set null', match => 'full', deferrable => JSON::PP::true, deferred => JSON::PP::true } ],
	'foreign keys');
is_deeply(
	$document->{unique},
	[   { name => 'a plain one', columns => ['other'] },
		{ name => 'orders_unique', columns => [ 'note', 'quantity' ], nulls_not_distinct => JSON::PP::true } ],
	'unique constraints');
is_deeply(
	$document->{checks},
	[   { name => 'cheap', definition => "CHECK ((price < (1000000)::numeric)) NOT VALID", not_valid => JSON::PP::true },
		{ name => 'orders_quantity_check', definition => 'CHECK ((quantity > 0))' } ],
	'checks');
is_deeply(
	$document->{exclusions},
	[ { name => 'no_overlap', definition => 'EXCLUDE USING gist (quantity WITH =, period WITH &&)' } ],
	'exclusions');
is_deeply(
	[ map { $_->{name} } @{ $found{'public.bookings'}{document}{foreign_keys} } ],
	['bookings_account'],
	'a key to a partitioned table is one key');

is(
	$found{'public.order_totals'}{document}{definition},
	sql("SET search_path = pg_catalog; SELECT pg_get_viewdef('public.order_totals'::regclass)"),
	'the definition of a view');
like($found{'public.order_counts'}{document}{definition}, qr/count\(\*\)/, 'the definition of a materialized view');
is($found{'public.events'}{document}{partition_key}, 'RANGE (at, lower(kind))', 'a partition key');
is($found{'public.accounts'}{document}{partition_key}, 'HASH (id)', 'a hash partition key');
my %partitions = (
	'public.events_2024' => [ 'events', "FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2025-01-01', MINVALUE)" ],
	'public.events_rest' => [ 'events', 'DEFAULT' ],
	'public.events_rest_a' => [ 'events_rest', "FOR VALUES IN ('a', NULL)" ],
	'public.accounts_1' => [ 'accounts', 'FOR VALUES WITH (modulus 2, remainder 1)' ]);
is_deeply(
	[ @{ $found{$_}{document} }{qw(partition_of partition_bound inherits)} ],
	[ { schema => 'public', table => $partitions{$_}[0] }, $partitions{$_}[1], undef ],
	"$_ is a partition")
  for sort keys %partitions;
is_deeply(
	$found{'public.child'}{document}{inherits},
	[ { schema => 'public', table => 'parent_b' }, { schema => 'public', table => 'parent_a' } ],
	'parents in their order');
is_deeply(
	$found{'public.lonely'}{document},
	{   owner => 'owner',
		sequence => { type => 'smallint', start => 3, increment => -1, minimum => -5, maximum => 10, cache => 1 } },
	'a sequence');
is_deeply(
	$found{'public.orders_other_seq'}{document}{sequence},
	{   type => 'integer', start => 5, increment => 5, minimum => 1, maximum => 500, cache => 7, cycle => JSON::PP::true,
		owned_by => { schema => 'public', table => 'orders', column => 'other' } },
	'the sequence of an identity column');
is($found{'public.orders_serial_number_seq'}{document}{sequence}{owned_by}{column}, 'serial_number', 'a serial one');
is_deeply(
	[ @{ $found{'public.remote'}{document} }{qw(server options)} ],
	[ 'elsewhere', { schema_name => 'their', table_name => 'ta"ble' } ],
	'a foreign table');
is_deeply($found{'public.secretive'}{document}{options}, { uri => 'x=y', empty => '' }, 'options that are secret stay there');
unlike($json->encode(\@frames), qr/mapped-secret|option-secret/, 'no secret is in any frame');
is($found{'public.customers'}{row_estimate}, 1000, 'an estimate of the rows');
is($found{'public.customers'}{size_bytes}, sql("SELECT pg_relation_size('customers')"), 'the size');
ok(!exists $found{'public.orders'}{row_estimate}, 'no estimate for a table that was never analysed');
is($found{'public.no_columns'}{columns}, 0, 'a table without columns');
is_deeply([ map { $_->{name} } @{ $found{"$odd.Größe, \"x\".y 😀"}{document}{columns} } ],
	[ 'ID', 'a.b', 'sel"ect', '\\', "tab\tnew\nline" ], 'odd names are spelled as they are');

my %again = relations(connect_with());
is_deeply($again{$_}{document}, relation_before($_), "$_ is described the same again") for 'public.events', 'public.remote';
sub relation_before { my %first = relations(@frames); return $first{ $_[0] }{document} }

# ---- scope and limits ----

my @scoped = connect_with(schema => $odd);
is_deeply(
	[ map { $_->{name} } grep { $_->{frame} =~ /^(schema|relation)$/ } @scoped ],
	[ $odd, 'Größe, "x".y 😀' ],
	'a scope is one schema');
is_deeply([ @{ (connect_with(schema => 'empty'))[-1] }{qw(frame schemas relations)} ], [ 'end', 1, 0 ], 'an empty schema');
fails_with('an unknown schema', 'query', 'schema_not_found', 0, connect_with(schema => 'nowhere'));
fails_with('a system schema', 'query', 'schema_not_found', 0, connect_with(schema => 'pg_catalog'));

my @short = connect_with(limits => { document_bytes => 600 });
my %skipped = map { ("$_->{schema}.$_->{name}" => $_->{reason}) } grep { $_->{frame} eq 'skipped' } @short;
like($skipped{'public.orders'}, qr/longer than/, 'a document that is too long is skipped');
is($short[-1]{relations}, scalar(keys %found) - keys %skipped, 'and not counted');

is_deeply([ map { $_->{frame} } connect_with(operation => 'test') ], [qw(hello progress connected end)], 'a test');

# A role that owns nothing reads the same catalogs.
my %as_reader = relations(connect_with(credentials => { username => 'reader' }));
is_deeply([ sort keys %as_reader ], [ sort keys %found ], 'who may read nothing still sees what there is');

# ---- more than one chunk ----

sql(<<~'EOT', database => 'postgres');
	CREATE DATABASE large;
	EOT
sql(<<~'EOT', database => 'large');
	DO $$ BEGIN FOR i IN 1..1500 LOOP
		EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, a varchar(%s), b int CHECK (b > %s), c int DEFAULT %s)', i, i, i, i);
		EXECUTE format('COMMENT ON COLUMN t%s.a IS %L', i, 'a of ' || i);
	END LOOP; END $$;
	DO $$ BEGIN EXECUTE 'CREATE TABLE wide (' || (SELECT string_agg(format('c%s int', i), ',') FROM generate_series(1, 1600) i) || ')'; END $$;
	EOT
my @large = connect_with(endpoint => { database => 'large' });
my %large = relations(@large);
is_deeply([ @{ $large[-1] }{qw(relations columns)} ], [ 3001, 7600 ], 'many relations, all of them');
is(
	scalar(
		grep {
			my ($n) = /(\d+)/;
			my ($id, $a, $b, $c) = @{ $large{"public.t$n"}{document}{columns} };
			$a->{type} eq "character varying($n)" && $a->{comment} eq "a of $n" && $c->{default} eq $n
			  && $id->{default} eq "nextval('public.t${n}_id_seq'::regclass)"
			  && $large{"public.t$n"}{document}{checks}[0]{definition} eq "CHECK ((b > $n))"
		} 1 .. 1500),
	1500,
	'and every one with its own');

# ---- locks ----

# Another session that holds a lock until it is told to end.
my $locker = open3(my $lock_in, my $lock_out, undef,
	"$bin/psql", '-XAtq', '-h', $home, '-p', $port, '-U', 'owner', '-d', 'source');
print $lock_in "BEGIN; LOCK TABLE orders; SELECT 'locked';\n";
$lock_in->flush;
is(scalar <$lock_out>, "locked\n", 'a table is locked');
my $begun = time;
my @locked = connect_with();
%skipped = map { ($_->{name} => $_->{reason}) } grep { $_->{frame} eq 'skipped' } @locked;
cmp_ok(time - $begun, '<', 20, 'a locked table does not hold the discovery up');
is_deeply([ sort keys %skipped ], [qw(order_counts order_totals orders)], 'what depends on it is skipped');
like($skipped{order_totals}, qr/locked by another session/, 'with the reason');
is($locked[-1]{frame}, 'end', 'and the discovery is complete');
my %unlocked = relations(@locked);
is_deeply($unlocked{'public.events'}{document}, relation_before('public.events'), 'the others are described as ever');
print $lock_in "ROLLBACK;\n\\q\n";
close $lock_in;
waitpid($locker, 0);

# ---- what keeps it from connecting ----

fails_with('a wrong password', 'authenticate', 'authentication', 0, connect_with(credentials => { password => 'battery' }));
fails_with('an unknown user', 'authenticate', 'authentication', 0, connect_with(credentials => { username => 'stranger' }));
fails_with('a user that pg_hba.conf rejects', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'nobody' }));
fails_with('a user that needs no password', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'trusted' }));
fails_with('no password', 'configure', 'configuration', 0, connect_with(credentials => { password => undef }));
fails_with('a missing database', 'connect', 'database_not_found', 0, connect_with(endpoint => { database => 'gone' }));
sql('CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC', database => 'postgres');
fails_with('a database that the user may not enter', 'connect', 'permission', 0,
	connect_with(endpoint => { database => 'closed' }, credentials => { username => 'reader' }));
sql('ALTER DATABASE closed CONNECTION LIMIT 0; GRANT CONNECT ON DATABASE closed TO PUBLIC', database => 'postgres');
fails_with('a database that is full', 'connect', 'refused', 1,
	connect_with(endpoint => { database => 'closed' }, credentials => { username => 'reader' }));
fails_with('a port where nobody listens', 'connect', 'refused', 1, connect_with(endpoint => { port => free_port() }));
my @second = connect_with(operation => 'test', endpoint => { addresses => [ '127.0.0.2', '127.0.0.1' ] });
is($second[-1]{frame}, 'end', 'a second address is tried when the first one refuses');
fails_with('a list of hosts', 'configure', 'configuration', 0, connect_with(endpoint => { host => 'a,b' }));
fails_with('a socket directory', 'configure', 'configuration', 0, connect_with(endpoint => { host => $home }));
fails_with('a name where an address belongs', 'configure', 'configuration', 0,
	connect_with(endpoint => { addresses => ['localhost'] }));
fails_with('no address', 'configure', 'configuration', 0, connect_with(endpoint => { addresses => [] }));
fails_with('a database name that looks like a connection string', 'connect', 'database_not_found', 0,
	connect_with(endpoint => { database => "host=$home dbname=source" }));
fails_with('an environment that names another password file and service', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'reader', password => 'wrong battery' },
		environment => { PGPASSWORD => $password, PGSERVICE => 'x', PGOPTIONS => '-c x', PGHOST => $home }));

# A peer that does as it is told: it accepts one connection, sends some bytes and keeps it open.
sub with_peer
{
	my ($bytes, %change) = @_;
	my $peer = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		# Children run no END block of the parent's.
		while (my $client = $peer->accept)
		{
			sysread $client, my $startup, 8 if length $bytes;
			syswrite $client, $bytes if length $bytes;
			sysread $client, my $rest, 1 while sysread $client, $rest, 4096;
		}
		require POSIX;
		POSIX::_exit(0);
	}
	my $begun = time;
	my @answer = connect_with(%change, endpoint => { %{ $change{endpoint} // {} }, port => $peer->sockport });
	kill 'KILL', $pid;
	waitpid($pid, 0);
	return (time - $begun, @answer);
}

my ($seconds, @silent) = with_peer('', limits => { connection_timeout => 1 });
fails_with('a server that never answers', 'connect', 'timeout', 1, @silent);
cmp_ok($seconds, '<', 5, 'is given up in time');
($seconds, @silent) = with_peer('', limits => { connection_timeout => 1 }, endpoint => { tls => { mode => 'require' } });
fails_with('a server that never answers to TLS', 'tls', 'timeout', 1, @silent);
($seconds, @silent) = with_peer("HTTP/1.1 400 Bad Request\r\n\r\n");
fails_with('a web server', 'connect', 'protocol', 0, @silent);
# Authentication is complete, without any password, and then nothing.
($seconds, @silent) = with_peer("R\0\0\0\x08\0\0\0\0", limits => { connection_timeout => 1 });
fails_with('a server that falls silent after the login', 'connect', 'timeout', 1, @silent);

# ---- TLS ----

my $certificate = do { local (@ARGV, $/) = "$home/data/server.crt"; <> };
my $key = do { local (@ARGV, $/) = "$home/data/server.key"; <> };
sub with_tls
{
	my ($host, $mode, $ca, %credentials) = @_;
	return connect_with(
		operation => 'test',
		endpoint => { host => $host, tls => { mode => $mode, ca => $ca } },
		credentials => \%credentials);
}
is((with_tls('source.test', 'verify-full', $certificate))[-1]{frame}, 'end', 'verify-full with the right name');
is((with_tls('127.0.0.1', 'verify-ca', $certificate))[-1]{frame}, 'end', 'verify-ca with any name');
is((with_tls('127.0.0.1', 'require', undef))[-1]{frame}, 'end', 'require');
is((with_tls('127.0.0.1', 'prefer', undef))[-1]{frame}, 'end', 'prefer');
fails_with('another name', 'tls', 'tls', 0, with_tls('other.test', 'verify-full', $certificate));
run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=other authority',
	'-keyout', "$home/other.key", '-out', "$home/other.crt");
my $other = do { local (@ARGV, $/) = "$home/other.crt"; <> };
fails_with('another authority', 'tls', 'tls', 0, with_tls('source.test', 'verify-full', $other));
fails_with('an authority that is none', 'tls', 'tls', 0, with_tls('source.test', 'verify-ca', 'nonsense'));
fails_with('an unknown mode', 'configure', 'configuration', 0, with_tls('source.test', 'perhaps', $certificate));

# A certificate for the role `certified`, signed by the server's own.
run('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=certified', '-keyout', "$home/client.key",
	'-out', "$home/client.csr");
run('openssl', 'x509', '-req', '-in', "$home/client.csr", '-CA', "$home/data/server.crt", '-CAkey',
	"$home/data/server.key", '-CAserial', "$home/serial", '-CAcreateserial', '-days', '2', '-out', "$home/client.crt");
my %client = (
	username => 'certified', password => undef,
	tls_client_certificate => do { local (@ARGV, $/) = "$home/client.crt"; <> },
	tls_client_key => do { local (@ARGV, $/) = "$home/client.key"; <> });
is((with_tls('source.test', 'verify-full', $certificate, %client))[-1]{frame}, 'end', 'a client certificate');
fails_with('a client certificate without its key', 'configure', 'configuration', 0,
	with_tls('source.test', 'verify-full', $certificate, %client, tls_client_key => undef));
fails_with('a client certificate that a trusting server never saw', 'authenticate', 'authentication', 0,
	connect_with(credentials => { %client, username => 'trusted' }));

# ---- requests that are none ----

fails_with('no request', 'configure', 'protocol', 0, ask(''));
fails_with('malformed JSON', 'configure', 'protocol', 0, ask('{"protocol":1,"credentials":{"password":"battery"'));
fails_with('another version', 'configure', 'protocol', 0, ask('{"protocol":2}'));
fails_with('an unknown operation', 'configure', 'unsupported', 0, ask('{"protocol":1,"operation":"sample"}'));

done_testing();
