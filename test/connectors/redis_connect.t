# How the connector redis connects: TLS in every mode, client certificates, users and passwords, several hosts, and a cluster.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use RedisServer qw(content free_port);
use Test::More;

my $connector = [ installed_connector('redis') ];
my $password = 'battery horse staple';

# The frames of an answer of the server at a port.
sub ask
{
	my ($port, %change) = @_;
	my $base = {
		type => 'redis',
		endpoint =>
			{ host => 'source.test', port => $port + 0, addresses => ['127.0.0.1'], tls => delete $change{tls} },
		credentials => delete $change{credentials} // {}
	};
	my $reads = ($change{operation} // '') eq 'read';
	my $run = ask_connector($connector, request_line($base, %change), open => $reads);
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $password)), 0, 'no secret is told');
	return @{ $run->{frames} };
}

sub connects
{
	my ($name, @asked) = @_;
	my @frames = ask(@asked, operation => 'test');
	return is($frames[-1]{frame}, 'end', $name) || diag(explain($frames[-1]));
}

subtest 'TLS' => sub {
	my $server = RedisServer->new(tls => 1, password => $password);
	my $authority = content("$server->{home}/server.crt");
	my %login = (credentials => { password => $password });
	connects("with the mode $_", $server->{tls_port}, tls => { mode => $_, ca => $authority }, %login)
		for qw(prefer require verify-ca verify-full);
	connects('without TLS, if that is meant', $server->{port}, tls => { mode => 'disable' }, %login);
	fails_with(
		'a password is not sent readable under prefer', 'tls', 'tls', 0,
		ask($server->{port}, tls => { mode => 'prefer' }, %login));
	fails_with(
		'unknown authorities', 'tls', 'tls', 0,
		ask($server->{tls_port}, tls => { mode => 'verify-full' }, %login));
	fails_with(
		'no TLS at a port with TLS', 'connect', 'unreachable', 1,
		ask($server->{tls_port}, tls => { mode => 'disable' }, %login, operation => 'test'));
	fails_with(
		'no password', 'authenticate', 'authentication', 0,
		ask($server->{tls_port}, tls => { mode => 'require' }, operation => 'test'));
	fails_with(
		'another password', 'authenticate', 'authentication', 0,
		ask($server->{tls_port}, tls => { mode => 'require' }, credentials => { password => 'x' }));
};

subtest 'client certificates' => sub {
	my $server = RedisServer->new(tls => 1, clients => 'yes');
	my ($certificate, $key) = map { content("$server->{home}/server.$_") } qw(crt key);
	my %tls = (tls => { mode => 'verify-full', ca => $certificate });
	connects(
		'one that is known', $server->{tls_port}, %tls,
		credentials => { tls_client_certificate => $certificate, tls_client_key => $key });
	fails_with('none', 'tls', 'tls', 0, ask($server->{tls_port}, %tls, operation => 'test'));
	fails_with(
		'one without its key', 'configure', 'configuration', 0,
		ask($server->{tls_port}, %tls, credentials => { tls_client_certificate => $certificate }));
	fails_with(
		'a key that is none', 'tls', 'tls', 0,
		ask($server->{tls_port}, %tls,
			credentials => { tls_client_certificate => $certificate, tls_client_key => 'nonsense' }));
};

subtest 'a server without a password' => sub {
	my $server = RedisServer->new;
	connects('under prefer', $server->{port}, tls => { mode => 'prefer' });
	fails_with(
		'a password that it does not have', 'authenticate', 'authentication', 0,
		ask($server->{port}, tls => { mode => 'disable' }, credentials => { password => $password }));
	my $dead = free_port();
	my @hosts = map { { host => 'source.test', port => $_ + 0, addresses => ['127.0.0.1'] } } $dead, $server->{port};
	connects('the second of several hosts', $dead, tls => { mode => 'disable' }, endpoint => { hosts => \@hosts });
	@hosts = map { { host => $_, port => $server->{port} + 0 } } 'nowhere.invalid', '127.0.0.1';
	connects(
		'the first one is not known', $dead, tls => { mode => 'disable' },
		endpoint => { hosts => \@hosts, addresses => undef, host => 'nowhere.invalid' });
	connects(
		'through a tunnel a password may be sent', $server->{port}, tls => { mode => 'prefer' },
		endpoint => { tunnel => JSON::PP::true });
};

# ---- a cluster ----

sub start_cluster
{
	my @nodes;
	for (1 .. 3)
	{
		my $bus = free_port();
		my $node = RedisServer->new(
			settings => [
				'cluster-enabled yes', "cluster-port $bus", 'cluster-node-timeout 60000',
				'cluster-require-full-coverage no' ]);
		$node->{bus} = $bus;
		push @nodes, $node;
	}
	my @slots = ([ 0, 5460 ], [ 5461, 10922 ], [ 10923, 16383 ]);
	$nodes[$_]->call('CLUSTER', 'ADDSLOTSRANGE', @{ $slots[$_] }) for 0 .. 2;
	$nodes[0]->call('CLUSTER', 'MEET', '127.0.0.1', @{ $nodes[$_] }{qw(port bus)}) for 1, 2;
	for my $node (@nodes)
	{
		for (1 .. 1200)
		{
			my $info = $node->call('CLUSTER', 'INFO');
			last if $info =~ /cluster_state:ok/ && $info =~ /cluster_slots_assigned:16384/;
			select undef, undef, undef, 0.05;
		}
	}
	return @nodes;
}

# Sets the keys where they belong.
sub set_keys
{
	my ($nodes, %keys) = @_;
	for my $key (sort keys %keys)
	{
		for my $node (@$nodes)
		{
			last if eval { $node->call('SET', $key, $keys{$key}); 1 };
		}
	}
	return;
}

subtest 'a cluster' => sub {
	my @nodes = start_cluster();
	set_keys(\@nodes, map { ("user:$_" => $_) } 1 .. 60);
	my @counts = map { $_->call('DBSIZE') } @nodes;
	is(scalar(grep { $_ > 5 } @counts), 3, "each node has some of the keys: @counts");
	my %plain = (tls => { mode => 'disable' });
	for my $node (@nodes)
	{
		my ($relation) = frames_of('relation', ask($node->{port}, %plain));
		is_deeply([ @$relation{qw(name row_estimate)} ], [ 'user:*', 60 ], 'wherever it is asked, all keys are found');
	}
	my $read =
		sub { my (%how) = @_; return (operation => 'read', read => read_request([ 'db0', 'user:*' ], ['value'], %how)) };
	is_deeply(
		[ sort { $a <=> $b } map { $_->[0] } rows_of(ask($nodes[1]{port}, %plain, $read->())) ],
		[ 1 .. 60 ], 'and read');
	my @some = map { { column => 'key', op => 'in', type => 'text', values => [ map { "user:$_" } 1 .. 10 ] } } 1;
	is_deeply(
		[ sort { $a <=> $b } map { $_->[0] } rows_of(ask($nodes[2]{port}, %plain, $read->(conditions => \@some))) ],
		[ 1 .. 10 ], 'keys that a condition names are found on their nodes');
	is(scalar(rows_of(ask($nodes[0]{port}, %plain, $read->(limit => 3)))), 3, 'a limit holds for all nodes together');
	is_deeply(
		[   map { @$_ } rows_of(
				ask($nodes[0]{port}, %plain, operation => 'read', read => read_request([ 'db0', 'user:7' ], ['value'])))
		],
		['7'],
		'a relation of one key is found');
	my @frames = ask(
		$nodes[0]{port},
		%plain,
		operation => 'sample',
		sample => {
			relations => [ { schema => 'db0', name => 'user:*' } ], categories => 60, category_length => 50,
			examples => 3,
			example_length => 200, masking => JSON::PP::false, relation_timeout => 60
		});
	is(scalar @{ (frames_of('sample', @frames))[0]{examples} }, 3, 'and sampled');
	fails_with(
		'another database', 'configure', 'configuration', 0,
		ask($nodes[0]{port}, %plain, endpoint => { database => '1' }));
	@frames = ask($nodes[0]{port}, %plain, endpoint => { tunnel => JSON::PP::true });
	is((frames_of('relation', @frames))[0]{row_estimate}, $counts[0], 'through a tunnel one node is read');
	ok((grep { $_->{message} =~ /cannot be dialed/ } frames_of('log', @frames)), 'which is said');

	$_->call('ACL', 'SETUSER', 'default', '-info') for @nodes;
	is((frames_of('relation', ask($nodes[0]{port}, %plain)))[0]{row_estimate}, 60, 'also where INFO is forbidden');

	$nodes[2]->stop;
	@frames = ask($nodes[0]{port}, %plain);
	my $missing = "Of the cluster's 16384 slots 10923 were read";
	ok((grep { index($_->{message}, $missing) == 0 } frames_of('log', @frames)), 'a node that is down costs its slots')
		or diag(explain(\@frames));
	is_deeply([ map { $_->{name} } frames_of('relation', @frames) ], ['user:*'], 'the others are described');
	fails_with('but no rows are left out', 'connect', 'refused', 1, ask($nodes[0]{port}, %plain, $read->()));
};

done_testing;
