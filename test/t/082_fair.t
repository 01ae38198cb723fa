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
	my $id = create_source($server, fake_source("gated $made", { behaviour => 'slow', gate => $gate }, query_timeout => 120));
	return ($id, sub { append_to_file($gate, '') });
}

sub set
{
	my ($name, $value) = @_;
	sql($server, "ALTER SYSTEM SET $name = $value");
	sql($server, 'SELECT pg_reload_conf()');
	wait_for("$name to be $value", sub { sql($server, "SHOW $name") eq $value });
}

sub reading
{
	my ($id) = @_;
	wait_for('it to be read', sub { sql($server, "SELECT 1 FROM rivergen.jobs WHERE data_source_id = $id AND phase = 'read'") });
}

# How many callers sleep until a worker answers.
sub waiting { return sql($server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND backend_type = 'client backend'") }

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
	set('rivergen.max_workers', 1);
	my ($id, $open) = gated();
	my @sessions = session_start($server, "SELECT rivergen.discover_schema($id)");
	reading($id);
	push @sessions, session_start($server, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT rivergen.discover_schema($id)");
	wait_for('both to wait', sub { waiting() == 2 });
	$open->();
	like((session_end($_))[0], qr/Schema discovery completed/, 'each is answered') for @sessions;
	is(jobs_of($id), 1, 'by one discovery');

	set('rivergen.max_workers', 4);
	for my $round (1 .. 5)
	{
		my $fresh = create_source($server, fake_source("fresh $round", {}));
		my @both = map { session_start($server, "SELECT rivergen.discover_schema($fresh)") } 1 .. 4;
		session_end($_) for @both;
		is(jobs_of($fresh), 1, "callers who come at once share it, too, $round");
	}
};

clean_server($server);
survives($server);
done_testing();
