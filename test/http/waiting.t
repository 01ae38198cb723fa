# Discoveries that take long: Prefer: respond-async, the limit of waiting, full queues, many clients, and what says
# when to come again. A source is held up by a gate, never by time.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;
use Web;

my $server = start_web();
my ($sources, $descriptions) = ('/api/v1/data-sources', '/api/v1/table-descriptions');
my %shape = (
	data_source_id => 'integer',
	schemas_discovered => [ { schema_name => 'string', tables_count => 'integer', views_count => 'integer' } ],
	total_tables => 'integer', total_columns => 'integer', discovered_at => 'time', discovery_duration_ms => 'integer');

sub discover_of
{
	my ($id, %option) = @_;
	return as('ada', POST => "$sources/$id/discover-schema" . (delete $option{query} // ''), %option);
}
sub later { my ($id, %option) = @_; return discover_of($id, %option, headers => { Prefer => 'respond-async' }) }
sub jobs_of { my ($id) = @_; return @{ as('vic', GET => "$sources/$id/jobs?page_size=1000")->{body}{data}{items} } }

# A source whose discovery waits half way until the gate is opened.
sub gated
{
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $id = new_fake('ada', { behaviour => 'slow', gate => $gate });
	my $reading = sub {
		wait_for(
			'it to be read',
			sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id AND phase = 'read'") });
	};
	return ($id, $reading, sub { append_to_file($gate, '') });
}

# A test: the answer is 202 with the job at its Location; which is returned.
sub accepted
{
	my ($answer, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $data = succeeded($answer, 202, $name);
	shaped($data, { job_id => 'integer', status => 'string' }, "$name: the job");
	is(location_of($answer), '/api/v1/jobs/' . ($data->{job_id} // ''), "$name: Location");
	return location_of($answer);
}

# With the configuration as it comes.
subtest 'twenty discoveries of a silent source' => sub {
	my ($limit, $pool) = (sql($server, 'SHOW rivergen.http_max_waiting_per_organization'), 20);
	my ($id, $reading, $open) = gated();
	my @clients = parallel('ada', POST => "$sources/$id/discover-schema?refresh=true", $pool);
	$reading->();
	wait_for('as many to wait as may', sub { callers_waiting($server) == $limit });
	my $theirs = as(
		'eve', POST => $sources,
		body => { name => 'meanwhile', type => 'other', credentials => {}, schema_auto_refresh => JSON::PP::false });
	succeeded($theirs, 201, 'another organization creates a source');
	succeeded(as('eve', GET => $sources), 200, 'another organization reads');
	is(as('eve', GET => '/api/v1/openapi.json')->{status}, 200, 'the description is there');
	refused(
		as('ada', POST => "$sources/$id/test"), 429, 'TOO_MANY_REQUESTS', 'a test has no job to go on as',
		details => qr/rivergen\.http_max_waiting_per_organization/);
	my $others = new_fake('eve', {});
	succeeded(as('eve', POST => "$sources/$others/discover-schema"), 200, 'another organization discovers');
	my $back = setting('rivergen.http_max_waiting', $limit);
	my $new = new_fake('eve', {});
	accepted(as('eve', POST => "$sources/$new/discover-schema"), 'unless as many wait in all as may');
	refused(
		as('eve', POST => "$sources/$new/test"), 503, 'SERVICE_UNAVAILABLE', 'or tests',
		details => qr/rivergen\.http_max_waiting allows/);
	$back->();
	wait_for('the others to be answered', sub { answered(@clients) == $pool - $limit });
	$open->();
	my @answers = answers(@clients);
	my %count;
	$count{ $_->{status} }++ for @answers;
	is_deeply(
		\%count, { 200 => $limit, 202 => $pool - $limit },
		'as many as may wait are answered, the others have a job');
	my %job = map { $_->{body}{data}{job_id} => 1 } grep { $_->{status} == 202 } @answers;
	is(follow_job('vic', "/api/v1/jobs/$_")->{status}, 'succeeded', "job $_ succeeds") for keys %job;
	clean_server($server);
};

# From here on everybody may wait.
setting("rivergen.http_max_waiting$_", 20) for '', '_per_organization';

subtest 'Prefer: respond-async' => sub {
	my ($id, $reading, $open) = gated();
	my $answer = later($id);
	my $location = accepted($answer, 'queued');
	is_deeply(
		[ $answer->{body}{message}, $answer->{body}{data}{status}, $answer->{headers}{'preference-applied'} ],
		[ 'Schema discovery started', 'queued', 'respond-async' ],
		'what it says');
	$reading->();
	my $again = later($id);
	like(location_of($again), qr{^/api/v1/jobs/\d+$}, 'another one') if succeeded($again, 202, 'while it runs');
	$open->();
	my $job = follow_job('vic', $location);
	is($job->{status}, 'succeeded', 'followed to its end');
	shaped($job->{result}, \%shape, 'with the answer that a caller who waits gets');
	my $cached = later($id);
	is_deeply(succeeded($cached, 200, 'what is cached is answered at once'), $job->{result}, 'the same');
	is($cached->{headers}{location}, undef, 'a cached answer has no Location');
	follow_job('vic', accepted(later($id, query => '?refresh=true'), 'unless a refresh is wanted'));
	my $mixed =
		discover_of($id, query => '?refresh=true', headers => { Prefer => 'return=minimal, RESPOND-async; wait=10' });
	follow_job('vic', accepted($mixed, 'among other preferences')) if $mixed->{status} == 202;
	is($mixed->{status}, 202, 'it is found');
	succeeded(discover_of($id, query => '?refresh=true', headers => { Prefer => $_ }), 200, "Prefer: $_ is not it")
		for 'return=minimal', 'count=exact', 'respond-asynchronously';
	my $failing = new_fake('ada', { behaviour => 'error' });
	$job = follow_job('vic', accepted(later($failing), 'one that will fail'));
	is_deeply([ @$job{qw(status error_code result)} ], [ 'failed', 'query', undef ], 'tells so as a job');
	refused(later(987654321), 404, 'NOT_FOUND', 'a missing source');
	refused(
		as('vic', POST => "$sources/$failing/discover-schema", headers => { Prefer => 'respond-async' }), 403,
		'FORBIDDEN', 'a viewer');
};

subtest 'rivergen.http_wait_limit' => sub {
	my $back = setting('rivergen.http_wait_limit', '1s');
	my ($id, $reading, $open) = gated();
	my $answer = discover_of($id);
	my $location = accepted($answer, 'the source hangs');
	$reading->();
	is(as('vic', GET => $location)->{body}{data}{status}, 'running', 'the job goes on');
	$open->();
	my $job = follow_job('vic', $location);
	is($job->{status}, 'succeeded', 'to its end');
	is_deeply(succeeded(discover_of($id), 200, 'then it is cached'), $job->{result}, 'the same');

	($id, $reading, $open) = gated();
	my $refresh = as('ada', POST => "$descriptions/refresh", body => { db_connection_id => "$id" });
	$location = accepted($refresh, 'a refresh of descriptions');
	$open->();
	is(follow_job('vic', $location)->{status}, 'succeeded', 'goes on, too');

	my @busy = map { [ gated() ] }
		1 .. sql($server, 'SHOW rivergen.max_workers') / 2;    # as many as one organization may keep busy
	accepted(later($_->[0]), 'a worker is kept busy') for @busy;
	$_->[1]->() for @busy;
	my $waits = new_fake('ada', {});
	$location = accepted(discover_of($waits), 'no worker is free');
	is(as('vic', GET => $location)->{body}{data}{status}, 'queued', 'then the job is queued');
	$_->[2]->() for @busy;
	is(follow_job('vic', $location)->{status}, 'succeeded', 'the queued job succeeds');

	my $longer = setting('rivergen.http_wait_limit', '1h');
	succeeded(discover_of(new_fake('ada', {})), 200, 'what is quicker than the limit is answered as ever');
	refused(
		discover_of(new_fake('ada', { behaviour => 'error' })), 502, 'BAD_GATEWAY', 'so is what fails',
		details => qr/job \d+/);
	is( as('ada', POST => "$descriptions/refresh", body => { db_connection_id => "$id" })->{status}, 201,
		'a refresh of descriptions within the limit is answered');
	$longer->();

	($id, $reading, $open) = gated();
	my $direct = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true) ->> 'message'");
	$reading->();
	accepted(discover_of($id), 'a caller through the gateway, of the same discovery');
	$open->();
	is((session_end($direct))[0], "Schema discovery completed\n", 'a direct session waits for ever');
	$back->();
	($id, $reading, $open) = gated();
	my @clients = parallel('ada', POST => "$sources/$id/discover-schema", 1);
	$reading->();
	$open->();
	is((answers(@clients))[0]{status}, 200, 'without a limit a request waits to the end');
};

subtest 'cancelled while a caller waits' => sub {
	my ($id, $reading, $open) = gated();
	my @clients = parallel('ada', POST => "$sources/$id/discover-schema", 3);
	$reading->();
	wait_for('all to wait', sub { callers_waiting($server) == 3 });
	my ($job) = jobs_of($id);
	succeeded(as('carl', POST => "/api/v1/jobs/$job->{job_id}/cancel"), 200, 'another user cancels the job');
	refused(
		{ %$_, headers => { 'content-type' => 'application/json' } }, 409, 'CONFLICT', 'who waits is told',
		message => 'the discovery was cancelled', details => qr/job $job->{job_id}\b/) for answers(@clients);
	clean_server($server);
};

subtest 'twenty clients, one discovery' => sub {
	my ($id, $reading, $open) = gated();
	my @clients = parallel('ada', POST => "$sources/$id/discover-schema", 20);
	$reading->();
	wait_for('all to wait', sub { callers_waiting($server) == 20 });
	$open->();
	my @answers = answers(@clients);
	is(join(' ', map { $_->{status} } @answers), join(' ', (200) x 20), 'all are answered');
	my %different = map { $_->{text} => 1 } @answers;
	is(scalar keys %different, 1, 'the same');
	my @discoveries = grep { $_->{kind} eq 'discover' } jobs_of($id);
	is(scalar @discoveries, 1, 'several requests share one discovery');
	@clients = parallel('ada', POST => "$sources/$id/discover-schema?refresh=true", 20);
	is(join(' ', map { $_->{status} } answers(@clients)), join(' ', (200) x 20), 'twenty that want a new one');
	@clients = parallel('vic', GET => "$sources/$id/schemas", 20);
	is(join(' ', map { $_->{status} } answers(@clients)), join(' ', (200) x 20), 'twenty readers');
	clean_server($server);
};

subtest 'Retry-After' => sub {
	my @back = (setting('rivergen.enabled', 'off'), setting('rivergen.max_queued_per_organization', '1'));
	my ($first, $second) = map { new_fake('ada', {}) } 1 .. 2;
	my $starts = () = postgrest_log() =~ /Attempting to connect/g;
	my $location = accepted(later($first), 'the queue takes one');
	refused(later($second), 429, 'TOO_MANY_REQUESTS', 'the full queue refuses a job');
	refused(discover_of($second), 503, 'SERVICE_UNAVAILABLE', 'a discovery is refused without workers');
	refused(
		as('ada', POST => "$sources/$second/test"), 503, 'SERVICE_UNAVAILABLE',
		'a test is refused without workers');
	my $foreign = as(
		'eve', POST => $sources,
		body => { name => 'theirs', type => 'other', credentials => {}, schema_auto_refresh => JSON::PP::false }
	)->{body}{data}{id};
	succeeded(
		as('eve', POST => "$sources/$foreign/discover-schema", headers => { Prefer => 'respond-async' }), 202,
		'another organization has a queue of its own');
	$_->() for reverse @back;
	is( scalar(() = postgrest_log() =~ /Attempting to connect/g), $starts,
		'PostgREST does not take a 503 for a lost connection');
	is(follow_job('vic', $location)->{status}, 'succeeded', 'what is queued runs in the end');
	succeeded(discover_of($second), 200, 'a discovery succeeds in the end');
	my $answer = as('ada', GET => "$sources/$first");
	is($answer->{headers}{'retry-after'}, undef, 'no Retry-After without need');
};

subtest 'too many tests within a minute' => sub {
	my $id = new_fake('ada', {});
	my $definition = { name => 'tested', type => 'other', credentials => { api_key => 'k' } };
	my $test = sub { as('ada', POST => "$sources/test", body => $definition) };
	my $back = setting('rivergen.max_tests_per_minute', '1');
	$test->();    # the first one, if this organization has tested nothing yet
	my $answer = $test->();
	refused(
		$answer, 429, 'TOO_MANY_REQUESTS', 'a definition',
		details => qr/1 were tested, as many as rivergen.max_tests_per_minute allows/);
	my ($seconds) = join(' ', @{ $answer->{body}{error}{details} }) =~ /Try again in (\d+) seconds/;
	cmp_ok($answer->{headers}{'retry-after'}, '<=', 60, 'Retry-After is what is left of the minute');
	is($answer->{headers}{'retry-after'}, $seconds, 'the seconds of the hint');
	refused(as('ada', POST => "$sources/$id/test"), 429, 'TOO_MANY_REQUESTS', 'a source counts, too');
	my $theirs = as('eve', POST => "$sources/test", body => $definition);
	succeeded($theirs, 200, 'another organization has a bound of its own');
	my $plain = as('ada', POST => '/rpc/data_source_test', body => { id => $id });
	is($plain->{status}, 429, 'the plain path refuses, too');
	like($plain->{headers}{'retry-after'}, qr/^[1-9]\d?$/, 'with Retry-After');
	$back->();
	succeeded($test->(), 200, 'the bound is lifted');
};

clean_server($server);
survives($server);
done_testing();
