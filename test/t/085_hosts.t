# Sources with several hosts: all of them are told to the connector, vetted when they are dialed, and counted.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.max_connections_per_host = 1");
install_fake($server, 'redis');

sub source
{
	my ($name, $host, %change) = @_;
	return create_source(
		$server,
		fake_source(
			$name, { behaviour => 'endpoint' }, type => 'redis', host => $host, port => 7000, credentials => {},
			%change));
}

sub told
{
	my ($id, $schema) = @_;
	return sql(
		$server, "SELECT string_agg(table_name, ', ' ORDER BY table_name COLLATE \"C\") FROM rivergen.tables
		WHERE data_source_id = $id AND table_schema = '$schema'");
}

subtest 'what a connector is told' => sub {
	my $id = source('several', 'localhost:7001, 127.0.0.2,[::1]:7002', database_name => '3', schema_name => 'sales');
	discover($server, $id);
	is( told($id, 'hosts'), '127.0.0.2 7000, ::1 7002, localhost 7001',
		'every host with its port, and no addresses: the connector resolves');
	is( told($id, 'endpoint'),
		'database "3", driver null, host "localhost", path null, port 7001, schema "sales", tunnel false',
		'the first one stands beside them');
	my $one = source('one', '127.0.0.1');
	discover($server, $one);
	is(told($one, 'hosts'), '127.0.0.1 7000', 'a single host is a list of one');
};

# One connection to each host, in the order of the list; the first that stands is the source's.
sub dials
{
	my ($name, $host) = @_;
	return source($name, $host, metadata => { behaviour => 'dial' });
}

subtest 'addresses that may not be dialed' => sub {
	my ($refused_port, $bound) = refused_port();
	my $id = dials('one refused', "127.0.0.1:$refused_port,169.254.169.254:80");
	call_fails(
		$server, discovery($id), 'the second of two',
		says => qr/host "169.254.169.254" may not be dialed: address 169.254.169.254 is refused/);
	my $several = dials('several refused', "169.254.169.254:80,[fe80::1]:81,127.0.0.1:$refused_port");
	call_fails(
		$server, discovery($several), 'two of three',
		says => qr/hosts of the data source may not be dialed: addresses 169.254.169.254 and fe80::1 are refused/);
	my ($port, $listener) = silent_port();
	my $reached = dials('another is reached', "169.254.169.254:80,127.0.0.1:$port");
	discover($server, $reached);
	is( sql($server,
			"SELECT string_agg(d ->> 'address' || ' ' || (d ->> 'verdict'), ', ')
			FROM rivergen.jobs, jsonb_array_elements(dialed) d WHERE data_source_id = $reached"),
		'169.254.169.254 denied:reserved, 127.0.0.1 connected',
		'a host that is reached serves, whatever the others are');
};

subtest 'a file and its path' => sub {
	my $storage = $server->basedir . '/storage';
	system('mkdir', '-p', "$storage/organizations/1") == 0 or die;
	PostgreSQL::Test::Utils::append_to_file("$storage/organizations/1/a.csv", "a\n");
	install_fake($server, 'csv');
	change_settings($server, 'rivergen.storage_root' => $storage);
	my $id = create_source(
		$server,
		{   name => 'file', type => 'csv', file_path => 'organizations/1/a.csv', credentials => {},
			schema_auto_refresh => JSON::PP::false, metadata => { behaviour => 'endpoint' }
		});
	discover($server, $id);
	is( told($id, 'endpoint'),
		'database null, driver null, host null, path "organizations/1/a.csv", schema null, tunnel false',
		'path is told, and no host');
	is(told($id, 'hosts'), '', 'the list of hosts is empty');
};

subtest 'connections are counted at every host' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $many = source('many', '127.0.0.1:7001,127.0.0.1:7002', metadata => { behaviour => 'slow', gate => $gate });
	my $second = source('second', '127.0.0.1', port => 7002);
	my $other = source('other', '127.0.0.1', port => 7003);
	my $job = call($server, "rivergen.discover_schema($many, wait => false)")->{data}{job_id};
	wait_job($server, $job, 'running');
	my $held_back = call($server, "rivergen.discover_schema($second, wait => false)")->{data}{job_id};
	my $free = call($server, "rivergen.discover_schema($other, wait => false)")->{data}{job_id};
	wait_job($server, $free, 'succeeded');
	is(job($server, $held_back)->{status}, 'queued', 'a source at the second host waits');
	open my $file, '>', $gate or die $!;
	close $file;
	wait_job($server, $_, 'succeeded') for $job, $held_back;
	pass('the waiting source is discovered in its turn');
};

survives($server);
done_testing();
