# Two sessions that change the same source: no update is lost, whichever comes first.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $server = start_server('server');
my $id = create_source($server, { name => 'contended', type => 'http_api', port => 1, credentials => {} });

sub read_source
{
	return call($server, "rivergen.data_source_get($id)")->{data};
}

# SQL that changes the source, and commits when another session waits for it.
sub change_and_wait
{
	my ($changes, $end) = @_;
	return <<~"EOT";
		BEGIN;
		SELECT rivergen.data_source_update($id, '$changes');
		DO \$\$ BEGIN
			FOR look IN 1 .. 6000 LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
					WHERE backend_type = 'client backend' AND pg_backend_pid() = ANY (pg_blocking_pids(pid)));
				PERFORM pg_sleep(0.01);
			END LOOP;
		END \$\$;
		$end;
		EOT
}

# Starts the first session, and the second once the first has its lock; the answer and the error of the second.
sub second_of
{
	my ($first, $second) = @_;
	my $holding = session_start($server, $first);
	wait_for(
		'the first session to hold the source',
		sub {
			sql($server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
		});
	my $waiting = session_start($server, $second);
	session_end($holding);
	return session_end($waiting);
}

subtest 'a stale precondition' => sub {
	my $read = read_source()->{updated_at};
	my ($out, $err) = second_of(
		change_and_wait('{"port": 2}', 'COMMIT'),
		"SELECT rivergen.data_source_update($id, '{\"port\": 3}', '$read')");
	like($err, qr/PT409: Data source was changed since it was read/, 'the second is told');
	is(read_source()->{port}, 2, 'the first change is kept');
};

subtest 'a precondition that holds after all' => sub {
	my $read = read_source()->{updated_at};
	my ($out, $err) = second_of(
		change_and_wait('{"port": 9}', 'ROLLBACK'),
		"SELECT rivergen.data_source_update($id, '{\"port\": 3}', '$read')");
	is($err, '', 'the first rolled back, so the second may');
	is(read_source()->{port}, 3, 'the second change is kept after the rollback of the first');
};

subtest 'different fields' => sub {
	my ($out, $err) = second_of(
		change_and_wait('{"description": "by the first"}', 'COMMIT'),
		"SELECT rivergen.data_source_update($id, '{\"host\": \"by-the-second\"}')");
	is($err, '', 'both may');
	my $source = read_source();
	is("$source->{description}, $source->{host}", 'by the first, by-the-second', 'neither change undoes the other');
};

subtest 'an old snapshot' => sub {
	my ($out, $err) = second_of(
		change_and_wait('{"port": 4}', 'COMMIT'),
		"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; SELECT rivergen.data_source_update($id, '{\"port\": 5}'); COMMIT"
	);
	like($err, qr/40001/, 'is a serialization failure');
	is(read_source()->{port}, 4, 'the failed change overwrites nothing');
};

# Reads, adds one, writes if no session was faster, else again.
my $count = <<"EOT";
DO \$\$
DECLARE
	source jsonb;
	done int := 0;
	lost int := 0;
BEGIN
	WHILE done < 25 LOOP
		source := rivergen.data_source_get($id) -> 'data';
		BEGIN
			PERFORM rivergen.data_source_update($id, jsonb_build_object('port', (source ->> 'port')::int + 1), source ->> 'updated_at');
			done := done + 1;
		EXCEPTION WHEN SQLSTATE 'PT409' THEN
			lost := lost + 1;
		END;
		COMMIT;
	END LOOP;
END \$\$;
EOT

subtest 'four sessions that count together' => sub {
	my $before = read_source()->{port};
	my @sessions = map { session_start($server, $count) } 1 .. 4;
	is((session_end($_))[1], '', 'a session counts to its end') for @sessions;
	is(read_source()->{port}, $before + 100, 'all 100 increments are stored');
};

subtest 'one document from two sessions' => sub {
	my $document =
		json({ sources => [ map { { name => "source $_", type => 'http_api', credentials => {} } } 1 .. 50 ] });
	my @sessions = map { session_start($server, "SELECT rivergen.catalog_apply($document) -> 'data'") } 1 .. 2;
	my @answers = map { [ session_end($_) ] } @sessions;
	is(join('', map { $_->[1] } @answers), '', 'both are answered');
	is( sql($server, "SELECT count(*) FROM rivergen.data_sources WHERE name LIKE 'source %'"), 50,
		'every source is made once');
	is(scalar(grep { $_->[0] =~ /"created": \[\]/ } @answers), 1, 'one of the two catalog_apply finds nothing to do');
};

survives($server);
done_testing();
