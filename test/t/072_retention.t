# What operators see of the queue, and how long ended jobs are kept.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);
my ($id, $other) =
	map { create_quiet_source($server, fake_source($_, {}, schema_auto_refresh => \1)) } qw(first second);

sub look
{
	sql($server,
		'SELECT rivergen.data_source_test(' . literal(JSON::PP->new->encode(fake_source('wake', {}))) . '::jsonb)');
}

sub left
{
	my ($source) = @_;
	return sql(
		$server,
		"SELECT string_agg(job_id::text, ' ' ORDER BY job_id) FROM rivergen_catalog.job WHERE data_source_id = $source"
	);
}

subtest 'ended long ago' => sub {
	sql($server, <<~"EOT");
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, job_id, kind, status, finished_at)
			SELECT 1, CASE WHEN n <= 2500 THEN $id ELSE $other END, 1000 + n, 'discover', 'succeeded', now() - interval '31 days'
			FROM generate_series(1, 5000) n;
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, job_id, kind, status, finished_at)
			VALUES (1, $id, 9001, 'discover', 'failed', now() - interval '29 days');
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, job_id, kind, run_after) VALUES (1, $other, 9002, 'discover', 'infinity')
		EOT
	look();
	wait_for('the old ones to be gone', sub { sql($server, 'SELECT count(*) FROM rivergen_catalog.job') eq '3' });
	is(left($id), '9001', 'what ended lately stays');
	is(left($other), '6000 9002', 'the newest ended job and queued jobs stay');
	look();
	is(left($other), '6000 9002', 'however often it is looked at');
	sql($server, 'DELETE FROM rivergen_catalog.job');
};

subtest 'stats' => sub {
	my $stats = sub { call($server, 'to_jsonb(s) FROM rivergen.stats() s') };
	my $empty = $stats->();
	is_deeply(
		[ @$empty{qw(queued oldest_queued waiting running failed_last_hour failed_last_day never_discovered)} ],
		[ 0, undef, 0, 0, 0, 0, 2 ], 'nothing yet');
	discover($server, $id);
	sql($server, <<~"EOT");
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, status, finished_at, run_after) VALUES
			(1, $id, 'discover', 'failed', now() - interval '10 minutes', now()),
			(1, $id, 'discover', 'failed', now() - interval '10 hours', now()),
			(1, $id, 'discover', 'failed', now() - interval '2 days', now()),
			(1, $id, 'discover', 'queued', NULL, 'infinity')
		EOT
	my $now = $stats->();
	is_deeply(
		[ @$now{qw(queued waiting running failed_last_hour failed_last_day never_discovered)} ],
		[ 0, 1, 0, 1, 2, 1 ], 'counts');
	isnt($now->{oldest_discovery_at}, undef, 'the oldest discovery');
	is($now->{connectors}{other}{connections}, 1, 'one connection of a stored source');
	cmp_ok(
		$now->{connectors}{other}{p99_ms}, '>=', $now->{connectors}{other}{p50_ms},
		'stats() has the connection times');

	sql($server, "CREATE ROLE tenant LOGIN; SELECT rivergen.grant_access('tenant')");
	my ($status, undef, $error) =
		$server->psql('postgres', 'SELECT * FROM rivergen.stats()', extra_params => [ '-U', 'tenant' ]);
	like($error, qr/permission denied/, 'not for tenants');
};

survives($server);
done_testing();
