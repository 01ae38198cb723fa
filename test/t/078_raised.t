# A job that the schedule queued goes first as soon as a caller waits for it; one whose cancellation is rolled back
# is taken up without a poll.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => 'rivergen.max_workers_per_organization = 1');
install_fake($server);
my $directory = PostgreSQL::Test::Utils::tempdir();
my $slow = create_source(
	$server,
	fake_source('slow', { behaviour => 'slow', gate => "$directory/gate" }, query_timeout => 120));
my ($scheduled, $queued) = map { create_source($server, fake_source($_, {})) } qw(scheduled queued);

my $first = call($server, "rivergen.discover_schema($slow, wait => false)")->{data}{job_id};
# Until its source is reached, a job gives way to a waiting caller.
wait_for('the slow source to be read', sub { (job($server, $first)->{phase} // '') eq 'read' });
my $job = sql(
	$server,
	"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $scheduled, 'discover')
	RETURNING job_id");
call($server, "rivergen.discover_schema($queued, wait => false)");
my $session = session_start($server, "SELECT rivergen.discover_schema($scheduled)");
my $awaited = "SELECT awaited FROM rivergen_catalog.job WHERE job_id = $job";
wait_for('a caller to wait for the job of the schedule', sub { sql($server, $awaited) eq 't' });
isnt(job($server, $job)->{requested_by_user_id}, undef, 'the job is his now');
PostgreSQL::Test::Utils::append_to_file("$directory/gate", '');
wait_for(
	'all to have ended',
	sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'succeeded'") eq '3' });
is( sql($server, 'SELECT string_agg(s.name, $$ $$ ORDER BY j.started_at) FROM rivergen_catalog.job j
	JOIN rivergen_catalog.data_source s USING (organization_id, data_source_id)'),
	'slow scheduled queued',
	'the raised job goes before jobs that users queued');
like((session_end($session))[0], qr/"success": true/, 'he is told');

subtest 'who leaves does not take it along' => sub {
	my $other = create_source(
		$server,
		fake_source('other', { behaviour => 'slow', gate => "$directory/other" }, query_timeout => 120));
	my $held = call($server, "rivergen.discover_schema($other, wait => false)")->{data}{job_id};
	wait_for('it to be read', sub { (job($server, $held)->{phase} // '') eq 'read' });
	my $left = sql(
		$server,
		"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $scheduled, 'discover')
		RETURNING job_id");
	my $leaving = session_start($server, "SELECT rivergen.discover_schema($scheduled, refresh => true)");
	wait_for(
		'him to wait',
		sub { sql($server, "SELECT awaited FROM rivergen_catalog.job WHERE job_id = $left") eq 't' });
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT rivergen.discover_schema%' AND pid <> pg_backend_pid()"
	);
	session_end($leaving);
	PostgreSQL::Test::Utils::append_to_file("$directory/other", '');
	is(wait_job($server, $left, qw(succeeded failed cancelled))->{status}, 'succeeded', 'the schedule still wanted it');
};

# Workers pass over a job whose row is held. What is due later is when the next one would come.
for my $how ([ 'ROLLBACK', 'a rollback' ], [ 'ROLLBACK TO before', 'a rollback to a savepoint' ])
{
	subtest "$how->[1] of a cancellation" => sub {
		my $insert =
			"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, run_after) VALUES (1, $queued, 'discover', now()";
		my $session = $server->background_psql('postgres');
		wait_for(
			'the workers before to be gone',
			sub {
				sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'") eq '0';
			});
		my $later = sql($server, "$insert + interval '40 s') RETURNING job_id");
		my $held = sql($server, "$insert) RETURNING job_id");
		$session->query_safe($_) for 'BEGIN', 'SAVEPOINT before', "SELECT rivergen.job_cancel($held)";
		sql($server, 'SELECT rivergen.data_source_test(' . json(fake_source('wake', {})) . ')');
		wait_for(
			'the workers to be gone',
			sub {
				sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'") eq '0';
			});
		is(job($server, $held)->{status}, 'queued', 'while its row is held it is passed over');
		$session->query_safe($how->[0]);
		wait_job($server, $held, 'succeeded');
		is( sql($server,
				"SELECT h.started_at < l.run_after FROM rivergen.jobs h, rivergen.jobs l WHERE h.job_id = $held AND l.job_id = $later"
			),
			't',
			'then a worker comes for it');
		$session->quit;
		sql($server, "DELETE FROM rivergen_catalog.job WHERE job_id = $later");
	};
}

survives($server);
done_testing();
