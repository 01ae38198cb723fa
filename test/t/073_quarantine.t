# A source at which connectors or workers crash again and again is left alone, and says why, until a person acts.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server(
	'server',
	conf => "rivergen.retry_delay = '10ms'\nrivergen.max_retry_delay = '10ms'\nrivergen.max_crashes = 2");
install_fake($server);

sub state
{
	my ($id, $expression) = @_;
	return sql($server, "SELECT $expression FROM rivergen_catalog.data_source_state WHERE data_source_id = $id");
}

sub source
{
	my ($name, %change) = @_;
	return create_quiet_source(
		$server,
		fake_source($name, { behaviour => 'crash' }, schema_auto_refresh => \1, max_retries => 9, %change));
}

sub queue
{
	my ($id) = @_;
	return call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
}

sub quarantined
{
	my ($id, $reason) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(state($id, 'quarantined_at IS NOT NULL AND next_discovery_at IS NULL'), 't', 'the schedule leaves it alone');
	my $source = call($server, "rivergen.data_source_get($id)")->{data};
	is($source->{status}, 'failed', 'its status');
	like($source->{failure_reason}, $reason, 'says why');
	ok( call($server, "rivergen.data_source_health($id)")->{data}{quarantined_at},
		'health shows since when it is quarantined');
}

sub released
{
	my ($id, $name) = @_;
	is(state($id, 'quarantined_at IS NULL AND crashes = 0 AND next_discovery_at IS NOT NULL'), 't', $name);
}

subtest 'the connector' => sub {
	my $id = source('connector');
	my $job = wait_job($server, queue($id), 'failed');
	is($job->{attempts}, 2, 'two crashes are enough, whatever max_retries says');
	is($job->{error_code}, 'connector_crashed', 'why');
	quarantined($id, qr/^quarantined after 2 crashes, the last: /);
	is(sql($server, 'SELECT quarantined FROM rivergen.stats()'), 1, 'stats() counts it');
	is(wait_job($server, queue($id), 'failed')->{attempts}, 1, 'a person may try: once');

	call($server, "rivergen.data_source_update($id, " . json({ metadata => { behaviour => 'normal' } }) . ')');
	released($id, 'changed, it has its place in the schedule again');
	wait_for('the discovery', sub { state($id, 'full_discovered_at IS NOT NULL') eq 't' });
	is(state($id, 'failure_reason'), '', 'the changed source has no failure_reason');
};

subtest 'crashes in jobs of their own count together' => sub {
	my $id = source('no retries', max_retries => 0);
	is(wait_job($server, queue($id), 'failed')->{attempts}, 1, 'the first');
	is(state($id, 'crashes || coalesce(quarantined_at::text, $$ free$$)'), '1 free', 'is one');
	wait_job($server, queue($id), 'failed');
	quarantined($id, qr/after 2 crashes/);
	# The connector answers a test, and crashes only when it has to describe.
	sql($server,
		"UPDATE rivergen_catalog.data_source SET metadata = '{\"behaviour\": \"normal\"}' WHERE data_source_id = $id");
	is(call($server, "rivergen.data_source_test($id)")->{data}{success}, JSON::PP::true, 'a test by a person');
	released($id, 'ends it');
};

subtest 'a discovery that succeeds' => sub {
	my $id = source('once');
	sql($server,
		"UPDATE rivergen_catalog.data_source SET metadata = '{\"behaviour\": \"normal\"}', max_retries = 0 WHERE data_source_id = $id"
	);
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET crashes = 5, quarantined_at = now() WHERE data_source_id = $id");
	discover($server, $id);
	released($id, 'ends it, too');
};

subtest 'the worker' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/never';
	my $id = source('worker', metadata => { behaviour => 'slow', gate => $gate }, query_timeout => 3600);
	my $job = queue($id);
	for my $crash (1 .. 2)
	{
		wait_for(
			"attempt $crash",
			sub { my $j = job($server, $job); ($j->{phase} // '') eq 'read' && $j->{attempts} == $crash });
		crash_restart($server, worker_of($server, $job));
	}
	my $ended = wait_job($server, $job, 'failed');
	is("$ended->{attempts} $ended->{error_code}", '2 crashed', 'the job has failed for good');
	quarantined($id, qr/^quarantined after 2 crashes, the last: the worker that ran the job crashed$/);
	clean_server($server);
};

done_testing();
