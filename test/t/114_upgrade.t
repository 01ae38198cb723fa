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
	UNION ALL SELECT 'wrapper ' || fdwname || ' ' || fdwhandler::regproc || ' ' || fdwvalidator::regproc || coalesce(fdwacl::text, '')
		|| coalesce(obj_description(objid, 'pg_foreign_data_wrapper'), '')
	FROM member JOIN pg_foreign_data_wrapper w ON w.oid = objid WHERE classid = 'pg_foreign_data_wrapper'::regclass
	UNION ALL SELECT 'dumped ' || unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'rivergen'
	ORDER BY 1
EOT

sub objects
{
	my ($database) = @_;
	return [
		split /\n(?=function |relation |column |index |constraint |dumped |wrapper )/,
		in_database($database, $everything) ];
}

my $rights =
	"SELECT grantee, privilege, target FROM rivergen_catalog.granted_rights() WHERE grantee IS NOT NULL ORDER BY 1, 2, 3";

# Databases in which new objects are given away, as some administrators set them up.
my $greedy =
	"ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO greedy; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO greedy;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO greedy; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO greedy;";

sql($server, "CREATE ROLE greedy LOGIN; CREATE ROLE narrow LOGIN; CREATE DATABASE new");
in_database('new', "$greedy CREATE EXTENSION rivergen VERSION 'next'");
my $installed = objects('new');
cmp_ok(scalar(@$installed), '>', 200, 'objects that are compared');

my $rows =
	"SELECT string_agg(t.name || ' ' || s.status || ' ' || r.relation_name, ',') FROM rivergen_catalog.data_source t
	JOIN rivergen_catalog.data_source_state s USING (data_source_id) JOIN rivergen_catalog.relation r USING (data_source_id)";

# A catalog with rows, a role with few rights, and a view of a user's own on each view of ours. Only tables are written,
# since the library is of one version and the catalog may be of an older one.
sub old_installation
{
	my ($database, $version) = @_;
	sql($server, qq(CREATE DATABASE "$database"));
	in_database($database, "$greedy CREATE EXTENSION rivergen VERSION '$version'");
	unlike(in_database($database, $rights), qr/greedy/, 'default privileges give nothing of a new installation away');
	in_database($database, <<~'EOT');
		INSERT INTO rivergen_catalog.organization (name) VALUES ('Old');
		INSERT INTO rivergen_catalog.app_user (role_name) VALUES ('postgres');
		INSERT INTO rivergen_catalog.membership (organization_id, user_id, role) VALUES (1, 1, 'admin');
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
}

# The rights, without those that PUBLIC has on functions of rivergen_catalog that are new (objects/910_rights.sql).
sub rights_without_new
{
	my ($database, $before) = @_;
	my %before = map { $_ => 1 } split /\n/, $before;
	return join "\n",
		grep { $before{$_} || !/^PUBLIC\|EXECUTE\|FUNCTION rivergen_catalog\./ } split /\n/,
		in_database($database, $rights);
}

# The same without the lines of inner functions that the new version does not have.
sub without_gone
{
	my ($before) = @_;
	my %now = map { $_ => 1 } split /\n/, in_database('new', $rights);
	return join "\n", grep { $now{$_} || !/^PUBLIC\|EXECUTE\|FUNCTION rivergen_catalog\./ } split /\n/, $before;
}

# The columns of each view in order, by name of the view.
sub view_columns
{
	my ($database) = @_;
	return {
		map { split /=/, $_, 2 } split /\n/,
		in_database(
			$database,
			"SELECT table_name || '=' || string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
			FROM information_schema.columns WHERE table_schema = 'rivergen' GROUP BY table_name")
	};
}

# Each version that can be installed, which are the released ones and today's.
my @versions = split /\n/, sql(
	$server,
	"SELECT version FROM pg_available_extension_versions WHERE name = 'rivergen' AND version NOT IN ('next', 'previous') ORDER BY 1"
);
for my $version (@versions)
{
	my $database = "old $version";
	subtest "from $version" => sub {
		old_installation($database, $version);
		my ($rights_before, $rows_before) = map { in_database($database, $_) } $rights, $rows;
		my $views = in_database($database, "SELECT count(*) FROM pg_views WHERE schemaname = 'own'");
		my $columns_before = view_columns($database);
		in_database($database, "ALTER EXTENSION rivergen UPDATE TO 'next'");

		is_deeply(objects($database), $installed, 'an upgraded installation is the same as a new one');
		is(in_database($database, $rows), $rows_before, 'the rows are there');
		is( in_database($database, "SELECT count(*) FROM pg_views WHERE schemaname = 'own'"), $views,
			"users' own views are there");
		my $columns = view_columns($database);
		is_deeply(
			[ grep { index($columns->{$_} // '', $columns_before->{$_}) != 0 } sort keys %$columns_before ], [],
			'the columns of each released view begin those of the new one');
		(my $expected = without_gone($rights_before)) =~ s/sealing_key\(\)/sealing_key(text)/g;
		is( rights_without_new($database, $expected), $expected,
			'a role has the rights that it had, also on a function with a new signature');
		unlike(
			in_database($database, $rights) . in_database('new', $rights), qr/greedy|workspace_note/,
			'what is new belongs to the owner');
		subtest 'pg_dump' => sub {
			my $dump = $server->basedir . '/dump.sql';
			$server->run_log([ 'pg_dump', '-f', $dump, '-d', $server->connstr($database) ]);
			sql($server, qq(CREATE DATABASE "restored $version"));
			$server->safe_psql("restored $version", "CREATE EXTENSION rivergen VERSION 'next'");
			$server->psql("restored $version", "\\i $dump");
			is(in_database("restored $version", $rows), $rows_before, 'brings the rows of an upgraded catalog back');
		};
	};
}

# The library is still the old one here; t/115_version_gap.t has the other way round.
for my $call (
	'rivergen.data_source_list()', "rivergen.data_source_create('{}')", 'rivergen.discover_schema(1)',
	'table_name FROM own.tables')
{
	my (undef, undef, $refusal) =
		$server->psql("old $versions[-1]", "SELECT $call", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like(
		$refusal,
		qr/PT503: the extension is older or newer than the library.*HINT:  Install version next .*restart the server/s,
		"$call is refused where library and script differ");
}

survives($server);
done_testing();
