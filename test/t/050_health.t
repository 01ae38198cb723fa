# Testing a source, stored or not, what is remembered of it, and the life cycle around it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $password = 'canary-password-050';
my $source = start_source('source', $password);
my $server = start_server('server');
install_fake($server);

sub source_field
{
	my ($id, $field) = @_;
	return call($server, "rivergen.data_source_get($id)")->{data}{$field};
}

sub test_of
{
	my ($argument) = @_;
	return call($server, "rivergen.data_source_test($argument)");
}

my $good = create_source($server, source_of($source, $password));
my $bad = create_source($server, source_of($source, 'not the password', name => 'bad'));

subtest 'a connection that works' => sub {
	my $answer = test_of($good);
	is($answer->{message}, 'Connection successful', 'message');
	ok($answer->{data}{success}, 'success');
	like($answer->{data}{server_version}, qr/^PostgreSQL \d+/, 'the version');
	cmp_ok($answer->{data}{response_time_ms}, '>=', 0, 'the time it took');
	is($answer->{data}{failed_step}, undef, 'no step failed');
	is(source_field($good, 'status'), 'active', 'the source is active');
	isnt(source_field($good, 'last_successful_connection_at'), undef, 'the source shows when the connection succeeded');
};

subtest 'a connection that fails is an answer, not an error' => sub {
	for my $count (1, 2)
	{
		my $answer = test_of($bad);
		ok($answer->{success} && !$answer->{data}{success}, 'the call succeeds, the test does not');
		is($answer->{data}{failed_step}, 'authenticate', 'the step');
		is($answer->{data}{error_code}, 'authentication', 'the code');
		unlike(json($answer), qr/not the password/, 'no secret');
		is(source_field($bad, 'failure_count'), $count, "failure $count");
	}
	is(source_field($bad, 'status'), 'failed', 'the source has failed');
	like(source_field($bad, 'failure_reason'), qr/refused the password/, 'the source shows why it failed');
};

subtest 'a definition, before it is saved' => sub {
	my $before = sql($server, 'SELECT count(*) FROM rivergen.data_sources');
	ok(test_of(json(source_of($source, $password)))->{data}{success}, 'a good one');
	is( test_of(json(source_of($source, $password, database_name => 'nowhere')))->{data}{error_code},
		'database_not_found', 'no such database');
	is( test_of(json(source_of($source, $password, host => '169.254.169.254')))->{data}{failed_step},
		'resolve', 'an address that may not be dialed');
	call_fails(
		$server, 'rivergen.data_source_test(' . json({ name => 'x' }) . ')', 'an incomplete one',
		sqlstate => 'PT400', detail => qr/^type: is required/);
	call_fails(
		$server, 'rivergen.data_source_test(' . json(source_of($source, $password, workspace_id => 999)) . ')',
		'a workspace that is not the organization\'s', sqlstate => 'PT400', detail => qr/^workspace_id: /);
	is(sql($server, 'SELECT count(*) FROM rivergen.data_sources'), $before, 'nothing was stored');
	is( sql($server,
			'SELECT count(*) FROM rivergen_catalog.connection_check WHERE data_source_id NOT IN (SELECT id FROM rivergen.data_sources)'
		),
		0,
		'no history without a source');
};

subtest 'health' => sub {
	my $health = call($server, "rivergen.data_source_health($bad, history_limit => 1)")->{data};
	is($health->{checks_24h}, 2, 'two checks');
	is($health->{failures_24h}, 2, 'two failures');
	cmp_ok($health->{uptime_percent}, '==', 0, 'never up');
	is(scalar @{ $health->{history} }, 1, 'history_limit bounds the history');
	is($health->{history}[0]{kind}, 'test', 'the newest entry of the history is the test');
	discover($server, $good);
	$health = call($server, "rivergen.data_source_health($good)")->{data};
	is($health->{history}[0]{kind}, 'discover', 'a discovery counts as a check');
	cmp_ok($health->{uptime_percent}, '==', 100, 'always up');
	cmp_ok($health->{response_time_ms}{p99}, '>=', $health->{response_time_ms}{p50}, 'percentiles');
	call_fails($server, "rivergen.data_source_health($good, -1)", 'a negative limit', sqlstate => 'PT400');
	call_fails($server, 'rivergen.data_source_health(999)', 'no such source', sqlstate => 'PT404');
};

subtest 'testing is a status, and ends with its caller' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $slow = create_source($server, fake_source('slow', { behaviour => 'slow', gate => $gate }));
	my $session = session_start($server, "SELECT rivergen.data_source_test($slow)");
	wait_for('the status testing', sub { source_field($slow, 'status') eq 'testing' });
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT rivergen.data_source_test%' AND pid <> pg_backend_pid()"
	);
	session_end($session);
	ok(wait_for('the status before', sub { source_field($slow, 'status') eq 'inactive' }), 'the status before returns');
	clean_server($server, 'the connector is gone');
	is( call($server, "rivergen.data_source_health($slow)")->{data}{checks_24h}, 0,
		'what was not finished is not counted');
};

subtest 'a test that was left behind' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $left = create_source($server, fake_source('left', { behaviour => 'slow', gate => $gate }));
	my $session = session_start($server, "SELECT rivergen.data_source_test($left)");
	wait_for('the status testing', sub { source_field($left, 'status') eq 'testing' });
	$server->stop('immediate');
	session_end($session);
	$server->start;
	ok( wait_for('the status of a source that is not tested', sub { source_field($left, 'status') eq 'inactive' }),
		'a worker that starts resets it');
};

subtest 'maintenance' => sub {
	is(call($server, "rivergen.data_source_set_status($good, 'maintenance')")->{data}{status}, 'maintenance', 'begins');
	call_fails(
		$server, "rivergen.data_source_test($good)", 'no test', sqlstate => 'PT409',
		message => qr/in maintenance/);
	call_fails($server, "rivergen.discover_schema($good, refresh => true)", 'no discovery', sqlstate => 'PT409');
	is(call($server, "rivergen.data_source_set_status($good, 'active')")->{data}{status}, 'active', 'ends as it was');
	is( call($server, "rivergen.data_source_set_status($bad, 'inactive')")->{data}{status}, 'inactive',
		'set_status inactive drops the outcome');
	for my $status ("'failed'", "'testing'", "'nonsense'", 'NULL')
	{
		call_fails($server, "rivergen.data_source_set_status($good, $status)", "not $status", sqlstate => 'PT400');
	}
};

subtest 'restore' => sub {
	my $columns = "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $good";
	my $before = sql($server, $columns);
	call_fails($server, "rivergen.data_source_restore($good)", 'what is not deleted', sqlstate => 'PT409');
	call($server, "rivergen.data_source_delete($good)");
	call_fails($server, "rivergen.data_source_test($good)", 'a deleted source is not tested', sqlstate => 'PT404');
	my $other = create_source($server, source_of($source, $password));
	call_fails(
		$server, "rivergen.data_source_restore($good)", 'onto a taken name', sqlstate => 'PT409',
		message => 'Data source with this name already exists');
	call($server, "rivergen.data_source_delete($other, true)");
	is(call($server, "rivergen.data_source_restore($good)")->{data}{status}, 'active', 'it is back');
	is(sql($server, $columns), $before, 'with what was discovered');
	ok(test_of($good)->{data}{success}, 'a restored source has its credentials');
	call_fails($server, "rivergen.data_source_restore($other)", 'what was deleted with force', sqlstate => 'PT404');
};

survives($server);
done_testing();
