# What the connector for PostgreSQL tells of values: categories, examples, and what it keeps to itself.
use strict;
use warnings;
use utf8;

use IPC::Open2;
use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

start_server();
sql('CREATE DATABASE source', database => 'postgres');
sql(<<~'EOT');
	CREATE SCHEMA "Odd ""q"".x";
	CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'glücklich');
	CREATE DOMAIN feeling AS mood;
	CREATE TABLE small (id integer PRIMARY KEY, code text UNIQUE, state text, mood mood, felt feeling, done boolean,
		level smallint, amount bigint, tags text[], long_one text, padded char(6), data bytea, gone text);
	ALTER TABLE small DROP COLUMN gone;
	INSERT INTO small SELECT i, 'code' || i, (ARRAY['new', 'p"ai''d', 'größe 😀', NULL])[1 + i % 4], 'sad', 'sad', NULL,
		i % 3, i, ARRAY['a', 'b'], repeat('é', CASE WHEN i = 7 THEN 51 ELSE 50 END), 'ab', '\xdeadbeef' FROM generate_series(1, 200) i;
	CREATE DOMAIN felt_today AS feeling;
	CREATE DOMAIN flag AS boolean;
	CREATE DOMAIN set_flag AS flag NOT NULL;
	CREATE DOMAIN raw AS bytea;
	CREATE DOMAIN raw_again AS raw;
	CREATE DOMAIN raws AS raw[];
	CREATE DOMAIN state_name AS text;
	CREATE DOMAIN state_name_again AS state_name;
	CREATE TABLE below (felt felt_today, flag set_flag, raw raw, again raw_again, list raws,
		several raw_again[], plain bytea[], state state_name_again);
	INSERT INTO below VALUES ('sad', true, '\xdeadbeef', '\xdeadbeef', '{"\\xdeadbeef"}', '{"\\xdeadbeef"}', '{"\\xdeadbeef"}', 'new');
	CREATE TABLE many (note text);
	INSERT INTO many SELECT 'note ' || i % 61 FROM generate_series(1, 200) i;
	CREATE TABLE sixty (note text);
	INSERT INTO sixty SELECT 'note ' || i % 60 FROM generate_series(1, 200) i;
	CREATE TABLE empty (state text, mood mood);
	CREATE TABLE no_columns ();
	CREATE TABLE analyzed (state text, few text, rare text);
	INSERT INTO analyzed SELECT 'state ' || i % 5, CASE WHEN i > 4 THEN 'd' || i % 2 END, 'r' || i FROM generate_series(1, 20) i;
	INSERT INTO analyzed SELECT * FROM analyzed;
	CREATE TABLE big (state text, rare text, plain text);
	INSERT INTO big SELECT 'state ' || i % 5, 'r' || i % 50000, CASE WHEN i < 25000 THEN 'x' ELSE 'y' END FROM generate_series(1, 50000) i;
	CREATE TABLE big_unknown AS TABLE big;
	ALTER TABLE big SET (autovacuum_enabled = off);
	ALTER TABLE big_unknown SET (autovacuum_enabled = off);
	CREATE TABLE "Odd ""q"".x"."Größe, ""x"".y" ("a.b ""c""" text, "sel ect" text);
	INSERT INTO "Odd ""q"".x"."Größe, ""x"".y" VALUES ('1', 'x'), ('2', 'x');
	CREATE TABLE parts (state text) PARTITION BY LIST (state);
	CREATE TABLE parts_a PARTITION OF parts DEFAULT;
	INSERT INTO parts VALUES ('a'), ('b'), ('b');
	CREATE VIEW looks AS SELECT state FROM small;
	CREATE MATERIALIZED VIEW kept AS SELECT state FROM small;
	CREATE VIEW sleeps AS SELECT pg_sleep(3600)::text AS state;
	CREATE SEQUENCE counter;
	CREATE VIEW writes AS SELECT nextval('counter') AS n, 'x' AS state;
	CREATE VIEW breaks AS SELECT v::integer AS n FROM (VALUES ('canary-in-a-message')) x (v);
	CREATE TABLE huge (body text, doc jsonb);
	INSERT INTO huge SELECT repeat('abc def ', 16000000), jsonb_build_object('a', repeat('x', 10000000)) FROM generate_series(1, 3);
	CREATE TABLE private (id integer, password text, "customerEmail" text, phone_number text, note text, status text, account bigint, ref uuid);
	INSERT INTO private VALUES
		(1, 'canary-password', 'canary@mail.example', 'canary-phone', 'write to canary.two@mail.example please',
			'a', 4111111111111111, gen_random_uuid()),
		(2, 'canary-password', 'canary@mail.example', 'canary-phone', 'call +49 (30) 1234567', 'a', 5, gen_random_uuid()),
		(3, 'canary-password', 'canary@mail.example', 'canary-phone', 'DE89 3704 0044 0532 0130 00', 'b', 6, gen_random_uuid());
	CREATE TABLE secrets (a text, b text, c text, d text);
	INSERT INTO secrets VALUES ('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary', 'AKIAIOSFODNN7EXAMPLE', '4111 1111 1111 1111',
		E'-----BEGIN RSA PRIVATE KEY-----\ncanary');
	CREATE ROLE reader LOGIN PASSWORD 'correct "horse" \battery';
	CREATE TABLE forbidden (state text);
	CREATE TABLE partly (state text, hidden text);
	INSERT INTO partly VALUES ('x', 'canary');
	REVOKE ALL ON ALL TABLES IN SCHEMA public FROM reader;
	GRANT SELECT (state) ON partly TO reader;
	GRANT SELECT ON small TO reader;
	EOT
sql('ANALYZE analyzed; ANALYZE big');    # by another session: what one inserts is counted when it ends

# The samples of relations of schema public, by name; all other members of the request can be changed.
sub sample
{
	my ($names, %change) = @_;
	my @relations = map {
		ref $_
			? { schema => $_->[0], name => $_->[1], (defined $_->[2] ? (id => "$_->[2]") : ()) }
			: { schema => 'public', name => $_ }
	} @$names;
	my $request = {
		protocol => 2, operation => 'sample', type => 'postgresql',
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source',
			tls => { mode => 'disable' }, options => {}
		},
		credentials => { username => $change{user} // 'owner', password => $password },
		limits => { connection_timeout => 10, query_timeout => 30 },
		sample => {
			relations => \@relations, categories => 60, category_length => 50, examples => 3, example_length => 200,
			masking => JSON::PP::true, relation_timeout => 60, %{ $change{sample} // {} }
		}
	};
	my @frames = ask($json->encode($request) . "\n");
	is_deeply(
		$frames[-1], { frame => 'end', schemas => 0, columns => 0, relations => scalar @$names },
		'every relation is answered') or diag(explain($frames[-1]));
	return sort { $a->{relation} <=> $b->{relation} } grep { $_->{frame} eq 'sample' } @frames;
}

subtest 'only what was discovered' => sub {
	my $oid = sub { sql("SELECT '$_[0]'::regclass::oid") };
	my @samples = sample([
		[ 'public', 'sixty', $oid->('sixty') ], [ 'public', 'many', $oid->('sixty') ],
		[ 'public', 'many', 4_000_000_000 ],
		[ 'public', 'nothing', 4_000_000_000 ], [ 'public', 'sixty', 'urn:sixty' ] ]);
	is(scalar @{ $samples[0]{categories}{note} }, 60, 'under its name');
	is_deeply(
		[ map { $_->{error} } @samples ],
		[   undef, 'it has another name now; discover the data source again',
			'another one has its name now; discover the data source again',
			('it is no longer in the data source') x 2 ],
		'and why not what is another one');
};

subtest 'a small table' => sub {
	my ($small) = sample(['small']);
	is_deeply(
		$small->{categories},
		{   state => [ 'größe 😀', 'new', 'p"ai\'d' ], mood => [ 'sad', 'it\'s "ok"', 'glücklich' ],
			felt => [ 'sad', 'it\'s "ok"', 'glücklich' ], done => [ 'false', 'true' ], level => [ 0, 1, 2 ],
			padded => ['ab']
		},
		'texts, labels in their order, booleans, small integers; no keys, numbers, arrays, long texts'
	) or diag(explain($small));
	is(scalar @{ $small->{examples} }, 3, 'three rows');
	my %first = %{ $small->{examples}[0] };
	ok(!exists $first{data} && !exists $first{gone}, 'no bytes, no dropped column');
	is("$first{id} $first{code} $first{tags}", '1 code1 {a,b}', 'values as text');
	is($first{done}, undef, 'null is null');
};

subtest 'below domains, however many' => sub {
	my ($below) = sample(['below']);
	is_deeply(
		$below->{categories},
		{ felt => [ 'sad', 'it\'s "ok"', 'glücklich' ], flag => [ 'false', 'true' ], state => ['new'] },
		'labels, booleans and texts') or diag(explain($below));
	is_deeply(
		$below->{examples}, [ { felt => 'sad', flag => 'true', state => 'new' } ],
		'values of bytea are not shown');
};

subtest 'bounds' => sub {
	my ($many, $sixty, $empty, $none) = sample([qw(many sixty empty no_columns)]);
	is_deeply($many->{categories}, {}, '61 values are too many');
	is(scalar @{ $sixty->{categories}{note} }, 60, '60 are not');
	is_deeply(
		$empty->{categories}, { mood => [ 'sad', 'it\'s "ok"', 'glücklich' ] },
		'an empty table has the labels of its types');
	is_deeply($empty->{examples}, [], 'an empty table has no examples');
	like($none->{error}, qr/no column/, 'no columns at all');
	my ($off) = sample(['small'], sample => { categories => 0, examples => 0 });
	is_deeply([ @$off{qw(categories examples)} ], [ {}, [] ], 'both switched off');
	my ($short) = sample(['small'], sample => { example_length => 3 });
	is($short->{examples}[0]{code}, 'cod…', 'long values are cut');
};

subtest 'statistics' => sub {
	my ($analyzed, $big, $unknown) = sample([qw(analyzed big big_unknown)]);
	is_deeply($analyzed->{categories}{state}, [ map { "state $_" } 0 .. 4 ], 'a small table has categories');
	is_deeply($analyzed->{categories}{few}, [ 'd0', 'd1' ], 'nulls beside them');
	is_deeply($analyzed->{categories}{rare}, [ sort map { "r$_" } 1 .. 20 ], 'n_distinct is a fraction of the rows');
	is_deeply(
		$big->{categories}, { state => [ map { "state $_" } 0 .. 4 ], plain => [ 'x', 'y' ] },
		'complete ones of a large table');
	is_deeply($unknown->{categories}, {}, 'a large table without them has none: not all of it was seen');
	is(scalar @{ $unknown->{examples} }, 3, 'a large table without statistics has examples');
	sql("CREATE TABLE fresh (state text); INSERT INTO fresh SELECT 'a' FROM generate_series(1, 100); ANALYZE fresh;
		INSERT INTO fresh VALUES ('b'); SELECT pg_stat_force_next_flush()");
	my ($fresh) = sample(['fresh']);
	is_deeply($fresh->{categories}{state}, [ 'a', 'b' ], 'what came after the statistics of a small table is seen');
};

subtest 'kinds and names' => sub {
	my ($odd, $parts, $looks, $kept) = sample([ [ 'Odd "q".x', 'Größe, "x".y' ], qw(parts looks kept) ]);
	is_deeply($odd->{categories}, { 'a.b "c"' => [ 1, 2 ], 'sel ect' => ['x'] }, 'names are quoted');
	is_deeply($parts->{categories}, { state => [ 'a', 'b' ] }, 'a partitioned table');
	is(scalar @{ $_->{categories}{state} }, 3, 'a view, a materialized view') for $looks, $kept;
};

subtest 'what fails, fails alone' => sub {
	my ($sleeps, $writes, $breaks, $gone, $schema, $small) = sample(
		[ qw(sleeps writes breaks never_was), [ 'nowhere', 'x' ], 'small' ],
		sample => { relation_timeout => 3 });
	like($sleeps->{error}, qr/longer than the time/, 'a view that sleeps');
	like($writes->{error}, qr/would change data/, 'a view that writes');
	is(sql('SELECT is_called FROM counter'), 'f', 'a view that writes has not written');
	is($breaks->{error}, 'reading it failed on a value', 'an error does not tell the value');
	like($_->{error}, qr/no longer in the data source/, 'not there') for $gone, $schema;
	is(scalar @{ $small->{categories}{state} }, 3, 'the last one is well');

	my ($forbidden, $partly, $fine) = sample([qw(forbidden partly small)], user => 'reader');
	like($forbidden->{error}, qr/may (not )?read/, 'permission denied');
	is_deeply($partly->{examples}, [ { state => 'x' } ], 'only the columns that may be read');
	is(scalar @{ $fine->{categories}{state} }, 3, 'the other relations are sampled');
};

subtest 'what is private stays there' => sub {
	my ($private, $secrets) = sample([qw(private secrets)]);
	my $said = $json->encode([ $private, $secrets ]);
	unlike($said, qr/canary|4111|1234567|AKIA|3704|PRIVATE/, 'no canary leaves the connector');
	is_deeply($private->{categories}, { status => [ 'a', 'b' ] }, 'categories of what is not private');
	is( join(' ', map { $private->{examples}[0]{$_} } qw(password customerEmail phone_number note account status)),
		'*** *** *** *** *** a', 'the rest is masked');
	is($private->{examples}[1]{account}, 5, 'value by value');
	my ($open) = sample(['private'], sample => { masking => JSON::PP::false });
	like($json->encode($open), qr/canary-password/, 'unless masking is off');
};

subtest 'foreign tables' => sub {
	my $dead = free_port();
	sql("CREATE EXTENSION postgres_fdw;
		CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$home', port '$port', dbname 'source');
		CREATE SERVER nowhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$dead');
		CREATE USER MAPPING FOR owner SERVER here OPTIONS (user 'owner'); CREATE USER MAPPING FOR owner SERVER nowhere;
		CREATE FOREIGN TABLE far (state text) SERVER here OPTIONS (schema_name 'public', table_name 'small');
		CREATE FOREIGN TABLE lost (state text) SERVER nowhere;
		CREATE FOREIGN TABLE large (state text) SERVER here OPTIONS (schema_name 'public', table_name 'big_unknown')");
	my ($far, $lost, $large) = sample([qw(far lost large)]);
	is(scalar @{ $far->{categories}{state} }, 3, 'are read where they are');
	like($lost->{error}, qr/could not be reached/, 'if that can be reached');
	is_deeply($large->{categories}, {}, 'a large table has no categories');
	sql('DROP EXTENSION postgres_fdw CASCADE');
};

subtest 'a lock' => sub {
	my ($in, $out);
	my $pid = open2($out, $in, @psql, 'source');
	print $in "BEGIN; LOCK TABLE sixty IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n";
	is(scalar <$out>, "locked\n", 'another session holds the lock');
	my ($sixty, $small) = sample([qw(sixty small)], sample => { relation_timeout => 3 });
	is($sixty->{error}, 'it is locked by another session', 'is waited for as long as for a query');
	is(scalar @{ $small->{categories}{state} }, 3, 'the other relations are sampled after a lock');
	close $in;
	close $out;
	waitpid $pid, 0;
};

subtest 'a wide table' => sub {
	sql('CREATE TABLE wide (' . join(', ', map { "c$_ text" } 1 .. 1500) . ')');
	sql('INSERT INTO wide SELECT ' . join(', ', map { "i % $_" } 1 .. 1500) . ' FROM generate_series(1, 3000) i');
	my ($wide) = sample(['wide']);
	is($wide->{error}, undef, 'is scanned');
	is(scalar(keys %{ $wide->{categories} }), 60, 'every column of it is looked at');
	is(scalar(@{ $wide->{examples} }), 3, 'a wide table has examples');
};

subtest 'large values' => sub {
	my ($huge) = sample(['huge']);
	is(length $huge->{examples}[0]{body}, 201, 'are cut by the server');
	is_deeply($huge->{categories}, {}, 'huge values have no categories');
};

done_testing();
