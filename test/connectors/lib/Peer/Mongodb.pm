# FerretDB, a server that speaks MongoDB's protocol, for the connector mongodb.
package Peer::Mongodb;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use IO::Socket::INET;
use MongoServer;

sub new
{
	my ($class) = @_;
	my $self = bless { server => MongoServer->new('ferretdb') }, $class;
	my $server = $self->{server};
	$server->insert('shop', 'orders', '{"_id": 1, "status": "new"}', '{"_id": 2, "status": "paid"}');
	$server->insert('shop', 'customers', '{"name": "x", "address": {"city": "y", "a.b": 1}, "tags": ["a", "b"]}');
	$server->insert('shop', 'größe system.', '{"größe 😀": 1}');
	$server->insert('shop', 'wide', '{' . join(', ', map { "\"column_$_\": $_" } 1 .. 300) . '}');
	$server->insert(
		'shop', 'notes',
		'{"_id": 1, "name": "x", "price": {"$numberDouble": "2.5"}, "at": {"$date": "2020-01-02T03:04:05.678Z"}}',
		'{"_id": 2, "name": "a\tb\\\\c\\n", "note": ""}',
		'{"_id": 3, "name": "größe 😀", "note": "\\\\N", "price": -1.25}',
		'{"_id": 4, "name": "X", "note": "x", "price": 1e300}',
		'{"_id": 5, "name": "\\\\.", "note": null, "price": 1e100}');
	return $self;
}

sub base { return $_[0]{server}->base('shop') }

sub relations
{
	return map { [ 'shop', $_, 'collection' ] } 'customers', 'größe system.', 'notes', 'orders', 'wide';
}

sub patterns
{
	return ({ include => ['shop.*o*'], exclude => ['shop.n*'] }, [ 'shop', 'customers' ], [ 'shop', 'orders' ]);
}

sub failures
{
	my ($self) = @_;
	my $server = $self->{server};
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return {
			endpoint => { host => $host, port => $server->{tls_port} + 0, tls => { mode => $mode, ca => $authority } }
		};
	};
	return (
		[ 'a wrong password', { credentials => { password => 'battery' } }, 'authenticate', 'authentication', 0 ],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => closed_port() } }, 'connect', 'refused', 1 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'no database', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'no password', { credentials => { password => undef } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', $self->file('authority.pem')),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', $self->file('other.pem')), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[   'no TLS', { endpoint => { tls => { mode => 'require' } }, limits => { connection_timeout => 1 } },
			'tls', 'timeout', 1 ]);
}

sub file
{
	my ($self, $name) = @_;
	open(my $file, '<', "$self->{server}{home}/$name") or die "$name: $!";
	local $/;
	return scalar <$file>;
}

sub closed_port
{
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
	return $socket->sockport;
}

# It accepts, and says nothing.
sub silence
{
	my $socket = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $socket->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $socket });
}

sub sessions { return $_[0]{server}->connections }

1;
