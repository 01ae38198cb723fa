# What the connector odbc says of real drivers, SQLite's and MariaDB's, and of one that lies and crashes.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use MariadbServer qw($port start_mariadb sql);
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
		if $answer->{status} == 0 || $answer->{frames}[-1]{frame} eq 'error';
	return $answer;
}

sub sqlite { return { database => $database, driver => odbc_driver('libsqlite3odbc', @_) } }

# The documents of an answer, by the relation's name.
sub documents
{
	return map { ($_->{name} => $_->{document}) } frames_of('relation', @{ $_[0]{frames} });
}

# Names that a driver takes for patterns of other names, and names that leave quotes.
my @evil = ('a_c', 'a%', 'a"b', "a'b", 'a`b', 'a]b', '[a', 'a\b', 'a;b', 'a b', 'größe', 'größe 😀', '%', '_');

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

# The driver of SQLite takes characters beyond U+FFFF apart in statements.
subtest 'rows and values, whatever the names' => sub {
	my @evil = grep { !/[^\x{0}-\x{ffff}]/ } @evil;
	for my $name (@evil)
	{
		execute(sprintf "INSERT INTO %s VALUES ('of %s');", quoted($name), $name =~ s/'/''/gr);
		my $answer =
			ask(sqlite(), operation => 'read', read => read_request([ 'default', $name ], ["column $name"]));
		is_deeply([ rows_of(@{ $answer->{frames} }) ], [ ["of $name"] ], "the row of $name")
			or diag(explain($answer->{frames}[-1]));
	}
	my %sample = (
		categories => 5, category_length => 50, examples => 1, example_length => 100, masking => JSON::PP::true,
		relation_timeout => 60, relations => [ map { { schema => 'default', name => $_ } } @evil, 'gone' ]);
	my @samples = frames_of('sample', @{ ask(sqlite(), operation => 'sample', sample => \%sample)->{frames} });
	is_deeply(
		[ map { $_->{examples} } @samples[ 0 .. $#evil ] ], [ map { [ { "column $_" => "of $_" } ] } @evil ],
		'examples');
	like($samples[-1]{error}, qr/no longer in the data source/, 'one that is gone');
};

subtest 'conditions and limits' => sub {
	execute("INSERT INTO customers VALUES (1, 'x'), (2, 'y'), (9, 'z');");
	my $reads = sub {
		my ($columns, %more) = @_;
		my @frames =
			@{ ask(sqlite(), operation => 'read', read => read_request([ 'default', 'customers' ], $columns, %more))
				->{frames} };
		return (join(' ', map { $_->[0] // '' } rows_of(@frames)), (frames_of('reading', @frames))[0], $frames[-1]);
	};
	my ($rows, $reading) = $reads->(['id'], limit => 2);
	is_deeply([ $rows, $reading->{limited} ], [ '1 2', JSON::PP::true ], 'a limit is kept');
	# A column of SQLite holds anything: whether a comparison holds, PostgreSQL says.
	($rows, $reading) =
		$reads->(['id'], limit => 1, conditions => [ { column => 'id', op => '=', type => 'bigint', value => '2' } ]);
	is_deeply([ $rows, $reading->{applied} ], [ '1 2 9', [] ], 'what is not certain is not applied, nor is the limit');
	($rows, $reading) = $reads->(['id'], conditions => [ { column => 'name', op => 'is null' } ]);
	is_deeply([ $rows, $reading->{applied} ], [ '', [0] ], 'nulls are');
	my (undef, undef, $end) = $reads->([]);
	is($end->{rows}, 3, 'rows are counted');
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

subtest 'MariaDB' => sub {
	my $password = 'correct "horse" ;}{ battery';
	start_mariadb();
	sql(<<~"EOT");
		CREATE DATABASE `odd.q` CHARACTER SET utf8mb4;
		CREATE TABLE `odd.q`.`größe` (id bigint unsigned PRIMARY KEY, `a.b` text);
		INSERT INTO `odd.q`.`größe` VALUES (1, 'ö😀');
		CREATE TABLE `odd.q`.prices (id int PRIMARY KEY, price decimal(9,2), word varchar(20) COLLATE utf8mb4_general_ci, u uuid,
			made year, code char(4));
		INSERT INTO `odd.q`.prices VALUES (1, 0.10, 'a', uuid(), 2001, 'de'), (2, -7, 'A', uuid(), 1970, 'fr'),
			(3, NULL, 'b', uuid(), 0, NULL);
		CREATE USER reader;
		GRANT SELECT ON `odd.q`.* TO reader;
		SET PASSWORD FOR reader = PASSWORD('$password')
		EOT
	my %endpoint =
		(host => '127.0.0.1', port => $port + 0, database => 'odd.q', driver => odbc_driver('libmaodbc', 'braces'));
	my %credentials = (credentials => { username => 'reader', password => $password });
	my %documents = documents(ask({%endpoint}, %credentials, schema => 'odd.q'));
	is_deeply(
		$documents{"größe"}{columns},
		[   { name => 'id', type => 'BIGINT UNSIGNED', pg_type => 'numeric', not_null => JSON::PP::true },
			{ name => 'a.b', type => 'TEXT' } ],
		'columns');
	is_deeply($documents{"größe"}{primary_key}, { name => 'PRIMARY', columns => ['id'] }, 'a primary key');
	my $read = read_request([ 'odd.q', 'größe' ], [ 'id', 'a.b' ]);
	my $answer = ask({%endpoint}, %credentials, operation => 'read', read => $read);
	is_deeply([ rows_of(@{ $answer->{frames} }) ], [ [ '1', 'ö😀' ] ], 'rows');
	for my $case (
		[ price => '=', 'numeric', '0.1', [0], 1 ], [ price => '<', 'numeric', '0.10', [0], 2 ],
		[ price => '<', 'numeric', 'NaN', [], 1, 2, 3 ], [ price => '>', 'numeric', '1e1', [], 1, 2, 3 ],
		[ word => '=', 'text', 'a', [], 1, 2 ], [ word => 'in', 'text', [ 'a', 'b' ], [], 1, 2, 3 ],
		[ word => '<>', 'text', 'a', [], 1, 2, 3 ], [ word => '=', 'text', "' OR ''='", [], 1, 2, 3 ],
		[ word => '=', 'text', 'ä', [], 1, 2, 3 ], [ u => '=', 'text', 'a', [], 1, 2, 3 ],
		[ made => '=', 'smallint', '2001', [0], 1 ], [ made => '<>', 'smallint', '1', [], 1, 2, 3 ],
		[ made => 'in', 'smallint', [ '1970', '70' ], [], 1, 2, 3 ], [ code => '=', 'bpchar', 'de', [], 1 ],
		[ code => '=', 'text', 'de', [], 1, 2, 3 ])
	{
		my ($column, $op, $type, $value, $applied, @expected) = @$case;
		my %value = ref $value ? (values => $value) : (value => $value);
		$read = read_request(
			[ 'odd.q', 'prices' ], ['id'],
			conditions => [ { column => $column, op => $op, type => $type, %value } ]);
		my @frames = @{ ask({%endpoint}, %credentials, operation => 'read', read => $read)->{frames} };
		is_deeply(
			[ (frames_of('reading', @frames))[0]{applied}, sort map { $_->[0] } rows_of(@frames) ],
			[ $applied, @expected ],
			"$column $op " . (ref $value ? "@$value" : $value));
	}
	$answer = ask({%endpoint}, credentials => { username => 'reader', password => 'wrong' }, operation => 'test');
	fails_with('a wrong password', 'authenticate', 'authentication', 0, @{ $answer->{frames} });
	delete $endpoint{driver}{braces};
	$answer = ask({%endpoint}, %credentials, operation => 'test');
	fails_with('braces that the driver may not know', 'configure', 'configuration', 0, @{ $answer->{frames} });
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
	isnt($lies->('crash')->{status}, 0, 'a crash is a crash');
	fails_with('an answer without an end', 'query', 'too_large', 0, @{ $lies->('endless')->{frames} });
	fails_with(
		'a driver that hangs', 'connect', 'timeout', 1,
		@{ $lies->('hang', limits => { connection_timeout => 1 })->{frames} });
};

done_testing();
