# An installation that was upgraded is the same as a new one of that version: objects, rows, rights, users' own views. Until
# there is a second release, the newer version is a made one (test/lib/next_version.sh).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server');

sub in_database
{
	my ($database, $text) = @_;
	return $server->safe_psql($database, $text);
}

# Everything that the extension made, as text: definitions, comments, rights, what pg_dump saves.
my $everything = <<'EOT';
	WITH member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'rivergen'))
	SELECT 'function ' || pg_get_functiondef(objid) || coalesce(obj_description(objid, 'pg_proc'), '')
	FROM member JOIN pg_proc ON oid = objid WHERE classid = 'pg_proc'::regclass
	UNION ALL SELECT 'relation ' || oid::regclass::text || ' ' || relkind::text || coalesce(reloptions::text, '')
		|| coalesce(obj_description(oid, 'pg_class'), '') || CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END
	FROM member JOIN pg_class ON oid = objid WHERE classid = 'pg_class'::regclass
	UNION ALL SELECT 'column ' || attrelid::regclass::text || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull::text
		|| attcompression::text || coalesce(pg_get_expr(adbin, adrelid), '') || coalesce(col_description(attrelid, attnum), '')
	FROM member JOIN pg_attribute ON attrelid = objid AND attnum > 0 AND NOT attisdropped
		LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE classid = 'pg_class'::regclass
	UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM member JOIN pg_index ON indrelid = objid WHERE classid = 'pg_class'::regclass
	UNION ALL SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(c.oid)
	FROM member JOIN pg_constraint c ON conrelid = objid WHERE classid = 'pg_class'::regclass
	UNION ALL SELECT 'dumped ' || unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'rivergen'
	ORDER BY 1
EOT

sub objects
{
	my ($database) = @_;
	return [
		split /\n(?=function |relation |column |index |constraint |dumped )/,
		in_database($database, $everything) ];
}

my $rights =
	"SELECT grantee, privilege, target FROM rivergen_catalog.granted_rights() WHERE grantee IS NOT NULL ORDER BY 1, 2, 3";

# Databases in which new objects are given away, as some administrators set them up.
my $greedy =
	"ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO greedy; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO greedy;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO greedy; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO greedy;";

sql($server, "CREATE ROLE greedy LOGIN; CREATE ROLE narrow LOGIN; CREATE DATABASE old; CREATE DATABASE new");
in_database('old', "$greedy CREATE EXTENSION rivergen");
unlike(in_database('old', $rights), qr/greedy/, 'default privileges give nothing of a new installation away');
in_database('old', <<'EOT');
	SELECT rivergen.quick_start('Old');
	INSERT INTO rivergen_catalog.data_source (organization_id, name, type, use_ssh_tunnel, connection_pool_size, connection_timeout,
		query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
		VALUES (1, 'Old Shop', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{kept}', 1);
	INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status) VALUES (1, 1, 'active');
	INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name) VALUES (1, 1, 'public');
	INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document)
		VALUES (1, 1, 'public', 't', 'table', 1, '\x00', '{"columns": [{"name": "a", "type": "integer"}]}');
	SELECT rivergen_catalog.count_schemas(1, 1);
	GRANT USAGE ON SCHEMA rivergen TO narrow;
	GRANT SELECT ON rivergen.tables TO narrow;
	GRANT EXECUTE ON FUNCTION rivergen.sealing_key() TO narrow WITH GRANT OPTION;
	CREATE SCHEMA own;
	DO $$
	DECLARE
		name text;
	BEGIN
		FOR name IN SELECT viewname FROM pg_views WHERE schemaname = 'rivergen' LOOP
			EXECUTE format('CREATE VIEW own.%I AS SELECT * FROM rivergen.%1$I', name);
		END LOOP;
	END
	$$;
EOT
my $rights_before = in_database('old', $rights);
my $views = in_database('old', "SELECT count(*) FROM pg_views WHERE schemaname = 'own'");
my $rows =
	"SELECT string_agg(t.name || ' ' || s.status || ' ' || r.relation_name, ',') FROM rivergen_catalog.data_source t
	JOIN rivergen_catalog.data_source_state s USING (data_source_id) JOIN rivergen_catalog.relation r USING (data_source_id)";
my $rows_before = in_database('old', $rows);

in_database('old', "ALTER EXTENSION rivergen UPDATE TO 'next'");
in_database('new', "$greedy CREATE EXTENSION rivergen VERSION 'next'");

my $installed = objects('new');
cmp_ok(scalar(@$installed), '>', 200, 'objects that are compared');
is_deeply(objects('old'), $installed, 'an upgraded installation is the same as a new one');
is(in_database('old', $rows), $rows_before, 'the rows are there');
is( in_database('old', "SELECT count(*) FROM pg_views WHERE schemaname = 'own'"), $views,
	"people's own views are there");
(my $expected = $rights_before) =~ s/sealing_key\(\)/sealing_key(text)/g;
is( in_database('old', $rights), $expected,
	'a role has the rights that it had, also on a function with a new signature');
unlike(
	in_database('old', $rights) . in_database('new', $rights), qr/greedy|workspace_note/,
	'and what is new belongs to the owner');

# The library is still the old one here; t/115_version_gap.t has the other way round.
for my $call (
	'rivergen.data_source_list()', "rivergen.data_source_create('{}')", 'rivergen.discover_schema(1)',
	'table_name FROM own.tables')
{
	my (undef, undef, $refusal) = $server->psql('old', "SELECT $call", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like(
		$refusal,
		qr/PT503: the extension is older or newer than the library.*HINT:  Install version next .*restart the server/s,
		"$call is refused where library and script differ");
}

subtest 'pg_dump' => sub {
	my $dump = $server->basedir . '/dump.sql';
	$server->run_log([ 'pg_dump', '-f', $dump, '-d', $server->connstr('old') ]);
	sql($server, 'CREATE DATABASE restored');
	$server->safe_psql('restored', "CREATE EXTENSION rivergen VERSION 'next'");
	my ($status) = $server->psql('restored', "\\i $dump");
	is(in_database('restored', $rows), $rows_before, 'brings the rows of an upgraded catalog back');
};

survives($server);
done_testing();
