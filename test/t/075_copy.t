# A copy of a database does nothing to the data sources of the original until a superuser says that it may.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);
my $id = create_source($server, fake_source('fake', {}));
discover($server, $id);
is( sql($server, 'SELECT count(*) FROM rivergen_catalog.home h, rivergen_catalog.this_home() t
	WHERE h.system_identifier = t.system_identifier AND h.database_id = t.database_id'),
	1,
	'the first worker wrote down where it is');
sql($server, "UPDATE rivergen_catalog.data_source SET schema_auto_refresh = true;
	UPDATE rivergen_catalog.data_source_state SET next_discovery_at = 'infinity'");

# The harness speaks to the database postgres.
sub instead
{
	my ($copy) = @_;
	$server->safe_psql('template1', 'ALTER DATABASE postgres RENAME TO original');
	$server->safe_psql('template1', "ALTER DATABASE $copy RENAME TO postgres");
}

sub grade
{
	return sql($server, "SELECT level FROM rivergen.check() WHERE name = 'copy'");
}

subtest 'an ordinary restart' => sub {
	$server->restart;
	ok(discover($server, $id, 'refresh => true'), 'is not a copy');
	is(grade(), 'ok', 'says check()');
	is(call($server, 'rivergen.acknowledge_copy()')->{data}{was_copy}, JSON::PP::false, 'nothing to acknowledge');
};

subtest 'a clone' => sub {
	$server->safe_psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
	instead('copy');
	call_fails(
		$server, "rivergen.discover_schema($id, refresh => true)", 'who waits is told', sqlstate => 'PT503',
		message => qr/is a copy/, hint => qr/acknowledge_copy/);
	call_fails(
		$server, "rivergen.data_source_test($id)", 'so is who tests', sqlstate => 'PT503',
		hint => qr/acknowledge_copy/);
	is(grade(), 'error', 'check() tells');
	is(sql($server, 'SELECT is_copy FROM rivergen.stats()'), 't', 'stats() shows that it is a copy');
	ok(discover($server, $id), 'what is cached is answered');

	# After the next answer of a worker: each looks for jobs before it is gone, if it looks at all.
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	sql($server, 'UPDATE rivergen_catalog.data_source_state SET next_discovery_at = now()');
	$server->restart;
	for (1 .. 2)
	{
		call_fails($server, "rivergen.data_source_test($id)", 'a worker was there', sqlstate => 'PT503');
		wait_for(
			'it to be gone',
			sub {
				sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'
			AND datname = 'postgres'") eq '0';
			});
	}
	is(job($server, $job)->{status}, 'queued', 'jobs wait');
	is( sql($server, 'SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now()'), 1,
		'the schedule waits');

	is(call($server, 'rivergen.acknowledge_copy()')->{data}{was_copy}, JSON::PP::true, 'acknowledged');
	wait_job($server, $job, 'succeeded');
	is(grade(), 'ok', 'it is a home of its own');
};

subtest 'a dump' => sub {
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';
	$server->command_ok([ 'pg_dump', '-Fc', '-f', $file, $server->connstr('postgres') ], 'dumped');
	$server->safe_psql('template1', 'DROP DATABASE original');
	$server->safe_psql('template1', 'CREATE DATABASE restored');
	$server->command_ok([ 'pg_restore', '--exit-on-error', '-d', $server->connstr('restored'), $file ], 'restored');
	instead('restored');
	call_fails(
		$server, "rivergen.discover_schema($id, refresh => true)", 'is a copy', sqlstate => 'PT503',
		hint => qr/acknowledge_copy/);
	call($server, 'rivergen.acknowledge_copy()');
	ok(discover($server, $id, 'refresh => true'), 'an acknowledged copy discovers');
};

subtest 'another server' => sub {
	sql($server, 'UPDATE rivergen_catalog.home SET system_identifier = system_identifier + 1');
	is(grade(), 'error', 'an upgraded cluster is another one');
	call($server, 'rivergen.acknowledge_copy()');
	is(grade(), 'ok', 'check() is ok after acknowledge_copy()');
};

subtest 'a promoted standby' => sub {
	$server->append_conf('postgresql.conf', "max_wal_senders = 2\nwal_level = replica");
	$server->restart;
	$server->backup('base');
	my $standby = PostgreSQL::Test::Cluster->new('standby');
	$standby->init_from_backup($server, 'base', has_streaming => 1);
	$standby->start;
	$server->stop;
	$standby->promote;
	wait_for('promotion', sub { sql($standby, 'SELECT pg_is_in_recovery()') eq 'f' });
	ok(discover($standby, $id, 'refresh => true'), 'goes on by itself');
};

done_testing();
