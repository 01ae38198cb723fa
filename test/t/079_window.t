# metadata.discovery.window: the hours in which a source is discovered by itself.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.health_check_interval = '15min'");
install_fake($server);

# A window that opens and closes so many hours from now.
sub window
{
	my ($from, $to, %more) = @_;
	my ($begin, $end) =
		map { sql($server, "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '$_ hours', 'HH24:MI')") } ($from, $to);
	return { discovery => { window => { from => $begin, to => $end, %more } } };
}

sub source
{
	my ($name, $metadata, %change) = @_;
	return create_source(
		$server,
		fake_source($name, $metadata, schema_auto_refresh => \1, schema_refresh_interval => 1000, %change));
}

sub state
{
	my ($id, $expression) = @_;
	return sql($server, "SELECT $expression FROM rivergen_catalog.data_source_state WHERE data_source_id = $id");
}

# The first half of a window from now + 2h to now + 4h, with a minute for what the clock does meanwhile.
sub in_the_opening
{
	my ($id, $name) = @_;
	is(state($id, "next_discovery_at BETWEEN now() + interval '118 min' AND now() + interval '181 min'"), 't', $name)
		or diag(state($id, "next_discovery_at || ' now ' || now()"));
}

sub jobs
{
	my ($id) = @_;
	return sql(
		$server,
		"SELECT coalesce(string_agg(concat_ws(' ', kind, status, requested_by_user_id), ', ' ORDER BY job_id), 'none')
		FROM rivergen.jobs WHERE data_source_id = $id");
}

sub look
{
	sql($server, 'SELECT rivergen.data_source_test(' . json(fake_source('wake', {})) . ')');
	wait_for(
		'nothing to be queued or running',
		sub {
			sql($server,
				"SELECT count(*) FROM rivergen.jobs WHERE status IN ('queued', 'running') AND run_after <= now()"
				) eq '0'
				&& sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'") eq '0';
		});
}

sub make_due
{
	my ($id, $column) = @_;
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET $column = now() - interval '1 second' WHERE data_source_id = $id"
	);
	look();
}

subtest 'faults' => sub {
	my $fails = sub {
		my ($window, $detail, $hint) = @_;
		my $request = fake_source('faulty', { discovery => { window => $window } });
		call_fails(
			$server, 'rivergen.data_source_create(' . json($request) . ')', $detail,
			sqlstate => 'PT400', detail => qr/\Qmetadata.discovery.window$detail/, $hint ? (hint => $hint) : ());
	};
	$fails->('22:00-06:00', ': must be an object');
	$fails->([], ': must be an object');
	$fails->({ from => $_ }, '.from: must be a time from "00:00" to "23:59"', qr/Times are written "22:00"/)
		for '24:00', '7:00', '22', 'noon', '12:60', '-1:00', 22, '12:00 ', "12:0\x{661}";
	$fails->({ to => $_ }, '.to: must be a time from "00:00" to "24:00"') for '24:01', '25:00', '', {};
	$fails->({ from => '12:00', to => '12:00' }, '.to: must differ from from', qr/from "00:00" to "24:00"/);
	$fails->({ time_zone => $_ }, '.time_zone: is not a time zone that this server knows', qr/Europe\/Berlin/)
		for 'Europe/Bonn', 'Europe/../Berlin', 'Europe/', 'XYZ3', '+03', '<X>3', '', '/etc/passwd', 'a' x 500, 7;
	$fails->({ days => $_ }, '.days: must be an array') for 'mon', [], ['monday'], [ 'mon', 1 ], [ ['mon'] ], {};
	$fails->({ form => '22:00' }, '.form: is not known; did you mean from?');
	$fails->({ hours => 3 }, '.hours: is not known');
	my $id = source(
		'every member',
		{   discovery =>
				{ window => { from => '22:00', to => '06:00', time_zone => 'Europe/Berlin', days => [qw(mon Tue)] } }
		});
	ok($id, 'what is right is taken');
	ok(source('no member', { discovery => { window => {} } }), 'an empty window is accepted');
	ok(source('null', { discovery => { window => undef } }), 'a null window is accepted');
};

subtest 'the clock of a time zone' => sub {
	my $begin = sub {
		my ($window, $due) = @_;
		return sql(
			$server,
			"SET TIME ZONE 'UTC'; SELECT to_char(rivergen_catalog.within_window("
				. json({ discovery => { window => $window } })
				. ", '$due'), 'MM-DD HH24:MI')");
	};
	my %minute = (time_zone => 'Europe/Berlin');
	is($begin->({ %minute, from => '22:00', to => '22:01' }, '2026-11-20 12:00Z'), '11-20 21:00', 'winter');
	is($begin->({ %minute, from => '22:00', to => '22:01' }, '2026-07-20 12:00Z'), '07-20 20:00', 'summer');
	is($begin->({ from => '22:00', to => '22:01' }, '2026-07-20 12:00Z'), '07-20 22:00', 'UTC unless told');
	is( $begin->({ from => '05:45', to => '05:46', time_zone => 'asia/kathmandu' }, '2026-07-20 12:00Z'), '07-21 00:00',
		'quarters of an hour');
	is( $begin->({ %minute, from => '22:00', to => '06:00' }, '2026-03-29 03:59Z'), '03-29 03:59',
		'the short night, its last minute');
	is( $begin->({ %minute, from => '22:00', to => '06:00' }, '2026-10-25 04:59Z'), '10-25 04:59',
		'the long night, its last minute');
	like(
		$begin->({ %minute, from => '22:00', to => '06:00' }, '2026-03-29 04:00Z'), qr/^03-(29 2|30 00:00)/,
		'after the last minute the window opens the next evening');
	like(
		$begin->({ %minute, from => '02:00', to => '03:00' }, '2026-03-28 12:00Z'), qr/^03-(29|30) 0[0-2]:/,
		'an hour that the clock skips');
	is($begin->({ days => ['sat'] }, '2026-11-22 00:00Z') =~ /^11-28/ ? 1 : 0, 1, 'days alone');
	is( sql($server,
			q{SELECT rivergen_catalog.within_window('{"discovery": {"window": {"from": "01:00", "to": "02:00"}}}', 'infinity')}
		),
		'infinity',
		'never stays never');
	is( sql($server,
			q{SELECT rivergen_catalog.within_window('{"discovery": {"window": "written by an older version"}}', '2026-01-01') = '2026-01-01'}
		),
		't',
		'what is no window keeps nothing back');
};

subtest 'a new source' => sub {
	my ($port, $socket) = refused_port();
	my %more = (
		type => 'postgresql', host => '127.0.0.1', port => $port, database_name => 'x',
		credentials => { username => 'x', password => 'x' });
	my $closed = source('closed at first', window(2, 4), %more);
	is(jobs($closed), 'none', 'waits for its window');
	in_the_opening($closed, 'some time in its first half');
	my $open = source('open at first', window(-1, 2), %more);
	like(jobs($open), qr/^discover/, 'a new source is discovered at once in an open window');
	call($server, "rivergen.data_source_delete($_, true)") for $closed, $open;
};

my $id = source('windowed', window(2, 4));
subtest 'closed' => sub {
	make_due($id, 'next_discovery_at');
	is(jobs($id), 'none', 'nothing begins');
	in_the_opening($id, 'it waits for the opening');
	sql($server, "INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $id, 'discover');
		UPDATE rivergen_catalog.data_source_state SET next_discovery_at = now() + interval '1 day' WHERE data_source_id = $id"
	);
	look();
	is(jobs($id), 'discover cancelled', 'what was queued when it closed does not begin');
	like(
		sql($server, "SELECT error_message FROM rivergen.jobs WHERE data_source_id = $id"), qr/window closed/,
		'the job says that the window closed');
	in_the_opening($id, 'the job waits for the next window');
	ok(discover($server, $id)->{success}, 'a person is not bound by it');
	in_the_opening($id, 'the next one by itself is');
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded', 'whether he waits or not');
	make_due($id, 'next_test_at');
	like(jobs($id), qr/test succeeded$/, 'health checks ignore the window');
};

subtest 'a person joins what the schedule queued' => sub {
	sql($server,
		"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, $id, 'discover')");
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded', 'his own is made');
	look();
	like(jobs($id), qr/discover cancelled, discover succeeded 1$/, 'after which the other one ends');
};

subtest 'open' => sub {
	sql($server, "DELETE FROM rivergen_catalog.job WHERE data_source_id = $id;
		UPDATE rivergen_catalog.data_source_state SET full_discovered_at = now() - interval '1 day' WHERE data_source_id = $id"
	);
	call($server, "rivergen.data_source_update($id, " . json({ metadata => window(-1, 2) }) . ')');
	wait_for('a discovery, now that the window is open', sub { jobs($id) eq 'discover succeeded' });
	is( state($id, "next_discovery_at - full_discovered_at BETWEEN '899s' AND '1101s'"), 't',
		'the next one is an interval away, inside');
	call(
		$server,
		"rivergen.data_source_update($id, "
			. json({ schema_refresh_interval => 4 * 3600, metadata => window(-1, 2) }) . ')');
	is( state($id, "next_discovery_at BETWEEN now() + interval '22 hours' AND now() + interval '25 hours'"), 't',
		'an interval that leads outside: the next day');
};

survives($server);
done_testing();
