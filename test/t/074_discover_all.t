# All sources of an organization in one call: who is queued, who is skipped and why, and how a thousand of them drain.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => 'rivergen.max_workers_per_organization = 2');
install_fake($server, $_) for qw(other mysql);

sub all
{
	my ($arguments) = @_;
	return call($server, 'rivergen.discover_all(' . ($arguments // '') . ')')->{data};
}

sub reasons
{
	my ($answer) = @_;
	return { map { $_->{data_source_id} => $_->{reason} } @{ $answer->{skipped} } };
}

is_deeply(
	all(), { queued => 0, already_queued => 0, skipped_count => 0, skipped => [] },
	'discover_all without sources queues nothing');

subtest 'who is fit' => sub {
	without_connector($server, 'http_api');
	my %source = map { $_ => create_source($server, fake_source($_, {})) }
		qw(new known maintenance failed hopeless crashing deleted);
	$source{credentials} = create_source(
		$server,
		fake_source('credentials', {}, type => 'mysql', host => '127.0.0.1', port => 1, database_name => 'd'));
	$source{connector} = create_source(
		$server,
		{   name => 'http', type => 'http_api', host => '192.0.2.1', port => 6379,
			schema_auto_refresh => \0, credentials => {}
		});
	discover($server, $source{$_}) for qw(known failed);
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET status = 'failed' WHERE data_source_id IN ($source{failed}, $source{hopeless})"
	);
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET quarantined_at = now(), crashes = 3 WHERE data_source_id = $source{crashing}"
	);
	call($server, "rivergen.data_source_set_status($source{maintenance}, 'maintenance')");
	call($server, "rivergen.data_source_delete($source{deleted})");
	sql($server, "DELETE FROM rivergen_catalog.credential WHERE data_source_id = $source{credentials}");
	sql($server, "SELECT rivergen.organization_create('Other')");

	my $answer = all();
	is($answer->{queued}, 3, 'active ones, and those never discovered');
	is($answer->{skipped_count}, 5, 'the others are skipped');
	is_deeply(
		reasons($answer),
		{   $source{maintenance} => 'maintenance', $source{credentials} => 'no_credentials',
			$source{failed} => 'failed', $source{crashing} => 'quarantined', $source{connector} => 'no_connector'
		},
		'each with its reason');
	jobs_end($server);
	is( sql($server,
			"SELECT string_agg(data_source_id::text, ' ' ORDER BY data_source_id) FROM rivergen_catalog.data_source_state
		WHERE full_discovered_at IS NOT NULL"),
		join(' ', sort { $a <=> $b } @source{qw(new known failed hopeless)}),
		'the queued sources are discovered');

	is(all("type => 'http_api'")->{skipped_count}, 1, 'one type');
	is(all("type => 'postgresql'")->{queued}, 0, 'another');
	is(all('workspace_id => 1')->{queued}, 0, 'a workspace without any');
	call_fails(
		$server, 'rivergen.discover_all(workspace_id => 99)', 'a workspace that is not there',
		sqlstate => 'PT404');
	call_fails(
		$server, "rivergen.discover_all(type => 'postgre')", 'no such type', sqlstate => 'PT400',
		hint => qr/postgresql/);
	jobs_end($server);
};

subtest 'a thousand' => sub {
	my $id = sql($server, "SELECT data_source_id FROM rivergen_catalog.data_source WHERE name = 'known'");
	my $columns = source_columns($server);
	my $values = join ', ', map { { name => 'name || n', data_source_id => '1000 + n' }->{$_} // $_ } split /, /,
		$columns;
	sql($server, <<~"EOT");
		INSERT INTO rivergen_catalog.data_source ($columns) SELECT $values FROM rivergen_catalog.data_source, generate_series(1, 1000) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.credential (organization_id, data_source_id, version, key_id, sealed, key_names, given_by_user_id)
			SELECT 1, 1000 + n, version, key_id, sealed, key_names, given_by_user_id FROM rivergen_catalog.credential, generate_series(1, 1000) n
			WHERE data_source_id = $id;
		INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id) SELECT 1, 1000 + n FROM generate_series(1, 1000) n
		EOT
	# Nothing is begun meanwhile: what the two calls find does not depend on how fast the workers are.
	change_settings($server, 'rivergen.enabled' => 'off');
	is(all()->{queued}, 1003, 'are queued at once');
	is_deeply([ @{ all() }{qw(queued already_queued)} ], [ 0, 1003 ], 'queued sources are not queued twice');
	is(all('"full" => true')->{queued}, 1003, 'a full read is queued beside them');
	sql($server, "DELETE FROM rivergen_catalog.job WHERE status = 'queued' AND (full_read OR data_source_id > 1040)");

	change_settings($server, 'rivergen.max_queued_per_organization' => 53);
	my $answer = all();
	is("$answer->{queued} $answer->{already_queued}", '10 43', 'discover_all queues as many as there is room for');
	is($answer->{skipped_count}, 955, 'the others are skipped');
	is(scalar @{ $answer->{skipped} }, 100, '100 of the skipped sources are named');
	is((grep { $_->{reason} eq 'queue_full' } @{ $answer->{skipped} })[0]{data_source_id}, 1051, 'in order');
	call_fails($server, 'rivergen.discover_all()', 'a full queue', sqlstate => 'PT429');

	change_settings($server, 'rivergen.enabled' => undef);
	my $most = 0;
	wait_for(
		'all to have ended',
		sub {
			my ($running, $left) = split /\|/, sql(
				$server, "SELECT count(*) FILTER (WHERE status = 'running'), count(*) FROM rivergen.jobs
			WHERE status IN ('queued', 'running')");
			$most = $running if $running > $most;
			return $left == 0;
		});
	cmp_ok($most, '<=', 2, 'never more at once than the organization may');
};

survives($server);
done_testing();
