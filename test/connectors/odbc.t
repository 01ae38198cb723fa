# What the connector odbc says of real drivers, SQLite's and MariaDB's, and of one that lies and crashes.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use OdbcDriver;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('odbc');
plan(skip_all => "$connector is not built") unless -x $connector;
my $home = tempdir('rivergen-odbc-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $database = "$home/shop.db";

sub execute
{
	my ($sql) = @_;
	open(my $sqlite, '|-', 'sqlite3', '-bail', $database) or die $!;
	binmode $sqlite, ':utf8';
	print $sqlite $sql;
	close $sqlite or die 'sqlite3 failed';
}

sub ask
{
	my ($endpoint, %change) = @_;
	my $base = { type => 'other', credentials => {}, endpoint => $endpoint };
	my $answer = ask_connector([$connector], request_line($base, %change));
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be')
		if ($answer->{status} & 127) == 0;
	return $answer;
}

sub sqlite { return { database => $database, driver => odbc_driver('libsqlite3odbc', @_) } }

# The documents of an answer, by the relation's name.
sub documents
{
	return map { ($_->{name} => $_->{document}) } frames_of('relation', @{ $_[0]{frames} });
}

# Names that a driver takes for patterns of other names, and names that leave quotes.
my @evil = ('a_c', 'a%', 'a"b', "a'b", 'a`b', 'a]b', '[a', 'a\b', 'a;b', 'a b', 'größe 😀', '%', '_');

sub quoted { return '"' . ($_[0] =~ s/"/""/gr) . '"' }

execute(<<~'EOT');
	CREATE TABLE abc (other INTEGER);
	CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'x');
	CREATE TABLE lines (number INTEGER, line INTEGER, customer INTEGER REFERENCES customers (id) ON DELETE CASCADE,
		price DECIMAL(10, 2), PRIMARY KEY (number, line));
	CREATE TABLE unkeyed (a INTEGER UNIQUE);
	CREATE INDEX by_customer ON lines (customer);
	CREATE VIEW open_lines AS SELECT number FROM lines;
	EOT
execute(join '', map { sprintf "CREATE TABLE %s (%s TEXT);\n", quoted($_), quoted("column $_") } @evil);

subtest 'SQLite' => sub {
	my $answer = ask(sqlite());
	my %documents = documents($answer);
	is_deeply([ sort keys %documents ], [ sort @evil, qw(abc customers lines unkeyed open_lines) ], 'every relation');
	is_deeply($documents{$_}{columns}, [ { name => "column $_", type => 'TEXT' } ], "the column of $_ alone") for @evil;
	is_deeply(
		$documents{customers}{columns},
		[   { name => 'id', type => 'INTEGER' },
			{ name => 'name', type => 'VARCHAR(40)', not_null => JSON::PP::true, default => 'x' } ],
		'columns');
	is_deeply($documents{lines}{primary_key}, { columns => [ 'number', 'line' ] }, 'a primary key');
	is_deeply(
		$documents{lines}{foreign_keys},
		[ { columns => ['customer'], schema => 'default', table => 'customers', referenced_columns => ['id'],
			on_delete => 'cascade'
		} ],
		'a foreign key');
	is($documents{unkeyed}{primary_key}, undef, 'a unique key, which the driver calls primary, is not');
};

subtest 'values of the source are no keywords' => sub {
	my %with = (endpoint => sub { return { %{ sqlite() }, @_ } });
	for my $value ("$database;LoadExt=/x.so", '{x}', ' x', "a\nb")
	{
		my $answer = ask($with{endpoint}->(database => $value), operation => 'test');
		fails_with('refused: ' . ($value =~ s/\n/newline/r), 'configure', 'configuration', 0, @{ $answer->{frames} });
	}
	my $answer = ask({ %{ sqlite() }, tls => { mode => 'require' } }, operation => 'test');
	fails_with('TLS that the driver is not told of', 'configure', 'unsupported', 0, @{ $answer->{frames} });
	$answer = ask({ database => $database }, operation => 'test');
	fails_with('no driver', 'configure', 'configuration', 0, @{ $answer->{frames} });
	$answer = ask({ database => $database, driver => odbc_driver('/gone.so') }, operation => 'test');
	fails_with('a driver that is not there', 'configure', 'configuration', 0, @{ $answer->{frames} });
};

subtest 'a driver that lies' => sub {
	my $driver = "$home/lying.so";
	is( system($ENV{CC} // 'cc', '-shared', '-fPIC', '-o', $driver, dirname(__FILE__) . '/lib/lying_driver.c'), 0,
		'it is built');
	my $lies = sub {
		my ($lie, %change) = @_;
		return ask({ database => $lie, driver => odbc_driver($driver) }, %change);
	};
	my @last = map { $lies->($_)->{frames}[-1] } qw(nulls lengths broken);
	is_deeply([ map { $_->{frame} } @last ], [qw(end end end)], 'names that are null, wrong lengths, half characters');
	is($last[0]{relations}, 0, 'what has no name is no relation');
	is_deeply(
		[ map { $_->{frame} } grep { $_->{frame} =~ /relation|skipped/ } @{ $lies->('broken')->{frames} } ],
		['skipped'],
		'a name that is no text is skipped');
	is($lies->('crash')->{status} & 127, 11, 'a crash is a crash');
	fails_with('an answer without an end', 'query', 'too_large', 0, @{ $lies->('endless')->{frames} });
	fails_with(
		'a driver that hangs', 'connect', 'timeout', 1,
		@{ $lies->('hang', limits => { connection_timeout => 1 })->{frames} });
};

done_testing();
