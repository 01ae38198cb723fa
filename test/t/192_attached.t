# Foreign tables that rivergen.attach made, read by their owner and by others: hostile names, roles, tenants, foreign tables
# that were pointed elsewhere, sources that are gone, and a dump.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);

# 14 names that quoting, cutting or PostgreSQL itself makes difficult.
my @names = (
	'a"b', q(it's), 'a; DROP TABLE "mine"', '$1', '%I %s %L', 'back\\slash', "line\nfeed", "tab\there", 'select', ' ',
	'ctid', 'x' x 63,
	'Größe ß', 'pg_catalog.text');
my $quoted = sub { '"' . $_[0] =~ s/"/""/gr . '"' };
for my $number (0 .. $#names)
{
	my $name = $quoted->($names[$number]);
	my $column = $names[$number] eq 'ctid' ? '"Ctid"' : $name;
	sql($source,
		"CREATE TABLE $name ($column int NOT NULL, other text); INSERT INTO $name VALUES ($number, 'é'); COMMENT ON TABLE $name IS "
			. literal($names[$number]));
}
sql($source,
	"CREATE TABLE secret_one (a int); INSERT INTO secret_one VALUES (7); GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
);
my $reading = { query => { enabled => JSON::PP::true } };
my $id = create_source($server, source_of($source, $password, metadata => $reading));
discover($server, $id);
call($server, "rivergen.attach($id, 'here')");

sub fails
{
	my ($statements, $says, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $out, $error) = $server->psql('postgres', $statements, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	isnt($status, 0, "$name: fails");
	like($error, $says, $name);
}

subtest 'hostile names' => sub {
	is(sql($server, "SELECT count(*) FROM pg_foreign_table"), 15, 'each is a foreign table');
	for my $number (0 .. $#names)
	{
		my $name = $quoted->($names[$number]);
		my $column = $names[$number] eq 'ctid' ? '"Ctid"' : $name;
		is( sql($server, "SELECT $column || other FROM here.$name WHERE $column = $number"), "${number}é",
			"$names[$number] is read");
	}
	is( sql($server, "SELECT count(*) FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid
		WHERE obj_description(c.oid, 'pg_class') IS DISTINCT FROM c.relname AND c.relname <> 'secret_one'"),
		0,
		'with its comment');
	is( sql($server, "SELECT rivergen_catalog.local_name('ctid', 'ctid', false) ~ '^ctid_[0-9a-f]{8}\$'
		AND octet_length(rivergen_catalog.local_name(repeat('ü', 80), 'x', true)) = 63"),
		't',
		'what cannot be kept is cut, between characters');
};

subtest 'what is not committed' => sub {
	fails(
		"BEGIN; SELECT rivergen.attach($id, 'soon'); SELECT * FROM soon.secret_one",
		qr/belongs to no data source\nDETAIL: .* rivergen\.attach is not committed yet\.\nHINT: .*\nCommit after rivergen\.attach\./,
		'a foreign table of the same transaction');
	my $new = source_of($source, $password, name => 'new');
	fails(
			  'BEGIN; SELECT rivergen.query((rivergen.data_source_create('
			. json({ %$new, metadata => $reading })
			. ") #>> '{data,id}')::bigint, 'SELECT 1')",
		qr/PT404: data source \d+ not found\nHINT:  A reading sees what is committed\./,
		'a source of the same transaction');
	my $closed = create_source($server, $new);
	fails(
			  "BEGIN; SELECT rivergen.data_source_update($closed, '{\"metadata\": {\"query\": {\"enabled\": true}}}'); "
			. "SELECT rivergen.query($closed, 'SELECT 1')",
		qr/PT403: reading is not switched on for data source $closed\nHINT: .*\nIt counts when it is committed\./,
		'a source that was just opened');
};

subtest 'roles' => sub {
	sql($server, <<~'EOT');
		CREATE ROLE ed LOGIN; CREATE ROLE guest LOGIN;
		SELECT rivergen.membership_add(1, rivergen.user_create('ed', 'ed'), 'editor');
		SELECT rivergen.grant_access('ed');
		CREATE SCHEMA taken;
		EOT
	my $as_ed = 'SET SESSION AUTHORIZATION ed;';
	fails(
		"$as_ed SELECT rivergen.attach($id, 'eds')", qr/PT403: role ed may not create a schema/,
		'without CREATE on the database');
	fails(
		"$as_ed SELECT rivergen.attach($id, 'taken')", qr/PT409: schema "taken" is taken\n(?!.*postgres)/,
		'a schema of another role');
	sql($server, 'CREATE SCHEMA eds; GRANT USAGE, CREATE ON SCHEMA eds TO ed');
	sql($server, "$as_ed SELECT rivergen.attach($id, 'eds', tables => '{select}')");
	is( sql($server,
			"SELECT string_agg(DISTINCT relowner::regrole::text, ',') FROM pg_class WHERE relnamespace = 'eds'::regnamespace"
		),
		'ed',
		'the tables belong to the role of the session');
	is( sql($server, "SELECT string_agg(DISTINCT srvowner::regrole::text, ',') FROM pg_foreign_server"), 'postgres',
		'the servers do not');
	is(sql($server, "$as_ed SELECT other FROM eds.select"), 'é', 'the owner reads');
	fails(
		"SET SESSION AUTHORIZATION guest; SELECT * FROM eds.select", qr/permission denied for schema eds/,
		'another role does not');
	sql($server, 'GRANT USAGE ON SCHEMA eds TO guest; GRANT SELECT ON eds.select TO guest');
	is(sql($server, "SET SESSION AUTHORIZATION guest; SELECT other FROM eds.select"), 'é', 'unless it is granted');
	is( sql($server,
			"SELECT user_name || ' ' || login_role FROM rivergen.audit WHERE action = 'data_source.read' ORDER BY audit_id DESC LIMIT 1"
		),
		'ed guest',
		'the audit trail has who attached, and who read');
	fails(
		"$as_ed SELECT rivergen.detach(local_schema => 'here')",
		qr/PT404: schema "here" has no attached tables of this role/,
		'tables of another role cannot be detached');
	sql($server,
		"SELECT rivergen.member_set_role(user_id, 'viewer') FROM rivergen_catalog.app_user WHERE role_name = 'ed'");
	fails('SELECT * FROM eds.select', qr/PT403: This needs the role editor/, 'when the user who attached is no editor');
	sql($server, "SELECT rivergen.member_remove(user_id) FROM rivergen_catalog.app_user WHERE role_name = 'ed'");
	fails('SELECT * FROM eds.select', qr/PT403: the data source can no longer be read/, 'nor a member');
	fails(
		"$as_ed SELECT rivergen.detach(local_schema => 'here')", qr/PT403: User is not a member/,
		'which detaches nothing');
	sql($server, "$as_ed SELECT rivergen.detach($id)");
	is(sql($server, "SELECT count(*) FROM pg_class WHERE relnamespace = 'eds'::regnamespace"), 0, 'but its own tables');
	is( sql($server,
			"SELECT organization_id || login_role FROM rivergen_catalog.audit WHERE action = 'data_source.detached'"),
		'1ed',
		'the audit trail of the organization has it');
	sql($server,
		"SELECT rivergen.membership_add(1, user_id, 'editor') FROM rivergen_catalog.app_user WHERE role_name = 'ed'");
	sql($server, "$as_ed SELECT rivergen.attach($id, 'eds', tables => '{select}')");
	sql($server, 'GRANT SELECT ON eds.select TO guest');
	is(sql($server, 'SELECT other FROM eds.select'), 'é', 'again an editor');
};

subtest 'maintenance functions' => sub {
	sql($server, <<~EOT);
		CREATE TABLE trap AS SELECT 1 AS a;
		CREATE FUNCTION spring(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM rivergen.attach($id, ''stolen''); RETURN a; END';
		EOT
	fails(
		'CREATE INDEX ON trap (spring(a))', qr/PT403: the role of the session does not count here/,
		'an index does not attach');
	is(sql($server, "SELECT to_regnamespace('stolen') IS NULL"), 't', 'it has made nothing');
	for my $call (
		"rivergen.rows($id, 'public', 'secret_one')", "rivergen.query($id, 'SELECT 1')",
		"rivergen.data_source_update($id, '{}')", "rivergen.data_source_delete($id)", 'rivergen.member_remove(1)',
		'rivergen.invitation_accept(1)', 'rivergen.invitation_decline(1)')
	{
		my $quoted = $call =~ s/'/''/gr;
		sql($server,
			"CREATE OR REPLACE FUNCTION spring(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM $quoted; RETURN a; END'"
		);
		fails('CREATE INDEX ON trap (spring(a))', qr/PT403: the role of the session does not count here/, "nor $call");
	}
	sql($server, 'DROP TABLE trap');
	is( sql($server,
			"SET array_nulls = off; SELECT a[2] IS NULL FROM rivergen.query_rows($id, 'SELECT ARRAY[''a'', NULL]') AS t (a text[])"
		),
		't',
		'nulls in arrays, whatever the session has set');
	my $rows = "SELECT a FROM rivergen.query_rows($id, 'SELECT 1') AS t (a int)";
	is( sql($server, "CREATE MATERIALIZED VIEW own_rows AS $rows; REFRESH MATERIALIZED VIEW own_rows; TABLE own_rows"),
		1, 'a materialized view of the own role reads');
	sql($server,
		"CREATE SCHEMA luring AUTHORIZATION ed; SET ROLE ed; CREATE MATERIALIZED VIEW luring.rows AS $rows WITH NO DATA"
	);
	fails(
		'REFRESH MATERIALIZED VIEW luring.rows', qr/PT403: the role of the session does not count here/,
		'that of another role does not, with the user of the session');
	sql($server, 'DROP MATERIALIZED VIEW own_rows; DROP SCHEMA luring CASCADE');
};

subtest 'stolen foreign tables' => sub {
	sql($server,
		"SET SESSION AUTHORIZATION ed; ALTER FOREIGN TABLE eds.select OPTIONS (SET table_name 'secret_one', DROP id);
		ALTER FOREIGN TABLE eds.select DROP COLUMN other; ALTER FOREIGN TABLE eds.select RENAME COLUMN \"select\" TO a;
		ALTER FOREIGN TABLE eds.select ALTER COLUMN a OPTIONS (SET column_name 'a')");
	is( sql($server, 'SELECT a FROM eds.select'), 7,
		'the owner can point it at another relation of the source, as the manual says');
	my $entry = sql(
		$server,
		"SELECT detail ->> 'relation_name' FROM rivergen.audit WHERE action = 'data_source.read' ORDER BY audit_id DESC LIMIT 1"
	);
	is($entry, 'secret_one', 'the audit trail names the relation that was read');
	my $as_ed = 'SET SESSION AUTHORIZATION ed;';
	my $name = sql($server, 'SELECT srvname FROM pg_foreign_server ORDER BY oid LIMIT 1');
	fails("$as_ed ALTER SERVER $name OPTIONS (ADD host 'x')", qr/must be owner of foreign server/, 'a server');
	fails(
		"$as_ed CREATE SERVER mine FOREIGN DATA WRAPPER rivergen", qr/permission denied for foreign-data wrapper/,
		'a server of its own');
	fails(
		"$as_ed CREATE FOREIGN TABLE eds.x (a int) SERVER $name OPTIONS (table_name 'secret_one')",
		qr/permission denied for foreign server/, 'a foreign table on the server of another attachment');
	sql($server, 'GRANT USAGE ON FOREIGN DATA WRAPPER rivergen TO ed');
	sql($server, "$as_ed CREATE SERVER mine FOREIGN DATA WRAPPER rivergen;
		CREATE FOREIGN TABLE eds.x (a int) SERVER mine OPTIONS (table_name 'secret_one')");
	fails(
		'SELECT * FROM eds.x', qr/PT404: foreign server "mine" belongs to no data source/,
		'a server that stands for nothing');
	sql($server,
		"INSERT INTO rivergen_catalog.attachment (organization_id, data_source_id, user_id, server_name, local_schemas)
		VALUES (1, $id, 1, 'mine', '{}')");
	fails(
		'SELECT * FROM eds.x', qr/PT404: foreign server "mine" belongs to no data source/,
		'a name that was free, with another owner');
	sql($server, "DELETE FROM rivergen_catalog.attachment WHERE server_name = 'mine'; DROP SERVER mine CASCADE");
};

# The types that a caller lists run the caller's functions, never with more rights than the caller has.
subtest 'types of the caller' => sub {
	sql($server, 'CREATE SCHEMA spying AUTHORIZATION ed');
	sql($server,
		"SET SESSION AUTHORIZATION ed; CREATE FUNCTION spying.who(int) RETURNS boolean LANGUAGE plpgsql AS "
			. "'BEGIN RAISE EXCEPTION ''runs as %'', current_user; END'; "
			. 'CREATE DOMAIN spying.number AS int CHECK (spying.who(VALUE))');
	fails(
		"SET SESSION AUTHORIZATION ed; SELECT * FROM rivergen.query_rows($id, 'SELECT 1') AS t (a spying.number)",
		qr/runs as ed$/m, 'the check of a domain');
};

subtest 'tenants' => sub {
	sql($server, <<~'EOT');
		CREATE ROLE eve LOGIN;
		SELECT rivergen.organization_create('Other');
		SELECT rivergen.membership_add(2, rivergen.user_create('eve', 'eve'), 'admin');
		SELECT rivergen.grant_access('eve');
		GRANT CREATE ON DATABASE postgres TO eve;
		EOT
	my $as_eve = 'SET SESSION AUTHORIZATION eve;';
	fails(
		"$as_eve SELECT rivergen.attach($id)", qr/PT404: data source $id not found/,
		'attach of another organization');
	fails("$as_eve SELECT rivergen.detach($id)", qr/PT404: data source $id not found/, 'detach');
	fails("$as_eve SELECT rivergen.rows($id, 'public', 'secret_one')", qr/PT404: data source $id not found/, 'rows');
	fails("$as_eve SELECT rivergen.query($id, 'SELECT 1')", qr/PT404: data source $id not found/, 'query');
	fails(
		"$as_eve SELECT rivergen.detach(local_schema => 'here')", qr/PT404: schema "here" has no attached tables/,
		'by its schema');
	is(sql($server, "$as_eve SELECT count(*) FROM rivergen.attachments"), 0, 'the view');
	fails(
		"$as_eve SELECT rivergen.organization_set_attachment_role(2, 'eve')", qr/permission denied/,
		'only operators name roles');
};

subtest 'operators' => sub {
	call_fails(
		$server, "rivergen.organization_set_attachment_role(1, 'postgres')", 'a superuser', sqlstate => 'PT400',
		says => qr/superuser/);
	call_fails(
		$server, "rivergen.organization_set_attachment_role(1, 'none')", 'no role', sqlstate => 'PT400',
		says => qr/not exist/);
	call_fails(
		$server, "rivergen.organization_set_attachment_role(9, NULL)", 'no organization', sqlstate => 'PT404',
		says => qr/9 not found/);
	is(call($server, "rivergen.organization_set_attachment_role(1, 'ed')")->{data}{role_name}, 'ed', 'a role');
	call($server, 'rivergen.organization_set_attachment_role(1, NULL)');
};

subtest 'dump and restore' => sub {
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
	$server->command_ok([ 'pg_dump', '-f', $file, $server->connstr('postgres') ], 'dumped');
	my $text = slurp_file($file);
	unlike($text, qr/\Q$password\E/, 'no secret in it');
	sql($server, 'CREATE DATABASE restored');
	$server->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $file, $server->connstr('restored') ],
		'restored');
	is($server->safe_psql('restored', 'SELECT count(*) FROM pg_foreign_table'), 16, 'the foreign tables are there');
	my (undef, undef, $error) = $server->psql('restored', 'SELECT * FROM here."a""b"');
	like($error, qr/copy of another one/, 'a copy reads nothing');
	$server->safe_psql('restored', 'SELECT rivergen.acknowledge_copy()');
	is($server->safe_psql('restored', 'SELECT other FROM here."a""b"'), 'é', 'until an operator allows it');
	$server->safe_psql('restored', "SELECT rivergen.detach($id, force => true)");
	is( $server->safe_psql(
			'restored',
			'SELECT count(*) FROM pg_foreign_server WHERE srvname IN (SELECT server_name FROM rivergen_catalog.attachment)'
		),
		0,
		'and it can be detached there');
};

subtest 'a source that is gone' => sub {
	call($server, "rivergen.data_source_set_status($id, 'maintenance')");
	fails('SELECT * FROM here.select', qr/PT409: data source $id is in maintenance/, 'in maintenance');
	call($server, "rivergen.data_source_set_status($id, 'active')");
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {}}')");
	fails('SELECT * FROM here.select', qr/PT403: reading is not switched on/, 'switched off');
	call($server, "rivergen.data_source_delete($id)");
	fails('SELECT * FROM here.select', qr/PT404: data source $id not found.*HINT:  rivergen.detach/s, 'deleted');
	is( sql($server, "SELECT string_agg(DISTINCT state || ': ' || why, ',') FROM rivergen.attachments"),
		'broken: the data source was deleted', 'the view');
	call($server, "rivergen.data_source_delete($id, true)");
	fails('SELECT * FROM here.select', qr/PT404: foreign server "rivergen_\d+" belongs to no data source/, 'purged');
	is( call($server, "rivergen.detach(local_schema => 'here')")->{data}{tables_count}, 15,
		'its foreign tables can be detached');
	is(call($server, "rivergen.detach(local_schema => 'eds')")->{data}{tables_count}, 1, 'all of them');
	is(sql($server, 'SELECT count(*) FROM pg_foreign_server'), 0, 'no server is left');
};

done_testing();
