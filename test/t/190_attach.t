# rivergen.attach and detach: foreign tables from documents, whose they are, and how they follow the source.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOT');
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, mood mood, b bit(3), at date);
COMMENT ON TABLE customer IS 'who buys; "quoted" and ''quoted''';
COMMENT ON COLUMN customer.name IS 'as on the invoice';
CREATE VIEW glad AS SELECT id, name FROM customer WHERE mood = 'good';
CREATE SEQUENCE numbers;
CREATE TABLE event (at date, what text[]) PARTITION BY RANGE (at);
CREATE TABLE event_1 PARTITION OF event DEFAULT;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
EOT
my $id = create_source(
	$server,
	{ %{ source_of($source, $password, name => 'My Shop') }, metadata => { query => { enabled => JSON::PP::true } } });
call_fails(
	$server, "rivergen.attach($id$_)", 'never discovered', sqlstate => 'PT409',
	message => "data source $id has not been discovered yet", hint => "rivergen.discover_schema($id) discovers it."
) for '', ", schemas => '{public}'", ", tables => '{customer}'";
discover($server, $id);

# The foreign tables in a schema, with columns: name type, * for NOT NULL, options in braces.
sub tables_in
{
	my ($schema) = @_;
	return sql($server, <<~"EOT");
		SELECT string_agg(format('%s %s(%s)', c.relname, f.ftoptions::text, (SELECT string_agg(format('%s %s%s%s', a.attname,
			format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN '*' END, a.attfdwoptions::text), ', ' ORDER BY a.attnum)
			FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)), E'\\n' ORDER BY c.relname)
		FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid WHERE c.relnamespace = to_regnamespace('$schema')
		EOT
}

sub without_ids
{
	my ($text) = @_;
	$text =~ s/,id=\d+|schema_name=public,//g;
	$text =~ s/\b(\w+)( [^{}]*\{)column_name=\1,type=/$1$2=/g;
	return $text;
}

sub attachment
{
	my ($column) = @_;
	return sql($server, "SELECT $column FROM rivergen.attachments ORDER BY attachment_id DESC LIMIT 1");
}

sub refresh
{
	my ($statements) = @_;
	sql($source, $statements) if $statements;
	discover_attached($server, $id);
	return attachment('state');
}

subtest 'attach' => sub {
	my $plan = call($server, "rivergen.attach($id, dry_run => true)")->{data};
	is_deeply($plan->{local_schemas}, { public => 'my_shop' }, 'the name of the source, made an identifier');
	is($plan->{server}, undef, 'a dry run makes no server');
	is($plan->{tables_count}, 3, 'a table, a view, a partitioned table');
	is($plan->{skipped}[0]{table_name}, 'event_1', 'a partition is skipped');
	is(sql($server, "SELECT to_regnamespace('my_shop') IS NULL"), 't', 'a dry run makes no schema');
	my $made = call($server, "rivergen.attach($id)")->{data};
	is_deeply(
		{ %$made, server => undef, dry_run => undef }, { %$plan, dry_run => undef },
		'the answer is that of the plan');
	is(without_ids(tables_in('my_shop')) =~ s/public\.//r, <<~'EOT' =~ s/\n\z//r, 'names, types, NOT NULL and options');
		customer {table_name=customer,kind=table}(id integer*{=integer}, name text*{=text}, mood text{=mood}, b "bit"{=bit(3)}, at date{=date})
		event {table_name=event,kind=partitioned_table}(at date{=date}, what text[]{=text[]})
		glad {table_name=glad,kind=view}(id integer{=integer}, name text{=text})
		EOT
	is( sql($server,
			"SELECT obj_description('my_shop.customer'::regclass) || '|' || col_description('my_shop.customer'::regclass, 2)"
		),
		q(who buys; "quoted" and 'quoted'|as on the invoice),
		'comments');
	is(attachment('state'), 'fresh', 'fresh');
	is( sql($server, "SELECT action || detail::text FROM rivergen.audit ORDER BY audit_id DESC LIMIT 1"),
		'data_source.attached{"tables_count": 3, "local_schemas": {"public": "my_shop"}}', 'audit');
	call_fails(
		$server, "rivergen.attach($id)", 'once more', sqlstate => 'PT409',
		says => qr/data source $id is attached already.*schema "my_shop".*refresh => true/s);
	call_fails(
		$server, "rivergen.attach($id, tables => '{nothing}')", 'no such table', sqlstate => 'PT404',
		says => qr/"nothing" not found/);
	call_fails(
		$server, "rivergen.attach($id, schemas => '{none}')", 'no such schema', sqlstate => 'PT404',
		says => qr/"none" has no/);
	for my $kept (qw(pg_x pg_catalog information_schema rivergen rivergen_catalog))
	{
		call_fails(
			$server, "rivergen.attach($id, local_schema => '$kept')", "the schema $kept", sqlstate => 'PT400',
			says => qr/local_schema: must not be a schema of/);
	}
	call_fails(
		$server, "rivergen.attach($id, local_schema => '', tables => '{}')", 'empty', sqlstate => 'PT400',
		says => qr/local_schema: must be/);
	call_fails($server, 'rivergen.attach(99)', 'no such source', sqlstate => 'PT404', says => qr/99 not found/);
};

subtest 'follow' => sub {
	sql($server, 'CREATE VIEW uses AS SELECT mood FROM my_shop.customer');
	is( refresh(
			'CREATE TABLE added (x int); ALTER TABLE customer ADD COLUMN age smallint NOT NULL DEFAULT 1, DROP COLUMN b'
		),
		'fresh',
		'additions and a dropped column');
	is( sql($server,
			"SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'my_shop.customer'::regclass
		AND attnum > 0 AND NOT attisdropped"),
		'id,name,mood,at,age',
		'of the columns');
	is(sql($server, "SELECT to_regclass('my_shop.added') IS NOT NULL"), 't', 'a new table');
	is( refresh(
			q(ALTER TABLE customer ALTER age TYPE bigint, ALTER name DROP NOT NULL; ALTER TABLE customer RENAME COLUMN at TO "When";
		COMMENT ON COLUMN customer.name IS 'other'; ALTER TABLE added RENAME TO "Renamed")),
		'fresh',
		'types, renames, NOT NULL, comments');
	is( without_ids(tables_in('my_shop') =~ s/\n.*//sr),
		q(Renamed {table_name=Renamed,kind=table}(x integer{=integer})),
		'a renamed table');
	like(
		without_ids(tables_in('my_shop')),
		qr/name text\{=text\}, .*, When date\{=date\}, age bigint\*\{=bigint\}/,
		'columns');
	is(sql($server, "SELECT col_description('my_shop.customer'::regclass, 2)"), 'other', 'a comment');
	is( refresh('DROP TABLE "Renamed"; ALTER TABLE customer DROP COLUMN mood CASCADE'), 'stale',
		'a column that a view uses');
	is(sql($server, "SELECT to_regclass('my_shop.\"Renamed\"') IS NULL"), 't', 'a table that is gone is dropped');
	my $problems = decode_json(attachment('problems'));
	is(@$problems, 1, 'one problem') or diag(explain($problems));
	is_deeply(
		$problems->[0]{dependents},
		['view public.uses depends on column mood of foreign table my_shop.customer'], 'names the view');
	like(attachment('why'), qr/1 changes/, 'why');
	like(tables_in('my_shop'), qr/mood text/, 'nothing cascades');
	is(refresh(), 'stale', 'still so');
	sql($server, 'DROP VIEW uses');
	is(refresh(), 'fresh', 'later the column is dropped');
	unlike(tables_in('my_shop'), qr/mood/, 'it is');
	sql($server, 'CREATE VIEW uses AS SELECT * FROM my_shop.event');
	is(refresh('DROP TABLE event'), 'broken', 'a table that a view uses');
	like(decode_json(attachment('problems'))->[0]{reason}, qr/the source has this relation no more/, 'its reason');
	sql($server, 'DROP FOREIGN TABLE my_shop.customer');
	is(refresh('CREATE TABLE event (a int)'), 'stale', 'it returns, with other columns');
	sql($server, 'DROP VIEW uses');
	is(refresh(), 'fresh', 'which it gets without the view');
	sql($server, 'CREATE VIEW uses AS SELECT * FROM my_shop.event');
	is( sql($server, "SELECT to_regclass('my_shop.customer') IS NULL"), 't',
		'what a user has dropped is not made again');
};

# What inherits from a foreign table has rows of its own, which a change of the source must not take away.
subtest 'tables that inherit' => sub {
	sql($source, 'CREATE TABLE parent (a int NOT NULL, b text, c int); GRANT SELECT ON parent TO reader');
	is(refresh(), 'fresh', 'a new table');
	sql($server, "CREATE TABLE heir (own int) INHERITS (my_shop.parent); INSERT INTO heir VALUES (1, 'kept', 3, 4)");
	is( refresh(
			'ALTER TABLE parent DROP COLUMN b, ALTER a DROP NOT NULL, ADD COLUMN d date; ALTER TABLE parent RENAME c TO e'
		),
		'fresh',
		'changes that are followed');
	is( sql($server, "SELECT to_jsonb(h) - 'd' FROM heir h"), '{"a": 1, "b": "kept", "e": 3, "own": 4}',
		'no value is lost');
	is(sql($server, 'SELECT d IS NULL FROM heir'), 't', 'a new column is');
	is( sql($server,
			"SELECT string_agg(attrelid::regclass || attnotnull::text, ',' ORDER BY attrelid) FROM pg_attribute WHERE attname = 'a' "
				. "AND attrelid IN ('my_shop.parent'::regclass, 'heir'::regclass)"),
		'my_shop.parentfalse,heirtrue',
		'a constraint stays, too');
	is(refresh('ALTER TABLE parent ALTER e TYPE text'), 'stale', 'a type is not changed for it');
	like(attachment('problems'), qr/type of inherited column/, 'the reason');
	sql($server, 'DROP TABLE heir');
	is(refresh(), 'fresh', 'without it the type is followed');
	is(refresh('DROP TABLE parent'), 'fresh', 'and the end of the table');
};

subtest 'names that a user gives' => sub {
	my $columns = q(SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'my_shop.mine'::regclass AND attnum > 0 AND NOT attisdropped);
	sql($source, 'CREATE TABLE named (a int, b int); INSERT INTO named VALUES (1, 2); GRANT SELECT ON named TO reader');
	is(refresh(), 'fresh', 'a new table');
	sql($server,
		'ALTER FOREIGN TABLE my_shop.named RENAME TO mine; ALTER FOREIGN TABLE my_shop.mine RENAME a TO x;
			ALTER FOREIGN TABLE my_shop.mine RENAME b TO a; ALTER FOREIGN TABLE my_shop.mine RENAME x TO b');
	is(sql($server, 'SELECT a, b FROM my_shop.mine WHERE a = 2'), '2|1', 'are read at once');
	is(refresh('ALTER TABLE named ADD COLUMN c int; ALTER TABLE named RENAME a TO d'), 'fresh', 'changes');
	is(sql($server, $columns), 'b,a,c', 'leave them');
	is(sql($server, 'SELECT a, b, c IS NULL FROM my_shop.mine WHERE b = 1'), '2|1|t', 'with their values');
	is(refresh('DROP TABLE named'), 'fresh', 'until the table goes');
};

subtest 'locked tables' => sub {
	my $session = $server->background_psql('postgres');
	$session->query('BEGIN');
	$session->query(q(COMMENT ON FOREIGN TABLE my_shop.event IS 'locked'));
	is(refresh('ALTER TABLE event ADD COLUMN b int'), 'stale', 'a locked table does not fail the discovery');
	like(attachment('problems'), qr/lock timeout/, 'the reason');
	$session->query('ROLLBACK');
	$session->quit;
	is(refresh(), 'fresh', 'the next one follows');
	like(tables_in('my_shop'), qr/event .*b integer/, 'it has the column');
};

# A role that may use a server may make a user mapping on it. PostgreSQL drops no server that has one.
sub map_users
{
	my $name = attachment('server_name');
	sql($server, "CREATE USER MAPPING FOR $_ SERVER $name") for 'PUBLIC', '"Odd one"';
	return;
}

subtest 'detach' => sub {
	sql($server, 'CREATE ROLE "Odd one"');
	call_fails(
		$server, "rivergen.detach($id)", 'a view depends', sqlstate => 'PT409',
		says => qr/other objects depend.*view public.uses depends on/);
	call_fails($server, "rivergen.detach()", 'of nothing', sqlstate => 'PT400', says => qr/data_source_id/);
	call_fails(
		$server, "rivergen.detach(local_schema => 'other')", 'of another schema', sqlstate => 'PT404',
		says => qr/"other"/);
	my $session = $server->background_psql('postgres');
	$session->query_safe('BEGIN; LOCK TABLE ONLY uses IN ACCESS SHARE MODE');
	my (undef, undef, $error) = $server->psql(
		'postgres', "SET lock_timeout = '100ms'; SELECT rivergen.detach($id, force => true)",
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($error, qr/PT503: .*lock timeout.*HINT:  Another session/s, 'what another session uses');
	$session->query_safe('ROLLBACK');
	$session->quit;
	map_users();
	is(call($server, "rivergen.detach($id, force => true)")->{data}{tables_count}, 1, 'with force');
	is(sql($server, "SELECT count(*) FROM pg_foreign_server"), 0, 'no server is left');
	is( sql($server, "SELECT to_regnamespace('my_shop') IS NULL AND to_regclass('uses') IS NULL"), 't',
		'nor schema and view');
	is(sql($server, 'SELECT count(*) FROM rivergen_catalog.attachment'), 0, 'nor attachment');
};

subtest 'several schemas, given schemas, hand-made changes' => sub {
	sql($source, 'CREATE SCHEMA "Sales 2"; CREATE TABLE "Sales 2".customer (a int); CREATE VIEW glad AS SELECT 1 AS a');
	discover($server, $id, 'refresh => true');
	my $made = call($server, "rivergen.attach($id)")->{data};
	is_deeply($made->{local_schemas}, { public => 'my_shop_public', 'Sales 2' => 'my_shop_sales_2' }, 'one each');
	call($server, "rivergen.detach(local_schema => 'my_shop_public')");
	is_deeply(decode_json(attachment('local_schemas')), { 'Sales 2' => 'my_shop_sales_2' }, 'one of them is detached');
	map_users();
	sql($server, 'DROP SCHEMA my_shop_sales_2 CASCADE');
	is(refresh(), '', 'schemas that were dropped by hand leave no attachment, although the source is the same');
	is(sql($server, 'SELECT count(*) FROM pg_foreign_server'), 0, 'and no server');
	sql($source, 'CREATE TABLE more (a int); CREATE TABLE even_more (a int)');
	discover($server, $id, 'refresh => true');
	sql($server, 'CREATE SCHEMA mine; CREATE TABLE mine.customer (a int); CREATE TYPE mine.glad AS ENUM ()');
	$made = call($server, "rivergen.attach($id, 'mine', '{public}')")->{data};
	is($made->{tables_count}, 5, 'a schema that is there') or diag(explain($made));
	like($made->{renamed}[0]{local_name}, qr/^customer_[0-9a-f]{8}$/, 'a taken name');
	like($made->{renamed}[1]{local_name}, qr/^glad_[0-9a-f]{8}$/, 'the name of a type');
	$made = call($server, "rivergen.attach($id, 'mine', '{Sales 2}')")->{data};
	is_deeply([ @$made{qw(tables_count skipped)} ], [ 1, [] ], 'another schema of the source in the same local schema');
	is_deeply(call($server, "rivergen.detach($id)")->{data}{local_schemas}, ['mine'], 'a schema is named once');
	$made = call($server, "rivergen.attach($id, 'mine', '{public}')")->{data};
	sql($server, 'DROP SERVER ' . $made->{server} . ' CASCADE');
	is( attachment("state || ': ' || why"), 'broken: the foreign server was dropped',
		'a server that was dropped by hand');
	is(refresh(), '', 'leaves no attachment');
	call_fails(
		$server, "rivergen.detach($id)", 'nor anything to detach', sqlstate => 'PT404',
		says => qr/is not attached/);
	is(sql($server, 'SELECT count(*) FROM mine.customer'), 0, 'other tables of the schema stay');
};

subtest 'what a local schema has already' => sub {
	my $attach = "rivergen.attach($id, 'mine', '{public}'";
	my $count = "SELECT count(*) FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid WHERE c.relname ~ '^%s'";
	call($server, "$attach)");
	for my $again ("$attach)", "$attach, dry_run => true)", "$attach, '{more}')")
	{
		call_fails(
			$server, $again, "nothing new: $again", sqlstate => 'PT409',
			says =>
				qr/source $id is attached already.*Attachment \d+ .*schema "mine".*refresh => true.*rivergen.detach/s);
	}
	is(sql($server, 'SELECT count(*) FROM pg_foreign_server'), 1, 'makes no server');
	sql($server, 'DROP FOREIGN TABLE mine.more');
	my $made = call($server, "$attach)")->{data};
	is($made->{tables_count}, 1, 'a table that was dropped by hand is new');
	is_deeply(
		[ map { $_->{reason} } grep { $_->{table_name} eq 'event' } @{ $made->{skipped} } ],
		['it is attached already, as mine.event'],
		'the others are skipped');
	is(refresh('CREATE TABLE followed (a int)'), 'fresh', 'both attachments follow');
	is(sql($server, sprintf($count, 'followed')), 1, 'a new table is made once');
	sql($server, 'DROP FOREIGN TABLE mine.followed');
	is(refresh('CREATE TABLE too (a int)'), 'fresh', 'one that is dropped by hand');
	is(sql($server, sprintf($count, 'followed')), 0, 'is not made again by the other attachment');
	my $namesake = create_source($server, source_of($source, $password, name => 'Namesake'));
	discover($server, $namesake);
	$made = call($server, "rivergen.attach($namesake, 'mine', '{public}', '{event}')")->{data};
	like($made->{renamed}[0]{local_name}, qr/^event_[0-9a-f]{8}$/, 'another source has its own table');
	call($server, "rivergen.detach($_)") for $id, $namesake;
	sql($server, 'CREATE TABLE mine.event (a int)');
	$made = call($server, "$attach, '{event}')")->{data};
	call($server, "rivergen.detach($id)");
	sql($server, "CREATE TABLE mine.$made->{renamed}[0]{local_name} (a int)");
	call_fails(
		$server, "$attach, '{event}')", 'where both names are taken', sqlstate => 'PT409',
		says => qr/none of the tables.*public.event: relation "event_[0-9a-f]{8}" already exists/s);
	is(sql($server, 'SELECT count(*) FROM pg_foreign_server'), 0, 'no server is made');
};

sub schemas_follow
{
	my ($expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply(decode_json(attachment('local_schemas')), $expected, $name);
}

subtest 'new schemas of the source' => sub {
	sql($source, 'DROP SCHEMA "Sales 2" CASCADE');
	discover($server, $id, 'refresh => true');
	call($server, "rivergen.attach($id)");
	schemas_follow({ public => 'my_shop' }, 'one schema');
	is(refresh('CREATE SCHEMA later; CREATE TABLE later.t (a int)'), 'fresh', 'a new one is followed');
	schemas_follow({ public => 'my_shop', later => 'my_shop_later' }, 'under a name like those of several');
	is(sql($server, "SELECT to_regclass('my_shop_later.t') IS NOT NULL"), 't', 'with its tables');
	sql($server, 'CREATE SCHEMA my_shop_two');
	is(refresh('CREATE SCHEMA two; CREATE TABLE two.t (a int)'), 'fresh', 'whose name is taken here');
	like(decode_json(attachment('local_schemas'))->{two}, qr/^my_shop_two_[0-9a-f]{8}$/, 'gets another');
	call($server, "rivergen.detach(local_schema => 'my_shop_later')");
	is(refresh('CREATE SCHEMA three; CREATE TABLE three.t (a int)'), 'fresh', 'after a part was detached');
	is(sql($server, "SELECT to_regnamespace('my_shop_three') IS NULL"), 't', 'new ones are left to the user');
	call($server, "rivergen.detach($id)");
	is(sql($server, "SELECT to_regnamespace('my_shop') IS NULL"), 't', 'all that was made is dropped');
	call($server, "rivergen.attach($id, schemas => '{public}')");
	is(refresh('CREATE SCHEMA four; CREATE TABLE four.t (a int)'), 'fresh', 'of chosen schemas');
	schemas_follow({ public => 'my_shop' }, 'none follows');
	call($server, "rivergen.detach($id)");
};

subtest 'a local schema that is renamed' => sub {
	call($server, "rivergen.attach($id, schemas => '{public}')");
	sql($server, 'ALTER SCHEMA my_shop RENAME TO "My own"');
	is(refresh('CREATE TABLE of_late (a int)'), 'fresh', 'is followed');
	schemas_follow({ public => 'My own' }, 'by its new name');
	is(sql($server, q(SELECT to_regclass('"My own".of_late') IS NOT NULL)), 't', 'new tables come there');
	sql($server,
		'ALTER SCHEMA "My own" RENAME TO mine_again; CREATE SCHEMA apart; ALTER FOREIGN TABLE mine_again.of_late SET SCHEMA apart'
	);
	is(refresh('CREATE TABLE lost (a int)'), 'stale', 'where its tables are in two schemas, it is not known');
	sql($server, 'ALTER FOREIGN TABLE apart.of_late SET SCHEMA mine_again');
	is_deeply(call($server, "rivergen.detach($id)")->{data}{local_schemas}, ['mine_again'], 'the name it has now');
	is(sql($server, "SELECT to_regnamespace('mine_again') IS NULL"), 't', 'it is dropped by the detachment');
};

subtest 'two calls at once' => sub {
	my $session = $server->background_psql('postgres');
	$session->query_safe("BEGIN; SELECT rivergen.attach($id, 'once', '{public}')");
	my $second = session_start($server, "SELECT rivergen.attach($id, 'once', '{public}')");
	wait_for(
		'the second call to wait',
		sub { sessions_at_locks($server) == 1 });
	$session->query_safe('COMMIT');
	$session->quit;
	my ($out, $error) = session_end($second);
	like($error, qr/data source $id is attached already/, 'the second waits for the first, and finds nothing new');
	call($server, "rivergen.detach($id)");
};

subtest 'a statement that is cancelled' => sub {
	my $session = $server->background_psql('postgres', on_error_stop => 0);
	$session->query(
		"SET statement_timeout = '1s'; SELECT rivergen_catalog.run_as('postgres'::regrole, 'SELECT pg_sleep(60)')");
	is($session->query('SELECT 1'), 1, 'leaves a session that goes on');
	$session->quit;
};

done_testing();
