# check(): a sound installation has no warning; each thing that is wrong is named, with what to do.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $quiet = <<'EOT';
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
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
	$level eq 'ok' ? is($row->{what_to_do}, undef, "$name: nothing to do")
	  : like($row->{what_to_do} // '', qr/\w{3}/, "$name: what to do");
}

sub set
{
	my ($name, $value) = @_;
	sql($server, defined $value ? "ALTER SYSTEM SET $name = '$value'" : "ALTER SYSTEM RESET $name");
	$server->reload;
	wait_for("$name", sub { my $now = sql($server, "SHOW $name"); defined $value ? $now eq $value : 1 });
}

my $all = graded($server);
for my $name (sort keys %$all)
{
	next if $name =~ /^(connectors|sandbox)$/;    # depends on this machine
	is($all->{$name}{level}, 'ok', "sound: $name") or diag($all->{$name}{detail});
}
like($all->{sandbox}{detail}, qr/level \d of 3: pidfd \w+ and close_range \w+ \(1\), Landlock/, 'the sandbox level is told');
like($all->{connectors}{detail}, qr/Installed for: /, 'connectors are told');
is_deeply([ grep { !exists $all->{$_} } qw(shared_preload_libraries launcher keyring trampoline version log_statement) ], [],
	'nothing is left out');

install_fake($server);
is_graded('connectors', graded($server)->{connectors}{level}, qr/Installed for: .*other/);
create_source($server, { name => 'unserved', type => 'http_api', credentials => {} });
is_graded('connectors in use', 'warning', qr/1 of type http_api/);

for my $leak ([ log_statement => 'all' ], [ log_statement => 'mod' ], [ log_min_duration_statement => '0' ],
	[ log_min_error_statement => 'error' ], [ log_parameter_max_length => '-1' ], [ log_parameter_max_length_on_error => '-1' ],
	[ debug_print_parse => 'on' ])
{
	set(@$leak);
	is_graded($leak->[0], 'warning', qr/logged/);
	set($leak->[0], undef);
}
sql($server, 'CREATE ROLE chatty; ALTER ROLE chatty SET log_statement = \'all\'');
is_graded('log_statement', 'warning', qr/role chatty/);
sql($server, 'ALTER ROLE chatty RESET ALL');
is_graded('log_statement', 'ok', qr/none/);

sql($server, 'GRANT SELECT ON rivergen.data_sources TO PUBLIC');
is_graded('grants to PUBLIC', 'error', qr/SELECT on rivergen\.data_sources/);
sql($server, 'REVOKE SELECT ON rivergen.data_sources FROM PUBLIC; GRANT SELECT ON rivergen_catalog.credential TO chatty');
is_graded('grants to PUBLIC', 'ok', qr/none/);
is_graded('grants on rivergen_catalog', 'warning', qr/chatty has SELECT on rivergen_catalog\.credential/);
sql($server, 'REVOKE SELECT ON rivergen_catalog.credential FROM chatty');

set('rivergen.gateway_roles', 'chatty');
is_graded('rivergen.gateway_roles', 'warning', qr/chatty may not log in/);
sql($server, 'ALTER ROLE chatty LOGIN');
is_graded('rivergen.gateway_roles', 'ok', qr/chatty is fine/);
sql($server, 'ALTER ROLE chatty CREATEROLE');
is_graded('rivergen.gateway_roles', 'warning', qr/chatty may create roles/);
sql($server, 'ALTER ROLE chatty SUPERUSER');
is_graded('rivergen.gateway_roles', 'warning', qr/chatty is a superuser/);
set('rivergen.gateway_roles', 'nobody_there');
is_graded('rivergen.gateway_roles', 'warning', qr/does not exist/);
set('rivergen.gateway_roles', undef);

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
set('rivergen.key_file', $server->data_dir . '/keys');
is_graded('keyring', 'error', qr/data directory|does not exist/);
set('rivergen.key_file', undef);
is_graded('credentials', 'ok', qr/present key/);

set('rivergen.enabled', 'off');
is_graded('rivergen.databases', 'error', qr/not served/);
is_graded('worker', 'error', qr/switched off/);
set('rivergen.enabled', undef);
set('rivergen.databases', 'elsewhere');
is_graded('rivergen.databases', 'error', qr/not served/);
set('rivergen.databases', undef);

sql($server, 'ALTER ROLE chatty NOSUPERUSER NOCREATEROLE; SELECT rivergen.grant_access(\'chatty\')');
call_fails($server, "1; SET ROLE chatty; SELECT 1 FROM rivergen.$_()", "$_ is not for tenants", sqlstate => '42501')
  for qw(check key_status key_rotate);

$server->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$server->restart;
is_graded('shared_preload_libraries', 'error', qr/not loaded/);
is_graded('launcher', 'error', qr/does not run/);
is_graded('worker', 'error', qr/not running/);

survives($server);
done_testing();
