# People and workers in each other's way: a worker that is asked to leave while a caller waits for its job, jobs that a
# person's open transaction holds, transactions that would wait for themselves.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);

my $gates = PostgreSQL::Test::Utils::tempdir();
my ($gate_number, $gate) = (0, undef);
my $id = create_source($server, fake_source('fake', {}, connection_timeout => 60, query_timeout => 120));

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

# The job of the source that runs, once its connector is half way.
sub half_way
{
	return wait_for(
		'the connector to be half way',
		sub {
			sql($server, "SELECT job_id FROM rivergen.jobs WHERE data_source_id = $id AND phase = 'read'");
		});
}

sub background
{
	my ($source, $arguments) = @_;
	return call($server, "rivergen.discover_schema($source, refresh => true, wait => false)")->{data}{job_id};
}

subtest 'the worker is terminated while a caller waits' => sub {
	new_gate();
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	my $job = half_way();
	sql($server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'");
	wait_for(
		'the job to be taken up again',
		sub {
			sql($server, "SELECT 1 FROM rivergen_catalog.job WHERE job_id = $job AND status = 'running'") && half_way();
		});
	open_gate();
	my ($out, $err) = session_end($session);
	like($out, qr/Schema discovery completed/, 'who waited gets the answer of the second attempt') or diag($err);
	clean_server($server);
	survives($server);
};

subtest 'the worker leaves the database while a caller waits' => sub {
	new_gate();
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	half_way();
	my ($status, $out, $err) = $server->psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
	like($err, qr/being accessed by other users/, 'the command fails because of the one who waits, not of the worker');
	half_way();
	open_gate();
	($out, $err) = session_end($session);
	like($out, qr/Schema discovery completed/, 'who waited gets his answer') or diag($err);
	clean_server($server);
	survives($server);
};

subtest 'a held job does not hold up other organizations' => sub {
	change_settings($server, 'rivergen.enabled' => 'off');
	my $held = background($id);
	my $holder = $server->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe("SELECT rivergen.job_cancel($held)");
	my $columns = source_columns($server);
	my $other = sql($server, <<~"EOT");
		WITH o AS (INSERT INTO rivergen_catalog.organization (name) VALUES ('Other') RETURNING organization_id),
		q AS (INSERT INTO rivergen_catalog.organization_queue SELECT organization_id, now() FROM o),
		c AS (SELECT (jsonb_populate_record(d, jsonb_build_object('organization_id', o.organization_id, 'metadata', '{}'::jsonb))).*
			FROM rivergen_catalog.data_source d, o WHERE d.data_source_id = $id),
		d AS (INSERT INTO rivergen_catalog.data_source ($columns) SELECT $columns FROM c RETURNING 1),
		j AS (INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
			SELECT organization_id, $id, 'discover' FROM o RETURNING job_id)
		SELECT job_id FROM j
		EOT
	change_settings($server, 'rivergen.enabled' => 'on');
	wait_for(
		'the job of the other organization to end',
		sub {
			sql($server, "SELECT 1 FROM rivergen_catalog.job WHERE job_id = $other AND finished_at IS NOT NULL");
		});
	pass('it ran');
	is(job($server, $held)->{status}, 'queued', 'the held one still waits');
	$holder->query_safe('COMMIT');
	$holder->quit;
	is(job($server, $held)->{status}, 'cancelled', 'the held job is cancelled in the end');
};

subtest 'a transaction that would wait for itself' => sub {
	new_gate();
	my $running = background($id);
	half_way();
	my ($status, $out, $err) = $server->psql('postgres', <<~"EOT", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
		SET statement_timeout = '20s';
		BEGIN;
		SELECT rivergen.job_cancel($running);
		SELECT rivergen.discover_schema($id, refresh => true);
		EOT
	like($err, qr/PT409/, 'is refused') or diag($out);
	open_gate();
	is( wait_job($server, $running, qw(succeeded failed cancelled))->{status}, 'succeeded',
		'the cancellation was rolled back');
};

subtest 'a session locks a table of the catalog exclusively' => sub {
	new_gate();
	my $job = background($id);
	half_way();
	my $waiting = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	wait_for(
		'the caller to wait',
		sub { callers_waiting($server) == 1 });
	my $wanting = session_start($server, 'VACUUM FULL rivergen_catalog.data_source');
	like(
		(session_end($waiting))[1], qr/PT503.*another (transaction|session)/,
		'the caller, behind whom it queues up, is answered 503');
	is((session_end($wanting))[1], '', 'the command gets its turn');
	open_gate();
	is( wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded',
		'the discovery is stored after the command');
	clean_server($server);
};

subtest 'a table is locked when a job is to begin' => sub {
	change_settings($server, 'rivergen.enabled' => 'off');
	my $job = background($id);
	my $holder = $server->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe('LOCK TABLE rivergen_catalog.credential');
	my $before = -s $server->logfile;
	change_settings($server, 'rivergen.enabled' => 'on');
	wait_for('a worker to give up', sub { slurp_file($server->logfile, $before) =~ /due to lock timeout/ });
	pass('no worker waits as long as the lock is held');
	$holder->query_safe('COMMIT');
	$holder->quit;
	my $ended = wait_job($server, $job, qw(succeeded failed cancelled));
	is_deeply(
		[ @$ended{qw(status attempts)} ], [ 'succeeded', 1 ],
		'the job succeeds at its first attempt when the lock is gone');
	is( sql($server, "SELECT times_put_off FROM rivergen_catalog.job WHERE job_id = $job"), '0',
		'it has not given way to callers');
};

subtest 'a row is locked when a caller\'s test ends' => sub {
	sql($server, "UPDATE rivergen_catalog.data_source_state SET status = 'failed' WHERE data_source_id = $id");
	new_gate();
	my $waiting = session_start($server, "SELECT rivergen.data_source_test($id)");
	wait_for(
		'the test to be made',
		sub { sql($server, "SELECT 1 FROM rivergen.data_sources WHERE id = $id AND status = 'testing'") });
	my $holder = $server->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe("SELECT FROM rivergen_catalog.data_source_state WHERE data_source_id = $id FOR UPDATE");
	open_gate();
	like(
		(session_end($waiting))[1], qr/PT503.*another transaction has locked what the request needs/,
		'the caller is told why');
	$holder->query_safe('COMMIT');
	$holder->quit;
	wait_for(
		'the test to have ended',
		sub { sql($server, "SELECT 1 FROM rivergen.data_sources WHERE id = $id AND status <> 'testing'") });
	is( sql($server, "SELECT status FROM rivergen.data_sources WHERE id = $id"), 'failed',
		'the source has its former status');
	clean_server($server);
};

subtest 'a worker holds an outcome aside when a table is locked' => sub {
	new_gate();
	my $job = background($id);
	half_way();
	my @holders = map { $server->background_psql('postgres') } 1 .. 2;
	$_->query_safe('BEGIN') for @holders;
	$holders[0]->query_safe("SELECT FROM rivergen_catalog.job WHERE job_id = $job FOR UPDATE");
	open_gate();
	wait_for(
		'the outcome to be held aside',
		sub { !children($server) && sql($server, "SELECT 1 FROM rivergen.jobs WHERE job_id = $job AND phase IS NULL") }
	);
	unlink $gate or die $!;    # read once more, the source would be half way again

	# For a moment, once a minute, another worker looks at the database.
	my $worker = wait_for(
		'one worker',
		sub {
			my $pid = sql($server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen worker'");
			return $pid =~ /^\d+$/ ? $pid : undef;
		});
	$holders[1]->query_safe('LOCK TABLE rivergen_catalog.data_source_state');
	session_end(session_start($server, "SELECT rivergen.data_source_test($id)"));
	is( sql($server, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE pid IN ($worker)"), $worker,
		'the worker stays');
	$_->query_safe('COMMIT') for @holders;
	$_->quit for @holders;
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded', 'and what was read is not lost');
	clean_server($server);
};

# Of the connectors that run, whatever they are doing just now.
sub pids
{
	return map { /^(\d+)/ } children($server);
}

subtest 'a stranger cannot make workers leave' => sub {
	new_gate();
	my $job = background($id);
	my @connectors = half_way() && pids();
	sql($server, 'CREATE ROLE stranger CREATEDB');
	for my $command (
		'DROP DATABASE postgres', 'CREATE DATABASE copy TEMPLATE postgres',
		'ALTER DATABASE postgres RENAME TO mine')
	{
		my ($status, $out, $err) = $server->psql('template1', "SET ROLE stranger;\n$command");
		isnt($status, 0, "$command is refused");
	}
	is_deeply([ pids() ], \@connectors, 'the connector goes on');
	open_gate();
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{attempts}, 1, 'undisturbed');
	clean_server($server);
};

subtest 'a template that allows no connections' => sub {
	sql($server, 'CREATE DATABASE fresh TEMPLATE template0');
	background($id);    # the launcher looks at all of its databases
	jobs_end($server);
	clean_server($server);
	unlike(slurp_file($server->logfile), qr/FATAL.*"template0"/, 'no worker tries to');
};

subtest 'the extension is replaced in one transaction' => sub {
	my ($status, $out, $err) = $server->psql('postgres', <<~"EOT", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
		SET statement_timeout = '30s';
		BEGIN;
		DROP EXTENSION rivergen CASCADE;
		CREATE EXTENSION rivergen;
		SELECT rivergen.quick_start('Other');
		EOT
	like($err, qr/PT503/, 'what needs a worker is refused until it is committed') or diag($out);
	ok(discover($server, $id), 'the old extension works after the rollback');
};

done_testing();
