# What listeners are told at commit, and that an organization can be closed while its jobs run.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Rivergen;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = start_server('server', conf => "max_prepared_transactions = 2");
install_fake($server);
my $listener = $server->background_psql('postgres');
$listener->query_safe('LISTEN rivergen');
my @heard;

# What was told since last asked, once there are so many of them: "event data_source_id job?", in their order.
sub told
{
	my ($count) = @_;
	wait_for(
		"$count events",
		sub {
			my $output = $listener->query_safe('SELECT 1');
			push @heard, map { decode_json($_) } $output =~ /notification "rivergen" with payload "(.*?)" received/g;
			return @heard >= $count;
		});
	my @events = splice @heard;
	for my $event (@events)
	{
		my @unknown = grep { !/^(event|organization_id|data_source_id|job_id)$/ } keys %$event;
		is("@unknown", '', "$event->{event} has ids only");
	}
	return join ', ',
		map { join ' ', $_->{event}, $_->{data_source_id} // (), exists $_->{job_id} ? 'job' : () } @events;
}

my $id;
subtest 'what people do' => sub {
	$id = create_source($server, fake_source('one', { behaviour => 'normal' }));
	is(told(1), "created $id", 'created');
	call($server, "rivergen.data_source_update($id, '{\"description\": \"a\"}')");
	is(told(1), "updated $id", 'updated');
	call($server, "rivergen.data_source_update_credentials($id, '{\"api_key\": \"fake-secret\"}')");
	is(told(1), "updated $id", 'credentials updated');
	sql($server, "BEGIN; SELECT rivergen.data_source_update($id, '{\"description\": \"b\"}'); ROLLBACK");
	sql($server,
		"BEGIN; SELECT rivergen.data_source_update($id, '{\"description\": \"c\"}'),
			rivergen.data_source_update($id, '{\"description\": \"d\"}'); COMMIT"
	);
	is(told(1), "updated $id", 'not when rolled back, and once for a transaction');
};

subtest 'what workers find' => sub {
	discover($server, $id);
	is(told(3), "schema_changed $id job, status_changed $id, discovery_finished $id job", 'a first discovery');
	discover($server, $id, 'refresh => true');
	is(told(1), "discovery_finished $id job", 'nothing has changed');
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"relations\": 4}}')");
	discover($server, $id, 'refresh => true');
	is(told(3), "updated $id, schema_changed $id job, discovery_finished $id job", 'one relation more');
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"relations\": 2}}')");
	discover($server, $id, 'refresh => true');
	is(told(3), "updated $id, schema_changed $id job, discovery_finished $id job", 'relations less');
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"behaviour\": \"early\"}}')");
	for my $expected ("updated $id, status_changed $id, discovery_finished $id job", "discovery_finished $id job")
	{
		call_fails($server, "rivergen.discover_schema($id, refresh => true)", 'it fails', sqlstate => 'PT502');
		is(told($expected =~ tr/,// + 1), $expected, 'what is told of it');
	}
};

subtest 'cancelled before it started' => sub {
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	wait_job($server, $job, 'failed');
	is(told(1), "discovery_finished $id job", 'a queued one failed');
	sql($server,
		"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, run_after) VALUES (1, $id, 'discover', 'infinity')"
	);
	call($server, 'rivergen.job_cancel(' . sql($server, 'SELECT max(job_id) FROM rivergen.jobs') . ')');
	is(told(1), "discovery_finished $id job", 'one was cancelled');
};

subtest 'two-phase commit' => sub {
	my $update = "rivergen.data_source_update($id, '{\"description\": \"e\"}')";
	my (undef, undef, $err) = $server->psql('postgres', "BEGIN; SELECT $update; PREPARE TRANSACTION 'one'");
	like(
		$err, qr/cannot PREPARE a transaction that has executed LISTEN, UNLISTEN, or NOTIFY/,
		'is refused, as documented');
	sql($server, "SET rivergen.events = off; BEGIN; SELECT $update; PREPARE TRANSACTION 'two'");
	sql($server, "COMMIT PREPARED 'two'");
	is( call($server, "rivergen.data_source_get($id)")->{data}{description}, 'e',
		'two-phase commit works without events');
};

subtest 'an organization is closed while its job runs' => sub {
	call($server, "rivergen.data_source_update($id, '{\"metadata\": {\"behaviour\": \"hang\"}}')");
	is(told(1), "updated $id", 'updated');
	my $waiting = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	wait_for(
		'it to run',
		sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'running'") == 1 && children($server) });
	my $queued = call($server, "rivergen.discover_schema($id, 'schema_1', refresh => true, wait => false)");
	is(call($server, 'rivergen.organization_close(1)')->{data}{data_sources}, 1, 'closed');
	my (undef, $err) = session_end($waiting);
	like($err, qr/PT404/, 'a caller that waited gets 404');
	is(told(1), 'organization_closed', 'listeners get organization_closed');
	clean_server($server);
	is(sql($server, 'SELECT count(*) FROM rivergen_catalog.job'), 0, 'no job is left');
	call($server, "rivergen.quick_start('Acme')");
	$id = create_source($server, fake_source('one', {}));
	discover($server, $id);
	is( told(4), "created $id, schema_changed $id job, status_changed $id, discovery_finished $id job",
		'work goes on in the next one');
};

$listener->quit;
survives($server);
done_testing();
