# A SQLite database, for the connector in small/sqlite.
package Peer::Sqlite;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IPC::Open2;

# Runs statements by Python's own library, which the connector uses; `keep` leaves the session open until it is closed.
sub execute
{
	my ($self, $sql, $keep) = @_;
	my $pid = open2(my $out, my $in, '/usr/bin/python3', '-c', <<~'EOT', "$self->{directory}/shop.db");
		import sqlite3, sys
		database = sqlite3.connect(sys.argv[1], isolation_level=None)
		sql = sys.stdin.readline()
		for statement in sql.split(";"):
		    database.execute(statement)
		print("done", flush=True)
		sys.stdin.read()
		EOT
	binmode $in, ':utf8';
	print $in $sql =~ s/\s+/ /gr, "\n";
	$in->flush;
	<$out> or die "failed: $sql";
	my $end = sub { close $in; waitpid $pid, 0 };
	return $end if $keep;
	$end->();
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-sqlite-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->execute(<<~'EOT');
		CREATE TABLE customers /* id: 7f3a */ (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'x');
		CREATE TABLE orders /* id: 7f3b */ (number INTEGER, line INTEGER, customer INTEGER REFERENCES customers (id), PRIMARY KEY (number, line));
		CREATE TABLE "Größe ""x"".y 😀" /* id: größe */ ("a.b" TEXT, untyped);
		CREATE INDEX by_customer ON orders (customer);
		CREATE VIEW open_orders /* id: 7f3c */ AS SELECT o.number, c.name FROM orders o JOIN customers c ON c.id = o.customer
		EOT
	$self->execute('CREATE TABLE wide /* id: 7f3d */ (' . join(', ', map { "column_$_ TEXT" } 1 .. 300) . ')');
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub base { return { type => 'other', endpoint => { database => "$_[0]{directory}/shop.db" } } }

sub relations
{
	return (
		(map { [ 'main', $_, 'table' ] } 'customers', 'orders', 'Größe "x".y 😀', 'wide'),
		[ 'main', 'open_orders', 'view' ]);
}

sub patterns
{
	return ({ include => ['main.*o*'], exclude => ['main.open?orders'] }, map { [ 'main', $_ ] } 'customers', 'orders');
}

sub failures
{
	my ($self) = @_;
	open(my $file, '>', "$self->{directory}/text") or die $!;
	print $file "no database\n" x 1000;
	close $file;
	return (
		[ 'no place', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[   'a missing file', { endpoint => { database => "$self->{directory}/gone.db" } }, 'connect',
			'database_not_found', 0 ],
		[   'a file that is no database', { endpoint => { database => "$self->{directory}/text" } }, 'connect',
			'protocol', 0 ]);
}

sub hide
{
	my ($self) = @_;
	$self->execute('CREATE VIEW broken AS SELECT gone FROM absent');
	return ([ 'main', 'broken' ], sub { $self->execute('DROP VIEW broken') });
}

sub silence
{
	my ($self) = @_;
	my $end = $self->execute('BEGIN EXCLUSIVE', 'keep');
	return ({ limits => { connection_timeout => 1 } }, 'connect', 'timeout', $end);
}

sub readable
{
	my ($self) = @_;
	$self->execute(
		q{DELETE FROM "Größe ""x"".y 😀"; INSERT INTO "Größe ""x"".y 😀" VALUES ('a\b' || char(9) || 'c', 1),
		('' || char(10), NULL), ('größe 😀', 2.5), ('\N', x'00ff')});
	return {
		relation => [ 'main', 'Größe "x".y 😀', 'größe' ], columns => [ 'a.b', 'untyped' ],
		rows => [ [ "a\\b\tc", '1' ], [ "\n", undef ], [ 'größe 😀', '2.5' ], [ '\\N', '\\x00ff' ] ],
		conditions => [
			[ { column => 'a.b', op => '=', type => 'text', value => 'größe 😀' }, sub { $_[0][0] eq 'größe 😀' } ],
			[ { column => 'untyped', op => 'is null' }, sub { !defined $_[0][1] } ],
			[ { column => 'untyped', op => 'is not null' }, sub { defined $_[0][1] } ] ]
	};
}

sub queries
{
	return {
		text => "SELECT 7 AS a, 'x' AS b UNION ALL SELECT 8, NULL ORDER BY 1", rows => [ [ '7', 'x' ], [ '8', undef ] ],
		broken => [ 'SELECT FROM', 'SELECT 1; SELECT 2', 'DELETE FROM customers', 'SELECT gone FROM customers' ]
	};
}

sub endless
{
	my $text = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
	return (operation => 'query', query => { text => $text });
}

sub change
{
	my ($self) = @_;
	$self->execute('ALTER TABLE customers ADD COLUMN more TEXT');
	return [ 'main', 'customers' ];
}

1;
