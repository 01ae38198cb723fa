# A discovery that is interrupted: by the caller, by job_cancel, by a fast shutdown, by a crash. The job ends in a
# clear state, or is taken up again; the connector is gone at once; the cache changes only when a discovery ends.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);

my $gates = PostgreSQL::Test::Utils::tempdir();
my ($gate_number, $gate) = (0, undef);
my $id =
	create_source($server, fake_source('fake', {}, connection_timeout => 60, query_timeout => 120, max_retries => 5));
discover($server, $id);
my $before = fingerprint($server, $id);

# From now on the connector stops half way, until the test opens the gate.
sub new_gate
{
	$gate = "$gates/" . ++$gate_number;
	my $changes = json({ metadata => { behaviour => 'slow', gate => $gate } });
	call($server, "rivergen.data_source_update($id, $changes)");
}

sub open_gate
{
	open my $file, '>', $gate or die "$gate: $!";
}

sub start_in_background
{
	return call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
}

# The connector's pid, once it is half way.
sub half_way
{
	my ($job) = @_;
	wait_for('the connector to be half way', sub { (job($server, $job)->{phase} // '') eq 'read' });
	return (connectors($server))[0];
}

sub newest_job
{
	return wait_for(
		'a running job',
		sub {
			sql($server, "SELECT job_id FROM rivergen.jobs WHERE data_source_id = $id AND status = 'running'");
		});
}

subtest 'the waiting call is cancelled' => sub {
	new_gate();
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	my $job = newest_job();
	half_way($job);
	my $waiter = "query LIKE '%discover_schema%' AND state = 'active' AND pid <> pg_backend_pid()
		AND backend_type = 'client backend'";
	is(sql($server, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE $waiter"), 't', 'cancelled');
	my ($out, $err) = session_end($session);
	like($err, qr/57014/, 'the caller is let go at once');
	isnt(job($server, $job)->{status}, 'queued', 'the job is not back in the queue');
	open_gate();
	my $ended = wait_job($server, $job, qw(succeeded cancelled failed));
	like($ended->{status}, qr/^(succeeded|cancelled)$/, "the job ends: $ended->{status}");
	clean_server($server);
};

subtest 'the waiting session is terminated' => sub {
	new_gate();
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	my $job = newest_job();
	sql($server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE '%discover_schema%' AND pid <> pg_backend_pid() AND backend_type = 'client backend'");
	like((session_end($session))[1], qr/57P01/, 'the session ends at once');
	open_gate();
	like(
		wait_job($server, $job, qw(succeeded cancelled failed))->{status}, qr/^(succeeded|cancelled)$/,
		'the job ends');
	clean_server($server);
};

$before = fingerprint($server, $id);

subtest 'a running job is cancelled' => sub {
	new_gate();
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	my $job = newest_job();
	half_way($job);
	ok(call($server, "rivergen.job_cancel($job)")->{success}, 'job_cancel');
	my $ended = wait_job($server, $job, qw(cancelled failed succeeded));
	is($ended->{status}, 'cancelled', 'the job is cancelled');
	is($ended->{error_code} // 'cancelled', 'cancelled', 'the error code of the cancelled job says so');
	like((session_end($session))[1], qr/cancel/i, 'the waiting caller gets an error');
	is(fingerprint($server, $id), $before, 'the cache is as it was');
	clean_server($server);
	call_fails($server, "rivergen.job_cancel($job)", 'a finished job cannot be cancelled', sqlstate => 'PT409');
};

subtest 'a queued job is cancelled' => sub {
	new_gate();
	my $running = start_in_background();
	half_way($running);
	my $queued = start_in_background();
	isnt($queued, $running, 'a later refresh is queued behind the running one');
	is(job($server, $queued)->{status}, 'queued', 'it waits');
	call($server, "rivergen.job_cancel($queued)");
	is(wait_job($server, $queued, 'cancelled')->{attempts}, 0, 'cancelled without a start');
	open_gate();
	wait_job($server, $running, 'succeeded');
	is(job($server, $queued)->{status}, 'cancelled', 'a cancelled queued job stays cancelled');
	clean_server($server);
};

$before = fingerprint($server, $id);

# After a restart the orphaned job must be found and run to its end.
sub rescued
{
	my ($job, $attempts) = @_;
	is(fingerprint($server, $id), $before, 'the cache is as it was');
	open_gate();
	my $ended = wait_job($server, $job, qw(succeeded failed cancelled));
	is($ended->{status}, 'succeeded', 'the job is taken up again') or diag(JSON::PP->new->pretty->encode($ended));
	is($ended->{attempts}, $attempts, 'attempts counts the attempts that crashed');
	clean_server($server);
	$before = fingerprint($server, $id);
}

subtest 'fast shutdown' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	$server->stop('fast');
	pass('the server stops without waiting for the connector, whose gate is closed');
	wait_for('the connector to end', sub { !is_running($pid) });
	is_deeply([ children($server) ], [], 'no process is left');
	$server->start;
	rescued($job, 1);
};

subtest 'postmaster killed' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	my $postmaster = $server->{_pid};
	$server->kill9;
	wait_for('the postmaster to end', sub { !is_running($postmaster) });
	wait_for('the connector to end', sub { !is_running($pid) });
	pass('the connector ends with it');
	# Its backends hold the shared memory until they have noticed.
	wait_for(
		'the server to start',
		sub {
			$server->start(fail_ok => 1) || do { $server->{_pid} = undef; 0 }
		});
	rescued($job, 2);
};

# A backend that dies takes every session with it: the server starts again by itself.
sub crashes
{
	my ($victim, $connector) = @_;
	crash_restart($server, $victim);
	wait_for('the connector to end', sub { !is_running($connector) });
}

subtest 'another backend is killed with SIGKILL' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	my $bystander = $server->background_psql('postgres');
	crashes($bystander->query('SELECT pg_backend_pid()'), $pid);
	$bystander->{run}->finish;
	rescued($job, 2);
};

subtest 'the worker is killed with SIGKILL' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	my $worker = worker_of($server, $job);
	like($worker, qr/^\d+$/, 'one worker has the job') or return;
	crashes($worker, $pid);
	rescued($job, 2);
};

subtest 'the worker is terminated' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	sql($server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE 'rivergen worker%'");
	wait_for('the connector to end', sub { !is_running($pid) });
	open_gate();
	my $ended = wait_job($server, $job, qw(succeeded failed cancelled));
	is($ended->{status}, 'succeeded', 'the job is taken up again');
	clean_server($server);
};

subtest 'the extension is dropped' => sub {
	new_gate();
	my $job = start_in_background();
	my ($pid) = half_way($job) =~ /^(\d+)/;
	sql($server, 'DROP EXTENSION rivergen CASCADE');
	wait_for('the connector to end', sub { !is_running($pid) });
	wait_for(
		'the worker to end',
		sub {
			sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'rivergen worker%'") eq '0';
		});
	is_deeply([ children($server) ], [], 'no process is left');
	is(sql($server, 'SELECT 1'), 1, 'the server is up');
};

done_testing();
