# rivergen.http_wait_limit: a gateway's caller who has waited long enough is answered 202, and the discovery goes on.
use strict;
use warnings;

use HttpCall;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => <<'EOT');
rivergen.gateway_roles = 'gateway'
rivergen.http_wait_limit = '2s'
rivergen.max_workers = 2
rivergen.max_workers_per_organization = 2
EOT
prepare_gateway($server);
install_fake($server);
my $gates = PostgreSQL::Test::Utils::tempdir();
my $number = 0;

# A source whose discovery lasts until its gate is opened.
sub slow_source
{
	my $gate = "$gates/" . ++$number;
	return (create_source($server, fake_source("slow $number", { behaviour => 'slow', gate => $gate })), $gate);
}

sub open_gate
{
	my ($gate) = @_;
	append_to_file($gate, '');
}

# A test: 202, with the job that Location names. Returns its id.
sub goes_on
{
	my ($answer, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $job_id = $answer->{body}{data}{job_id};
	is_deeply(
		[ @$answer{qw(status headers body)} ],
		[   202,
			{ Location => "/api/v1/jobs/" . ($job_id // '') },
			{   success => JSON::PP::true, message => 'Schema discovery started',
				data => { job_id => $job_id, status => 'queued' }
			} ],
		$name);
	return $job_id;
}

subtest 'a long discovery' => sub {
	my ($id, $gate) = slow_source();
	my $job_id = goes_on(http_call($server, POST => "/data-sources/$id/discover-schema"), 'is answered before its end');
	is(wait_job($server, $job_id, 'running', 'succeeded', 'cancelled', 'failed')->{status}, 'running', 'the job runs');
	# Looked at once a second, and whenever a waiting caller has left.
	is( goes_on(http_call($server, POST => "/data-sources/$id/discover-schema"), 'who comes later waits for the same'),
		$job_id, 'the same job');
	is(http_call($server, GET => "/jobs/$job_id")->{body}{data}{status}, 'running', 'still');
	open_gate($gate);
	is( wait_job($server, $job_id, 'succeeded', 'cancelled', 'failed')->{status}, 'succeeded',
		'it ends well although no caller waits');
	is(http_call($server, POST => "/data-sources/$id/discover-schema")->{status}, 200, 'then its result is there');
};

subtest 'a refresh of descriptions' => sub {
	my ($id, $gate) = slow_source();
	my $job_id = goes_on(
		http_call($server, POST => '/table-descriptions/refresh', body => { db_connection_id => $id }),
		'is answered too');
	open_gate($gate);
	is(wait_job($server, $job_id, 'succeeded', 'cancelled', 'failed')->{status}, 'succeeded', 'it goes on');
};

subtest 'a short one' => sub {
	my $id = create_source($server, fake_source('short', {}));
	change_settings($server, 'rivergen.http_wait_limit' => '1h');
	is(http_call($server, POST => "/data-sources/$id/discover-schema")->{status}, 200, 'is waited for');
	change_settings($server, 'rivergen.http_wait_limit' => undef);
};

subtest 'other sessions wait for the end' => sub {
	my ($id, $gate) = slow_source();
	my $direct = session_start($server, 'SELECT ' . discovery($id));
	wait_for(
		'its job to run',
		sub {
			sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id AND status = 'running'") == 1;
		});
	my $job_id =
		goes_on(http_call($server, POST => "/data-sources/$id/discover-schema"), 'one through the gateway leaves');
	open_gate($gate);
	my ($out) = session_end($direct);
	like($out, qr/Schema discovery completed/, 'the direct one has the result');
	is(wait_job($server, $job_id, 'succeeded', 'failed')->{status}, 'succeeded', 'both requests share one job');
};

# No caller was given a promise: when the last waiting caller leaves, the job ends.
subtest 'who is cancelled promises nothing' => sub {
	my ($id, $gate) = slow_source();
	change_settings($server, 'rivergen.http_wait_limit' => 0);
	my $session = http_session($server, POST => "/data-sources/$id/discover-schema");
	my $job_id = wait_for(
		'the job',
		sub { sql($server, "SELECT job_id FROM rivergen.jobs WHERE data_source_id = $id AND status = 'running'") });
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%http_answer%' AND pid <> pg_backend_pid()"
	);
	my (undef, $err) = session_end($session);
	like($err, qr/57014/, 'a cancel is thrown on');
	is(wait_job($server, $job_id, 'cancelled', 'succeeded')->{status}, 'cancelled', 'the job ends');
	change_settings($server, 'rivergen.http_wait_limit' => undef);
};

# The promise is in the caller's transaction.
subtest 'a transaction that is rolled back' => sub {
	my ($id, $gate) = slow_source();
	my $session = $server->background_psql('postgres');
	$session->query_safe('SET SESSION AUTHORIZATION gateway; BEGIN');
	my $answer =
		HttpCall::decode($session->query_safe(HttpCall::statement(POST => "/data-sources/$id/discover-schema")));
	my $job_id = goes_on($answer, 'was answered');
	is(job($server, $job_id)->{status}, 'running', 'it runs as long as the transaction is open');
	$session->query_safe('ROLLBACK');
	is(wait_job($server, $job_id, 'cancelled', 'succeeded')->{status}, 'cancelled', 'the abandoned job is cancelled');
	$session->quit;
};

subtest 'no worker has time' => sub {
	my @busy = map { [ slow_source() ] } 1 .. 2;
	my @jobs =
		map { goes_on(http_call($server, POST => "/data-sources/$_->[0]/discover-schema"), 'a worker is busy') } @busy;
	my ($id, $gate) = slow_source();
	open_gate($gate);
	my $job_id =
		goes_on(http_call($server, POST => "/data-sources/$id/discover-schema"), 'the request is queued instead');
	is(job($server, $job_id)->{status}, 'queued', 'the request is queued as a job');
	open_gate($_->[1]) for @busy;
	is(wait_job($server, $_, 'succeeded', 'cancelled', 'failed')->{status}, 'succeeded', "job $_ succeeds")
		for @jobs, $job_id;
};

subtest 'plain PostgREST' => sub {
	my ($id, $gate) = slow_source();
	sql($server, "SELECT rivergen.grant_access('gateway')");
	my $out = sql(
		$server,
		"SET SESSION AUTHORIZATION gateway; SET request.method = 'POST'; SET request.jwt.claims = '{\"sub\": \"boss\"}'; BEGIN;
		SELECT rivergen.discover_schema($id) #>> '{data,status}'; SELECT current_setting('response.status'); COMMIT");
	is(join(' ', (split /\n/, $out)[ -2, -1 ]), 'queued 202', 'is told 202');
	open_gate($gate);
};

clean_server($server);
survives($server);
subtest 'a statement that is cancelled' => sub {
	my ($id, $gate) = slow_source();
	my $session = $server->background_psql('postgres', on_error_stop => 0);
	my $call = HttpCall::statement(POST => "/data-sources/$id/discover-schema");
	$session->query("SET SESSION AUTHORIZATION gateway; SET statement_timeout = '1s'; $call");
	is($session->query('SELECT 1'), 1, 'leaves a session that goes on');
	$session->quit;
	open_gate($gate);
};

done_testing();
