# Discovery of many relations of each service, beside what its users would take instead. Prints figures; asserts nothing of them.
# NUMBER=1000 TESTS=bench/services.t test/lib/check.sh
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/../connectors/lib';
use Connector;
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

sub compare
{
	my ($type, $base, $count, $what, @other) = @_;
	my $request = request_line($base, limits => { query_timeout => 300 });
	my $found =
		grep { $_->{frame} eq 'relation' } @{ ask_connector([ installed_connector($type) ], $request)->{frames} };
	my @ours = measured($request, installed_connector($type));
	my @theirs = measured('', @other);
	diag(
		sprintf '%s, %d relations: %s s, processor %s s, %s MB; %s: %s s, %s s, %s MB', $type, $found, @ours, $what,
		@theirs);
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
		'redis', $base, 1, 'redis-cli --scan',
		'redis-cli', '-p', $base->{endpoint}{port}, '--user', 'reader', '--pass', $base->{credentials}{password},
		'--no-auth-warning', '--scan');
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
	return compare(
		'mongodb', $base, $number, 'pymongo, 100 documents each',
		client(
			'mongodb', $base->{endpoint}{port}, "mongodb://${login}127.0.0.1:$base->{endpoint}{port}/?authSource=admin")
	);
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
		'elasticsearch', $base, $number, 'all mappings at once',
		client('elasticsearch', $base->{endpoint}{port}, @{ $base->{credentials} }{qw(username password)}));
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
		'dynamodb', $base, $number, 'boto3, 200 items each',
		client('dynamodb', $base->{endpoint}{port}, @{ $base->{credentials} }{qw(access_key_id secret_access_key)}));
}

sub bigquery
{
	require Peer::Bigquery;
	my $peer = Peer::Bigquery->new;
	$peer->dataset('many');
	$peer->table('many', "t$_", schema => { fields => [ map { { name => "f$_", type => 'STRING' } } 1 .. 20 ] })
		for 1 .. $number;
	return compare('bigquery', $peer->base, $number, 'urllib, one request a table', client('bigquery', $peer->{port}));
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
		'snowflake', $peer->base, $number, 'snowflake-sql-api, the same SHOW',
		client('snowflake', $peer->{port}, $peer->{told}));
}

for my $type (split ' ', $ENV{SERVICES} // 'redis mongodb elasticsearch dynamodb bigquery snowflake')
{
	my $run = __PACKAGE__->can($type) or die "no such service: $type";
	eval { $run->(); 1 } or fail("$type: $@");
}
done_testing();
