# Discovery of many relations of each service, beside what its users would take instead. Prints figures; asserts nothing of them.
# NUMBER=1000 TESTS=bench/services.t test/lib/check.sh
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/../connectors/lib';
use Connector;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;

my $here = dirname(__FILE__);
my $folder = tempdir(CLEANUP => 1);
my $number = $ENV{NUMBER} // 1000;
my $columns = $ENV{COLUMNS} // 9;    # of each table of snowflake: beyond 10,000 in all, table by table is asked

sub measured
{
	my ($input, @command) = @_;
	open(my $file, '>', "$folder/input") or die $!;
	print $file $input;
	close $file;
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	open(my $measure, '-|', '/usr/bin/python3', "$here/process.py", "$folder/input", @command) or die $!;
	return split ' ', readline($measure) // '? ? ?';
}

# Passes on what two sockets say until the other process ends; returns how often the client spoke after an answer.
sub pass_on
{
	my ($proxy, $port, $is_over) = @_;
	my $all = IO::Select->new($proxy, $is_over);
	my ($turns, %other, %may_count) = (0);
	while (1)
	{
		for my $from ($all->can_read)
		{
			return $turns if $from == $is_over;
			if ($from == $proxy)
			{
				my @pair = ($proxy->accept, IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port));
				@other{@pair} = reverse @pair;
				$may_count{ $pair[0] } = 1;
				$all->add(@pair);
				next;
			}
			my $to = $other{$from} or next;
			if (sysread $from, my $piece, 65536)
			{
				$turns++ if $may_count{$from};
				$may_count{$from} = 0 if defined $may_count{$from};
				$may_count{$to} = 1 if defined $may_count{$to};
				syswrite $to, $piece;
				next;
			}
			$all->remove($from, $to);
			delete @other{ $from, $to };
			close $_ for $from, $to;
		}
	}
}

# How often the connector asks something after it was answered. What it asks at once counts once.
sub turns_of
{
	my ($base, $act) = @_;
	my $proxy = IO::Socket::INET->new(Listen => 20, LocalAddr => '127.0.0.1') or die $!;
	pipe(my $count, my $counted) or die $!;
	pipe(my $is_over, my $end) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		close $end;
		syswrite $counted, pass_on($proxy, $base->{endpoint}{port}, $is_over) . "\n";
		POSIX::_exit(0);
	}
	$act->({ %$base, endpoint => { %{ $base->{endpoint} }, port => $proxy->sockport } });
	close $end;
	waitpid $pid, 0;
	return scalar readline $count;
}

# others: what it is beside, and the command.
sub compare
{
	my ($type, $base, $count, @others) = @_;
	my $connector = installed_connector($type);
	my $line = sub { request_line($_[0], limits => { query_timeout => 300 }) };
	my ($found, $turns) = (0);
	my $ask = sub {
		$found = grep { $_->{frame} eq 'relation' } @{ ask_connector([$connector], $line->($_[0]))->{frames} };
	};
	if ($base->{endpoint}{port}) { chomp($turns = turns_of($base, $ask)) }
	else { $ask->($base) }
	diag(
		sprintf '%s, %d relations: %s s, processor %s s, %s MB; %s turns of question and answer',
		$type, $found, measured($line->($base), $connector),
		$turns // 'uncounted');
	while (my ($what, $command) = splice @others, 0, 2)
	{
		diag(sprintf '   %s: %s s, %s s, %s MB', $what, measured('', @$command));
	}
	return cmp_ok($found, '>=', $count, "$type: all relations are found");
}

sub client { return ('/usr/bin/python3', "$here/services.py", @_) }

sub redis
{
	require Peer::Redis;
	my $peer = Peer::Redis->new;
	$peer->{server}->calls(
		[ 'ACL', 'SETUSER', 'reader', '~*' ],
		map {
			my $kind = $_;
			map { [ 'HSET', "kind$kind:$_", a => 1, b => 'x' ] } 1 .. 100
		} 1 .. $number);
	my $base = $peer->base;
	return compare(
		'redis', $base, 1,
		'redis-cli --scan' => [
			'redis-cli', '-p', $base->{endpoint}{port}, '--user', 'reader', '--pass', $base->{credentials}{password},
			'--no-auth-warning', '--scan' ]);
}

sub mongodb
{
	require MongoServer;
	my $server = MongoServer->new('ferretdb');
	for my $i (1 .. $number)
	{
		$server->insert(
			'many', "c$i",
			map { qq({"_id": $_, "name": "x", "address": {"city": "y"}, "tags": ["a"]}) } 1 .. 20);
	}
	my $base = $server->base('many');
	my ($user, $password) = @{ $base->{credentials} }{qw(username password)};
	$password =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge if defined $password;
	my $login = defined $user ? "$user:$password@" : '';
	my $uri = "mongodb://${login}127.0.0.1:$base->{endpoint}{port}/?authSource=admin";
	chomp(my $modules = `$here/../lib/npm.sh $here/../peers/compass`);
	return compare(
		'mongodb', $base, $number,
		'pymongo, 100 documents each' => [ client('mongodb', $base->{endpoint}{port}, $uri) ],
		'mongodb-schema, as Compass, 1,000 documents each' => [ 'node', "$here/compass.js", $modules, $uri ]);
}

sub cassandra
{
	require CassandraServer;
	my $server = CassandraServer->new;
	my @columns = map { "c$_ text" } 1 .. 19;
	$server->run(
		"CREATE KEYSPACE many WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		map { "CREATE TABLE many.t$_ (id bigint PRIMARY KEY, " . join(', ', @columns) . ')' } 1 .. $number);
	my $base = $server->base;
	$base->{endpoint}{database} = 'many';
	$base->{credentials} = { username => 'cassandra', password => 'cassandra' };
	return compare(
		'cassandra', $base, $number,
		'DESCRIBE KEYSPACE, as cqlsh, by the driver of Python' =>
			[ client('cassandra', $base->{endpoint}{port}, qw(cassandra cassandra)) ]);
}

sub elasticsearch
{
	require SearchServer;
	my $server = SearchServer->new;
	$server->start_fronts;
	$server->ask(PUT => '/_cluster/settings', { persistent => { 'cluster.max_shards_per_node' => $number + 100 } });
	for my $i (1 .. $number)
	{
		$server->ask(
			PUT => "/i$i",
			{   settings => { number_of_replicas => 0 },
				mappings => { properties => { map { ("f$_" => { type => 'keyword' }) } 1 .. 20 } }
			});
	}
	my $base = $server->base('front');
	return compare(
		'elasticsearch', $base, $number,
		'all mappings at once' =>
			[ client('elasticsearch', $base->{endpoint}{port}, @{ $base->{credentials} }{qw(username password)}) ]);
}

sub dynamodb
{
	require Peer::Dynamodb;
	my $peer = Peer::Dynamodb->new;
	for my $i (1 .. $number)
	{
		$peer->create("many$i", 'id:S');
		$peer->put("many$i", { id => { S => "$_" }, n => { N => "$_" } }) for 1 .. 2;
	}
	my $base = $peer->base;
	return compare(
		'dynamodb', $base, $number,
		'boto3, 200 items each' => [
			client('dynamodb', $base->{endpoint}{port}, @{ $base->{credentials} }{qw(access_key_id secret_access_key)})
		]);
}

sub bigquery
{
	require Peer::Bigquery;
	my $peer = Peer::Bigquery->new;
	$peer->dataset('many');
	$peer->table('many', "t$_", schema => { fields => [ map { { name => "f$_", type => 'STRING' } } 1 .. 20 ] })
		for 1 .. $number;
	return compare(
		'bigquery', $peer->base, $number,
		'urllib, one request a table' => [ client('bigquery', $peer->{port}) ]);
}

sub snowflake
{
	require Peer::Snowflake;
	my $peer = Peer::Snowflake->new;
	$peer->control(
		rule => { partition_rows => 1000, latency => 0 + ($ENV{LATENCY} // 0) },
		create => [
			map { {
				schema => 'MANY', name => "T$_", is_empty => 1,
				columns => [ map { [ "F$_", 'VARCHAR' ] } 1 .. $columns ]
			} } 1 .. $number ]);
	return compare(
		'snowflake', $peer->base, $number,
		'snowflake-sql-api, the same SHOW' => [ client('snowflake', $peer->{port}, $peer->{told}) ]);
}

for my $type (split ' ', $ENV{SERVICES} // 'redis mongodb elasticsearch cassandra dynamodb bigquery snowflake')
{
	my $run = __PACKAGE__->can($type) or die "no such service: $type";
	eval { $run->(); 1 } or fail("$type: $@");
}
done_testing();
