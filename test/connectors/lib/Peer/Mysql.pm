# A MariaDB server, for the connector mysql.
package Peer::Mysql;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use IO::Socket::INET;
use MariadbServer;

sub new
{
	my ($class) = @_;
	start_mariadb();
	sql(<<~'EOT');
		CREATE DATABASE `Odd.Schema ``q```;
		CREATE DATABASE shop CHARACTER SET utf8mb4;
		USE shop;
		CREATE TABLE customers (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(40) NOT NULL DEFAULT 'x');
		CREATE TABLE orders (
			id integer PRIMARY KEY, customer bigint, price decimal(10, 2) CHECK (price > 0), status varchar(10),
			FOREIGN KEY (customer) REFERENCES customers (id));
		CREATE TABLE `Odd.Schema ``q```.`Größe, ``x"".y` (`a.b` text);
		CREATE TABLE events (at date) PARTITION BY RANGE (year(at)) (PARTITION rest VALUES LESS THAN MAXVALUE);
		CREATE VIEW open_orders AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer;
		CREATE SEQUENCE customer_ids;
		CREATE TABLE kept (id integer) WITH SYSTEM VERSIONING;
		INSERT INTO orders VALUES (1, NULL, 2.5, 'new'), (2, NULL, 3, 'paid');
		CREATE USER reader;
		GRANT SELECT, SHOW VIEW ON shop.* TO reader;
		GRANT SELECT ON `Odd.Schema ``q```.* TO reader;
		EOT
	sql(q{SET PASSWORD FOR reader = PASSWORD('correct "horse" \\\\battery')});
	sql('CREATE TABLE shop.wide (' . join(', ', map { "column_$_ text" } 1 .. 300) . ')');
	return bless {}, $class;
}

sub base
{
	return {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

sub relations
{
	my %kinds = (
		table => [qw(customers orders kept wide)], partitioned_table => ['events'], view => ['open_orders'],
		sequence => ['customer_ids']);
	return (
		(   map {
				my $kind = $_;
				map { [ 'shop', $_, $kind ] } @{ $kinds{$kind} }
			} sort keys %kinds),
		[ 'Odd.Schema `q`', 'Größe, `x"".y', 'table' ]);
}

sub patterns
{
	return (
		{ include => [ 'shop.*orders', '"Odd.Schema `q`"' ], exclude => ['shop.open?orders'] },
		[ 'shop', 'orders' ], [ 'Odd.Schema `q`', 'Größe, `x"".y' ]);
}

sub failures
{
	make_certificate('other', 'other authority');
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return { endpoint => { host => $host, tls => { mode => $mode, ca => $authority } } };
	};
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'a database that may not be used', { endpoint => { database => 'mysql' } }, 'connect', 'permission', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', content("$home/server.crt")),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', content("$home/other.crt")), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[ 'a TLS mode that is none', $tls->('source.test', 'perhaps', undef), 'configure', 'configuration', 0 ]);
}

sub hide
{
	sql('CREATE TABLE shop.gone (a int); CREATE VIEW shop.broken AS SELECT a FROM shop.gone; DROP TABLE shop.gone');
	return ([ 'shop', 'broken' ], sub { sql('DROP VIEW shop.broken') });
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub sessions { return sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'reader'") }

sub sampled { return [ 'shop', 'orders' ] }

1;
