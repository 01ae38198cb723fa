# A PostgreSQL server, for the connector postgresql.
package Peer::Postgresql;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use IPC::Open3;
use Source;

sub new
{
	my ($class) = @_;
	start_server();
	sql('CREATE DATABASE source', database => 'postgres');
	sql(<<~'EOT');
		CREATE SCHEMA "Odd.Schema ""q""";
		CREATE SCHEMA shop;
		CREATE TABLE shop.customers (
			id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME shop.customer_ids) PRIMARY KEY, name text NOT NULL DEFAULT 'x',
			note varchar(20));
		CREATE TABLE shop.orders (
			id integer PRIMARY KEY, customer bigint REFERENCES shop.customers, price numeric CHECK (price > 0));
		CREATE TABLE "Odd.Schema ""q"""."Größe, ""x"".y 😀" ("a.b" text);
		CREATE TABLE shop.events (at date) PARTITION BY RANGE (at);
		CREATE TABLE shop.events_rest PARTITION OF shop.events DEFAULT;
		CREATE VIEW shop.open_orders AS SELECT o.id, c.name FROM shop.orders o JOIN shop.customers c ON c.id = o.customer;
		CREATE VIEW shop.endless AS SELECT generate_series(1, 1000000000) AS i;
		CREATE MATERIALIZED VIEW shop.kept AS SELECT count(*) AS n FROM shop.orders;
		CREATE FOREIGN DATA WRAPPER anything;
		CREATE SERVER elsewhere FOREIGN DATA WRAPPER anything;
		CREATE FOREIGN TABLE shop.far (a integer) SERVER elsewhere;
		INSERT INTO shop.orders VALUES (1, NULL, 2.5);
		INSERT INTO shop.customers (name, note) VALUES ('x', NULL), (E'a\tb\\c\n', ''), ('größe 😀', '\N'), ('X', 'x'), ('\.', NULL);
		EOT
	sql('CREATE TABLE shop.wide (' . join(', ', map { "column_$_ text" } 1 .. 300) . ')');
	return bless {}, $class;
}

sub base
{
	return {
		type => 'postgresql', credentials => { username => 'owner', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source' }
	};
}

sub relations
{
	my %kinds = (
		table => [qw(customers orders wide)], partitioned_table => ['events'], partition => ['events_rest'],
		view => [ 'open_orders', 'endless' ],
		materialized_view => ['kept'], foreign_table => ['far'], sequence => ['customer_ids']);
	return (
		(   map {
				my $kind = $_;
				map { [ 'shop', $_, $kind ] } @{ $kinds{$kind} }
			} keys %kinds),
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
	run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=other authority',
		'-keyout',
		"$home/other.key", '-out', "$home/other.crt");
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return { endpoint => { host => $host, tls => { mode => $mode, ca => $authority } } };
	};
	return (
		[   'a wrong password', { credentials => { password => 'battery, wrong' } }, 'authenticate', 'authentication', 0
		],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'a missing database', { endpoint => { database => 'gone' } }, 'connect', 'database_not_found', 0 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', content("$home/data/server.crt")),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', content("$home/other.crt")), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[ 'a TLS mode that is none', $tls->('source.test', 'perhaps', undef), 'configure', 'configuration', 0 ]);
}

sub hide
{
	my $pid = open3(my $in, my $out, undef, @psql, 'source');
	print $in "BEGIN; ALTER MATERIALIZED VIEW shop.kept RENAME TO kept_no_more; SELECT 'locked';\n";
	$in->flush;
	<$out>;
	return ([ 'shop', 'kept' ], sub { close $in; waitpid($pid, 0) });
}

# Accepts, and says nothing.
sub silence
{
	my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $silent->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $silent });
}

sub sessions { return sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen'") }

sub change
{
	sql('ALTER TABLE shop.customers ADD COLUMN more text');
	return [ 'shop', 'customers' ];
}

sub readable
{
	my $id = sql("SELECT 'shop.customers'::regclass::oid");
	return {
		relation => [ 'shop', 'customers', $id ], columns => [ 'id', 'name', 'note' ],
		rows => [
			[ '1', 'x', undef ],
			[ '2', "a\tb\\c\n", '' ],
			[ '3', 'größe 😀', '\\N' ],
			[ '4', 'X', 'x' ],
			[ '5', '\\.', undef ] ],
		conditions => [
			[ { column => 'name', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][1] eq 'größe 😀' } ],
			[ { column => 'name', op => '<>', type => 'text', value => 'x' }, sub { $_[0][1] ne 'x' } ],
			[   { column => 'note', op => 'in', type => 'text', values => [ '', '\\N', "'; DROP" ] },
				sub { ($_[0][2] // 'no') =~ /^(?:\\N)?$/ } ],
			[ { column => 'id', op => '>=', type => 'bigint', value => '3' }, sub { $_[0][0] >= 3 } ],
			[ { column => 'note', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'note', op => 'is not null' }, sub { defined $_[0][2] } ] ]
	};
}

sub queries
{
	return {
		text => "SELECT id, note FROM shop.customers WHERE name < 'y' OR note IS NULL ORDER BY id LIMIT 2",
		rows => [ [ '1', undef ], [ '2', '' ] ],
		broken => [
			'SELECT FROM FROM', 'SELECT 1; SELECT 2', 'DELETE FROM shop.orders RETURNING id',
			'SELECT gone FROM shop.orders',
			'SELECT $1::text', 'SET ROLE owner', '', "SELECT 1/(id - 3) FROM shop.customers" ]
	};
}

sub endless { return (operation => 'read', read => read_request([ 'shop', 'endless' ], ['i'])) }

sub running
{
	return sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen' AND state <> 'idle'");
}

sub sampled { return [ 'shop', 'orders' ] }

1;
