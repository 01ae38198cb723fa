# How the connector sqlserver reads values: what it has the simulated server (sqlserver_server.t) do, and what it makes of the
# answers. The conversions are the server's; that they are asked for in the form meant is seen in the statements.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use TdsServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);
my $connector = installed_connector('sqlserver');
plan(skip_all => "$connector is not built") unless -x $connector;

sub asks
{
	my (%change) = @_;
	my $answer = ask_connector([$connector], request_line(tds_base(), %change), open => 1);
	my @frames = @{ $answer->{frames} };
	is(join("\n", faults_of_frames(@frames)), '', 'the frames are as they must be');
	is(scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password)), 0, 'no secret is told');
	return @frames;
}

sub reads
{
	my ($name, $columns, %more) = @_;
	return asks(operation => 'read', read => read_request([ 'dbo', $name ], $columns, %more));
}

sub last_batch { return order_tds()->{batches}[-1] }

my %forms = (
	'int' => 'CONVERT(nvarchar(max), [c])', 'varchar(10)' => 'CONVERT(nvarchar(max), [c])',
	'date' => 'CONVERT(nvarchar(max), [c], 23)', 'datetime2(7)' => 'CONVERT(nvarchar(max), [c], 121)',
	'datetimeoffset(3)' => 'CONVERT(nvarchar(max), [c], 121)', 'time(7)' => 'CONVERT(nvarchar(max), [c], 121)',
	'float' => 'CONVERT(nvarchar(max), [c], 3)', 'money' => 'CONVERT(nvarchar(max), [c], 2)',
	'image' => 'CONVERT(nvarchar(max), CONVERT(varbinary(max), [c]), 1)',
	'timestamp' => 'CONVERT(nvarchar(max), CONVERT(varbinary(max), [c]), 1)',
	'geography' => 'CONVERT(nvarchar(max), [c].ToString())');

# The statement that reads a column of each type, from a server that is as told.
sub read_types
{
	my (%definition) = @_;
	start_tds(
		relations => [
			map { { schema => 'dbo', name => $_, columns => [ [ 'c', $_ ] ], rows => [ [undef] ] } } sort keys %forms ],
		%definition);
	return;
}

sub statement
{
	my ($type) = @_;
	my @frames = reads($type, ['c']);
	is_deeply([ rows_of(@frames) ], [ [undef] ], "$type is read") or diag(explain($frames[-1]));
	return last_batch() =~ /SELECT (.*) FROM/ ? $1 : 'no statement';
}

read_types();
is(statement($_), $forms{$_}, "$_ is converted with its style") for sort keys %forms;
read_types(version => '12.0.1');
is(statement('float'), 'CONVERT(nvarchar(max), [c], 2)', 'an old server has no floats of 17 digits');
read_types(version => '12.0.1', edition => 5);
is(statement('float'), 'CONVERT(nvarchar(max), [c], 3)', 'Azure has them, whatever version it says that it is');

subtest 'values' => sub {
	my @texts =
		('', ' ', "a\x{0}b", 'größe 😀', "\x{feff}", map { 'ä' x $_ . '!' } 2047, 4000, 4096, 32_256, 64_512, 300_000);
	start_tds(
		relations => [
			{   schema => 'dbo', name => 'texts', columns => [ [ 'n', 'int' ], [ 'text', 'nvarchar(max)' ] ],
				rows => [ map { [ $_, $texts[$_] ] } 0 .. $#texts ]
			},
			{   schema => 'dbo', name => 'others',
				columns => [ [ 'bytes', 'varbinary(max)' ], [ 'float', 'float' ], [ 'bit', 'bit' ] ],
				rows => [ [ '0x', 0.1, 1 ], [ '0x00ff5C', -1e300, 0 ], [ undef, undef, undef ] ]
			} ]);
	my @read = rows_of(reads('texts', [ 'n', 'text' ]));
	my @wanted = map { s/\0/\x{fffd}/gr } @texts;
	is(scalar @read, scalar @texts, 'every text comes');
	for my $row (@read)
	{
		ok($row->[1] eq $wanted[ $row->[0] ], 'a text of ' . length($wanted[ $row->[0] ]) . ' characters comes whole');
	}
	is_deeply(
		[ rows_of(reads('others', [qw(bytes float bit)])) ],
		[ [ '\x', '0.1', '1' ], [ '\x00FF5C', '-1e+300', '0' ], [ undef, undef, undef ] ], 'bytes, floats, bits');
	order_tds(chunk => 5);
	is(scalar rows_of(reads('others', ['bit'])), 3, 'in small pieces, too');
};

subtest 'conditions' => sub {
	start_tds(
		relations => [ {
			schema => 'dbo', name => 't',
			columns => [
				[ 'i', 'int' ],
				[ 'd', 'decimal(38,10)' ],
				[ 's', 'datetime2(7)' ],
				[ 'o', 'datetime' ],
				[ 'f', 'float' ],
				[ 'x', 'xml' ],
				[ 'n', 'nvarchar(10)' ],
				[ 'c', 'nchar(5)' ] ],
			rows => [ [ (1) x 8 ] ]
		} ]);
	my $applied = sub {
		my ($column, $type, $value, $op) = @_;
		my ($reading) = frames_of(
			'reading',
			reads(
				't', ['i'], conditions => [ { column => $column, op => $op // '=', type => $type, value => $value } ]));
		return scalar @{ $reading->{applied} // [] } . (last_batch() =~ /WHERE (.*)/ ? " $1" : '');
	};
	is($applied->('i', 'integer', '7'), '1 [i] = (7)', 'an integer');
	is($applied->('i', 'integer', '-7', '<'), '1 [i] < (-7)', 'a negative one');
	is($applied->('i', 'integer', '7 OR 1=1'), '0', 'what is no number');
	is($applied->('d', 'numeric', '1.5'), '1 [d] = (1.5)', 'a number');
	is($applied->('d', 'numeric', '1' x 29), '0', 'with more digits than a decimal has');
	is($applied->('d', 'numeric', '0.00000000001'), '0', 'behind the point, too');
	is($applied->('s', 'timestamp without time zone', '2020-01-02 03:04:05'), '0', 'seven digits of a second');
	is($applied->('o', 'timestamp without time zone', '2020-01-02 03:04:05.003'), '0', 'thirds of milliseconds');
	is($applied->('f', 'double precision', '0.1'), '0', 'floats');
	is($applied->('x', 'xml', '<a/>'), '0', 'what cannot be compared');
	is( $applied->('n', 'text', "\\\n'😀"),
		'0 [n] = (CONVERT(nvarchar(max), 0x5c000a0027003dd800de))',
		'a text, which is only looked at, is written as bytes');
	is($applied->('c', 'bpchar', 'a'), '0 [c] = (CONVERT(nvarchar(max), 0x6100))', 'a text of a fixed length');
	is($applied->('c', 'text', 'a'), '0', 'whose blanks are looked at');
	is($applied->('n', 'text', 'a', '<'), '0', 'order of texts');
};

subtest 'failures' => sub {
	start_tds(relations => [ { schema => 'dbo', name => 't', columns => [ [ 'c', 'int' ] ], rows => [ [1], [2] ] } ]);
	for my $fault ([ 229, 'permission', 0 ], [ 208, 'relation_changed', 0 ], [ 8134, 'query', 0 ])
	{
		order_tds(fault => { of => 'FROM [dbo].[t]', number => $fault->[0], text => "a value: $password" });
		fails_with("error $fault->[0]", 'query', $fault->[1], $fault->[2], reads('t', ['c']));
	}
	order_tds(fault => undef, hang => 'FROM [dbo].[t]');
	my @frames =
		asks(operation => 'read', read => read_request([ 'dbo', 't' ], ['c']), limits => { query_timeout => 1 });
	fails_with('a query without an answer', 'query', 'timeout', 1, @frames);
	is(order_tds()->{attentions}, 1, 'the server is told to stop');
};

subtest 'samples' => sub {
	start_tds(
		relations => [
			{   schema => 'dbo', name => 't',
				columns => [
					[ 'id', 'int' ],
					[ 'state', 'varchar(10)' ],
					[ 'email', 'nvarchar(100)' ],
					[ 'photo', 'image' ],
					[ 'is_new', 'bit' ] ],
				indexes => [ { name => 'key', primary => 1, columns => ['id'] } ],
				rows => [ map { [ $_, $_ % 2 ? 'new' : 'paid', "a$_\@example.com", '0x00', $_ % 2 ] } 1 .. 50 ]
			},
			{ schema => 'dbo', name => 'slow', columns => [ [ 'c', 'int' ] ] },
			{ schema => 'dbo', name => 'last', columns => [ [ 'c', 'int' ] ], rows => [ [7] ] } ]);
	my $request = sub {
		return {
			relations => [ map { { schema => 'dbo', name => $_ } } @_ ], categories => 10, category_length => 50,
			examples => 2, example_length => 200, masking => JSON::PP::true, relation_timeout => 6
		};
	};
	my ($sample) = frames_of('sample', asks(operation => 'sample', sample => $request->('t')));
	is_deeply($sample->{categories}, { state => [ 'new', 'paid' ], is_new => [ '0', '1' ] }, 'categories')
		or diag(explain($sample));
	is(scalar @{ $sample->{examples} }, 2, 'rows');
	is($sample->{examples}[0]{id}, '1', 'in the order of the key');
	unlike($json->encode($sample), qr/example\.com/, 'what is private is masked');
	order_tds(hang => 'FROM [dbo].[slow]');
	my @samples = frames_of('sample', asks(operation => 'sample', sample => $request->('slow', 'gone', 'last')));
	like($samples[0]{error}, qr/longer than the time/, 'a relation that takes too long');
	like($samples[1]{error}, qr/no longer in the data source/, 'one that is gone');
	is($samples[2]{error}, undef, 'the next one is read nevertheless') or diag(explain(\@samples));
};

subtest 'a scan without a right on every column' => sub {
	my $relation = {
		schema => 'dbo', name => 'a]b', columns => [ [ 'id', 'int' ], [ 'pay', 'int' ], [ 'city', 'varchar(9)' ] ],
		indexes => [ { name => 'key', primary => 1, columns => [ 'pay', 'id' ] } ],
		rows => [ [ 2, 10, 'Bern' ], [ 1, 20, 'Lyon' ] ]
	};
	my $scan = sub {
		start_tds(relations => [$relation], unreadable => [ map { "[dbo].[a]]b].$_" } @_ ]);
		my $request = {
			relations => [ { schema => 'dbo', name => 'a]b' } ], categories => 0, category_length => 50, examples => 2,
			example_length => 200, masking => JSON::PP::false, relation_timeout => 60
		};
		return (frames_of('sample', asks(operation => 'sample', sample => $request)))[0];
	};
	is_deeply(
		$scan->('pay')->{examples},
		[ { id => '1', city => 'Lyon' }, { id => '2', city => 'Bern' } ],
		'leaves it out, in the order of the rest of the key');
	unlike(last_batch(), qr/\[pay\]/, 'and does not ask for it');
	like($scan->(qw(id pay city))->{error}, qr/may read none of its columns/, 'without any it says so');
};
done_testing();
