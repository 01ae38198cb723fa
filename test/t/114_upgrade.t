# What was installed as 0.1.0 and updated is the same as what is installed now, and keeps its rows.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server');
my ($version) = sql($server, "SELECT default_version FROM pg_available_extensions WHERE name = 'rivergen'");

sub in_database
{
	my ($database, $text) = @_;
	return $server->safe_psql($database, $text);
}

# Everything that the extension made, as text: definitions, comments, what pg_dump saves.
my $everything = <<'EOT';
	WITH member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'rivergen'))
	SELECT 'function ' || pg_get_functiondef(objid) || coalesce(obj_description(objid, 'pg_proc'), '') || coalesce(proacl::text, '')
	FROM member JOIN pg_proc ON oid = objid WHERE classid = 'pg_proc'::regclass
	UNION ALL SELECT 'relation ' || oid::regclass::text || ' ' || relkind::text || coalesce(reloptions::text, '') || coalesce(relacl::text, '')
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

# Rows as 0.1.0 left them.
my $rows = <<'EOT';
	INSERT INTO rivergen_catalog.organization (name) VALUES ('Old');
	INSERT INTO rivergen_catalog.organization_queue (organization_id) VALUES (1);
	INSERT INTO rivergen_catalog.app_user (subject, role_name) VALUES ('old', 'old');
	INSERT INTO rivergen_catalog.membership (organization_id, user_id, role) VALUES (1, 1, 'admin');
	INSERT INTO rivergen_catalog.data_source (organization_id, name, type, use_ssh_tunnel, connection_pool_size, connection_timeout,
		query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
		VALUES (1, 'Old Shop', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{kept}', 1);
	INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status) VALUES (1, 1, 'active');
	INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name) VALUES (1, 1, 'public');
	INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document)
		VALUES (1, 1, 'public', 't', 'table', 1, '\x00', '{"columns": [{"name": "a", "type": "integer"}]}');
	INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, status) VALUES (1, 1, 'discover', 'succeeded');
EOT

sql($server, "CREATE ROLE old LOGIN; CREATE DATABASE old");
in_database('old', "CREATE EXTENSION rivergen VERSION '0.1.0'");
in_database('old', $rows);
in_database('old', "GRANT USAGE ON SCHEMA rivergen TO old; GRANT SELECT ON rivergen.tables TO old");
my (undef, undef, $refusal) = $server->psql('old', 'SELECT rivergen.data_source_list()', extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($refusal, qr/PT503: the extension is older or newer than the library.*HINT:  Run ALTER EXTENSION/s, 'not before it is updated');
in_database('old', 'ALTER EXTENSION rivergen UPDATE');
is(in_database('old', "SELECT extversion FROM pg_extension WHERE extname = 'rivergen'"), $version, "updated to $version");

subtest 'rows' => sub {
	my $old = sub { $server->safe_psql('old', $_[0], extra_params => [ '-U', 'old' ]) };
	is($old->('SELECT name, status, tags FROM rivergen.data_sources'), 'Old Shop|active|{kept}', 'the source is there');
	is($old->('SELECT table_name, column_name FROM rivergen.columns'), 't|a', 'and what was discovered of it');
	is($old->("SELECT rivergen.data_source_list(search => 'old SHOP') #>> '{data,items,0,id}'"), 1, 'search finds it');
	is($old->("SELECT rivergen.data_source_update(1, '{\"description\": \"new\"}') -> 'message'"),
		'"Data source updated successfully"', 'it can be changed');
	is($old->('SELECT count(*) FROM rivergen.jobs'), 1, 'the jobs are there');
};

sql($server, 'CREATE DATABASE new');
in_database('new', 'CREATE EXTENSION rivergen');
in_database('new', "SELECT rivergen.grant_access('old')");
my @updated = split /\n(?=function |relation |column |index |constraint |dumped )/, in_database('old', $everything);
my @installed = split /\n(?=function |relation |column |index |constraint |dumped )/, in_database('new', $everything);
cmp_ok(scalar(@installed), '>', 200, 'objects that are compared');
is_deeply(\@updated, \@installed, 'an updated installation is the same as a new one');

survives($server);
done_testing();
