# Sources with schema_auto_refresh are discovered by themselves, evenly, and not when they should be left alone.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.max_workers_per_organization = 2");
install_fake($server, $_) for qw(other mysql);

sub source
{
	my ($name, %change) = @_;
	my $metadata = delete $change{metadata} // { behaviour => 'normal' };
	return create_source(
		$server,
		fake_source($name, $metadata, schema_auto_refresh => \1, schema_refresh_interval => 1000, %change));
}

sub jobs
{
	my ($id) = @_;
	return sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id");
}

sub state
{
	my ($id, $expression) = @_;
	return sql($server, "SELECT $expression FROM rivergen_catalog.data_source_state WHERE data_source_id = $id");
}

# No test can wait for an hour: it sets back the times of the source. The launcher learns of it from the next worker.
sub make_due
{
	my ($condition) = @_;
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET next_discovery_at = now() - interval '1 second' WHERE $condition"
	);
	sql($server,
		'SELECT rivergen.data_source_test(' . literal(JSON::PP->new->encode(fake_source('wake', {}))) . '::jsonb)');
}

sub change
{
	my ($id, %change) = @_;
	call($server, "rivergen.data_source_update($id, " . json(\%change) . ')');
}

my $id = source('refreshed');
wait_for('the first discovery', sub { state($id, 'full_discovered_at IS NOT NULL') eq 't' });
is( state($id, "next_discovery_at - full_discovered_at BETWEEN '899s' AND '1101s'"), 't',
	'the next is an interval away, more or less');

subtest 'due' => sub {
	make_due("data_source_id = $id");
	wait_for('the second discovery', sub { jobs($id) eq '2' });
	jobs_end($server);
	is( sql($server, "SELECT status || coalesce(requested_by_user_id::text, ' by itself') FROM rivergen.jobs
		WHERE data_source_id = $id ORDER BY job_id DESC LIMIT 1"),
		'succeeded by itself',
		'no caller asked for it');
	is(state($id, "next_discovery_at > now() + interval '890s'"), 't', 'the next discovery has its time');
};

subtest 'without a session, on time' => sub {
	my $short = source('short', schema_refresh_interval => 60);
	wait_for('the first discovery', sub { state($short, 'full_discovered_at IS NOT NULL') eq 't' });
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET next_discovery_at = now() + interval '3 seconds' WHERE data_source_id = $short"
	);
	sql($server,
		'SELECT rivergen.data_source_test(' . literal(JSON::PP->new->encode(fake_source('wake', {}))) . '::jsonb)');
	wait_for('the second discovery', sub { jobs($short) eq '2' });
	jobs_end($server);
	is( sql($server,
			"SELECT max(started_at) - min(finished_at) < '30s' FROM rivergen.jobs WHERE data_source_id = $short"),
		't',
		'long before the look that each database gets once a minute');
	change($short, schema_auto_refresh => \0);
	is(state($short, 'next_discovery_at'), '', 'switched off, it has no time');
};

subtest 'left alone' => sub {
	without_connector($server, 'http_api');
	my %left = (
		maintenance => source('in maintenance'), deleted => source('deleted'), queued => source('queued'),
		credentials =>
			source('without credentials', type => 'mysql', host => '127.0.0.1', port => 1, database_name => 'd'),
		connector => create_source(
			$server,
			{   name => 'no connector', type => 'http_api', host => '192.0.2.1', port => 6379,
				schema_auto_refresh => \1, credentials => {}
			}));
	jobs_end($server);
	call($server, "rivergen.data_source_set_status($left{maintenance}, 'maintenance')");
	call($server, "rivergen.data_source_delete($left{deleted})");
	sql($server, "DELETE FROM rivergen_catalog.credential WHERE data_source_id = $left{credentials}");
	sql($server,
		"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, run_after) VALUES (1, $left{queued}, 'discover', 'infinity')"
	);
	my %before =
		map { $_ => sql($server, "SELECT count(*) FROM rivergen_catalog.job WHERE data_source_id = $left{$_}") }
		keys %left;
	make_due('next_discovery_at IS NOT NULL');
	wait_for(
		'the look',
		sub {
			sql($server, 'SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now()') eq
				'0';
		});
	for my $reason (sort keys %left)
	{
		is( sql($server, "SELECT count(*) FROM rivergen_catalog.job WHERE data_source_id = $left{$reason}"),
			$before{$reason}, $reason);
		is( state($left{$reason}, "next_discovery_at > now()"), $reason eq 'deleted' ? '' : 't',
			'a skipped source is checked again later');
	}
	sql($server, "DELETE FROM rivergen_catalog.job WHERE run_after = 'infinity'");
	call($server, "rivergen.data_source_restore($left{deleted})");
	is(state($left{deleted}, "next_discovery_at > now()"), 't', 'restored, it has its time again');
	jobs_end($server);
};

subtest 'repeated failure' => sub {
	my $failing = source('failing', metadata => { behaviour => 'error', code => 'authentication' });
	jobs_end($server);
	for my $failures (2 .. 4)
	{
		make_due("data_source_id = $failing");
		wait_for("failure $failures", sub { state($failing, 'discovery_failures') eq $failures });
		my $seconds = 1000 * 2**($failures - 1);
		is( state(
				$failing,
				"next_discovery_at - now() BETWEEN $seconds * interval '0.85s' AND $seconds * interval '1.11s'"),
			't',
			"after $failures the next is about $seconds seconds away");
	}
	change($failing, metadata => { behaviour => 'normal' }, schema_refresh_interval => 2000);
	wait_for('the repaired source', sub { state($failing, 'full_discovered_at IS NOT NULL') eq 't' });
	is( state($failing, 'discovery_failures'), 0,
		'people changed it: it is tried again at once, and failures are forgotten');
	jobs_end($server);
};

subtest 'many at once' => sub {
	my $columns = source_columns($server);
	my $values = join ', ', map { { name => 'name || n', data_source_id => '1000 + n' }->{$_} // $_ } split /, /,
		$columns;
	sql($server, <<~"EOT");
		INSERT INTO rivergen_catalog.data_source ($columns) SELECT $values FROM rivergen_catalog.data_source, generate_series(1, 300) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.credential (organization_id, data_source_id, version, key_id, sealed, key_names, given_by_user_id)
			SELECT 1, 1000 + n, version, key_id, sealed, key_names, given_by_user_id FROM rivergen_catalog.credential, generate_series(1, 300) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, next_discovery_at)
			SELECT 1, 1000 + n, now() - n * interval '1 second' FROM generate_series(1, 300) n
		EOT
	$server->restart;
	my $most = 0;
	my $queued = "SELECT count(*) FROM rivergen_catalog.job WHERE status = 'queued'";
	wait_for(
		'each to have had its turn',
		sub {
			my $now = sql($server, $queued);
			$most = $now if $now > $most;
			return sql(
				$server,
				'SELECT count(*) FROM rivergen_catalog.job WHERE data_source_id > 1000 AND finished_at IS NOT NULL'
			) eq '300';
		});
	cmp_ok($most, '<=', 24, "never more than a few are queued ($most)");
	is( sql($server, 'SELECT count(DISTINCT data_source_id) FROM rivergen_catalog.job WHERE data_source_id > 1000'),
		300, 'each once');
};

survives($server);
done_testing();
