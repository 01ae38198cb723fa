# What the connector does about texts that cannot be read: bytes that are no UTF-8, functions and libraries that are gone,
# catalogs and functions that the user is denied. Only what is concerned is missing, and it is said.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

start_server();

# Runs the connector on a database; returns what it described, what it skipped, and the last frame.
sub described
{
	my ($database, %change) = @_;
	my @frames =
		connect_with(endpoint => { database => $database }, known => { signature => undef, relations => [] }, %change);
	my %found = map { ($_->{name} => $_->{document}) } grep { $_->{frame} eq 'relation' } @frames;
	my %skipped =
		map { ($_->{name} // "schema $_->{schema}" => $_->{reason}) } grep { $_->{frame} eq 'skipped' } @frames;
	my @said = map { $_->{message} } grep { $_->{frame} eq 'log' } @frames;
	return (\%found, \%skipped, $frames[-1], \@said);
}

sub column_of
{
	my ($document, $name) = @_;
	my ($found) = grep { $_->{name} eq $name } @{ $document->{columns} };
	return $found;
}

# ---- characters ----

for my $case ([ 'SQL_ASCII', '\xe9', "caf\x{fffd}" ], [ 'WIN1252', '\x81', "caf\x{fffd}" ])
{
	my ($encoding, $byte, $shown) = @$case;
	my $database = lc $encoding;
	sql("CREATE DATABASE $database ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
		database => 'postgres');
	sql(<<~"EOT", database => $database);
		SET client_encoding = '$encoding';
		CREATE TYPE mood AS ENUM ('sad', E'caf$byte');
		CREATE TABLE sound (id int PRIMARY KEY, a text DEFAULT 'plain');
		CREATE TABLE worn (id int DEFAULT length(E'caf$byte') CHECK (id <> length(E'caf$byte')), m mood);
		CREATE INDEX worn_index ON worn (id) WHERE id > length(E'caf$byte');
		CREATE VIEW seen AS SELECT E'caf$byte'::text AS t;
		COMMENT ON TABLE worn IS E'caf$byte';
		COMMENT ON COLUMN worn.id IS E'caf$byte';
		COMMENT ON SCHEMA public IS E'caf$byte';
		DO \$\$ BEGIN
			EXECUTE E'CREATE TABLE odd_column (caf$byte int)';
			EXECUTE E'CREATE TABLE odd_caf$byte (a int)';
		END \$\$;
		EOT
	my ($found, $skipped, $last, $said) = described($database);
	is($last->{frame}, 'end', "$encoding: a discovery is complete") or diag(explain($last));
	is_deeply([ sort keys %$found ], [qw(seen sound worn)], "$encoding: what has names is described");
	is(column_of($found->{sound}, 'a')->{default}, "'plain'::text", "$encoding: and what is sound as it is");
	is($found->{worn}{comment}, $shown, "$encoding: a comment");
	is(column_of($found->{worn}, 'id')->{comment}, $shown, "$encoding: a column's comment");
	like(column_of($found->{worn}, 'id')->{default}, qr/\Q$shown\E/, "$encoding: a default");
	is_deeply(column_of($found->{worn}, 'm')->{enum}, [ 'sad', $shown ], "$encoding: labels");
	like($found->{worn}{checks}[0]{definition}, qr/\Q$shown\E/, "$encoding: a check");
	like($found->{worn}{indexes}[0]{predicate}, qr/\Q$shown\E/, "$encoding: a condition");
	like($found->{seen}{definition}, qr/\Q$shown\E/, "$encoding: a view");
	is_deeply(
		[ sort values %$skipped ],
		[ 'its name is not valid UTF-8', 'the name of one of its columns is not valid UTF-8' ],
		"$encoding: what has no name is skipped");
	ok((grep { /not valid UTF-8, which are shown as U\+FFFD: 2/ } @$said), "$encoding: the log tells")
		or diag(explain($said));
}
sql("SET client_encoding = 'SQL_ASCII'; DO \$\$ BEGIN EXECUTE E'CREATE SCHEMA caf\\xe9 CREATE TABLE inner_table (a int)'; END \$\$",
	database => 'sql_ascii');
my ($found, $skipped, $last) = described('sql_ascii');
is($last->{frame}, 'end', 'a schema whose name is no UTF-8: complete');
is($skipped->{"schema caf\x{fffd}"}, q(the schema's name is not valid UTF-8), 'the schema is skipped');
ok(!$found->{inner_table} && !$skipped->{inner_table}, 'with all that is in it');

# ---- what is gone ----

sql('CREATE DATABASE gone', database => 'postgres');
sql(<<~'EOT', database => 'gone');
	CREATE EXTENSION hstore;
	CREATE FUNCTION lost() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
	CREATE TABLE sound (id int PRIMARY KEY, a int DEFAULT 7 CHECK (a > 0));
	CREATE TABLE by_default (id int, h hstore DEFAULT 'a=>1');
	CREATE TABLE by_function (id int DEFAULT lost());
	CREATE TABLE by_check (h hstore CHECK (h <> 'a=>1'));
	CREATE TABLE by_index (h hstore);
	CREATE INDEX ON by_index ((h -> 'a'));
	CREATE INDEX ON by_index (h) WHERE h <> 'a=>2';
	CREATE VIEW by_view AS SELECT 'a=>1'::hstore AS h;
	CREATE TABLE by_generation (a int, b int GENERATED ALWAYS AS (a + lost()) STORED);
	CREATE TABLE by_list (h hstore) PARTITION BY LIST (h);
	CREATE TABLE by_bound PARTITION OF by_list FOR VALUES IN ('a=>1');
	CREATE TABLE by_modifier (h hstore);
	UPDATE pg_attribute SET atttypmod = 5 WHERE attrelid = 'by_modifier'::regclass AND attname = 'h';
	UPDATE pg_type SET typmodout = 4294967290 WHERE typname = 'hstore';
	UPDATE pg_proc SET probin = '$libdir/hstore_of_the_old_server' WHERE probin = '$libdir/hstore';
	DELETE FROM pg_proc WHERE proname = 'lost';
	EOT
($found, $skipped, $last) = described('gone');
is($last->{frame}, 'end', 'a library and a function are gone: complete') or diag(explain($last));
is_deeply([ sort keys %$found ], [qw(by_list sound)], 'what does not need them is described');
is(column_of($found->{sound}, 'a')->{default}, 7, 'a readable default is described');
is_deeply(
	[ sort keys %$skipped ],
	[qw(by_bound by_check by_default by_function by_generation by_index by_modifier by_view)], 'the rest is skipped');
like($skipped->{$_}, qr/hstore_of_the_old_server|missing from the server's catalogs/, "$_: with the reason")
	for sort keys %$skipped;
unlike($skipped->{$_}, qr/[0-9]{4}/, "$_: which has no number of an object") for sort keys %$skipped;

# ---- what is denied ----

sql('CREATE DATABASE closed', database => 'postgres');
sql(<<~'EOT', database => 'closed');
	CREATE ROLE reader LOGIN PASSWORD 'correct "horse" \battery';
	COMMENT ON SCHEMA public IS 'open';
	CREATE TYPE mood AS ENUM ('sad');
	CREATE FOREIGN DATA WRAPPER anything;
	CREATE SERVER something FOREIGN DATA WRAPPER anything;
	CREATE TABLE plain (id int PRIMARY KEY, m mood DEFAULT 'sad', t text COLLATE "C" CHECK (t <> ''), g int GENERATED ALWAYS AS (id + 1) STORED,
		UNIQUE (m), EXCLUDE (t WITH =));
	COMMENT ON TABLE plain IS 'one';
	CREATE INDEX ON plain (lower(t)) WHERE id > 0;
	CREATE TABLE pointing (a int, b int, FOREIGN KEY (a) REFERENCES plain);
	CREATE VIEW seen AS SELECT id FROM plain;
	CREATE SEQUENCE counter;
	CREATE TABLE parts (a int) PARTITION BY RANGE (a);
	CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (2);
	CREATE FOREIGN TABLE remote (a int) SERVER something;
	EOT
my @reader = (credentials => { username => 'reader' });
sql('ALTER SYSTEM SET log_statement = $$all$$; SELECT pg_reload_conf()', database => 'closed');
my ($all) = described('closed', @reader);
sql('ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf()', database => 'closed');
# Whatever its statements name.
sub named
{
	my ($pattern) = @_;
	my %names = map { ("'$_'" => 1) } content("$home/log") =~ /$pattern/g;
	return join ', ', sort keys %names;
}
my ($tables, $functions) = (named(qr/\b(pg_[a-z_]+)\b/), named(qr/\b([a-z_][a-z0-9_]*)\(/));
my @objects = split /\n/, sql(<<~"EOT", database => 'closed');
	SELECT 'TABLE ' || relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') AND relname IN ($tables)
	UNION ALL SELECT 'FUNCTION ' || string_agg(oid::regprocedure::text, ', ') FROM pg_proc
	WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ($functions)
	AND proname ~ '^(pg_|format_type|set_config|current_setting|quote_ident|strpos|unnest|generate_|array_agg|md5|age)'
	GROUP BY proname ORDER BY 1
	EOT

# Without these there is nothing to tell: no names, no columns, no types, no settings.
my %essential = map { ($_ => 1) }
	qw(pg_class pg_namespace pg_attribute pg_type pg_settings format_type set_config current_setting unnest array_agg
	sum count);
my %lacking = (
	pg_description => 'comment', pg_attrdef => 'default expression',
	pg_constraint => 'primary_key unique foreign_keys checks exclusions',
	pg_index => 'indexes', pg_enum => 'enum', pg_collation => 'collation', pg_get_userbyid => 'owner',
	pg_get_viewdef => '',
	pg_get_constraintdef => 'checks exclusions', pg_get_indexdef => 'indexes', pg_inherits => 'partition_of inherits',
	pg_sequence => '');

my $restore = 'SELECT';
for my $object (@objects)
{
	my ($kind, $name) = $object =~ /^(\w+) "?(\w+)/;
	my $access = $kind eq 'TABLE' ? 'SELECT' : 'EXECUTE';
	sql("$restore; REVOKE $access ON $object FROM PUBLIC", database => 'closed');
	my ($found, $skipped, $last) = described('closed', @reader);
	$restore = "GRANT $access ON $object TO PUBLIC";
	if ($last->{frame} eq 'error')
	{
		ok($essential{$name}, "$name is denied: nothing can be told");
		is_deeply(
			[ $last->{code}, $last->{transient} ], [ 'permission', JSON::PP::false ],
			"$name: for want of rights, which do not come by waiting");
		like($last->{detail}, qr/\b$name\b/, "$name: it is named");
		next;
	}
	# The server's own function for the query of a view reads it with the rights of the user.
	if ($name eq 'pg_rewrite')
	{
		is_deeply($skipped, { seen => 'permission denied for table pg_rewrite' }, "$name is denied: views are skipped");
		next;
	}
	is_deeply(
		[ [ sort keys %$found ], $skipped ], [ [ sort keys %$all ], {} ],
		"$name is denied: all relations are there");
	is(join(' ', @{ $found->{plain}{unreadable} // [] }), $lacking{$name}, "$name: the document tells what it lacks")
		if exists $lacking{$name};
	ok($last->{signature} || !$lacking{$name}, "$name: signatures") if !exists $lacking{$name};
	is($last->{signature}, undef, "$name: no signature stands for a document that is not whole")
		if exists $lacking{$name};
}
my ($seen) = do
{
	sql("$restore; REVOKE EXECUTE ON FUNCTION pg_get_viewdef(oid) FROM PUBLIC", database => 'closed');
	described('closed', @reader);
};
is_deeply([ @{ $seen->{seen} }{qw(definition unreadable)} ], [ undef, ['definition'] ], 'a view without its query');
is_deeply($seen->{plain}, $all->{plain}, 'a table beside it is described as before');

done_testing();
