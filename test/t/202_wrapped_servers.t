# Sources that are a foreign server of this database: what its wrapper says of them, as which role it runs, who may register one,
# and that nothing of it stays.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use JSON::PP;
use MariadbServer ();
use Rivergen;
use TdsServer ();
use Test::More;
use Wrapper;

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $password = 'river-secret';
my $server = start_server('server', conf => "rivergen.foreign_role = 'wrapping'\nmax_locks_per_transaction = 20");
my $source = start_source('source', $password);
my $files = $server->basedir . '/files';
mkdir $files;
open(my $csv, '>', "$files/people.csv") or die $!;
print $csv "id,name\n1,Ann\n2,Ben\n";
close $csv;
sql($source, <<'EOT');
CREATE DOMAIN word AS varchar(20);
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE things (id bigint NOT NULL, name varchar(20) COLLATE "C", price numeric(10,2) DEFAULT 1, tags text[], at timestamptz);
CREATE TABLE moods (id int, mood mood);
CREATE TABLE words (word pg_catalog.text, "a ""b""" int);
CREATE VIEW few AS SELECT id FROM things;
CREATE TABLE "Odd ""x"".y" (id int);
CREATE SCHEMA other CREATE TABLE elsewhere (id int);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
EOT
sql($server, 'CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw');
load_wrapper($server, $_) for qw(mysql_fdw tds_fdw ogr_fdw);
my $port = $source->port;
sql($server, <<"EOT");
CREATE ROLE wrapping; CREATE ROLE ada LOGIN; CREATE ROLE ben LOGIN; CREATE ROLE una LOGIN;
SELECT rivergen.grant_access(r::regrole) FROM unnest('{ada,ben,una}'::text[]) r;
SELECT rivergen.membership_add(1, rivergen.user_create(r, r), CASE r WHEN 'ben' THEN 'editor' ELSE 'admin' END)
	FROM unnest('{ada,ben,una}'::text[]) r;
CREATE SERVER crm FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$port', dbname 'postgres');
CREATE USER MAPPING FOR wrapping SERVER crm OPTIONS (user 'reader', password '$password');
CREATE SERVER texts FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER maps FOREIGN DATA WRAPPER ogr_fdw OPTIONS (datasource '$files', format 'CSV');
CREATE SCHEMA mine;
CREATE FOREIGN TABLE mine.people (id int NOT NULL, name varchar(9)) SERVER texts OPTIONS (filename '$files/people.csv', format 'csv');
COMMENT ON FOREIGN TABLE mine.people IS 'Who is who'; COMMENT ON COLUMN mine.people.name IS 'In full';
CREATE FOREIGN TABLE mine.secret (id int) SERVER texts OPTIONS (filename '$files/people.csv');
GRANT USAGE ON SCHEMA mine TO wrapping; GRANT SELECT ON mine.people TO wrapping;
GRANT USAGE ON FOREIGN SERVER crm, texts, maps TO wrapping, ada, ben;
EOT

sub wrapped
{
	my ($name, %change) = @_;
	return {
		name => $name, type => 'other', schema_auto_refresh => $false, max_retries => 0,
		credentials => {}, metadata => { foreign_server => $name }, %change
	};
}

# The relations of a source, with the types of their columns.
sub described
{
	my ($id) = @_;
	return {
		map { split /\|/, $_, 2 } split /\n/,
		sql($server, <<~"EOT") };
		SELECT r.schema_name || '.' || r.relation_name || ' ' || r.kind || '|' || (SELECT string_agg(concat_ws(' ', c ->> 'name', c ->> 'type',
				'(' || (c ->> 'pg_type') || ')', CASE WHEN (c ->> 'not_null')::boolean THEN 'NOT NULL' END), ', ')
			FROM jsonb_array_elements(r.document -> 'columns') c)
		FROM rivergen_catalog.relation r WHERE r.data_source_id = $id AND r.deprecated_at IS NULL
		EOT
}

sub as_role
{
	my ($role, $expression) = @_;
	my ($status, $out, $err) =
		$server->psql('postgres', "SELECT $expression", extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);
	return $status == 0 ? decode_json($out)->{data} : $err;
}

my $id;
subtest 'postgres_fdw' => sub {
	$id = as_role('ada', 'rivergen.data_source_create(' . json(wrapped('crm', schema_name => 'public')) . ')')->{id};
	discover($server, $id);
	is_deeply(
		described($id),
		{   'public.things foreign_table' =>
				'id bigint (bigint) NOT NULL, name character varying(20), price numeric(10,2) (numeric), tags text[] (text[]), '
				. 'at timestamp with time zone (timestamp with time zone)',
			'public.words foreign_table' => 'word text, a "b" integer (integer)',
			'public.few foreign_table' => 'id bigint (bigint)',
			'public.Odd "x".y foreign_table' => 'id integer (integer)'
		},
		'relations of the schema');
	like(
		sql($server, "SELECT result -> 'skipped' FROM rivergen_catalog.job WHERE data_source_id = $id"),
		qr/moods.*type \\"public\.mood\\" does not exist/s, 'one that cannot be made is left out, with the reason');
	is(sql($server, "SELECT count(*) FROM pg_namespace WHERE nspname ~ 'import'"), 0, 'no schema stays');
	is(sql($server, 'SELECT count(*) FROM pg_foreign_table'), 2, 'nor a foreign table');
	wait_for(
		'nor a connection',
		sub { sql($source, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'") == 0 });
	like(
		sql($server, "SELECT server_version FROM rivergen_catalog.data_source_state WHERE data_source_id = $id"),
		qr/^postgres_fdw 1\.\d$/, 'what is told of the server');
	sql($source, 'DROP VIEW few; ALTER TABLE words ADD more int');
	discover($server, $id, 'refresh => true');
	is_deeply(
		[ sort keys %{ described($id) } ],
		[ map { "public.$_ foreign_table" } 'Odd "x".y', 'things', 'words' ],
		'a refresh finds what is gone');
	like(described($id)->{'public.words foreign_table'}, qr/more integer/, 'and what is new');
	my $test = call($server, "rivergen.data_source_test($id)")->{data};
	ok($test->{success}, 'a test connects') or diag(explain($test));
};

subtest 'what is not offered' => sub {
	call_fails(
		$server, "rivergen.attach($id, 'crm')", 'attaching', sqlstate => 'PT501',
		says => qr/cannot be read in place.*server crm.*IMPORT FOREIGN/s);
	call_fails(
		$server, "rivergen.data_source_databases($id)", 'databases', sqlstate => 'PT501',
		says => qr/can only be described/);
};

subtest 'file_fdw' => sub {
	my $files_id = as_role('ada', 'rivergen.data_source_create(' . json(wrapped('texts')) . ')')->{id};
	discover($server, $files_id);
	is_deeply(
		described($files_id),
		{ 'mine.people foreign_table' => 'id integer (integer) NOT NULL, name character varying(9)' },
		'foreign tables that are there, and that the role may read');
	is( sql($server,
			"SELECT document ->> 'comment' || ', ' || (document #>> '{columns,1,comment}') FROM rivergen_catalog.relation
				WHERE data_source_id = $files_id"
		),
		'Who is who, In full',
		'with their comments');
};

subtest 'ogr_fdw' => sub {
	my $maps =
		as_role('ada', 'rivergen.data_source_create(' . json(wrapped('maps', schema_name => 'ogr_all')) . ')')->{id};
	discover($server, $maps);
	is_deeply(
		described($maps),
		{ 'ogr_all.people foreign_table' => 'fid bigint (bigint), id character varying, name character varying' },
		'a layer');
};

subtest 'mysql_fdw' => sub {
	MariadbServer::start_mariadb();
	MariadbServer::sql(<<~'EOT');
		CREATE DATABASE shop;
		USE shop;
		CREATE TABLE items (id int PRIMARY KEY, word varchar(20), price decimal(9,2), at datetime);
		CREATE TABLE `odd "name"` (id int);
		CREATE USER reader IDENTIFIED BY 'river-secret';
		GRANT SELECT ON shop.* TO reader;
		EOT
	sql($server, <<~"EOT");
		CREATE SERVER maria FOREIGN DATA WRAPPER mysql_fdw OPTIONS (host '127.0.0.1', port '$MariadbServer::port');
		CREATE USER MAPPING FOR wrapping SERVER maria OPTIONS (username 'reader', password '$password');
		GRANT USAGE ON FOREIGN SERVER maria TO wrapping, ada;
		EOT
	my $maria =
		as_role('ada', 'rivergen.data_source_create(' . json(wrapped('maria', schema_name => 'shop')) . ')')->{id};
	discover($server, $maria);
	my $found = described($maria);
	like(
		$found->{'shop.items foreign_table'}, qr/^id integer \(integer\) NOT NULL, word character varying\(20\)/,
		'a table') or diag(explain($found));
};

subtest 'tds_fdw' => sub {
	TdsServer::start_tds(
		encryption => 'off', users => { reader => { password => $password } },
		relations => [ {
			schema => 'dbo', name => 'things',
			columns => [ [ 'id', 'int', { not_null => 1 } ], [ 'name', 'nvarchar(40)' ], [ 'price', 'decimal(9,2)' ] ],
			rows => [ [ 1, 'x', '1.50' ] ]
		} ]);
	sql($server, <<~"EOT");
		CREATE SERVER mssql FOREIGN DATA WRAPPER tds_fdw OPTIONS (servername '127.0.0.1', port '$TdsServer::port',
			database 'shop', tds_version '7.4');
		CREATE USER MAPPING FOR wrapping SERVER mssql OPTIONS (username 'reader', password '$password');
		GRANT USAGE ON FOREIGN SERVER mssql TO wrapping, ada;
		EOT
	my $mssql =
		as_role('ada', 'rivergen.data_source_create(' . json(wrapped('mssql', schema_name => 'dbo')) . ')')->{id};
	discover($server, $mssql);
	my $found = described($mssql);
	like(
		$found->{'dbo.things foreign_table'},
		qr/^id integer \(integer\) NOT NULL, name character varying\(40\), price numeric\(9,2\)/, 'a table'
	) or diag(explain($found));
};

subtest 'who may register one' => sub {
	my $request = json(wrapped('again', metadata => { foreign_server => 'crm' }));
	like(
		as_role('ben', "rivergen.data_source_create($request)"), qr/PT403.*Only an admin.*inside of this/s,
		'no editor');
	like(as_role('ben', "rivergen.data_source_test($request)"), qr/PT403.*Only an admin/s, 'nor by a test');
	like(
		as_role('una', "rivergen.data_source_create($request)"), qr/PT403.*may not use this foreign server/s,
		'no admin who may not use it');
	my $plain = as_role('ben', 'rivergen.data_source_create(' . json(wrapped('plain', metadata => {})) . ')')->{id};
	my $change = json({ metadata => { foreign_server => 'crm' } });
	like(as_role('ben', "rivergen.data_source_update($plain, $change)"), qr/PT403/, 'nor by a change');
	like(
		as_role(
			'ben',
			'rivergen.catalog_apply('
				. json({ sources => [ { name => 'plain', metadata => { foreign_server => 'crm' } } ] }) . ')'),
		qr/PT403/,
		'nor by a document');
	is( ref as_role('ben', "rivergen.data_source_update($id, " . json({ description => 'x' }) . ')'), 'HASH',
		'another change is an editor\'s');
};

# A discovery fails, and tells no secret.
sub fails
{
	my ($name, %expected) = @_;
	discover_fails($server, $id, $name, secret => qr/river-secret/, %expected);
	return;
}

subtest 'when it cannot be described' => sub {
	for my $case (
		[ '', 'PT501', 'unsupported', qr/is off.*rivergen\.foreign_role/s ],
		[ 'gone', 'PT503', 'unavailable', qr/"gone" of rivergen\.foreign_role does not exist/ ],
		[ 'postgres', 'PT503', 'unavailable', qr/too many rights/ ],
		[ 'una', 'PT502', 'permission', qr/"una" may not use the foreign server "crm".*GRANT USAGE/s ])
	{
		change_settings($server, 'rivergen.foreign_role' => $case->[0]);
		fails("the role '$case->[0]'", sqlstate => $case->[1], code => $case->[2], says => $case->[3]);
	}
	my $graded = sub {
		return sql($server, "SELECT level || ': ' || detail FROM rivergen.check() WHERE name = 'foreign servers'");
	};
	like($graded->(), qr/^warning: .*"una" may not use the foreign server "crm"\. GRANT/, 'check() says the same');
	sql($server, 'GRANT pg_read_server_files TO una');
	fails('a role that reads files', sqlstate => 'PT503', code => 'unavailable', says => qr/too many rights/);
	change_settings($server, 'rivergen.foreign_role' => 'wrapping');
	is($graded->(), 'ok: Wrappers describe 5 of them as role wrapping.', 'and that all is well');
	sql($server,
		'CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION $x$it ran$x$; END$$;
		CREATE EVENT TRIGGER "all" ON ddl_command_end EXECUTE FUNCTION meddle()');
	fails('an event trigger', sqlstate => 'PT503', code => 'unavailable', says => qr/event triggers would run.*"all"/s);
	sql($server,
		'DROP EVENT TRIGGER "all"; CREATE EVENT TRIGGER other ON ddl_command_end WHEN TAG IN (\'CREATE VIEW\') EXECUTE FUNCTION meddle()'
	);
	ok(discover($server, $id, 'refresh => true'), 'one of other commands does not matter');
	sql($server, "ALTER USER MAPPING FOR wrapping SERVER crm OPTIONS (SET password 'no-river-secret')");
	fails(
		'a wrong password', sqlstate => 'PT502', code => qr/unreachable|authentication/,
		says => qr/wrapper of foreign server "crm" failed: could not connect.*password authentication failed/s);
	sql($server, 'DROP USER MAPPING FOR wrapping SERVER crm');
	fails('no mapping', sqlstate => 'PT502', code => 'query', says => qr/user mapping not found/);
	sql($server, "CREATE USER MAPPING FOR wrapping SERVER crm OPTIONS (user 'reader', password '$password')");
	my $nameless = as_role(
		'ada',
		'rivergen.data_source_create(' . json(wrapped('nameless', metadata => { foreign_server => 'crm' })) . ')'
	)->{id};
	discover_fails(
		$server, $nameless, 'no schema', sqlstate => 'PT502', code => 'configuration',
		says => qr/no schema_name/);
	as_role('ada', "rivergen.data_source_update($nameless, " . json({ schema_name => 'nowhere' }) . ')');
	discover_fails(
		$server, $nameless, 'a schema that is not there', sqlstate => 'PT404', code => 'schema_not_found',
		says => qr/"nowhere"/);
	my %tunnel = (use_ssh_tunnel => $true, host => 'inside', port => 5432, ssh_host => 'jump', ssh_username => 'x');
	as_role('ada', "rivergen.data_source_update($nameless, " . json({ schema_name => 'public', %tunnel }) . ')');
	discover_fails(
		$server, $nameless, 'a tunnel', sqlstate => 'PT502', code => 'configuration',
		says => qr/SSH tunnel/);
	sql($server, 'DROP SERVER maps CASCADE');
	my $gone = sql($server, "SELECT id FROM rivergen.data_sources WHERE name = 'maps'");
	discover_fails(
		$server, $gone, 'a server that is gone', sqlstate => 'PT502', code => 'configuration',
		says => qr/no foreign server "maps"/);
};

subtest 'a wrapper that waits is interrupted' => sub {
	my $lock = session_start($source, 'BEGIN; LOCK pg_attrdef IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)');
	my $waits = sub {
		return wait_for(
			'the wrapper to wait',
			sub {
				sql($server,
					"SELECT pid FROM pg_stat_activity WHERE query ~ '^rivergen: discovering' AND wait_event_type = 'Extension'"
				);
			});
	};
	wait_for(
		'the lock',
		sub { sql($source, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 1 });
	as_role('ada', "rivergen.data_source_update($id, " . json({ query_timeout => 1 }) . ')');
	fails('by its time', sqlstate => 'PT504', code => 'timeout', says => qr/statement timeout/);
	as_role('ada', "rivergen.data_source_update($id, " . json({ query_timeout => 600 }) . ')');
	my $asks =
		sub { return call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id} };
	my $job = $asks->();
	sql($server, 'SELECT pg_cancel_backend(' . $waits->() . ')');
	is(wait_job($server, $job, qw(failed cancelled succeeded))->{status}, 'cancelled', 'by an operator');
	$job = $asks->();
	$waits->();
	$server->restart;
	$waits->();
	is(job($server, $job)->{status}, 'running', 'by a restart, after which it is done again');
	sql($server, 'SELECT pg_cancel_backend(' . $waits->() . ')');
	wait_job($server, $job, qw(failed cancelled succeeded));
	sql($source, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
	session_end($lock);
};

done_testing();
