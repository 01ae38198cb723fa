# Sources are tested by the schedule: what that writes, when it is left, and who goes before it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $password = 'canary-password-077';
my $source = start_source('source', $password);
my $server = start_server('server', conf => <<~'EOT');
	rivergen.health_check_interval = '1h'
	rivergen.max_workers = 1
	rivergen.max_workers_per_organization = 2
	EOT
install_fake($server);
my $good = create_source($server, source_of($source, $password));

sub state
{
	my ($id, $expression) = @_;
	return sql($server, "SELECT $expression FROM rivergen_catalog.data_source_state WHERE data_source_id = $id");
}

sub tests
{
	my ($id) = @_;
	return sql(
		$server, "SELECT coalesce(string_agg(status || coalesce(' ' || error_code, ''), ', ' ORDER BY job_id), 'none')
		FROM rivergen.jobs WHERE data_source_id = $id AND kind = 'test'");
}

sub checks
{
	my ($id) = @_;
	return sql($server, "SELECT count(*) FROM rivergen_catalog.connection_check WHERE data_source_id = $id");
}

# A worker that comes for whatever reason looks at the schedule.
sub wake
{
	sql($server, 'SELECT rivergen.data_source_test(' . json(fake_source('wake', {})) . ')');
}

sub idle
{
	jobs_end($server);
	wait_for(
		'the workers to be gone',
		sub { sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'") eq '0' });
}

sub look
{
	wake();
	idle();
}

# No test can wait for an hour: it sets back the times of the source.
sub make_due
{
	my ($condition) = @_;
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET next_test_at = now() - interval '1 second' WHERE $condition");
	look();
}

sub in_an_interval
{
	my ($id, $times, $name) = @_;
	is( state($id, "next_test_at - last_tested_at BETWEEN $times * interval '54 min' AND $times * interval '67 min'"),
		't', $name);
}

is(state($good, 'next_test_at IS NULL'), 't', 'what was never reached is not tested');
look();
is(tests($good), 'none', 'however long it takes');
call($server, "rivergen.data_source_test($good)");
in_an_interval($good, 1, 'a test by a person: the next one is an interval away, more or less');
discover($server, $good, 'refresh => true');
in_an_interval($good, 1, 'a discovery too');
look();
is(tests($good), 'none', 'nothing is done before');

subtest 'due' => sub {
	my $before = checks($good);
	make_due("data_source_id = $good");
	is(tests($good), 'succeeded', 'it is tested');
	is(checks($good), $before + 1, 'the history has the scheduled test once');
	in_an_interval($good, 1, 'the next test is an interval away');
	my $health = call($server, "rivergen.data_source_health($good)")->{data};
	is($health->{status}, 'active', 'status');
	is($health->{history}[0]{kind}, 'test', 'kind');
	like($health->{history}[0]{server_version}, qr/^PostgreSQL/, 'version');
	my $job = call($server, "rivergen.job_list($good)")->{data}{items}[0];
	is($job->{requested_by_user_id}, undef, 'a scheduled test has no requesting user');
	ok($job->{result}{success}, 'the result is that of data_source_test');
	make_due("data_source_id = $good");
	is(tests($good), 'succeeded', 'a test that went well takes the place of the one before');
	is(checks($good), $before + 2, 'the history keeps the replaced test');
};

subtest 'a source that is away' => sub {
	$source->stop;
	make_due("data_source_id = $good");
	is(state($good, "concat_ws(' ', status, failure_count)"), 'failed 1', 'has failed');
	like(tests($good), qr/failed \w+$/, 'the job says why');
	in_an_interval($good, 1, 'the failed test is tried again an interval later');
	make_due("data_source_id = $good") for 1 .. 2;
	is(state($good, 'failure_count'), 3, 'three failures');
	in_an_interval($good, 4, 'it is tried less and less often');
	is( sql($server,
			"SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $good AND kind = 'test' AND status = 'failed'"),
		3,
		'failed tests are kept');
	$source->start;
	make_due("data_source_id = $good");
	is(state($good, "concat_ws(' ', status, failure_count)"), 'active 0', 'it is back');
	in_an_interval($good, 1, 'the recovered source is tested as often as before');
};

subtest 'left alone' => sub {
	my ($before, $jobs) = (checks($good), tests($good));
	call($server, "rivergen.data_source_set_status($good, 'maintenance')");
	make_due("data_source_id = $good");
	is(tests($good), $jobs, 'in maintenance');
	is(state($good, 'next_test_at > now()'), 't', 'a source in maintenance is checked again later');
	sql($server, "INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $good, 'test')");
	look();
	like(tests($good), qr/cancelled cancelled$/, 'a queued test is cancelled when maintenance begins');
	like(
		sql($server, "SELECT error_message FROM rivergen.jobs WHERE status = 'cancelled' ORDER BY job_id DESC LIMIT 1"),
		qr/^not done: .* maintenance/, 'which the job says');
	call($server, "rivergen.data_source_set_status($good, 'active')");
	sql($server, "INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, queued_at)
		VALUES (1, $good, 'test', now() - interval '2 hours')");
	look();
	like(
		sql($server, "SELECT error_message FROM rivergen.jobs WHERE status = 'cancelled' ORDER BY job_id DESC LIMIT 1"),
		qr/tested meanwhile/, 'when it was tested while the test was queued');
	call($server, "rivergen.data_source_delete($good)");
	make_due("data_source_id = $good");
	is(checks($good), $before, 'deleted');
	call($server, "rivergen.data_source_restore($good)");
	look();
	is(state($good, "next_test_at <= now() + interval '67 min'"), 't', 'restored, it has a time again');
	call($server, "rivergen.data_source_set_status($good, 'inactive')");
	make_due("data_source_id = $good");
	is(checks($good), $before, 'inactive');
	is(state($good, 'next_test_at IS NULL'), 't', 'an inactive source has no next test');
	call($server, "rivergen.data_source_test($good)");
	in_an_interval($good, 1, 'a source that a user tested has its next test');
};

subtest 'no caller waits behind a test' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $slow = create_source(
		$server,
		fake_source('slow', { behaviour => 'slow', gate => $gate }, connection_timeout => 600, query_timeout => 600));
	sql($server, "UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = $slow;
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $slow, 'test')");
	my $waiting = session_start($server, 'SELECT rivergen.data_source_test(' . json(fake_source('wake', {})) . ')');
	session_end($waiting);
	wait_for('the test to run', sub { tests($slow) eq 'running' });
	ok( wait_for(
			'what the worker does',
			sub {
				sql($server,
					"SELECT query ~ '^rivergen: testing data source $slow ' FROM pg_stat_activity WHERE backend_type = 'rivergen worker'"
				) eq 't';
			}),
		'the only worker is at it');
	is(state($slow, 'status'), 'active', 'the status tells the last outcome meanwhile');
	ok(call($server, "rivergen.data_source_test($good)")->{data}{success}, 'a person has his own test made');
	wait_for('the test to run again', sub { tests($slow) eq 'running' });
	ok(discover($server, $good, 'refresh => true')->{success}, 'a caller discovers it during a scheduled test');
	wait_for('the test to run again', sub { tests($slow) eq 'running' });
	my $discovery = session_start($server, "SELECT rivergen.discover_schema($slow)");
	wait_for(
		'the discovery of the tested source to run',
		sub {
			sql($server,
				"SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $slow AND kind = 'discover' AND status = 'running'"
			) eq '1';
		});
	open my $file, '>', $gate or die "$gate: $!";
	like((session_end($discovery))[0], qr/"success": true/, 'a waiting discovery of the same source succeeds');
	idle();
	is( sql($server,
			"SELECT string_agg(kind, ' ' ORDER BY check_id) FROM rivergen_catalog.connection_check WHERE data_source_id = $slow"
		),
		'discover',
		'after which the test is not needed any more');
	like(tests($slow), qr/^cancelled/, 'the scheduled test is cancelled');
};

subtest 'a connector that crashes' => sub {
	my $crashing = create_source($server, fake_source('crashing', { behaviour => 'crash' }));
	sql($server, "UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = $crashing");
	make_due("data_source_id = $crashing") for 1 .. 3;
	is(state($crashing, 'quarantined_at IS NOT NULL AND next_test_at IS NULL'), 't', 'is left alone');
	look();
	is(tests($crashing), join(', ', ('failed connector_crashed') x 3), 'for good');
	call($server, "rivergen.data_source_delete($crashing, true)");
};

subtest 'many are due at once' => sub {
	my $columns = source_columns($server);
	my $id = create_source($server, fake_source('one of many', {}));
	(my $values = $columns) =~ s/\bdata_source_id\b/100000 + n/;
	$values =~ s/\bname\b/'copy ' || n/;
	sql($server, <<~"EOT");
		INSERT INTO rivergen_catalog.data_source ($columns) SELECT $values FROM rivergen_catalog.data_source, generate_series(1, 200) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.credential (organization_id, data_source_id, version, key_id, sealed, key_names, given_by_user_id)
			SELECT 1, 100000 + n, version, key_id, sealed, key_names, given_by_user_id FROM rivergen_catalog.credential, generate_series(1, 200) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status, next_test_at)
			SELECT 1, 100000 + n, 'active', now() - n * interval '1 second' FROM generate_series(1, 200) n
		EOT
	cmp_ok(call($server, 'to_jsonb(s) FROM rivergen.stats() s')->{due_tests}, '>=', 200, 'stats() counts them');
	$server->restart;
	my $most = 0;
	wait_for(
		'each to have had its turn',
		sub {
			my $now = sql($server, "SELECT count(*) FROM rivergen_catalog.job WHERE status = 'queued'");
			$most = $now if $now > $most;
			return sql($server, 'SELECT count(*) FROM rivergen_catalog.connection_check WHERE data_source_id > 100000')
				eq '200';
		});
	cmp_ok($most, '<=', 8, "never more than a few are queued ($most)");
	is( sql($server,
			'SELECT count(DISTINCT data_source_id) FROM rivergen_catalog.connection_check WHERE data_source_id > 100000'
		),
		200,
		'each once');
	is( sql($server, "SELECT count(*) FROM rivergen_catalog.data_source_state WHERE data_source_id > 100000
		AND next_test_at - last_tested_at BETWEEN interval '54 min' AND interval '67 min'"),
		200,
		'each source has its next time');
};

subtest 'the setting' => sub {
	idle();
	sql($server, "UPDATE rivergen_catalog.data_source_state SET last_tested_at = now() - interval '50 min',
		status = 'active', failure_count = 0 WHERE data_source_id > 100000");
	change_settings($server, 'rivergen.health_check_interval' => '10min');
	wait_for(
		'times that are too far away to come nearer',
		sub {
			sql($server,
				"SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_test_at > now() + interval '11 min' AND status = 'active'"
			) eq '0';
		});
	my $halves = sql(
		$server, "SELECT count(*) FROM rivergen_catalog.data_source_state
		WHERE data_source_id > 100000 AND next_test_at < now() + interval '5 min'");
	ok($halves > 50 && $halves < 150, "spread over the interval ($halves of 200 in its first half)");
	change_settings($server, 'rivergen.health_check_interval' => 0);
	idle();
	my $before = checks($good);
	make_due("data_source_id = $good");
	is(checks($good), $before, 'off: nothing is tested');
	call($server, "rivergen.data_source_test($good)");
	is(state($good, 'next_test_at IS NULL'), 't', 'health checks off: no test is planned');
	change_settings($server, 'rivergen.health_check_interval' => '10min');
	wait_for('a time for what has none', sub { state($good, 'next_test_at IS NOT NULL') eq 't' });
	is(state($good, "next_test_at > now() + interval '8 min'"), 't', 'on again: what was just tested has time');
};

survives($server);
done_testing();
