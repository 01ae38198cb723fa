# How far a connector was confined and which addresses it dialed stand with the job, also when it failed or was cancelled;
# below rivergen.sandbox_minimum nothing runs; tests are bounded, and each one is in the audit trail. An executable that
# may be run and not read has no dialer: that lowers the level on every kernel.
use strict;
use warnings;

use File::Copy qw(copy);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
my $port = $source->port + 0;
sql($source, 'CREATE TABLE first (id int PRIMARY KEY); GRANT SELECT ON first TO reader');
install_fake($server);
copy(connector_path($server, 'postgresql'), connector_path($server, 'redis')) or die $!;
my $id = create_source($server, source_of($source, $password, connection_timeout => 5));
my $best = sql($server, "SELECT substring(detail FROM 'level (\\w+)') FROM rivergen.check() WHERE name = 'sandbox'");

sub last_job
{
	my ($of) = @_;
	return job($server, sql($server, "SELECT max(job_id) FROM rivergen.jobs WHERE data_source_id = $of"));
}

sub dialed
{
	my ($dials) = @_;
	return [ map { "$_->{address} $_->{port} $_->{verdict}" } @{ $dials // [] } ];
}

sub change
{
	my (%change) = @_;
	call($server, "rivergen.data_source_update($id, " . json(\%change) . ')');
}

sub sandbox_row
{
	return split /\|/, sql($server, "SELECT level, detail, what_to_do FROM rivergen.check() WHERE name = 'sandbox'");
}

subtest 'a job that succeeds' => sub {
	like($best, qr/^(basic|filtered|confined|full)$/, 'check() names the level of this server');
	discover($server, $id);
	my $job = last_job($id);
	is($job->{sandbox_level}, $best, 'it ran at that level');
	is(ref $job->{sandbox_missing}, 'ARRAY', 'what was missing is a list');
	is_deeply(dialed($job->{dialed}), ["127.0.0.1 $port connected"], 'what was dialed');
	my $shown = call($server, "rivergen.job_get($job->{job_id})")->{data};
	is_deeply(
		[ @$shown{qw(sandbox_level sandbox_missing dialed)} ], [ @$job{qw(sandbox_level sandbox_missing dialed)} ],
		'job_get shows the same');
};

subtest 'a job that fails' => sub {
	my ($refused_port, $bound) = refused_port();
	change(port => $refused_port + 0);
	discover_fails($server, $id, 'refused', sqlstate => 'PT502', code => 'refused', says => qr/accepts connections/);
	my $job = last_job($id);
	is($job->{sandbox_level}, $best, 'has a level');
	is_deeply(dialed($job->{dialed}), ["127.0.0.1 $refused_port failed:ECONNREFUSED"], 'the address that refused');
};

subtest 'a name that is not known' => sub {
	change(host => 'no-such-host.invalid');
	discover_fails(
		$server, $id, 'fails', sqlstate => 'PT502', code => 'unknown_host',
		says => qr/The host "no-such-host.invalid" is not known/);
	is_deeply(last_job($id)->{dialed}, [], 'the address of the resolver is not shown');
	my $step =
		"SELECT step FROM rivergen_catalog.connection_check WHERE data_source_id = $id ORDER BY checked_at DESC LIMIT 1";
	is(sql($server, $step), 'resolve', 'the step');
	change(host => '127.0.0.1');
};

subtest 'a job that is cancelled' => sub {
	my ($silent_port, $listener) = silent_port();
	change(port => $silent_port + 0);
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	wait_for(
		'the connector to connect',
		sub { sql($server, "SELECT phase = 'connect' FROM rivergen.jobs WHERE job_id = $job") eq 't' });
	accept(my $accepted, $listener);
	sysread $accepted, my $byte, 1;    # the connector knows that it is connected
	call($server, "rivergen.job_cancel($job)");
	my $ended = wait_job($server, $job, 'cancelled');
	is($ended->{sandbox_level}, $best, 'has a level');
	is_deeply(dialed($ended->{dialed}), ["127.0.0.1 $silent_port connected"], 'the address that accepted');
	change(port => $port);
};

subtest 'a test is in the audit trail' => sub {
	my $definition = json(source_of($source, $password, name => 'not stored'));
	sql($server, "BEGIN; SELECT rivergen.data_source_test($definition); ROLLBACK");
	my $entry = call($server, "(SELECT to_jsonb(a) FROM rivergen.audit a ORDER BY audit_id DESC LIMIT 1)");
	is($entry->{action}, 'data_source.tested', 'although the caller rolled back');
	is($entry->{data_source_id}, undef, 'a definition is no source');
	is($entry->{user_name}, 'postgres', 'who asked');
	is_deeply(
		[ @{ $entry->{detail} }{qw(type host port success sandbox_level)} ],
		[ 'postgresql', '127.0.0.1', $port, JSON::PP::true, $best ],
		'what was tested');
	is_deeply(dialed($entry->{detail}{dialed}), ["127.0.0.1 $port connected"], 'what was dialed');
	is( sql($server, 'SELECT login_role FROM rivergen_catalog.audit ORDER BY audit_id DESC LIMIT 1'), 'postgres',
		'the role that was logged in');
	unlike(json($entry), qr/\Q$password\E/, 'no password');

	call($server, "rivergen.data_source_test($id)");
	$entry = call($server, "(SELECT to_jsonb(a) FROM rivergen.audit a ORDER BY audit_id DESC LIMIT 1)");
	is($entry->{data_source_id}, $id, 'that of a source names it');

	my $denied = json(source_of($source, $password, name => 'denied', host => '169.254.169.254'));
	my $answer = call($server, "rivergen.data_source_test($denied)")->{data};
	is_deeply(
		[ @$answer{qw(success failed_step error_code error_message)} ],
		[   JSON::PP::false, 'resolve', 'address_refused',
			'host "169.254.169.254" may not be dialed: address 169.254.169.254 is refused' ],
		'an address that is refused');
	$entry = call($server, "(SELECT to_jsonb(a) FROM rivergen.audit a ORDER BY audit_id DESC LIMIT 1)");
	is($entry->{detail}{error_code}, 'address_refused', 'is in the trail');
	is_deeply(dialed($entry->{detail}{dialed}), ["169.254.169.254 $port denied:reserved"], 'with the verdict');
};

subtest 'tests are bounded' => sub {
	sql($server, 'CREATE ROLE second LOGIN');
	sql($server, "SELECT rivergen.membership_add(1, rivergen.user_create(role_name => 'second'), 'admin')");
	sql($server, q(SELECT rivergen.grant_access('second')));
	change_settings($server, 'rivergen.max_tests_per_minute' => 1);
	my %refused = (
		sqlstate => 'PT429', message => 'the organization has tested too many connections within a minute',
		detail => qr/^1 were tested, as many as rivergen.max_tests_per_minute allows/,
		hint => qr/^Try again in [1-9]\d? seconds\.$/);
	call_fails($server, "rivergen.data_source_test($id)", 'beyond the bound', %refused);
	my $entries = sql($server, "SELECT count(*) FROM rivergen_catalog.audit WHERE action = 'data_source.tested'");
	call_fails(
		$server, "1; SET SESSION AUTHORIZATION second; SELECT rivergen.data_source_test($id)",
		'another user', %refused);
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.audit WHERE action = 'data_source.tested'"), $entries,
		'what was not attempted is not in the trail');
	discover($server, $id, 'refresh => true');
	pass('discoveries go on');
	change_settings($server, 'rivergen.max_tests_per_minute' => 0);
	call($server, "rivergen.data_source_test($id)");
	pass('0 is no bound');
};

# From here on the connector cannot be read, so that it runs without the dialer.
chmod 0111, connector_path($server, 'postgresql');
my $lowered = $best eq 'full' ? 'confined' : $best;

subtest 'without the dialer' => sub {
	change(host => 'localhost');
	discover($server, $id, 'refresh => true');
	my $job = last_job($id);
	is($job->{sandbox_level}, $lowered, 'the level is lower');
	ok((grep { $_ eq 'dialer=unreadable' } @{ $job->{sandbox_missing} }), 'the job names what was missing, and why');
	ok((grep { $_ eq "127.0.0.1 $port given" } @{ dialed($job->{dialed}) }), 'the addresses that the connector got');

	my ($level, $detail, $what_to_do) = sandbox_row();
	is($level, 'warning', 'check() warns');
	like($detail, qr/at level $lowered \(.*Missing: .*dialer \(unreadable\)/, 'names the level and the feature');
	like($what_to_do, qr/\QLet the server's user read the connectors (chmod a+r).\E/, 'and what mends it');

	change(host => '169.254.169.254');
	discover_fails(
		$server, $id, 'an address that is refused', sqlstate => 'PT502', code => 'address_refused',
		says => qr/host "169.254.169.254" may not be dialed: address 169.254.169.254 is refused/);
	change(host => 'no-such-host.invalid');
	discover_fails(
		$server, $id, 'an unknown host', sqlstate => 'PT502', code => 'unknown_host',
		says => qr/"no-such-host.invalid" is not known/);
	change(host => '127.0.0.1');
};

subtest 'a type with several hosts' => sub {
	chmod 0111, connector_path($server, 'redis');
	my $several = create_source(
		$server,
		fake_source('several', {}, type => 'redis', host => '127.0.0.1', port => 7000, credentials => {}));
	discover_fails(
		$server, $several, 'does not run without the dialer', sqlstate => 'PT503', code => 'unavailable',
		says => qr/type redis need the sandbox's dialer.*dialer is missing \(unreadable\)/);
};

subtest 'below the minimum' => sub {
	my $state = state_of($server, $id);
	change_settings($server, 'rivergen.sandbox_minimum' => 'full');
	my $job = discover_fails(
		$server, $id, 'nothing runs', sqlstate => 'PT503', code => 'unavailable',
		says =>
			qr/confined at level $lowered, and rivergen.sandbox_minimum demands full.*dialer is missing \(unreadable\). Let the server's user read/
	);
	is($job->{sandbox_level}, $lowered, 'the level that was reached');
	is_deeply($job->{dialed}, [], 'nothing was dialed');
	call_fails(
		$server, "rivergen.data_source_test($id)", 'a test', sqlstate => 'PT503',
		says => qr/rivergen.sandbox_minimum demands full/);
	is(state_of($server, $id), $state, 'no failure of the source is counted');
	my ($level, $detail) = sandbox_row();
	is($level, 'error', 'check() calls it an error');
	like($detail, qr/rivergen.sandbox_minimum demands full: none is started/, 'and says why');
};

subtest 'mended' => sub {
	chmod 0755, connector_path($server, $_) for qw(postgresql redis);
	change_settings($server, 'rivergen.sandbox_minimum' => $best);
	discover($server, $id, 'refresh => true');
	is(last_job($id)->{sandbox_level}, $best, 'connectors run again');
	is((sandbox_row())[0], $best eq 'full' ? 'ok' : 'warning', 'check() agrees');
};

survives($server);
done_testing();
