# A server of Redis with TLS and users, for the connector redis.
package Peer::Redis;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use IO::Socket::INET;
use RedisServer qw(content free_port make_certificate);

my $password = 'correct "horse" \\battery';

sub new
{
	my ($class) = @_;
	my $server = RedisServer->new(tls => 1);
	$server->calls(
		[   'ACL', 'SETUSER', 'reader', 'on', ">$password",
			map({ "~$_*" } qw(user queue größe wide tags scores events greeting)),
			'+@read', '+@connection', '+info', '+cluster', '-keys' ],
		(map { [ 'HSET', "user:$_", name => "größe $_", age => $_, note => "x\ty" ] } 1 .. 3),
		(map { [ 'SET', "user:$_:cart", qq({"lines": [{"sku": "a$_", "count": $_}], "open": true}) ] } 1 .. 3),
		(map { [ 'RPUSH', "queue:$_", 'a', 'b' ] } 1 .. 2),
		[ 'SET', 'greeting', 'hello' ],
		[ 'SET', "größe 😀 \"x\"", '1' ],
		[ 'SADD', 'tags', 'red', 'green' ],
		[ 'XADD', 'events', '1-1', kind => 'a', n => 1 ],
		[ 'ZADD', 'scores:1', 1.5, 'größe 😀', -2, "a\tb\\c\n", 0, '' ],
		[ 'ZADD', 'scores:2', 'inf', '\\N', 3, 'x' ],
		[ 'HSET', 'wide', map { ("column_$_" => 'x') } 1 .. 100 ]);
	return bless { server => $server }, $class;
}

sub base
{
	my ($self) = @_;
	return {
		type => 'redis', credentials => { username => 'reader', password => $password },
		endpoint =>
			{ host => '127.0.0.1', port => $self->{server}{port} + 0, addresses => ['127.0.0.1'], database => '0' }
	};
}

sub relations
{
	return map { [ 'db0', $_, 'collection' ] } 'user:*', 'user:*:cart', 'queue:*', 'greeting', "größe 😀 \"x\"", 'tags',
		'events', 'scores:*', 'wide';
}

sub patterns
{
	return (
		{ include => [ 'db0."user:*"*', 'db0.g*' ], exclude => ['db0.*cart'] },
		[ 'db0', 'user:*' ],
		[ 'db0', 'greeting' ], [ 'db0', "größe 😀 \"x\"" ]);
}

sub failures
{
	my ($self) = @_;
	my $server = $self->{server};
	my $encrypted = sub {
		my ($host, $mode, $authority) = @_;
		return {
			endpoint => { host => $host, port => $server->{tls_port} + 0, tls => { mode => $mode, ca => $authority } }
		};
	};
	make_certificate($server->{home}, 'other', 'other authority');
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a user without a password', { credentials => { password => undef } }, 'configure', 'configuration', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'a database that is no number', { endpoint => { database => 'shop' } }, 'configure', 'configuration', 0 ],
		[ 'a database that is not there', { endpoint => { database => '99' } }, 'connect', 'database_not_found', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'no port', { endpoint => { port => undef } }, 'configure', 'configuration', 0 ],
		[   'a delimiter that is none', { operation => 'discover', endpoint => { options => { delimiter => '*' } } },
			'configure', 'configuration', 0 ],
		[ 'a password that would be readable', { endpoint => { tls => { mode => 'prefer' } } }, 'tls', 'tls', 0 ],
		[   'a server without TLS',
			{ endpoint => { tls => { mode => 'require' } }, limits => { connection_timeout => 3 } },
			'tls', 'timeout', 1 ],
		[   'another name in the certificate',
			$encrypted->('other.test', 'verify-full', content("$server->{home}/server.crt")),
			'tls', 'tls', 0 ],
		[   'another authority', $encrypted->('source.test', 'verify-full', content("$server->{home}/other.crt")),
			'tls',
			'tls', 0 ],
		[ 'an authority that is none', $encrypted->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ]);
}

sub hide
{
	my ($self) = @_;
	$self->{server}->call('SET', "hidden:$_", 'x') for 1 .. 3;
	return (
		[ 'db0', 'hidden:*' ],
		sub {
			$self->{server}->call('DEL', map { "hidden:$_" } 1 .. 3);
		});
}

sub sampled { return [ 'db0', 'user:*' ], [ 'db0', 'queue:*' ], [ 'db0', 'greeting' ], [ 'db0', 'events' ] }

sub readable
{
	my $condition = sub {
		my ($column, $op, $type, $value, $holds) = @_;
		return [ { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value }, $holds ];
	};
	return {
		relation => [ 'db0', 'scores:*' ], columns => [qw(key member score)],
		rows => [
			[ 'scores:1', 'größe 😀', '1.5' ],
			[ 'scores:1', "a\tb\\c\n", '-2' ],
			[ 'scores:1', '', '0' ],
			[ 'scores:2', '\N', 'inf' ],
			[ 'scores:2', 'x', '3' ] ],
		conditions => [
			$condition->('key', '=', 'text', 'scores:2', sub { $_[0][0] eq 'scores:2' }),
			$condition->('key', '<>', 'text', 'scores:2', sub { $_[0][0] ne 'scores:2' }),
			$condition->(
				'key', 'in', 'text', [ 'scores:2', 'scores:2', 'gone', 'user:1' ], sub { $_[0][0] eq 'scores:2' }),
			$condition->('member', '=', 'text', 'größe 😀', sub { $_[0][1] eq 'größe 😀' }),
			$condition->('member', 'in', 'text', [ '', '\N' ], sub { $_[0][1] =~ /^(?:\\N)?$/ }),
			$condition->('score', '>', 'double precision', '1.5', sub { $_[0][2] eq 'inf' || $_[0][2] > 1.5 }),
			$condition->('score', '<', 'double precision', 'NaN', sub { 1 }),
			$condition->('score', 'in', 'double precision', [ 'Infinity', '-2' ], sub { $_[0][2] =~ /^(?:inf|-2)$/ }),
			[ { column => 'member', op => 'is null' }, sub { 0 } ],
			[ { column => 'key', op => 'is not null' }, sub { 1 } ] ]
	};
}

sub endless
{
	my ($self) = @_;
	$self->{server}->calls(map { [ 'RPUSH', 'queue:endless', (1 .. 1000) ] } 1 .. 500);
	return (operation => 'read', read => read_request([ 'db0', 'queue:*' ], [ 'key', 'index', 'value' ]));
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub sessions
{
	my ($self) = @_;
	my @clients = split /\n/, $self->{server}->call('CLIENT', 'LIST');
	return scalar grep { / user=reader / } @clients;
}

1;
