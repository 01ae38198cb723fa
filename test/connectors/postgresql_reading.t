# Reading from a PostgreSQL server while it changes, hides things, is slow or goes away: what is read is the relation that was
# meant, nothing is changed, and what nothing waits for any more does not go on.
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
sql('CREATE DATABASE source', database => 'postgres');
sql(<<~"EOT");
	CREATE ROLE reader LOGIN PASSWORD '$password';
	ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
	CREATE SCHEMA "we'ird ""\\x";
	GRANT USAGE ON SCHEMA "we'ird ""\\x" TO reader;
	CREATE TABLE "we'ird ""\\x"."a.b'; --\$\$" ("c"");" integer, "d	e" text, "\$1" integer);
	INSERT INTO "we'ird ""\\x"."a.b'; --\$\$" VALUES (1, 'x', 2);
	CREATE SCHEMA shop;
	GRANT USAGE ON SCHEMA shop TO reader;
	CREATE TABLE shop.orders (id integer PRIMARY KEY, note text);
	INSERT INTO shop.orders SELECT i, 'n' || i FROM generate_series(1, 5) i;
	CREATE TABLE shop.parts (id integer, k integer) PARTITION BY LIST (k);
	CREATE TABLE shop.part PARTITION OF shop.parts FOR VALUES IN (1);
	CREATE TABLE shop.parent (id integer);
	CREATE TABLE shop.child () INHERITS (shop.parent);
	INSERT INTO shop.parts VALUES (1, 1);
	INSERT INTO shop.parent VALUES (1);
	INSERT INTO shop.child VALUES (2);
	CREATE MATERIALIZED VIEW shop.empty AS SELECT 1 AS a WITH NO DATA;
	CREATE TABLE shop.secret (id integer, hidden text);
	INSERT INTO shop.secret VALUES (1, 'x');
	REVOKE SELECT ON shop.secret FROM reader;
	GRANT SELECT (id) ON shop.secret TO reader;
	CREATE TABLE shop.guarded (id integer);
	INSERT INTO shop.guarded VALUES (1), (2);
	ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY;
	CREATE POLICY first ON shop.guarded USING (id = 1);
	CREATE SEQUENCE shop.counter;
	GRANT ALL ON shop.counter TO reader;
	CREATE VIEW shop.slow AS SELECT pg_sleep(3600)::text AS v;
	CREATE VIEW shop.endless AS SELECT generate_series(1, 1000000000) AS i;
	CREATE FUNCTION shop.burst(i int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1 / (3 - i); END';
	CREATE VIEW shop.bursts AS SELECT i, shop.burst(i) AS q FROM generate_series(1, 5) i;
	CREATE VIEW shop.breaks AS SELECT i, 1 / (20000 - i) AS q FROM generate_series(1, 30000) i;
	EOT

sub values_of
{
	return [ map { $_->[0] } rows_of(@_) ];
}

sub fails
{
	my ($name, $code, $message, @frames) = @_;
	my $end = $frames[-1];
	is_deeply([ @$end{qw(frame step code)} ], [ 'error', 'query', $code ], "$name: $code") or diag(explain($end));
	return like($end->{message}, $message, "$name is said");
}

# Sessions of the connector that are at work.
sub busy
{
	return sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen' AND state <> 'idle'");
}

subtest 'names' => sub {
	my @odd = ("we'ird \"\\x", q{a.b'; --$$});
	is_deeply(
		[   rows_of(reads(
				\@odd, [ 'c");', "d\te", '$1' ],
				conditions => [ { column => '$1', op => '=', type => 'integer', value => '2' } ])) ],
		[ [ 1, 'x', 2 ] ],
		'odd names are those of the relation and its columns');
	fails("the column $_", 'relation_changed', qr/column is no longer/, reads([ 'shop', 'orders' ], [$_]))
		for 'ID', '*', 'id, note', '"id"', 'x' x 80, 'ctid', '';
	is(sql('SELECT count(*) FROM shop.orders'), 5, 'nothing was done to the source');
};

subtest 'kinds' => sub {
	is_deeply(values_of(reads([ 'shop', 'parts' ], ['id'])), [1], 'a partitioned table has the rows of its partitions');
	is_deeply(
		[ sort @{ values_of(reads([ 'shop', 'parent' ], ['id'])) } ], [ 1, 2 ],
		'a parent has those of its children');
	is_deeply(values_of(reads([ 'shop', 'guarded' ], ['id'])), [1], 'policies of rows hold');
	is_deeply(values_of(reads([ 'shop', 'counter' ], ['last_value'])), [1], 'a sequence has a row');
	fails('a view without data', 'query', qr/has not been populated/, reads([ 'shop', 'empty' ], ['a']));
	is_deeply(values_of(reads([ 'shop', 'secret' ], ['id'])), [1], 'a column may be allowed alone');
	fails('a forbidden column', 'permission', qr/permission denied/, reads([ 'shop', 'secret' ], ['hidden']));
};

subtest 'a relation that changes' => sub {
	my $id = id_of('shop.orders');
	my @orders = ([ 'shop', 'orders', $id ], ['id']);
	is_deeply([ sort @{ values_of(reads(@orders)) } ], [ 1 .. 5 ], 'it is read by its id');
	sql('ALTER TABLE shop.orders RENAME TO older');
	fails('a rename', 'relation_changed', qr/another name/, reads(@orders));
	sql('CREATE TABLE shop.orders (id integer)');
	fails('another of its name', 'relation_changed', qr/another name/, reads(@orders));
	sql('DROP TABLE shop.older');
	fails('a drop', 'relation_changed', qr/no longer/, reads(@orders));
	fails('an id that is none', 'relation_changed', qr/an id/, reads([ 'shop', 'orders', '1; DROP' ], ['id']));

	# Between the question for the id and the lock the name goes to another relation: the read waits for the lock.
	sql('DROP TABLE shop.orders; CREATE TABLE shop.orders (id integer); INSERT INTO shop.orders VALUES (7)');
	my $end = in_transaction('LOCK TABLE shop.orders');
	start_reader();
	my $run = Reading::running();
	send_line(
		$run,
		reader_request(operation => 'read', read => read_request([ 'shop', 'orders', id_of('shop.orders') ], ['id'])));
	ok( comes_true(
			sub { sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'shop.orders'::regclass") }),
		'the read waits');
	$end->(
		'ALTER TABLE shop.orders RENAME TO old_orders; CREATE TABLE shop.orders (id integer); INSERT INTO shop.orders VALUES (8); COMMIT'
	);
	fails('a change at the last moment', 'relation_changed', qr/another name/, read_answer($run));
	end_reader();
};

subtest 'wide, long and many' => sub {
	sql('CREATE TABLE shop.wide AS SELECT ' . join(', ', map { "$_ AS c$_" } 1 .. 1000));
	is_deeply(
		[ rows_of(reads([ 'shop', 'wide' ], [ map { "c$_" } reverse 1 .. 1000 ])) ], [ [ reverse 1 .. 1000 ] ],
		'a thousand columns');
	is( scalar @{ (grep { $_->{columns} } queries('SELECT * FROM shop.wide', check_only => JSON::PP::true))[0]{columns}
		}, 1000, 'and of a query');
	sql("CREATE TABLE shop.long AS SELECT i AS id, repeat('x', CASE i WHEN 2 THEN 3000000 ELSE 10 END) AS v FROM generate_series(1, 3) i"
	);
	for my $how (
		[ 'COPY' => sub { reads([ 'shop', 'long' ], ['v'], @_) } ],
		[ 'a query' => sub { next_answer(operation => 'query', query => { text => 'SELECT v FROM shop.long' }, @_) } ])
	{
		my ($name, $act) = @$how;
		my @frames = $act->(limits => { row_bytes => 3_000_001 });
		is_deeply([ map { length } @{ values_of(@frames) } ], [ 10, 3_000_000, 10 ], "a row of 3 MB, by $name");
		is_deeply([ map { $_->{rows} } frames_of('rows', @frames) ], [ 1, 1, 1 ], 'stands alone');
		fails(
			"a row that is too long, by $name", 'too_large', qr/longer than/,
			$act->(limits => { row_bytes => 3_000_000 }));
		fails(
			"a row that is much too long, by $name", 'too_large', qr/longer than/,
			$act->(limits => { row_bytes => 1000 }));
	}
	my @many = reads([ 'shop', 'endless' ], ['i'], limit => 100_000);
	is_deeply(values_of(@many), [ 1 .. 100_000 ], 'many rows come in their order');
	my @sizes = map { $_->{bytes} } frames_of('rows', @many);
	cmp_ok($sizes[0], '<=', 4096, 'the first frame is small');
	cmp_ok($sizes[5], '>', 32768, 'later ones are not');
	is((reads([ 'shop', 'endless' ], [], limit => 3_000_000))[-1]{rows}, 3_000_000, 'rows without columns are counted');
};

subtest 'a sample' => sub {
	sql("CREATE TABLE shop.big AS SELECT i AS id, repeat('x', 50) AS v FROM generate_series(1, 50000) i; ANALYZE shop.big"
	);
	my @ids = sort { $a <=> $b } @{ values_of(reads([ 'shop', 'big' ], ['id'], sample => 5000)) };
	cmp_ok(scalar @ids, '>', 100, 'of a large table has rows');
	cmp_ok(scalar @ids, '<', 20_000, 'but not all');
	cmp_ok($ids[-1] - $ids[0], '>', 25_000, 'and from everywhere');
	my $few = (reads([ 'shop', 'big' ], ['id'], sample => 5))[-1]{rows};
	cmp_ok($few, '>', 5, 'one of a few rows is not empty');
	is((reads([ 'shop', 'big' ], ['id'], sample => 40_000))[-1]{rows}, 50_000, 'one that is nearly all is all');
};

subtest 'queries' => sub {
	my @bad = queries("SELECT 'ö' AS ü, nothing FROM shop.wide");
	fails('an unknown column', 'query', qr/"nothing" does not exist/, @bad);
	is($bad[-1]{position}, 18, 'and where it stands, in characters');
	fails(
		'a check of it', 'query', qr/"nothing"/,
		queries('SELECT nothing FROM shop.wide', check_only => JSON::PP::true));
	fails($_, 'query', qr/read-only transaction/, queries($_))
		for "SELECT nextval('shop.counter')", 'WITH x AS (DELETE FROM shop.orders RETURNING 1) SELECT * FROM x',
		'SELECT c1 FROM shop.wide FOR UPDATE';
	fails("a check of $_->[0]", 'query', $_->[1], queries($_->[0], check_only => JSON::PP::true))
		for [ 'WITH x AS (DELETE FROM shop.orders RETURNING 1) SELECT * FROM x' =>
			qr/INSERT, UPDATE, DELETE or MERGE in WITH/ ],
		[ 'SELECT c1 FROM shop.wide FOR UPDATE' => qr/FOR UPDATE in a read-only transaction/ ],
		[ "/* a /* b */ */ -- c\n (SELECT c1 FROM shop.wide FOR SHARE)" => qr/FOR SHARE in a read-only/ ],
		[ 'EXPLAIN ANALYZE VERBOSE DELETE FROM shop.orders' => qr/EXPLAIN ANALYZE runs the statement/ ],
		[ 'EXPLAIN (COSTS off, ANALYZE true) DELETE FROM shop.orders' => qr/EXPLAIN ANALYZE runs the statement/ ],
		[ 'EXPLAIN ANALYZE SELECT c1 FROM shop.wide FOR UPDATE' => qr/read-only transaction/ ],
		[ 'INSERT INTO shop.orders VALUES (9)' => qr/no rows/ ],
		[ 'CREATE TABLE shop.made ()' => qr/no rows/ ];
	is((queries($_, check_only => JSON::PP::true))[-1]{frame}, 'end', "a check of $_")
		for 'EXPLAIN DELETE FROM shop.orders', 'EXPLAIN (ANALYZE off) DELETE FROM shop.orders',
		'EXPLAIN ANALYZE SELECT 1',
		'WITH x AS (SELECT 1) TABLE x;', 'VALUES (1)', 'SHOW work_mem', '((SELECT 1))';
	fails("empty: '$_'", 'query', qr/query is empty/, queries($_)) for '-- nothing', ' /* a /* b */ */ ; ; ', ';';
	fails($_, 'query', qr/no rows/, queries($_))
		for 'COMMIT', 'SET TRANSACTION READ WRITE', 'COPY shop.orders TO STDOUT', "PREPARE p AS SELECT 1", 'LISTEN a';
	fails(
		'a setting', 'query', qr/must be set before any query/,
		queries("SELECT set_config('transaction_read_only', 'off', false)"));
	fails('a fault in the middle', 'query', qr/division by zero/, my @half = queries('SELECT * FROM shop.breaks'));
	ok(scalar(frames_of('rows', @half)), 'comes after the rows before it');
	fails('the same in a relation', 'query', qr/division by zero/, reads([ 'shop', 'breaks' ], [ 'i', 'q' ]));
	fails('a fault in a count of rows', 'query', qr/division by zero/, reads([ 'shop', 'bursts' ], []));

	# One connection answers many requests: nothing of one is left for the next.
	start_reader();
	queries(
		"SELECT set_config('search_path', 'shop', false), set_config('DateStyle', 'German', false), pg_advisory_lock(7)"
	);
	is_deeply(
		[ rows_of(queries("SELECT current_setting('search_path'), '2020-02-01'::date")) ],
		[ [ '"$user", public', '2020-02-01' ] ], 'settings do not stay');
	ok(comes_true(sub { !sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") }), 'nor do locks');
	for my $limit (0, 1, 1000)
	{
		my @frames = queries('SELECT i FROM shop.endless', limit => $limit);
		is_deeply([ $frames[-1]{rows}, $frames[-1]{truncated} ? 1 : 0 ], [ $limit, 1 ], "$limit of endless rows");
		ok(comes_true(sub { !busy() }), 'the rest is not computed');
	}
	# That of the connector before may end a moment after it.
	ok( comes_true(sub { sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen'") == 1 }),
		'all over one connection');
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rivergen'");
	ok( comes_true(sub { !sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen'") }),
		'the server ends it');
	is_deeply(values_of(queries('SELECT 7')), [7], 'and another one takes its place');
	end_reader();
};

# The first statements of a read are prepared in a session that is the connector's own, and in which no other code has run.
subtest 'statements that are kept' => sub {
	sql(<<~'EOT');
		CREATE FUNCTION shop.meddle() RETURNS integer LANGUAGE plpgsql AS $$
		BEGIN
			DEALLOCATE ALL;
			PREPARE rivergen_settings AS SELECT 1;
			PREPARE rivergen_find_by_id (text, text, oid, text[], int8) AS SELECT 'shop.secret'::regclass::oid, 'shop.secret'::text, true,
				NULL::text, 'id'::text, 'id'::text, pg_backend_pid();
			RETURN 1;
		END $$;
		CREATE VIEW shop.meddling AS SELECT shop.meddle() AS id;
		CREATE TABLE shop.policed (id integer);
		INSERT INTO shop.policed VALUES (9);
		ALTER TABLE shop.policed ENABLE ROW LEVEL SECURITY;
		CREATE POLICY meddles ON shop.policed USING (shop.meddle() = 1);
		CREATE TABLE shop.plain (id integer);
		INSERT INTO shop.plain VALUES (7);
		EOT
	my @plain = ([ 'shop', 'plain', id_of('shop.plain') ], ['id']);
	my %seven = (conditions => [ { column => 'id', op => '=', type => 'integer', value => '7' } ]);
	my $names = 'SELECT name FROM pg_prepared_statements ORDER BY name';
	my %code = (
		'a query' => sub { return queries('SELECT shop.meddle()') },
		'a view' => sub { return reads([ 'shop', 'meddling' ], ['id']) },
		'a policy' => sub { return reads([ 'shop', 'policed' ], ['id']) });

	start_reader();
	for my $time (1 .. 3)
	{
		is_deeply(values_of(reads(@plain)), [7], "read $time");
		is_deeply(values_of(reads(@plain, %seven)), [7], "read $time with a condition");
		is_deeply(values_of(reads([ 'shop', 'plain' ], ['id'])), [7], "read $time by name");
	}
	is_deeply(
		values_of(queries($names)),
		[ map { "rivergen_$_" } qw(find_by_id find_by_name settings types) ],
		'they are prepared');
	for my $what (sort keys %code)
	{
		for my $before (0, 2)
		{
			start_reader();
			reads(@plain) for 1 .. $before;
			ok(scalar(rows_of($code{$what}->())), "$what prepares others of these names after $before reads");
			is_deeply(values_of(reads(@plain)), [7], 'which are not run') for 1 .. 3;
		}
	}
	end_reader();
};

# A table that is rewritten while its rows are waited for is empty for older snapshots.
subtest 'a relation that is rewritten' => sub {
	sql('CREATE TABLE shop.rewritten (id integer, k integer); INSERT INTO shop.rewritten VALUES (1, 1), (2, 2)');
	sql('CREATE VIEW shop.view_of AS SELECT id FROM shop.rewritten');
	sql('CREATE TABLE shop.hides (id integer, k integer, z text); INSERT INTO shop.hides VALUES (1, 1), (2, 2)');
	sql('REVOKE SELECT ON shop.hides FROM reader; GRANT SELECT (id) ON shop.hides TO reader');
	my %read = (
		'a table' => { operation => 'read', read => read_request([ 'shop', 'rewritten' ], ['id']) },
		'a view' => { operation => 'read', read => read_request([ 'shop', 'view_of' ], ['id']) },
		'a column' => { operation => 'read', read => read_request([ 'shop', 'hides' ], ['id']) },
		'a query' => { operation => 'query', query => { text => 'SELECT id FROM shop.rewritten' } });
	for my $what (sort keys %read)
	{
		my $table = $what eq 'a column' ? 'shop.hides' : 'shop.rewritten';
		for my $before (0, 3)
		{
			start_reader();
			next_answer(%{ $read{$what} }) for 1 .. $before;
			my $type = sql(
				"SELECT CASE atttypid WHEN 'int4'::regtype THEN 'bigint' ELSE 'int' END FROM pg_attribute
				WHERE attrelid = '$table'::regclass AND attname = 'k'");
			my @frames = changed_meanwhile(
				Reading::running(), reader_request(%{ $read{$what} }),
				$table, "ALTER TABLE $table ALTER k TYPE $type", "$what waits after $before");
			is_deeply([ sort @{ values_of(@frames) } ], [ 1, 2 ], 'and has all rows');
		}
	}
	end_reader();
};

# So are its columns: a condition is sent, or not, as their types are once the relation may be read.
subtest 'a condition on a column of another type' => sub {
	sql("CREATE TABLE shop.retyped (id integer, word varchar(10)); INSERT INTO shop.retyped VALUES (1, 'one'), (2, 'two')"
	);
	my %word = (conditions => [ { column => 'word', op => '=', type => 'text', value => 'one' } ]);
	for my $before (0, 3)
	{
		for my $by ([ 'shop', 'retyped' ], [ 'shop', 'retyped', id_of('shop.retyped') ])
		{
			start_reader();
			my %read = (operation => 'read', read => read_request($by, [ 'id', 'word' ], %word));
			is_deeply([ rows_of(next_answer(%read)) ], [ [ 1, 'one' ] ], 'a varchar is compared at the source')
				for 1 .. $before;
			my @frames = changed_meanwhile(
				Reading::running(), reader_request(%read),
				'shop.retyped', 'ALTER TABLE shop.retyped ALTER word TYPE char(5)', "it waits after $before");
			is_deeply([ rows_of(@frames) ], [ [ 1, 'one  ' ], [ 2, 'two  ' ] ], 'a char(5) is not')
				or diag(message_of(@frames));
			sql('ALTER TABLE shop.retyped ALTER word TYPE varchar(10)');
		}
	}
	end_reader();
};

# The same relation read again over a kept connection: the rows are asked for together with what the catalogs say of it.
subtest 'once more' => sub {
	sql(<<~'EOT');
		CREATE TABLE shop.again (id integer, word varchar(10), other text);
		INSERT INTO shop.again VALUES (1, 'one', 'x'), (2, 'two', 'y');
		CREATE TABLE shop.newer (id integer, word varchar(10), other text);
		INSERT INTO shop.newer VALUES (3, 'one', 'z');
		EOT
	my %word = (conditions => [ { column => 'word', op => '=', type => 'text', value => 'one' } ]);
	my @by_name = ([ 'shop', 'again' ], [ 'id', 'word' ]);
	my @by_id = ([ 'shop', 'again', id_of('shop.again') ], [ 'id', 'word' ]);
	my $kept = sub {
		start_reader();
		rows_of(reads(@_)) for 1 .. 3;
	};
	my $asked = sub {
		return sql(
			"SELECT query FROM pg_stat_activity WHERE application_name = 'rivergen' ORDER BY backend_start DESC LIMIT 1"
		);
	};

	# While the relation is locked: the question is one message, and after some silence the wait is one for rows.
	my $waits = sub {
		my ($end, @more) = @_;
		$kept->(@by_id, @more);
		my $unlock = in_transaction('LOCK TABLE shop.again');
		my $run = Reading::running();
		send_line($run, reader_request(operation => 'read', read => read_request(@by_id, @more)));
		is(read_frame($run)->{frame}, 'connected', 'connected comes while a lock is waited for');
		like($asked->(), qr/^BEGIN.*EXECUTE rivergen_settings.*COPY/s, 'all was asked in one message');
		$unlock->($end);
		return read_answer($run);
	};
	is_deeply([ rows_of($waits->('COMMIT', %word)) ], [ [ 1, 'one' ] ], 'then the rows come');
	is_deeply([ rows_of(reads(@by_id)) ], [ [ 1, 'one' ], [ 2, 'two' ] ], 'and others');
	ok(comes_true(sub { !busy() }), 'then the transaction ends');
	like($asked->(), qr/COPY.*; ROLLBACK$/s, 'by the message that asked for the rows');
	fails(
		'a column that is renamed meanwhile', 'relation_changed', qr/column is no longer/,
		$waits->('ALTER TABLE shop.again RENAME word TO wort; COMMIT'));
	sql('ALTER TABLE shop.again RENAME wort TO word');

	$kept->(@by_id, %word);
	sql("ALTER TABLE shop.again ALTER word TYPE char(5)");
	is_deeply(
		[ rows_of(reads(@by_id, %word)) ],
		[ [ 1, 'one  ' ], [ 2, 'two  ' ] ],
		'a column is of a type whose conditions are not sent');
	$kept->(@by_id);
	sql("CREATE POLICY first ON shop.again USING (id = 1); ALTER TABLE shop.again ENABLE ROW LEVEL SECURITY");
	is_deeply([ rows_of(reads(@by_id)) ], [ [ 1, 'one  ' ] ], 'the relation has a policy') for 1 .. 2;
	sql('ALTER TABLE shop.again DISABLE ROW LEVEL SECURITY');
	$kept->(@by_name);
	sql('ALTER TABLE shop.again RENAME TO older; ALTER TABLE shop.newer RENAME TO again');
	for (1 .. 2)
	{
		my @frames = reads(@by_name);
		is_deeply([ rows_of(@frames) ], [ [ 3, 'one' ] ], 'another relation has the name') or diag(message_of(@frames));
	}
	my %fails = (
		'ALTER TABLE shop.again RENAME TO newer' => [ relation_changed => qr/no longer in/ ],
		'REVOKE SELECT ON shop.newer FROM reader; ALTER TABLE shop.newer RENAME TO again' =>
			[ permission => qr/denied/ ],
		'GRANT SELECT ON shop.again TO reader; ALTER TABLE shop.again DROP word' =>
			[ relation_changed => qr/column is no longer/ ]);
	for my $change (sort { ($a =~ /^GRANT/) <=> ($b =~ /^GRANT/) || $a cmp $b } keys %fails)
	{
		$kept->([ 'shop', 'again' ], [ 'id', 'word' ]) if $change !~ /^GRANT/ && $change !~ /^REVOKE/;
		sql($change);
		fails($change, @{ $fails{$change} }, reads(@by_name));
	}

	# A setting that another has changed in the session, and a session that is gone.
	$kept->([ 'shop', 'part' ], ['id']);
	sql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'rivergen'");
	is_deeply(values_of(reads([ 'shop', 'part' ], ['id'])), [1], 'a session that is gone') for 1 .. 3;
	ok(comes_true(sub { !busy() }), 'no transaction stays open');
	end_reader();
};

# Whatever the source does, it stops when the input of the connector ends, or the connector is gone.
subtest 'abandoned' => sub {
	my %asked = (
		'a relation that says nothing' => { operation => 'read', read => read_request([ 'shop', 'slow' ], ['v']) },
		'a query that says nothing' => { operation => 'query', query => { text => 'SELECT pg_sleep(3600)' } },
		'a count that takes long' => { operation => 'read', read => read_request([ 'shop', 'endless' ], []) },
		'rows that are not taken' => { operation => 'read', read => read_request([ 'shop', 'endless' ], ['i']) },
		'a relation that is locked' => { operation => 'read', read => read_request([ 'shop', 'big' ], ['id']) });
	my $unlock = in_transaction('LOCK TABLE shop.big');
	for my $name (sort keys %asked)
	{
		for my $how ('its input ends', 'it is killed')
		{
			my $run = start_reader();
			send_line($run, reader_request(%{ $asked{$name} }));
			ok( comes_true(sub {
					sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen'
				AND state = 'active' AND query ~ 'COPY|LOCK|SELECT (i|pg_sleep)'");
				}),
				"$name: the source is at work");
			$how eq 'it is killed' ? kill('KILL', $run->{pid}) : close(delete $run->{in});
			ok(comes_true(sub { !busy() }), "$name: it stops when $how");
			end_reader();
		}
	}
	$unlock->();
};

subtest 'silence' => sub {
	my @frames = reads([ 'shop', 'slow' ], ['v'], limits => { query_timeout => 1 });
	is_deeply([ @{ $frames[-1] }{qw(code transient)} ], [ 'timeout', JSON::PP::true ], 'is not borne for ever')
		or diag(explain($frames[-1]));
	my $unlock = in_transaction('LOCK TABLE shop.big');
	@frames = reads([ 'shop', 'big' ], ['id'], limits => { query_timeout => 1 });
	is($frames[-1]{code}, 'timeout', 'nor a lock') or diag(explain($frames[-1]));
	$unlock->();
	ok(comes_true(sub { !busy() }), 'and nothing goes on');
};

done_testing();
