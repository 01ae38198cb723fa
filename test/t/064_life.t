# The life of launcher, workers and callers that wait: signals, sessions that want what a waiting caller has locked,
# clients that go, and how many may wait.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);
my $gates = PostgreSQL::Test::Utils::tempdir();
my $gate_number = 0;

# A source whose connector stops half way until the gate is opened; its id and what opens the gate.
sub slow_source
{
	my (%change) = @_;
	my $gate = "$gates/" . ++$gate_number;
	my $id = create_source(
		$server,
		fake_source("slow $gate_number", { behaviour => 'slow', gate => $gate }, query_timeout => 120, %change));
	return ($id, sub { append_to_file($gate, '') });
}

sub background
{
	my ($id) = @_;
	return call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
}
sub half_way
{
	my ($id) = @_;
	return wait_for(
		'the connector to be half way',
		sub { sql($server, "SELECT job_id FROM rivergen.jobs WHERE data_source_id = $id AND phase = 'read'") });
}
sub pid_of
{
	my ($type) = @_;
	return sql($server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen $type'");
}

subtest 'the launcher is terminated' => sub {
	my $before = wait_for('the launcher', sub { pid_of('launcher') });
	sql($server, "SELECT pg_cancel_backend($before)");
	my ($id, $open) = slow_source();
	$open->();
	is(wait_job($server, background($id), qw(succeeded failed))->{status}, 'succeeded', 'a cancel means nothing to it');
	is(pid_of('launcher'), $before, 'it is the same one');
	sql($server, "SELECT pg_terminate_backend($before)");
	wait_for('another launcher', sub { my $pid = pid_of('launcher'); $pid && $pid != $before });
	is(wait_job($server, background($id), qw(succeeded failed))->{status}, 'succeeded', 'the next one starts workers');
};

subtest 'the worker is cancelled' => sub {
	my $cancel =
		"SELECT bool_and(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'rivergen worker' AND state = 'active'";
	my ($id, $open) = slow_source(max_retries => 3);
	my $waiting = session_start($server, 'SELECT ' . discovery($id));
	my $job = half_way($id);
	sql($server, $cancel);
	like(
		(session_end($waiting))[1], qr/PT409.*the discovery was cancelled.*operator cancelled the worker/s,
		'a caller who waits is told');
	my $ended = wait_job($server, $job, qw(cancelled failed succeeded queued));
	is("$ended->{status} $ended->{error_code}", 'cancelled cancelled', 'the job is cancelled');
	like($ended->{error_message}, qr/operator/, 'the error names the operator');
	isnt(call($server, "rivergen.data_source_get($id)")->{data}{status}, 'failed', 'the source has not failed');
	$job = background($id);
	half_way($id);
	sql($server, $cancel);
	is( wait_job($server, $job, qw(cancelled failed succeeded))->{status}, 'cancelled',
		'pg_cancel_backend cancels a job in the background too');
	my $test = session_start($server, "SELECT rivergen.data_source_test($id)");
	wait_for(
		'the test',
		sub {
			sql($server, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'rivergen: testing%' AND state = 'active'");
		});
	sql($server, $cancel);
	like((session_end($test))[1], qr/PT503.*the test was interrupted/, 'a test is interrupted');
	$open->();
	is(discover($server, $id)->{success}, JSON::PP::true, 'what comes next is not cancelled');
	unlike(slurp_file($server->logfile), qr/ERROR:  canceling statement/, 'no worker fails');
	clean_server($server);
};

subtest 'a worker that does not move' => sub {
	my ($id, $open) = slow_source();
	my $waiting = session_start($server, 'SELECT ' . discovery($id));
	my $job = half_way($id);
	my $stopped = worker_of($server, $job);
	kill 'STOP', $stopped;
	wait_for('another worker to have the job', sub { my $pid = worker_of($server, $job); $pid && $pid != $stopped });
	$open->();
	like(
		(session_end($waiting))[0], qr/Schema discovery completed/,
		'the waiting caller gets the answer of a new worker');
	like(slurp_file($server->logfile), qr/worker $stopped has not moved/, 'the log says why');
	clean_server($server);
};

subtest 'another session wants what a waiting caller has locked' => sub {
	for my $command (
		'DROP EXTENSION rivergen CASCADE',
		'ALTER TABLE rivergen_catalog.data_source ADD COLUMN of_the_next_version int',
		'LOCK TABLE rivergen_catalog.data_source', 'REINDEX TABLE rivergen_catalog.job',
		'VACUUM FULL rivergen_catalog.data_source', 'DROP VIEW rivergen.jobs')
	{
		my ($first, $open) = slow_source();
		my $job = background($first);
		half_way($first);
		my $caller = session_start(
			$server,
			"SET statement_timeout = '120s'; SELECT "
				. discovery($first, 'refresh => true')
				. " FROM (SELECT count(*) FROM rivergen.jobs) j");
		wait_for('the caller to wait', sub { callers_waiting($server) == 1 });
		my $run = $command =~ /^(REINDEX|VACUUM)/ ? $command : "BEGIN; $command; ROLLBACK";
		my $wanting = session_start($server, $run);
		like((session_end($caller))[1], qr/PT503.*another session waits for a lock/, "$command: the caller lets go");
		unlike((session_end($wanting))[1], qr/deadlock|canceling/, 'the command gets its lock');
		$open->();
		is(wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded', 'the job that ran goes on');
	}
	clean_server($server);
};

subtest 'a client that has gone does not wait' => sub {
	my ($id, $open) = slow_source();
	my $client = session_start($server, 'SELECT ' . discovery($id));
	my $job = half_way($id);
	$client->{run}->signal('KILL');
	$client->{run}->finish;
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{error_code}, 'abandoned', 'its job ends with it');
	wait_for('its session to end', sub { callers_waiting($server) == 0 });
	clean_server($server);
};

subtest 'a source that is changed again and again' => sub {
	my ($id, $open) = slow_source(max_retries => 1);
	my $caller = session_start($server, 'SELECT ' . discovery($id));
	my $job = half_way($id);
	my $ended = wait_for(
		'the job to end',
		sub {
			call(
				$server,
				"rivergen.data_source_update_credentials($id, " . json({ api_key => 'secret ' . rand }) . ')');
			my $now = job($server, $job);
			return $now->{status} =~ /^(queued|running)$/ ? undef : $now;
		});
	is( "$ended->{status} $ended->{error_code} $ended->{attempts}", 'failed changed 7',
		'its job ends, and says how often it was begun');
	like((session_end($caller))[1], qr/PT409.*changed again and again/, 'the caller gets the error changed');
	isnt(call($server, "rivergen.data_source_get($id)")->{data}{status}, 'failed', 'the source has not failed');
	$open->();
	is(discover($server, $id)->{success}, JSON::PP::true, 'left alone it is discovered');
	clean_server($server);
};

subtest 'as many callers wait as may' => sub {
	change_settings($server, 'rivergen.max_waiting_per_organization' => 1);
	my ($id, $open) = slow_source();
	my $first = session_start($server, 'SELECT ' . discovery($id));
	half_way($id);
	my %refusal = (sqlstate => 'PT429', detail => qr/1 .*rivergen\.max_waiting_per_organization/);
	call_fails($server, discovery($id), 'a discovery', %refusal);
	call_fails($server, "rivergen.data_source_test($id)", 'a test', %refusal);
	is( call($server, discovery($id, 'wait => false, refresh => true'))->{data}{status}, 'queued',
		'without waiting the discovery is queued');
	$open->();
	like((session_end($first))[0], qr/Schema discovery completed/, 'the first has its answer');
	change_settings($server, 'rivergen.max_waiting_per_organization' => undef);
	clean_server($server);
};

subtest 'a definition without a cast' => sub {
	my $text = json(fake_source('tested', {})) =~ s/::jsonb$//r;
	is(call($server, "rivergen.data_source_test($text)")->{data}{success}, JSON::PP::true, 'is tested');
	is( sql($server,
			"SELECT count(*) FROM (SELECT proname, pronargs - pronargdefaults AS least FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace
		AND NOT EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = pg_proc.pronamespace
			AND o.proname = pg_proc.proname AND o.proargtypes[0] = 'text'::regtype)
		GROUP BY 1, 2 HAVING count(*) > 1) p"),
		0,
		'no other function is ambiguous');
};

survives($server);
done_testing();
