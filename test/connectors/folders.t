# Folders whose files are the parts of one table: their columns, those of the partitions that they are in, and folders that
# are no such table.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $top = tempdir('rivergen-folders-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $folder = "$top/sales";
my $type = 'csv';

sub write_file
{
	my ($name, $bytes) = @_;
	make_path(dirname("$folder/$name"));
	open(my $file, '>:raw:utf8', "$folder/$name") or die "$name: $!";
	print $file $bytes;
	close $file;
}

# A folder of these files, with their content.
sub fill
{
	my (%files) = @_;
	remove_tree($folder);
	make_path($folder);
	write_file($_, $files{$_}) for sort keys %files;
}

sub start
{
	return start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector($type), $folder ]);
}

sub line
{
	my (%change) = @_;
	my $endpoint = { path => 'organizations/1/sales', %{ $change{endpoint} // {} } };
	return request_line({ type => $type, endpoint => {}, credentials => {} }, %change, endpoint => $endpoint);
}

sub ask
{
	my $run = start();
	local $SIG{PIPE} = 'IGNORE';
	send_line($run, line(@_));
	return @{ end_connector($run)->{frames} };
}

sub relation
{
	my @frames = ask(@_);
	return (frames_of('relation', @frames))[0] // { document => {}, error => $frames[-1] };
}

sub columns
{
	my $relation = relation();
	return join ', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} // [] };
}

# The rows of a read, as texts of their values.
sub rows
{
	my (%read) = @_;
	my $read =
		{ relation => { schema => 'files', name => 'sales', id => 'file' }, conditions => [], limit => undef, %read };
	my @frames = ask(operation => 'read', read => $read);
	my @error = frames_of('error', @frames);
	return $error[0]{message} if @error;
	return join ' ', map {
		join ',',
			map { $_ // 'null' } @$_
	} rows_of(@frames);
}

# The numbers of the rows of a piece.
sub piece
{
	my ($number, $pieces, $count) = @_;
	return int($number * $count / $pieces) .. int(($number + 1) * $count / $pieces) - 1;
}

sub fails
{
	my ($name, $code, $says, %change) = @_;
	my $error = (ask(%change))[-1];
	like($error->{code}, qr/^(?:$code)$/, $name) or diag(explain($error));
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

sub equal
{
	my ($column, $type, $value, $op) = @_;
	return { column => $column, op => $op // '=', type => $type, value => $value };
}

subtest 'parts of one table' => sub {
	fill(
		'b.csv' => "id,name\n2,x\n", 'a.csv' => "id,name\n1,y\n", '_SUCCESS' => '', '.a.csv.crc' => 'x',
		'c.csv' => '');
	my $relation = relation();
	is(columns(), 'id integer, name text', 'have its columns; hidden and empty files are passed over');
	is($relation->{name}, 'sales', 'the relation has the name of the folder');
	is($relation->{row_estimate}, 2, 'and all rows');
	is($relation->{size_bytes}, 24, 'and all bytes');
	is_deeply(
		$relation->{document}{options}, { encoding => 'UTF-8', delimiter => ',', quote => '"', header => 'true' },
		'options that all of them have');
	is(rows(columns => [ 'id', 'name' ]), '1,y 2,x', 'rows in the order of names');
	is(rows(columns => ['id'], limit => 1), '1', 'a limit');
	is(rows(columns => ['name'], conditions => [ equal('id', 'bigint', '2') ]), 'x', 'a condition');
	my @frames = ask(operation => 'test');
	is($frames[-1]{frame}, 'end', 'it is tested');
	my ($sample) = frames_of(
		'sample',
		ask(operation => 'sample',
			sample => {
				relations => [ { schema => 'files', name => 'sales', kind => 'file', id => 'file' } ], categories => 9,
				category_length => 9, examples => 9, example_length => 9, masking => JSON::PP::false,
				relation_timeout => 60
			}));
	is_deeply($sample->{examples}, [ { id => '1', name => 'y' }, { id => '2', name => 'x' } ], 'and sampled')
		or diag(explain($sample));
};

subtest 'types hold the values of all parts' => sub {
	fill('a.csv' => "v;w\n1,5;31/12/2024\n", 'b.csv' => "v;w\n2;1/2/2024\n", 'c.csv' => "v;w\n;12/31/2024\n");
	is(columns(), 'v decimal, w text', 'of three parts');
	is(rows(columns => [ 'v', 'w' ]), '1.5,31/12/2024 2,1/2/2024 null,12/31/2024', 'and their values');
	unlink "$folder/c.csv";
	is(columns(), 'v decimal, w date', 'of two of them');
	is(rows(columns => [ 'v', 'w' ]), '1.5,2024-12-31 2,2024-02-01', 'are others');
	write_file('c.csv', "v,w\n3.5,x\n");
	is(columns(), 'v text, w text', 'a decimal comma beside a decimal point');
	is(rows(columns => ['v']), '1,5 2 3.5', 'is text');
	is(relation()->{document}{options}{delimiter}, undef, 'delimiters that differ are no option of the whole');
};

# What is told from all parts is what would be told from one file of all their rows.
subtest 'a file in pieces' => sub {
	my @pools = (
		[qw(1 2 -7)], [ '1', '2.5', '' ], [ '1,5', '1.234,00', '-2' ], [qw(1/2/2024 31/12/24)],
		[qw(1/2/2024 12/31/2024)],
		[ 'true', 'no', 'NA' ], [ '9:05 PM', '10:00' ], [ '2024-01-01', '2024-01-01T10:00:00' ], [ 'x', '1' ],
		[ '', 'NULL' ]);
	my %wishes = (endpoint => { options => { header => JSON::PP::true, delimiter => ';', quote => 'none' } });
	srand 7;
	for my $case (1 .. 12)
	{
		my @columns = map { $pools[ rand @pools ] } 1 .. 4;
		my @rows = map {
			join(';', map { $_->[ rand @$_ ] } @columns) . "\n"
		} 1 .. 9;
		my @answers;
		for my $pieces (1, 4)
		{
			fill();
			write_file("$_.csv", "a;b;c;d\n" . join '', map { $rows[$_] } piece($_, $pieces, scalar @rows))
				for 0 .. $pieces - 1;
			my $relation = relation(%wishes);
			my $read = {
				relation => { schema => 'files', name => 'sales' }, columns => [qw(a b c d)], conditions => [],
				limit => undef
			};
			push @answers,
				[ $relation->{document}{columns}, rows_of(ask(operation => 'read', read => $read, %wishes)) ];
		}
		is(scalar @{ $answers[0] }, 10, "case $case: is described, and read");
		is_deeply($answers[1], $answers[0], "case $case") or diag(explain(\@rows));
	}
};

subtest 'many parts' => sub {
	fill(map { ("$_.csv" => "day;v\n1/2/2024;$_\n") } 1000 .. 2099);
	my @frames = ask();
	is($frames[-1]{frame}, 'end', 'are one table');
	my @logs = frames_of('log', @frames);
	is(scalar @logs, 100, 'what is told of them is bounded');
	like($logs[0]{message}, qr/^1000\.csv: column day: date \(ambiguous/, 'and names the part');
	is(rows(columns => ['day'], conditions => [ equal('v', 'bigint', '2099') ]), '2024-02-01', 'rows');
};

subtest 'partitions' => sub {
	fill(
		'year=2024/region=a%2Fb%20%C3%A4/x.csv' => "id\n1\n",
		'year=2025/region=__HIVE_DEFAULT_PARTITION__/x.csv' => "id\n2\n",
		'year=2024/region=c/x.csv' => "id\n3\n4\n");
	is(columns(), 'id integer, year integer, region text', 'are columns at the end');
	is( rows(columns => [ 'region', 'id', 'year' ]), 'a/b ä,1,2024 c,3,2024 c,4,2024 null,2,2025',
		'with values of names');
	is(rows(columns => ['year']), '2024 2024 2024 2025', 'without a column of the files');
	is(rows(columns => ['id'], conditions => [ { column => 'region', op => 'is null' } ]), '2', 'null');
	is( rows(columns => ['id'], conditions => [ equal('year', 'bigint', '2024'), equal('id', 'bigint', '1', '>') ]),
		'3 4',
		'with a condition on rows');
	fill(map { ("day=2024-01-0$_/x.csv" => "id\n$_\n") } 1 .. 3);
	is(columns(), 'id integer, day date', 'have types as cells have');
	is( rows(columns => ['id'], conditions => [ equal('day', 'date', '2024-01-02', '>=') ]), '2 3',
		'that conditions know');
	fill('a=%zz%00%/x.csv' => "id\n1\n");
	is(rows(columns => ['a']), '%zz%00%', 'what is no escape stays');
};

subtest 'what is no table' => sub {
	fill('a.csv' => "id,name\n1,x\n", 'b.csv' => "id,nom\n1,x\n");
	fails('other names', 'configuration', qr/different columns.* a\.csv and b\.csv/);
	fill('a.csv' => "id,name\n1,x\n", 'b.csv' => "id,name,more\n1,x,y\n");
	fails('more columns', 'configuration', qr/different columns/);
	fill('a.csv' => "id\n1\n", 'b.parquet' => "PAR1 and more");
	fails('another format', 'configuration', qr/The file is a Parquet file\. b\.parquet/);
	fill('a.csv' => "id\n1\n", 'x/b.csv' => "id\n1\n");
	fails('a folder beside a file', 'configuration', qr/different partitions/);
	fill('x/b.csv' => "id\n1\n");
	fails('a folder that is no partition', 'configuration', qr/no partition\. x\/b\.csv/);
	fill('a=1/x.csv' => "id\n1\n", 'b=1/x.csv' => "id\n1\n");
	fails('other partitions', 'configuration', qr/different partitions\. a=1\/x\.csv and b=1\/x\.csv/);
	fill('a=1/a=2/x.csv' => "id\n1\n");
	fails('the same partition twice', 'configuration', qr/the same name\. a/);
	fill('id=1/x.csv' => "id\n1\n");
	fails('a partition named like a column', 'configuration', qr/name of a column of the files\. id/);
	fill();
	fails('an empty folder', 'configuration', qr/no file with content/);
	fill('_x/a.csv' => "id\n1\n", 'b.csv' => '');
	fails('a folder without content', 'configuration', qr/no file with content/);
	fill('a.csv' => "id\n1\n");
	symlink 'a.csv', "$folder/b.csv" or die;
	fails('a link', 'permission', qr/a symbolic link.* b\.csv/);
	unlink "$folder/b.csv";
	symlink $top, "$folder/b=1" or die;
	fails('a link to a folder', 'permission', qr/a symbolic link.* b=1/);
	unlink "$folder/b=1";
	mkfifo("$folder/b.csv", 0600) or die;
	fails('a pipe', 'configuration', qr/neither a file nor a folder\. b\.csv/);
	fill(join('/', map { "a$_=1" } 1 .. 17) . '/x.csv' => "id\n1\n");
	fails('too deep', 'too_large', qr/more than 16 levels/);
	fill('a.csv' => "id\n1\n");
	symlink('a.csv', "$folder/_link.csv") or die;
	is(columns(), 'id integer', 'what is hidden may be anything');
};

# Parts that pyarrow writes, of formats whose columns have declared types.
sub fill_by_python
{
	my ($format, %parts) = @_;
	my $lib = dirname(__FILE__) . '/../lib';
	chomp($ENV{PYTHON_PEERS} = `$lib/pip.sh $lib/../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	my $program = join "\n", 'import os, sys', 'import pyarrow as pa', 'from pyarrow import orc, parquet',
		"def write(path, table):\n    os.makedirs(os.path.dirname(path), exist_ok=True)\n"
		. "    (orc.write_table if sys.argv[2] == 'orc' else parquet.write_table)(table, path)",
		map { "write(os.path.join(sys.argv[1], '$_'), pa.table($parts{$_}))" } sort keys %parts;
	fill();
	system('/usr/bin/python3', '-c', $program, $folder, $format) == 0 or die 'the parts could not be written';
	return;
}

for my $format (qw(orc parquet))
{
	subtest "parts of $format" => sub {
		$type = $format;
		my $numbers = sub { "{'id': pa.array([$_[0]], pa.int32()), 'name': ['$_[1]']}" };
		fill_by_python(
			$format, "day=2024-01-01/x.$format" => $numbers->(1, 'x'),
			"day=2024-01-02/y.$format" => $numbers->(2, 'y'));
		like(columns(), qr/^id int\S*, name string, day date$/, 'columns');
		is(relation()->{row_estimate}, 2, 'rows of all parts');
		is(rows(columns => [ 'day', 'name', 'id' ]), '2024-01-01,x,1 2024-01-02,y,2', 'rows');
		is(rows(columns => ['id'], conditions => [ equal('day', 'date', '2024-01-02') ]), '2', 'of one partition');
		is(rows(columns => ['day'], conditions => [ equal('id', 'integer', '1') ]), '2024-01-01', 'with a condition');
		fill_by_python($format, 'a' => $numbers->(1, 'x'), 'b' => "{'id': pa.array([1], pa.int64()), 'name': ['x']}");
		fails('another type', 'configuration', qr/different columns.* a and b/);
		write_file('b', "id,name\n");
		fails('another format', 'configuration|protocol', qr/ b/);
		$type = 'csv';
	};
}

subtest 'a damaged part of parquet' => sub {
	$type = 'parquet';
	fill_by_python('parquet', map { $_ => "{'id': [1]}" } 'a', 'b');
	open(my $file, '+<:raw', "$folder/b") or die $!;
	seek $file, 4, 0;
	print $file "\xFF" x 8;
	close $file;
	my $read = {
		relation => { schema => 'files', name => 'sales', id => 'file' }, columns => ['id'], conditions => [],
		limit => undef
	};
	is( (ask(operation => 'read', read => $read))[-1]{detail}, 'b: the header of a page is damaged.',
		'it is named once');
	$type = 'csv';
};

subtest 'parts of json' => sub {
	$type = 'json';
	fill(
		'day=2024-01-01/a.json' => qq({"id": 1, "tags": ["x"]}\n),
		'day=2024-01-02/a.json' => qq([{"id": 2, "tags": []}, {"id": 3, "tags": ["y"]}]),
		'day=2024-01-02/_b.json' => 'no JSON');
	is(columns(), 'id integer, tags text, day date', 'columns');
	is( rows(columns => [ 'day', 'id' ], conditions => [ equal('id', 'bigint', '1', '>') ]),
		'2024-01-02,2 2024-01-02,3', 'rows');
	fill(
		'a.json' => '[{"a": 1, "o": {"x": 1}, "l": []}]',
		'b.json' => "{\"a\": 2.5, \"o\": {\"y\": [\"z\"]}, \"l\": [1]}\n",
		'c.json' => '[{"a": "x", "o": null, "l": null}]');
	is(columns(), 'a text | number, o object, l integer', 'types hold the values of all parts');
	my ($object) = grep { $_->{name} eq 'o' } @{ relation()->{document}{columns} };
	is(join(' ', map { "$_->{name} $_->{type}" } @{ $object->{fields} }), 'x integer y text', 'fields, too');
	is(rows(columns => [qw(a o l)]), '1,{"x":1},{} 2.5,{"y":["z"]},{1} "x",null,null', 'rows of all parts');
	write_file('d.json', '[{"a": 1, "b": 2, "l": 1}]');
	fails('other columns', 'configuration|unsupported', qr/different columns/);
	fill('a.json' => qq({"id": 1}\n), 'b.json' => qq({"a": [{"b": 1}], "c": [{"d": 1}]}\n));
	fails('a part of several relations', 'configuration', qr/not exactly one relation\. b\.json/);
	fill('a.json' => qq({"id": 1}\n), 'b.json' => qq({"id": ));
	fails('a broken part', 'protocol|query', qr/ b\.json/);
	$type = 'csv';
};

subtest 'changes' => sub {
	fill('a.csv' => "id\n1\n", 'b.csv' => "id\n2\n");
	my @frames = ask(more => { known => { signature => undef, relations => [] } });
	my ($relation) = frames_of('relation', @frames);
	my %known = (known => { signature => $frames[-1]{signature}, relations => [ [ 'file', $relation->{signature} ] ] });
	is(scalar frames_of('unchanged', ask(more => \%known)), 1, 'none');
	write_file('c.csv', "id\n3\n");
	is(scalar frames_of('relation', ask(more => \%known)), 1, 'a new part');
	unlink "$folder/c.csv";
	is(scalar frames_of('unchanged', ask(more => \%known)), 1, 'which is gone again');
	rename "$folder/b.csv", "$folder/d.csv" or die;
	is(scalar frames_of('relation', ask(more => \%known)), 1, 'another name');
};

# The connector is held up by a reader that does not read: rows are more than a pipe takes.
subtest 'changes while it is read' => sub {
	my %case = (
		'a part that vanishes' => [ sub { unlink "$folder/b.csv" }, qr/folder was changed while it was read.*b\.csv/ ],
		'a part that is replaced' => [
			sub { unlink "$folder/b.csv"; write_file('b.csv', "id\n9\n") },
			qr/folder was changed while it was read.*b\.csv/ ],
		'a part that comes' => [ sub { write_file('c.csv', "id\n3\n") }, qr/folder was changed while it was read/ ],
		'a part that is a link' => [
			sub { rename "$folder/b.csv", "$top/b.csv"; symlink "$top/b.csv", "$folder/b.csv" }, qr/folder was changed/
		]);
	for my $name (sort keys %case)
	{
		my ($change, $says) = @{ $case{$name} };
		fill('a.csv' => "id\n" . "123456789\n" x 200000, 'b.csv' => "id\n2\n");
		my $run = start();
		send_line(
			$run,
			line(
				operation => 'read',
				read => {
					relation => { schema => 'files', name => 'sales', id => 'file' }, columns => ['id'],
					conditions => [], limit => undef
				}));
		my $frame;
		do { ($frame) = read_frame($run) } until !$frame || $frame->{frame} eq 'rows';
		$change->();
		my $error = end_connector($run)->{frames}[-1];
		is($error->{code}, 'relation_changed', $name) or diag(explain($error));
		like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	}
};

done_testing();
