# The order when an organization may run one job at a time: jobs with a waiting caller, jobs that people queued, the schedule.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => 'rivergen.max_workers_per_organization = 1');
install_fake($server);
my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
my $slow = create_source($server, fake_source('slow', { behaviour => 'slow', gate => $gate }, query_timeout => 120));
my ($scheduled, $queued, $waited) = map { create_source($server, fake_source($_, {})) } qw(scheduled queued waited);

my $first = call($server, "rivergen.discover_schema($slow, wait => false)")->{data}{job_id};
# Until its source is reached, a job gives way to a waiting caller.
wait_for('the slow source to be read', sub { (job($server, $first)->{phase} // '') eq 'read' });
sql($server,
	"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $scheduled, 'discover')");
my $asked = call($server, "rivergen.discover_schema($queued, wait => false)")->{data}{job_id};
my $session = session_start($server, "SELECT rivergen.discover_schema($waited)");
wait_for(
	'the waiting caller to have a job',
	sub {
		sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $waited AND status = 'queued'") eq '1';
	});
open my $file, '>', $gate or die "$gate: $!";
wait_for(
	'all to have ended',
	sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'succeeded'") eq '4' });
is( sql($server, 'SELECT string_agg(s.name, $$ $$ ORDER BY j.started_at) FROM rivergen_catalog.job j
	JOIN rivergen_catalog.data_source s USING (organization_id, data_source_id)'),
	'slow waited queued scheduled',
	'the last that came went first, because a caller waits');
like((session_end($session))[0], qr/"success": true/, 'the waiting caller is answered');

survives($server);
done_testing();
