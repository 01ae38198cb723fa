# A MariaDB server, for the connector mysql.
package Peer::Mysql;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Connector;
use Frames;
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
		CREATE TABLE notes (id bigint PRIMARY KEY, name varchar(40) NOT NULL, note text, price decimal(10, 2), born date, at datetime(3));
		INSERT INTO notes VALUES (1, 'x', NULL, 2.50, '2020-01-02', '2020-01-02 03:04:05.678'), (2, 'a\tb\\c\n', '', NULL, NULL, NULL),
			(3, 'größe 😀', '\\N', -1, '1999-12-31', NULL), (4, 'X', 'x', 0, NULL, NULL), (5, '\\.', NULL, 100, NULL, NULL);
		CREATE VIEW endless AS SELECT a.seq * 1000000 + b.seq AS i FROM seq_1_to_1000000000 a JOIN seq_1_to_1000000 b;
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
		table => [qw(customers orders kept notes wide)], partitioned_table => ['events'],
		view => [qw(endless open_orders)],
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

sub readable
{
	my $condition = sub {
		my ($column, $op, $type, $value, $holds) = @_;
		return [ { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value }, $holds ];
	};
	return {
		relation => [ 'shop', 'notes' ], columns => [qw(id name note price born at)],
		rows => [
			[ '1', 'x', undef, '2.50', '2020-01-02', '2020-01-02 03:04:05.678' ],
			[ '2', "a\tb\\c\n", '', undef, undef, undef ],
			[ '3', 'größe 😀', '\N', '-1.00', '1999-12-31', undef ],
			[ '4', 'X', 'x', '0.00', undef, undef ],
			[ '5', '\.', undef, '100.00', undef, undef ] ],
		conditions => [
			$condition->('name', '=', 'text', 'größe 😀', sub { $_[0][1] eq 'größe 😀' }),
			$condition->('name', '=', 'text', 'x', sub { $_[0][1] eq 'x' }),
			$condition->('name', '<>', 'text', 'x', sub { $_[0][1] ne 'x' }),
			$condition->('note', 'in', 'text', [ '', '\N', "'; DROP" ], sub { ($_[0][2] // 'no') =~ /^(?:\\N)?$/ }),
			$condition->('id', '>=', 'bigint', '3', sub { $_[0][0] >= 3 }),
			$condition->('id', 'in', 'bigint', [ '1', '9' ], sub { $_[0][0] == 1 }),
			$condition->('price', '<', 'numeric', '2.6', sub { ($_[0][3] // 9) < 2.6 }),
			$condition->('price', '<', 'numeric', 'NaN', sub { defined $_[0][3] }),
			$condition->('born', '>', 'date', '2000-01-01', sub { ($_[0][4] // '') gt '2000' }),
			$condition->('at', '=', 'timestamp without time zone', '2020-01-02 03:04:05.678', sub { defined $_[0][5] }),
			[ { column => 'note', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'note', op => 'is not null' }, sub { defined $_[0][2] } ] ]
	};
}

sub queries
{
	return {
		text => "SELECT id, note FROM notes WHERE id = 5 OR note = '' ORDER BY id DESC",
		rows => [ [ '5', undef ], [ '2', '' ] ],
		broken => [
			'SELECT FROM FROM', 'SELECT 1; SELECT 2', 'DELETE FROM orders', 'DELETE FROM orders RETURNING id',
			'SELECT gone FROM orders', 'SELECT ?', 'SET ROLE NONE', '', 'COMMIT', 'DROP TABLE orders',
			'EXPLAIN SELECT gone FROM orders', "SELECT 1 INTO OUTFILE '/tmp/x'", 'SELECT 1 INTO @a', 'SELECT SLEEP(9)',
			"SELECT `load_file`('/etc/passwd')", '/*!50000 DROP TABLE orders */', 'SELECT NEXTVAL(customer_ids)' ]
	};
}

sub endless { return (operation => 'read', read => read_request([ 'shop', 'endless' ], ['i'])) }

sub running
{
	return sql(
		"SELECT count(*) FROM information_schema.processlist WHERE user = 'reader' AND command NOT IN ('Sleep', 'Killed')"
	);
}

1;
