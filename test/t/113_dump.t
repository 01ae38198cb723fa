# What becomes of the catalog when its database is dumped, restored, dropped; and of the extension when it is dropped
# and made again.
use strict;
use warnings;

use File::Copy qw(copy);
use Rivergen;
use Sealing;
use Test::More;

my $server = start_server('server');
install_fake($server);
sql($server, "SELECT rivergen.organization_create('Other'); SELECT rivergen.workspace_create(2, 'default')");
my $id = create_source($server, fake_source('plain', {}));
my $sealed =
	create_source($server, fake_source('sealed', {}, credentials => sealed_credentials($server, { api_key => 'x' })));
my $gone = create_source($server, fake_source('gone', {}));
discover($server, $_) for $id, $sealed;
call($server, "rivergen.data_source_delete($gone)");
call($server, 'rivergen.key_rotate()');

# Every table of the catalog as one text each, and where the sequences stand.
sub contents
{
	my ($node, $database) = @_;
	my $in = sub { $node->safe_psql($database // 'postgres', $_[0]) };
	my %content;
	for my $table (
		split /\n/,
		$in->(
			"SELECT relname FROM pg_class WHERE relkind = 'r'
		AND relnamespace = 'rivergen_catalog'::regnamespace"))
	{
		$content{$table} = $in->("SELECT to_jsonb(t) FROM rivergen_catalog.$table t ORDER BY to_jsonb(t)::text");
	}
	for my $sequence (
		split /\n/,
		$in->(
			"SELECT relname FROM pg_class WHERE relkind = 'S'
		AND relnamespace = 'rivergen_catalog'::regnamespace"))
	{
		$content{$sequence} = $in->("SELECT last_value, is_called FROM rivergen_catalog.$sequence");
	}
	return \%content;
}

subtest 'dump and restore into another cluster' => sub {
	my $before = contents($server);
	cmp_ok(scalar(grep { $_ ne '' } values %$before), '>', 12, 'there is something to lose');
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';
	$server->command_ok([ 'pg_dump', '-Fc', '-f', $file, $server->connstr('postgres') ], 'dumped');

	my $other = start_server('other');
	install_fake($other);
	my $other_keys = sql($other, 'SHOW rivergen.key_file');
	sql($other, 'CREATE DATABASE restored');
	$other->command_ok([ 'pg_restore', '--exit-on-error', '-d', $other->connstr('restored'), $file ], 'restored');
	is_deeply(contents($other, 'restored'), $before, 'row for row, and the sequences');

	# The harness speaks to the database postgres.
	sql($other, 'DROP EXTENSION rivergen');
	$other->safe_psql('template1', 'DROP DATABASE postgres');
	$other->safe_psql('template1', 'ALTER DATABASE restored RENAME TO postgres');
	is(call($other, "rivergen.data_source_get($id)")->{data}{name}, 'plain', 'it is there');
	is(sql($other, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id"), 6, 'with what was discovered');
	call($other, 'rivergen.acknowledge_copy()');
	discover_fails(
		$other, $_, 'without the key', sqlstate => 'PT503', code => 'key_missing',
		says => qr/cannot be opened/) for $id, $sealed;
	is(sql($other, "SELECT level FROM rivergen.check() WHERE name = 'credentials'"), 'error', 'check() says so');

	copy(sql($server, 'SHOW rivergen.key_file'), $other_keys) or die $!;
	chmod 0600, $other_keys;
	is(discover($other, $_, 'refresh => true')->{data}{total_tables}, 6, 'with it, discoveries work') for $id, $sealed;
	is( sql($other, "SELECT level FROM rivergen.check() WHERE name = 'credentials'"), 'ok',
		'check() shows no lost credentials');

	my $new = create_source($other, fake_source('after the restore', {}));
	cmp_ok($new, '>', $gone, 'new ids do not collide');
	is(discover($other, $new)->{data}{total_tables}, 6, 'new ids of jobs and relations do not collide');
	is( sql($other, "SELECT version > (SELECT max(version) FROM rivergen.credentials WHERE data_source_id <> $new)
		FROM rivergen.credentials WHERE data_source_id = $new"),
		't',
		'new versions of credentials do not collide');
	cmp_ok(
		sql($other, "SELECT rivergen.organization_create('Third')"), '>', 2,
		'new ids of organizations do not collide');
	is(call($other, 'rivergen.key_rotate()')->{data}{left}, 0, 'keys rotate in the restored database');
	clean_server($other);
	survives($other);
	$other->stop;
};

sub workers
{
	my ($database) = @_;
	return sql(
		$server,
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker' AND datname = '$database'");
}

my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';

# A discovery in the database given that goes on until it is stopped; the job's connector.
sub hold
{
	my ($database) = @_;
	$server->safe_psql(
		$database,
		'SELECT rivergen.data_source_create(' . json(fake_source(
			'held',
			{ behaviour => 'slow', gate => $gate }, query_timeout => 300))
			. ')');
	$server->safe_psql(
		$database,
		"SELECT rivergen.discover_schema(id, wait => false) FROM rivergen.data_sources WHERE name = 'held'");
	return wait_for(
		'the connector',
		sub {
			(map { /^(\d+)/ } connectors($server))[0];
		});
}

subtest 'DROP DATABASE while a discovery runs' => sub {
	sql($server, 'CREATE DATABASE doomed');
	$server->safe_psql('doomed', "CREATE EXTENSION rivergen; SELECT rivergen.quick_start('Doomed')");
	my $connector = hold('doomed');
	$server->psql('postgres', 'DROP DATABASE doomed', stderr => \my $err);
	is($err, '', 'it is dropped, although the connector has not ended');
	ok(!kill(0, $connector), 'the connector is gone');
	is(workers('doomed'), 0, 'the worker is gone');
	clean_server($server);
};

subtest 'DROP EXTENSION while a discovery runs' => sub {
	my $roles = sql($server, 'SELECT count(*) FROM pg_roles');
	my $connector = hold('postgres');
	sql($server, 'DROP EXTENSION rivergen');
	wait_for('the connector to end', sub { !kill 0, $connector });
	wait_for('the workers to end', sub { workers('postgres') == 0 });
	is(sql($server, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rivergen%'"), 0, 'no schema');
	is(sql($server, "SELECT count(*) FROM pg_proc p WHERE probin LIKE '%rivergen%'"), 0, 'no function');
	is( sql($server, "SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relnamespace <> 'pg_toast'::regnamespace"),
		0, 'no table');
	is(sql($server, "SELECT count(*) FROM pg_depend WHERE refobjid >= 16384"), 0, 'no dependency');
	is(sql($server, 'SELECT count(*) FROM pg_roles'), $roles, 'no role is created or dropped');
};

subtest 'CREATE EXTENSION again' => sub {
	sql($server, 'CREATE EXTENSION rivergen');
	call($server, "rivergen.quick_start('Acme')");
	my $again = create_source($server, fake_source('again', {}));
	is(discover($server, $again)->{data}{total_tables}, 6, 'everything works');
	is(sql($server, "SELECT level FROM rivergen.check() WHERE name = 'keyring'"), 'ok', 'with the key that was there');
	clean_server($server);
};

survives($server);
done_testing();
