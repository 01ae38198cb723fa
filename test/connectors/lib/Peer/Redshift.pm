# A simulated Redshift (RedshiftCatalogs.pm), for the connector redshift.
package Peer::Redshift;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use IO::Socket::INET;
use OlderServer;
use Peer::Postgresql;
use RedshiftCatalogs;
use Source;

# One that has what these statements make.
sub with
{
	my ($class, @statements) = @_;
	start_server();
	sql('CREATE DATABASE source', database => 'postgres');
	sql($_) for redshift_catalogs(), "ALTER ROLE reader PASSWORD '$password'", @statements;
	return bless { port => start_older_server($port) }, $class;
}

sub new
{
	my ($class) = @_;
	my $wide = 'CREATE TABLE shop.wide (' . join(', ', map { "column_$_ text" } 1 .. 300) . ')';
	my $rights =
		'GRANT USAGE ON SCHEMA shop, "Odd.Schema ""q""", spectrum TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA shop, "Odd.Schema ""q""" TO reader';
	return $class->with(<<~'EOT', $wide, $rights);
		CREATE SCHEMA "Odd.Schema ""q""";
		CREATE SCHEMA shop;
		CREATE SCHEMA spectrum;
		CREATE TABLE shop.customers (id bigint PRIMARY KEY, name varchar(20) NOT NULL, note varchar(20));
		INSERT INTO shop.customers VALUES (1, 'x', NULL), (2, E'a\tb\\c\n', ''), (3, 'größe 😀', '\N'), (4, 'X', 'x'), (5, '\.', NULL);
		CREATE TABLE shop.orders (id integer PRIMARY KEY, customer bigint REFERENCES shop.customers);
		CREATE TABLE "Odd.Schema ""q"""."Größe, ""x"".y 😀" ("a.b" text);
		INSERT INTO shop.orders VALUES (1, NULL);
		CREATE VIEW shop.endless AS SELECT generate_series(1, 1000000000) AS i;
		CREATE VIEW shop.open_orders AS SELECT id FROM shop.orders;
		INSERT INTO simulated.late VALUES ('shop', 'late', 'id', 'integer', 1);
		INSERT INTO simulated.svv_external_tables VALUES ('spectrum', 'clicks', 's3://bucket/clicks/', 'PARQUET');
		INSERT INTO simulated.svv_external_columns VALUES ('spectrum', 'clicks', 'at', 'timestamp', 1, 0, 'true');
		EOT
}

sub base
{
	my ($self) = @_;
	return {
		type => 'redshift', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $self->{port} + 0, addresses => ['127.0.0.1'], database => 'source' }
	};
}

sub relations
{
	return (
		(map { [ 'shop', $_, 'table' ] } qw(customers orders wide)),
		(map { [ 'shop', $_, 'view' ] } qw(endless late open_orders)),
		[ 'spectrum', 'clicks', 'foreign_table' ],
		[ 'Odd.Schema "q"', 'Größe, "x".y 😀', 'table' ]);
}

sub patterns
{
	return (
		{ include => [ 'shop.*orders', '"Odd.Schema ""q"""' ], exclude => ['shop.open?orders'] },
		[ 'shop', 'orders' ], [ 'Odd.Schema "q"', 'Größe, "x".y 😀' ]);
}

sub failures
{
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'a missing database', { endpoint => { database => 'gone' } }, 'connect', 'database_not_found', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[   'another server', { credentials => { username => 'owner' } },
			'connect', 'unsupported', 0 ],
		[   'an authority that is none',
			{ endpoint => { host => 'source.test', tls => { mode => 'verify-ca', ca => 'nonsense' } } },
			'tls', 'tls', 0 ]);
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub sampled { return [ 'shop', 'orders' ] }
sub readable { my ($self) = @_; return $self->Peer::Postgresql::readable }
sub queries { my ($self) = @_; return $self->Peer::Postgresql::queries }
sub endless { my ($self) = @_; return $self->Peer::Postgresql::endless }
sub running { my ($self) = @_; return $self->Peer::Postgresql::running }

sub sessions { return sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen'") }

1;
