# A standby answers what is stored. What would change something, needs a worker or reads a source is refused in the same way.
use strict;
use warnings;

use HttpCall;
use PostgreSQL::Test::Cluster;
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server =
	start_server('server', conf => "rivergen.gateway_roles = 'gateway'\nmax_wal_senders = 2\nwal_level = replica");
my $source = start_source('source', $password);
sql($source, 'CREATE TABLE t (a int); GRANT SELECT ON t TO reader');
my $definition = source_of($source, $password, name => 'Shop', metadata => { query => { enabled => JSON::PP::true } });
my $id = create_source($server, $definition);
discover($server, $id);
call($server, "rivergen.attach($id, 'here')");
prepare_gateway($server);
sql($server, <<~'EOT');
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', dbname 'x');
	CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'u', password 'a-password-1');
	CREATE ROLE keeper;
	EOT
$server->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($server, 'base', has_streaming => 1);
$standby->start;

my $new = json({ %$definition, name => 'New' });
my $entry =
	q('{"descriptions": [{"data_source": "Shop", "table_schema": "public", "table_name": "t", "description": "x"}]}');
my $table = sql($server, 'SELECT min(id) FROM rivergen.table_descriptions');
my %refused = (
	'a standby changes nothing' => [
		"organization_create('x')", "workspace_create(1, 'x')", "user_create('x')", "membership_add(1, 1)",
		"grant_access('keeper')", "data_source_create($new)", qq(data_source_update($id, '{"description": "x"}')),
		qq(data_source_update_credentials($id, '{"username": "u", "password": "p"}')), "data_source_delete($id)",
		"data_source_set_status($id, 'inactive')", "data_source_forget_host_key($id)", "data_source_restore($id)",
		q(catalog_apply('{"sources": [{"name": "Shop", "description": "x"}]}')), 'job_cancel(1)', 'discover_all()',
		"table_description_scan(db_connection_id => $id)", qq(table_description_update($table, '{"description": "x"}')),
		"table_description_apply($entry)", "table_description_apply($entry, true)", "attach($id, 'there')",
		"detach($id)", "organization_set_attachment_role(1, 'keeper')", "data_source_from_foreign_server('elsewhere')",
		"member_add('x')", "member_set_role(1, 'viewer')", 'member_remove(1)', "invitation_withdraw('x')",
		'invitation_accept(1)', 'invitation_decline(1)', "workspace_add('x')", "workspace_rename(1, 'x')",
		'workspace_delete(1)', 'user_disable(1)', 'user_enable(1)', 'organization_close(1)' ],
	'a standby has no workers of rivergen' => [
		'key_create()', "quick_start('Other')", 'key_rotate()', 'key_forget(1)',
		"discover_schema($id, refresh => true)",
		"table_description_refresh($id)", "data_source_test($id)", "data_source_databases($id)" ],
	'a standby reads no data source' =>
		[ "rows($id, 'public', 't')", "query($id, 'SELECT 1')", "query($id, 'SELECT 1', check_only => true)" ]);
my @answered = (
	'acknowledge_copy()', 'key_status()', 'job_progress(1)', "discover_schema($id)",
	"attach($id, 'there', dry_run => true)",
	'"check"()');

sub fails
{
	my ($statement, $message) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return call_fails(
		$standby, $statement, "$message: $statement", sqlstate => 'PT503',
		message => $message,
		detail => 'This server is in recovery.',
		hint => 'Connect to the primary server.');
}

subtest 'what is refused' => sub {
	for my $message (sort keys %refused)
	{
		fails("rivergen.$_", $message) for @{ $refused{$message} };
	}
	fails('* FROM here.t', 'a standby reads no data source');
	fails("* FROM rivergen.query_rows($id, 'SELECT 1') AS t (a int)", 'a standby reads no data source');
};

subtest 'what is answered' => sub {
	for my $call (@answered)
	{
		my ($status, undef, $error) = $standby->psql('postgres', "SELECT rivergen.$call");
		is($error, '', $call);
	}
	is(sql($standby, 'SELECT count(*) FROM rivergen.attachments'), 1, 'a view');
	like(sql($standby, 'EXPLAIN SELECT * FROM here.t'), qr/Foreign Scan/, 'EXPLAIN');
};

# A volatile function is one that changes something. Those with a definition instead of an id are like their namesakes.
subtest 'none is forgotten' => sub {
	my @called = map { /^"?(\w+)"?\(/ } @answered, map { @$_ } values %refused;
	my $known = join ',', map { "'$_'" } @called, 'query_rows', 'http';
	is( sql($standby,
			"SELECT string_agg(oid::regprocedure::text, ' ') FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace
			AND provolatile = 'v' AND proname NOT IN ($known)"),
		'',
		'every volatile function of the API is called');
};

subtest 'over HTTP' => sub {
	http_is($standby, 200, GET => '/data-sources');
	http_is(
		$standby, 503, DELETE => "/data-sources/$id",
		says => qr/^a standby changes nothing \| This server is in recovery\. \| Connect to the primary server\.$/);
};

done_testing();
