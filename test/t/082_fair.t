# Who gets a worker: a caller who waits before what is only queued, every database and every organization its share.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => 'rivergen.health_check_interval = 0');
install_fake($server);
my $gates = PostgreSQL::Test::Utils::tempdir();
my $made = 0;

# A new source whose discovery goes on once its gate is opened; its id, and what opens it.
sub gated
{
	my $gate = "$gates/" . ++$made;
	my $id = create_source(
		$server,
		fake_source("gated $made", { behaviour => 'slow', gate => $gate }, query_timeout => 120));
	return ($id, sub { append_to_file($gate, '') });
}

sub reading
{
	my ($id) = @_;
	wait_for(
		'it to be read',
		sub { sql($server, "SELECT 1 FROM rivergen.jobs WHERE data_source_id = $id AND phase = 'read'") });
}

sub jobs_of { my ($id) = @_; return sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id") }

subtest 'an organization leaves half of the pool to others' => sub {
	my @gated = map { [ gated() ] } 1 .. 3;
	my @jobs = map { call($server, "rivergen.discover_schema($_->[0], wait => false)")->{data}{job_id} } @gated;
	reading($gated[$_][0]) for 0, 1;
	is(job($server, $jobs[2])->{status}, 'queued', 'two of four workers are busy for it, the third job waits');
	$_->[1]->() for @gated;
	wait_job($server, $_, 'succeeded') for @jobs;
};

subtest 'who takes what is cached does not discover again' => sub {
	change_settings($server, 'rivergen.max_workers' => 1);
	my ($id, $open) = gated();
	my @sessions = session_start($server, "SELECT rivergen.discover_schema($id)");
	reading($id);
	push @sessions,
		session_start($server, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT rivergen.discover_schema($id)");
	wait_for('both to wait', sub { callers_waiting($server) == 2 });
	$open->();
	like((session_end($_))[0], qr/Schema discovery completed/, 'each is answered') for @sessions;
	is(jobs_of($id), 1, 'several callers share one discovery');

	change_settings($server, 'rivergen.max_workers' => 4);
	for my $round (1 .. 5)
	{
		my $fresh = create_source($server, fake_source("fresh $round", {}));
		my @both = map { session_start($server, "SELECT rivergen.discover_schema($fresh)") } 1 .. 4;
		session_end($_) for @both;
		is(jobs_of($fresh), 1, "callers who come at once share it, too, $round");
	}
};

# A session of the other database, which has an organization and a source of its own. Who waits in vain is told by a time-out.
sub in_other
{
	my ($statement) = @_;
	return $server->safe_psql('other', "SET statement_timeout = '120s'; $statement");
}

sub prepare_other
{
	sql($server, 'CREATE DATABASE other');
	in_other('CREATE EXTENSION rivergen');
	in_other("SELECT rivergen.quick_start('Other')");
	in_other('SELECT rivergen.data_source_create(' . json(fake_source('quick', {})) . ')');
}

sub served_there
{
	my ($name) = @_;
	like(in_other('SELECT rivergen.discover_schema(1, refresh => true)'), qr/completed/, $name);
}

sub served_here
{
	my ($name) = @_;
	my $quick = create_source($server, fake_source("quick $name", {}));
	like(
		$server->safe_psql('postgres', "SET statement_timeout = '120s'; SELECT rivergen.discover_schema($quick)"),
		qr/completed/, $name);
}

prepare_other();

# Holds the rows of two jobs that are half way; the ids of the jobs, and what ends the transaction with COMMIT or ROLLBACK.
sub hold_two
{
	my @gated = map { [ gated() ] } 1, 2;
	my @jobs = map { call($server, "rivergen.discover_schema($_->[0], wait => false)")->{data}{job_id} } @gated;
	reading($_->[0]) for @gated;
	my $editor = $server->background_psql('postgres');
	$editor->query_safe($_) for 'BEGIN', map { "SELECT rivergen.job_cancel($_)" } @jobs;
	my $waiting = session_start($server, "SELECT rivergen.discover_schema($gated[0][0])");
	wait_for('the caller to wait', sub { callers_waiting($server) == 1 });
	$_->[1]->() for @gated;
	like(
		(session_end($waiting))[1], qr/PT503.*another transaction keeps .* from being stored/,
		'a caller that waits for such a job gets the reason');
	return (\@jobs, sub { $editor->query_safe($_[0]); $editor->quit });
}

subtest 'an outcome that cannot be stored holds no worker' => sub {
	change_settings($server, 'rivergen.max_workers' => 2, 'rivergen.max_workers_per_organization' => 2);
	my ($jobs, $end) = hold_two();
	served_here('an organization whose limit is two has other jobs done');
	my $source = job($server, $jobs->[1])->{data_source_id};
	my ($status, $out, $err) = $server->psql('postgres', "SELECT rivergen.discover_schema($source, refresh => true)");
	like(
		$err, qr/another transaction keeps the last discovery of the data source from being stored/,
		'who asks for the same source is told at once');
	$end->('ROLLBACK');
	is_deeply(
		[ map { @{ wait_job($server, $_, qw(succeeded failed cancelled)) }{qw(status attempts)} } @$jobs ],
		[ ('succeeded', 1) x 2 ],
		'when the transaction has ended the outcomes are stored, as they were');

	($jobs, $end) = hold_two();
	$end->('COMMIT');
	is(wait_job($server, $_, qw(succeeded failed cancelled))->{status}, 'cancelled', 'the jobs are cancelled')
		for @$jobs;
};

subtest 'nor does it keep workers from another database' => sub {
	my ($jobs, $end) = hold_two();
	my @gates = map { "$gates/other $_" } 1, 2;
	in_other('SELECT rivergen.data_source_create('
			. json(fake_source($_, { behaviour => 'slow', gate => $_ }, query_timeout => 120)) . ')')
		for @gates;
	in_other(
		'SELECT rivergen.discover_schema(id, wait => false) FROM rivergen.data_sources WHERE name LIKE $$%other%$$');
	wait_for(
		'both workers to be there',
		sub { in_other("SELECT count(*) FROM rivergen.jobs WHERE phase = 'read'") eq '2' });
	pass('both workers leave for it');
	append_to_file($_, '') for @gates;
	$end->('ROLLBACK');
	is(wait_job($server, $_, qw(succeeded failed cancelled))->{status}, 'succeeded', 'the jobs are done again')
		for @$jobs;
	is( sql($server, 'SELECT max(crashes) FROM rivergen_catalog.data_source_state'), '0',
		'a test that is put off counts as no crash');
};

my $silence = silent_port_of_many();

# A port that accepts many connections and never says a word; its number, and the socket that must live as long.
sub silent_port_of_many
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 100)
		or die $!;
	return $socket;
}

# The connections that are open to it now, as the system counts them.
sub listed_connections
{
	my $port = sprintf '%04X', $silence->sockport;
	open my $file, '<', '/proc/net/tcp' or die $!;
	return map { /^\s*\d+: ([0-9A-F]+:[0-9A-F]+) [0-9A-F]+:$port 01 / ? ($1 => 1) : () } <$file>;
}

# Those of two lists: a list is read in parts, and may have a connection that is closed and the one after it.
sub connections
{
	my %before = listed_connections();
	my %after = listed_connections();
	return scalar grep { $after{$_} } keys %before;
}

sub silent_source
{
	my ($name, %change) = @_;
	return {
		name => $name, type => 'postgresql', host => '127.0.0.1', port => $silence->sockport, database_name => 'x',
		schema_auto_refresh => JSON::PP::false, max_retries => 0, credentials => { username => 'x', password => 'x' },
		%change
	};
}

subtest 'hosts that hang hold up no caller' => sub {
	change_settings($server, 'rivergen.max_connections_per_host' => 4);
	my @silent = map { create_source($server, silent_source("silent $_", connection_timeout => 300)) } 1 .. 12;
	call($server, "rivergen.discover_schema($_, wait => false)") for @silent;
	for my $round (1 .. 3)
	{
		wait_for(
			'both workers to be busy',
			sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'running'") eq '2' });
		served_there("of another database, $round");
		served_here("of the same organization, $round");
	}
	cmp_ok(sql($server, 'SELECT sum(times_put_off) FROM rivergen_catalog.job'), '>=', 1, 'what hangs is put off');
	is( sql($server,
			"SELECT count(*) FROM rivergen.jobs WHERE data_source_id = ANY ('{@{[ join ',', @silent ]}}') AND status NOT IN ('queued', 'running')"
		),
		'0',
		'no job that was put off is left behind');
	sql($server, "SELECT rivergen.job_cancel(job_id) FROM rivergen.jobs WHERE status IN ('queued', 'running')");
	jobs_end($server);
};

subtest 'tests that callers ask for count against the organization' => sub {
	change_settings($server, 'rivergen.max_workers' => 4);
	my $silent = create_source($server, silent_source('tested', connection_timeout => 300));
	my @tests = map { session_start($server, "SELECT rivergen.data_source_test($silent)") } 1 .. 5;
	wait_for('two to be made', sub { connections() == 2 });
	served_there('two of five are made, and another database is served');
	is(connections(), 2, 'still two');
	wait_for('all to wait', sub { callers_waiting($server) == 5 });
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%data_source_test($silent)' AND pid <> pg_backend_pid()"
	);
	like((session_end($_))[1], qr/canceling/, 'the callers leave') for @tests;
	wait_for('their connections to be closed', sub { connections() == 0 });
};

subtest 'a host has few connections at once' => sub {
	change_settings($server, 'rivergen.max_workers_per_organization' => 4, 'rivergen.max_connections_per_host' => 2);
	my $source = json(silent_source('x', connection_timeout => 2));
	my $create =
		"SELECT rivergen.data_source_create($source || jsonb_build_object('name', 'quiet ' || i)) FROM generate_series(1, 3) i";
	sql($server, $create);
	in_other($create);
	my $discover = 'SELECT rivergen.discover_all(type => $$postgresql$$)';
	sql($server,
		"SELECT rivergen.data_source_delete(id) FROM rivergen.data_sources WHERE type = 'postgresql' AND name NOT LIKE 'quiet%'"
	);
	sql($server, $discover);
	in_other($discover);
	my $most = 0;
	my $left = "SELECT count(*) FROM rivergen.jobs j JOIN rivergen.data_sources s ON s.id = j.data_source_id
			WHERE name LIKE 'quiet%' AND j.status IN ('queued', 'running')";
	wait_for(
		'all to have failed',
		sub {
			my $now = connections();
			$most = $now if $now > $most;
			return $server->safe_psql('postgres', $left) eq '0' && $server->safe_psql('other', $left) eq '0';
		});
	is($most, 2, 'two, of all databases together');
};

clean_server($server);
survives($server);
done_testing();
