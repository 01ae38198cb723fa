# check(): a sound installation has no warning; each thing that is wrong is named, with what to do.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $quiet = <<'EOT';
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
log_error_verbosity = terse
EOT
my $server = start_server('server', conf => $quiet);

sub graded
{
	my ($node) = @_;
	my $rows = call($node, 'coalesce(jsonb_object_agg(c.name, to_jsonb(c)), \'{}\') FROM rivergen.check() c');
	return $rows;
}

sub is_graded
{
	my ($name, $level, $detail, $node) = @_;
	my $row = graded($node // $server)->{$name};
	is($row->{level}, $level, "$name: $level");
	like($row->{detail} // '', $detail, "$name: detail");
	$level eq 'ok'
		? is($row->{what_to_do}, undef, "$name: nothing to do")
		: like($row->{what_to_do} // '', qr/\w{3}/, "$name: what to do");
}

my $all = graded($server);
for my $name (sort keys %$all)
{
	next if $name =~ /^(connectors|sandbox)$/;    # depends on this machine
	is($all->{$name}{level}, 'ok', "sound: $name") or diag($all->{$name}{detail});
}
like(
	$all->{sandbox}{detail},
	qr/^Connectors run at level (?:basic|filtered|confined|full) \(/, 'how connectors are confined is told');
like(
	$all->{connectors}{detail},
	qr/^Installed for: postgresql, mysql, .*other\.$/, 'every type has a connector');
is_deeply(
	[ grep { !exists $all->{$_} } qw(shared_preload_libraries launcher keyring trampoline version log_statement) ], [],
	'nothing is left out');

install_fake($server);
is_graded('connectors', graded($server)->{connectors}{level}, qr/Installed for: .*other/);
chmod 0644, connector_path($server, 'other');
is_graded('connectors', 'warning', qr{At fault: could not execute ".*/other": Permission denied});
chmod 0755, connector_path($server, 'other');
fake_beginning($server, beginning => 'protocol_1');
is_graded('connectors', 'warning', qr{At fault: \S+/other: the connector speaks version 1 of the connector protocol});
fake_beginning($server, capabilities => ['discover']);
is_graded('connectors', graded($server)->{connectors}{level}, qr/Installed for: .*other(?!.*At fault)/);
fake_beginning($server);
change_settings($server, 'rivergen.odbc_drivers' => 'sqlite = /gone/libsqlite3odbc.so');
is_graded(
	'connectors', 'warning',
	qr{At fault: rivergen\.odbc_drivers, sqlite: could not read "/gone/libsqlite3odbc\.so": No such file});
change_settings($server, 'rivergen.odbc_drivers' => undef);
without_connector($server, 'http_api');
create_source($server, { name => 'unserved', type => 'http_api', credentials => {} });
is_graded('connectors in use', 'warning', qr/1 of type http_api/);

for my $leak (
	[ log_statement => 'all' ], [ log_statement => 'mod' ], [ log_min_duration_statement => '0' ],
	[ log_min_error_statement => 'error' ], [ log_parameter_max_length => '-1' ], [ log_error_verbosity => 'default' ],
	[ log_parameter_max_length_on_error => '-1' ],
	[ debug_print_parse => 'on' ])
{
	change_settings($server, @$leak);
	is_graded($leak->[0], 'warning', qr/logged/);
	change_settings($server, $leak->[0] => undef);
}
# What auto_explain logs holds bound parameters too.
change_settings($server, session_preload_libraries => 'auto_explain');
is_graded('auto_explain.log_verbose', 'ok', qr/^off/);
change_settings($server, 'auto_explain.log_verbose' => 'on');
is_graded('auto_explain.log_verbose', 'warning', qr/bound parameters too/);
like(graded($server)->{'auto_explain.log_verbose'}{what_to_do}, qr/seal credentials/, 'the way out is told');
change_settings($server, 'auto_explain.log_verbose' => undef);
change_settings($server, session_preload_libraries => undef);

sql($server, 'CREATE ROLE chatty; ALTER ROLE chatty SET log_statement = \'all\'');
is_graded('log_statement', 'warning', qr/role chatty/);
sql($server, 'ALTER ROLE chatty RESET ALL');
is_graded('log_statement', 'ok', qr/none/);

sql($server, 'GRANT SELECT ON rivergen.data_sources TO PUBLIC');
is_graded('grants to PUBLIC', 'error', qr/SELECT on rivergen\.data_sources/);
sql($server,
	'REVOKE SELECT ON rivergen.data_sources FROM PUBLIC; GRANT SELECT ON rivergen_catalog.credential TO chatty');
is_graded('grants to PUBLIC', 'ok', qr/none/);
is_graded('grants on rivergen_catalog', 'warning', qr/chatty has SELECT on rivergen_catalog\.credential/);
sql($server, 'REVOKE SELECT ON rivergen_catalog.credential FROM chatty');

# The whole way of a request through a gateway.
is_graded('rivergen.gateway_roles', 'ok', qr/No gateway is set up/);
change_settings($server, 'rivergen.gateway_roles' => 'chatty');
is_graded('rivergen.gateway_roles', 'error', qr/chatty may not log in/);
sql($server, 'ALTER ROLE chatty LOGIN NOINHERIT');
is_graded('rivergen.gateway_roles', 'error', qr/chatty may not be switched to a role that may use schema rivergen/);
sql($server,
	'CREATE ROLE served; GRANT served TO chatty; GRANT USAGE ON SCHEMA rivergen TO served; GRANT EXECUTE ON FUNCTION rivergen.http TO served'
);
is_graded(
	'rivergen.gateway_roles', 'warning',
	qr/chatty works as served, which may not use .*rivergen\.data_source_create.*rivergen\.tables/);
sql($server, "SELECT rivergen.grant_access('served')");
is_graded('rivergen.gateway_roles', 'ok', qr/chatty is fine/);
sql($server, 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
is_graded('rivergen.gateway_roles', 'error', qr/chatty may not connect to this database/);
sql($server, 'GRANT CONNECT ON DATABASE postgres TO PUBLIC; ALTER ROLE chatty CREATEROLE');
is_graded('rivergen.gateway_roles', 'warning', qr/chatty may create roles/);
sql($server, 'ALTER ROLE chatty NOCREATEROLE SUPERUSER');
is_graded('rivergen.gateway_roles', 'warning', qr/chatty is a superuser/);
sql($server, 'ALTER ROLE chatty NOSUPERUSER');
change_settings($server, 'rivergen.gateway_roles' => 'not_there');
is_graded('rivergen.gateway_roles', 'error', qr/not_there does not exist/);
change_settings($server, 'rivergen.gateway_roles' => 'CHATTY');
is_graded('rivergen.gateway_roles', 'ok', qr/chatty is fine/);

# Forgotten: every token is refused, so the log says it (once a minute in a session), and so does check().
change_settings($server, 'rivergen.gateway_roles' => undef);
is_graded('rivergen.gateway_roles', 'warning', qr/chatty seems to be a gateway's and is not named: .*401/);
my $before = -s $server->logfile;
my $request =
	"SET request.jwt.claims = '{\"sub\": \"postgres\"}'; SET ROLE served; SELECT rivergen.current_organization_id();
		SELECT rivergen.current_organization_id();";
$server->psql('postgres', $request, extra_params => [ '-U', 'chatty' ], on_error_stop => 0);
my @lines = slurp_file($server->logfile, $before) =~
	/request\.jwt\.claims of role "chatty" mean nothing, since rivergen\.gateway_roles does not name it/g;
is(scalar @lines, 1, 'one line in the log of a session tells of a gateway that is not named');
change_settings($server, 'rivergen.gateway_roles' => 'chatty');
sql($server, 'REVOKE served FROM chatty');

create_source($server, fake_source('sealed', {}));
my $key_file = sql($server, 'SHOW rivergen.key_file');
chmod 0644, $key_file;
is_graded('keyring', 'error', qr/0600/);
chmod 0600, $key_file;
rename $key_file, "$key_file.away";
is_graded('keyring', 'error', qr/does not exist/);
is_graded('sealing key', 'error', qr/no private half/);
is_graded('credentials', 'error', qr/1 are sealed for key 1, which the keyring does not have/);
rename "$key_file.away", $key_file;
change_settings($server, 'rivergen.key_file' => $server->data_dir . '/keys');
is_graded('keyring', 'error', qr/data directory|does not exist/);
change_settings($server, 'rivergen.key_file' => undef);
is_graded('credentials', 'ok', qr/present key/);

change_settings($server, 'rivergen.enabled' => 'off');
is_graded('rivergen.databases', 'error', qr/not served/);
is_graded('worker', 'error', qr/switched off/);
change_settings($server, 'rivergen.enabled' => undef);
change_settings($server, 'rivergen.databases' => 'elsewhere');
is_graded('rivergen.databases', 'error', qr/not served/);
change_settings($server, 'rivergen.databases' => undef);

sql($server, 'SELECT rivergen.grant_access(\'chatty\')');
call_fails($server, "1; SET ROLE chatty; SELECT 1 FROM rivergen.$_()", "$_ is not for tenants", sqlstate => '42501')
	for qw(check key_status key_rotate);

# What stands in the file and is not in force.
is_graded('settings', 'ok', qr/in force/);
$server->append_conf('postgresql.conf', "rivergen.max_workers = 3\nmax_worker_processes = 12");
is_graded(
	'settings', 'warning',
	qr/max_worker_processes: 12 stands in the file.* not restarted since; rivergen\.max_workers: 3 stands in the file.* not told to reload/
);
$server->append_conf('postgresql.conf', "rivergen.max_workers = many");
is_graded('settings', 'warning', qr/rivergen\.max_workers: line \d+ of \S+: /);
$server->append_conf('postgresql.conf', "rivergen.max_workers = 3");

$server->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$server->restart;
is_graded('shared_preload_libraries', 'error', qr/not loaded/);
is_graded('launcher', 'error', qr/does not run/);
is_graded('worker', 'error', qr/not running/);
$server->append_conf('postgresql.conf', "shared_preload_libraries = 'rivergen'");
is_graded('shared_preload_libraries', 'error', qr/names the library, and the server was not restarted since/);

survives($server);
done_testing();
