# A real Cassandra, for the connector cassandra.
package Peer::Cassandra;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use CassandraServer;
use Connector;
use IO::Socket::INET;

my $simple = q{WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}};

sub new
{
	my ($class) = @_;
	my $server = CassandraServer->new;
	(my $quoted = $CassandraServer::password) =~ s/'/''/g;
	$server->run(
		"CREATE KEYSPACE shop $simple",
		qq{CREATE KEYSPACE "CamelCase" $simple},
		'CREATE TYPE shop.address (street text, "Zip.Code" int)',
		'CREATE TABLE shop.customers (id bigint PRIMARY KEY, name text, home frozen<address>, others list<frozen<address>>)
			WITH comment = \'who buys\'',
		'CREATE TABLE shop.orders (customer bigint, at timestamp, n int, status text, total decimal, note text static,
			PRIMARY KEY ((customer), at, n)) WITH CLUSTERING ORDER BY (at DESC, n ASC)',
		'CREATE INDEX by_status ON shop.orders (status)',
		'CREATE MATERIALIZED VIEW shop.orders_by_n AS SELECT customer, at, n, status FROM shop.orders
			WHERE n IS NOT NULL AND customer IS NOT NULL AND at IS NOT NULL PRIMARY KEY (n, customer, at)',
		'CREATE TABLE shop.visits (page text PRIMARY KEY, visits counter)',
		'CREATE TABLE shop.wide (id int PRIMARY KEY, ' . join(', ', map { "column_$_ text" } 1 .. 300) . ')',
		'CREATE TABLE "CamelCase"."Groesse_X" (id int PRIMARY KEY)',
		'CREATE TABLE shop.notes (id bigint PRIMARY KEY, name text, note text, price decimal, born date, at timestamp)',
		'CREATE TABLE shop.many (id int PRIMARY KEY, content text)',
		[   'INSERT INTO shop.many (id, content) VALUES (?, ?)',
			map { [ $_, 'x' x 2000 ] } 1 .. 3000 ],
		"INSERT INTO shop.notes (id, name, price, born, at) VALUES (1, 'x', 2.5, '2020-01-02', '2020-01-02 03:04:05.678+0000')",
		[ 'INSERT INTO shop.notes (id, name, note) VALUES (?, ?, ?)', [ 2, "a\tb\\c\n", '' ], [ 4, 'X', 'x' ] ],
		"INSERT INTO shop.notes (id, name, note, price, born) VALUES (3, 'größe 😀', '\\N', -1, '1999-12-31')",
		"INSERT INTO shop.notes (id, name, price) VALUES (5, '\\.', 100)",
		"INSERT INTO shop.orders (customer, at, n, status) VALUES (1, '2024-01-01', 1, 'new')",
		"INSERT INTO shop.orders (customer, at, n, status) VALUES (1, '2024-01-02', 1, 'paid')",
		"CREATE ROLE reader WITH PASSWORD = '$quoted' AND LOGIN = true",
		"CREATE ROLE nobody WITH PASSWORD = '$quoted' AND LOGIN = false",
		'GRANT SELECT ON ALL KEYSPACES TO reader');
	return bless { server => $server }, $class;
}

sub base { return $_[0]{server}->base }

sub relations
{
	return (
		(map { [ 'shop', $_, 'table' ] } qw(customers orders visits wide notes many)),
		[ 'shop', 'orders_by_n', 'materialized_view' ],
		[ 'CamelCase', 'Groesse_X', 'table' ]);
}

sub patterns
{
	return (
		{ include => [ 'shop.*orders*', '"CamelCase"' ], exclude => ['shop.orders_by?n'] },
		[ 'shop', 'orders' ],
		[ 'CamelCase', 'Groesse_X' ]);
}

sub failures
{
	my ($self) = @_;
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return { endpoint => { host => $host, tls => { mode => $mode, ca => $authority } } };
	};
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a role without LOGIN', { credentials => { username => 'nobody' } }, 'authenticate', 'authentication', 0 ],
		[ 'no password', { credentials => { password => '' } }, 'configure', 'configuration', 0 ],
		[   'a port where nothing listens', { endpoint => { port => CassandraServer::free_port() } }, 'connect',
			'refused', 1 ],
		[ 'an unknown keyspace', { endpoint => { database => 'gone' } }, 'connect', 'database_not_found', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'no keyspace', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', $self->{server}->certificate),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', undef), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[ 'a TLS mode that is none', $tls->('source.test', 'perhaps', undef), 'configure', 'configuration', 0 ]);
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub readable
{
	my $condition = sub {
		my ($column, $op, $type, $value, $holds) = @_;
		return [ { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value }, $holds ];
	};
	return {
		relation => [ 'shop', 'notes' ],
		columns => [qw(id name note price born at)],
		rows => [
			[ 1, 'x', undef, '2.5', '2020-01-02', '2020-01-02 03:04:05.678+00' ],
			[ 2, "a\tb\\c\n", '', undef, undef, undef ],
			[ 3, 'größe 😀', '\N', '-1', '1999-12-31', undef ],
			[ 4, 'X', 'x', undef, undef, undef ],
			[ 5, '\.', undef, '100', undef, undef ] ],
		conditions => [
			$condition->('name', '=', 'text', 'größe 😀', sub { $_[0][1] eq 'größe 😀' }),
			$condition->('name', '<>', 'text', 'x', sub { $_[0][1] ne 'x' }),
			$condition->('note', 'in', 'text', [ '', '\N', "'; DROP" ], sub { ($_[0][2] // 'no') =~ /^(?:\\N)?$/ }),
			$condition->('id', '>=', 'bigint', '3', sub { $_[0][0] >= 3 }),
			$condition->('id', '=', 'bigint', '3', sub { $_[0][0] == 3 }),
			$condition->('id', 'in', 'bigint', [ '1', '9' ], sub { $_[0][0] == 1 }),
			$condition->('price', '<', 'numeric', '2.6', sub { ($_[0][3] // 9) < 2.6 }),
			$condition->('born', '>', 'date', '2000-01-01', sub { ($_[0][4] // '') gt '2000' }),
			$condition->('at', '=', 'timestamp with time zone', '2020-01-02 04:04:05.678+01', sub { defined $_[0][5] }),
			[ { column => 'note', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'note', op => 'is not null' }, sub { defined $_[0][2] } ] ]
	};
}

sub endless
{
	return (operation => 'read', read => read_request([ 'shop', 'many' ], [ ('content') x 50 ]));
}

sub sampled { return ([ 'shop', 'notes' ], [ 'shop', 'orders' ]) }

sub sessions { return $_[0]{server}->sessions }

1;
