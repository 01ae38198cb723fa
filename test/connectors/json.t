# The connector json by itself: where rows are, their types and paths, and files that are damaged, hostile or no JSON. Known
# faults of other readers have their public number.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Compress::Gzip qw(gzip);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $directory = tempdir('rivergen-json-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub write_file
{
	my ($bytes, $name) = @_;
	open(my $file, '>:raw', "$directory/$name") or die $!;
	print $file $bytes;
	close $file;
}

# The frames of an answer about a file of these bytes. under: what the shell does before.
sub ask
{
	my ($bytes, %change) = @_;
	my $name = delete $change{name} // 'x.json';
	my $under = delete $change{under} // '';
	write_file($bytes, $name);
	my $run =
		start_connector(
		[ '/bin/sh', '-c', "$under exec \"\$0\" 3<\"\$1\"", installed_connector('json'), "$directory/$name" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line({ type => 'json', endpoint => { path => "organizations/1/$name" }, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

# A column with what is nested in it, as one text.
sub described
{
	my ($column) = @_;
	my @fields = map { described($_) } @{ $column->{fields} // [] };
	return join '', $column->{name}, ($column->{repeated} ? '[]' : ''), ($column->{map} ? '{}' : ''), ' ',
		$column->{type},
		(@fields ? ' (' . join(', ', @fields) . ')' : '');
}

# The columns of the relations of a file as one text.
sub columns
{
	my @frames = ask(@_);
	my @relations = frames_of('relation', @frames)
		or return join ' ', grep { defined } @{ $frames[-1] }{qw(message detail)};
	return join '; ', map {
		join ', ',
			map { described($_) } @{ $_->{document}{columns} }
	} @relations;
}

sub relations
{
	return [ map { [ @$_{qw(name row_estimate)} ] } frames_of('relation', ask(@_)) ];
}

sub read_columns
{
	my ($name, @columns) = @_;
	return (operation => 'read', read => read_request([ 'files', $name ], \@columns));
}

sub rows
{
	my ($bytes, @columns) = @_;
	return [ rows_of(ask($bytes, read_columns('x.json', @columns))) ];
}

sub fails
{
	my ($name, $bytes, $code, $says, %change) = @_;
	my $error = (ask($bytes, %change))[-1];
	is($error->{code}, $code, $name) or diag(explain($error));
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

subtest 'where rows are' => sub {
	is_deeply(relations('[{"a": 1}, {"a": 2}]'), [ [ 'x.json', 2 ] ], 'an array');
	is_deeply(relations("{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}"), [ [ 'x.json', 3 ] ], 'lines');
	is_deeply(relations('{"a":1}{"a":2}'), [ [ 'x.json', 2 ] ], 'one behind the other');
	is_deeply(relations('{"a": 1, "b": {"c": []}}'), [ [ 'x.json', 1 ] ], 'an object');
	is_deeply(relations('{"n": 2, "data": [{"a": 1}, {"a": 2}], "none": []}'), [ [ 'x.json.data', 2 ] ], 'a member');
	is_deeply(
		relations('{"t": "x", "a": [{"i": 1}], "b": [{"j": 1}, {"j": 2}, {"j": 3}]}'),
		[ [ 'x.json.a', 1 ], [ 'x.json.b', 3 ] ],
		'several');
	is_deeply(relations('{"a": [{"i": 1}], "b": [1, 2]}'), [ [ 'x.json', 1 ] ], 'not beside an array of scalars');
	is_deeply(relations('{"a": [{"i": 1}], "b": {"c": 1}}'), [ [ 'x.json', 1 ] ], 'nor beside an object');
	is_deeply(
		relations('{"a": [{"i": 1}], "a": [{"i": 2}]}'), [ [ 'x.json', 1 ] ],
		'nor of a name that is there twice');
	is( columns(
				  '{"type": "FeatureCollection", "bbox": [1, 2], "crs": {"a": 1}, "features": [{"type": "Feature", '
				. '"properties": {"name": "x", "n": 1}, "geometry": {"type": "Point", "coordinates": [1.5, 2]}}]}'),
		'type text, properties object (name text, n integer), geometry object (type text, coordinates[] number)',
		'GeoJSON');
	is(columns('[[1, "a"], [2, "b", true]]'), '[0] integer, [1] text, [2] boolean', 'arrays');
	is(columns("[1, \"a\"]\n[2, null]"), '[0] integer, [1] text', 'lines of arrays');
	is(columns('[1, 2.5]'), 'value number', 'scalars');
	is(columns('"x"'), 'value text', 'a scalar');
	is(columns('[{"a": 1}, 2, [3]]'), 'value object | array | integer (a integer)', 'elements of every kind');
	is(columns('[' . join(',', map { "[$_]" } join(',', 1 .. 201)) . ']'), 'value[] integer', 'long arrays');
	is(columns('[]'), '', 'an empty array has no columns');
	is(columns('{}'), '', 'nor has an empty object');
	is_deeply(relations('[{"a": 1}, null]'), [ [ 'x.json', 2 ] ], 'a row that is null');
	is(columns('[{"a": 1}, null]'), 'a integer', 'has no values');
};

subtest 'types' => sub {
	my @cases = (
		[ 'integer', '1', '2' ], [ 'number', '1', '2.5' ], [ 'number', '1', '1e3' ], [ 'boolean', 'true', 'false' ],
		[ 'text | integer', '"x"', '1' ], [ 'text | integer', '1', '"x"' ], [ 'null', 'null', 'null' ],
		[ 'integer', '1', 'null' ], [ 'array', '[]', 'null' ], [ 'object', '{}' ], [ 'text', '"12"' ],
		[ 'text', '"31.12.2024"' ], [ 'date', '"2024-12-31"', '"2025-01-01"' ], [ 'text', '"2024-12-31"', '""' ],
		[ 'text | integer', '"2024-12-31"', '1' ], [ 'timestamp', '"2024-12-31 10:00"', '"2024-12-31"' ],
		[ 'timestamptz', '"2024-12-31T10:00:00Z"' ], [ 'uuid', '"3f2504e0-4f89-11d3-9a0c-0305e82c3301"' ],
		[ 'object | array (b integer)', '{"b": 1}', '[2]' ],
		[ 'object (b integer, c object (d array))', '{"b": 1}', '{"c": {"d": []}}' ]);
	for my $case (@cases)
	{
		my ($type, @values) = @$case;
		is(columns('[' . join(', ', map { "{\"a\": $_}" } @values) . ']'), "a $type", "@values: $type");
	}
	is(columns('[{"a": []}, {"a": [1, 2]}]'), 'a[] integer', 'arrays');
	is(columns('[{"a": ["2024-12-31"]}]'), 'a[] date', 'arrays of dates');
	is(columns('[{"a": [[1], [2.5]]}]'), 'a[] number[]', 'arrays of arrays');
	is(columns('[{"a": [{"b": 1}, {"c": "x"}]}]'), 'a[] object (b integer, c text)', 'arrays of objects');
	my ($relation) = frames_of(
		'relation',
		ask('[{"i": 1, "l": 9223372036854775808, "n": 1.5, "t": ["a"], "m": [1, "a"], "o": {}, "d": "2024-12-31"}]'));
	is( join(' ', map { "$_->{name}:" . ($_->{pg_type} // '') } @{ $relation->{document}{columns} }),
		'i:bigint l:numeric n:numeric t:text[] m:jsonb o:jsonb d:date',
		'as PostgreSQL holds them');
};

subtest 'known faults of types' => sub {
	my @nulls = ('{"a": null}') x 500;
	is(columns(join "\n", @nulls, '{"a": "x"}'), 'a text', 'whatever the share of nulls (duckdb#12861, duckdb#10823)');
	is(columns(join "\n", '{"a": "x"}', @nulls), 'a text', 'in any order');
	is_deeply(
		rows("{\"a\": 9223372036854775808}\n{\"a\": 18446744073709551615}\n{\"a\": -9223372036854775809}", 'a'),
		[ ['9223372036854775808'], ['18446744073709551615'], ['-9223372036854775809'] ],
		'integers of more than 64 bits (duckdb#17135, duckdb#8298)');
	my $map = join ', ', map { "\"key $_\": " . (9007199254740993 + $_) } 1 .. 201;
	is(columns("[{\"a\": {$map}}]"), 'a{} object ({} integer)', 'two hundred keys and one');
	is_deeply(
		[ map { $_->[0] =~ /"key 1":(\d+)/ } @{ rows("[{\"a\": {$map}}]", 'a') } ], ['9007199254740994'],
		'keep the digits of their integers (duckdb#25828)');
	is(columns('[{"a": [null]}, {"a": []}, {"a": ["x"]}]'), 'a[] text', 'first an array of null (polars#11496)');
	is(columns('[{"a": {"b": 7}}, {"a": {"b": 3.5}}]'), 'a object (b number)', '7 and 3.5 (polars#22229)');
	is_deeply(rows('[{"a": 1, "a": 2}]', 'a'), [ [2] ], 'of two members of one name the last one is taken');
	my ($log) = frames_of('log', ask('[{"a": 1, "a": 2}]'));
	like($log->{message}, qr/^1 members stand in their object more than once/, 'which is told');
	is(columns('[{"": 1, "a.b": 2, "[0]": 3}]'), ' integer, a.b integer, [0] integer', 'odd names');
	is_deeply(rows('[{"": 1}]', ''), [ [1] ], 'can be read');
	is_deeply(
		rows('[{"a": "\ud83d\ude00"}, {"a": "\ud83d"}, {"a": "\ude00x"}, {"a": "a\u0000b"}]', 'a'),
		[ ["\x{1F600}"], ['?'], ["\x{FFFD}x"], ["a\x{FFFD}b"] ],
		'surrogates, and half of them');
};

subtest 'maps and bounds' => sub {
	my $days = join ', ', map { sprintf '"2024-01-%02d": {"n": %d}', $_, $_ } 1 .. 20;
	is(columns("[{\"a\": {$days}}]"), 'a{} object ({} object (n integer))', 'names that are data');
	is( columns("[{\"a\": {$days, \"total\": {\"n\": 1}}}]") =~ /^a object \(2024-01-01 object/, 1,
		'not beside one that is none');
	is( columns('[{"a": {' . join(', ', map { "\"$_\": " . ($_ % 2 ? 1 : '"x"') } 1 .. 30) . '}}]') =~ /^a object \(1 /,
		1,
		'nor of several types');
	is(columns("[{$days}]"), 'value{} object ({} object (n integer))', 'a row that is one');
	is_deeply(
		rows('[{' . join(', ', map { "\"$_\": $_" } 1 .. 20) . '}]', 'value')->[0][0] =~ /^\{"1":1,.*"20":20\}$/
		? 1
		: 0,
		1, 'is read whole');
	my @wide = ask('[{' . join(', ', map { "\"column $_\": $_" } 1 .. 100_000) . '}]', under => 'ulimit -v 150000;');
	my ($relation) = frames_of('relation', @wide);
	is($relation->{columns}, 2000, 'a hundred thousand columns are cut') or diag(explain($wide[-1]));
	like((frames_of('log', @wide))[0]{message}, qr/^paths are left out at 98000 values/, 'which is told');
	my $deep = '{"a":' x 40 . '1' . '}' x 40;
	is((() = columns($deep) =~ /a object/g), 20, 'as are levels');
	is_deeply(rows($deep, 'a'), [ [ $deep =~ s/^\{"a":|\}$//gr ] ], 'which are read all the same');
	is( columns('[' . join(',', map { "{\"m\": {\"k$_\": {\"x$_\": 1}}}" } 1 .. 500) . ']') =~
			/^m\{\} object \(\{\}\{\} object/,
		1, 'maps of maps');
	my @frames = map { $json->encode([ frames_of('relation', ask("[{\"b\": {$days}, \"a\": [1, \"x\"]}]")) ]) } 1 .. 2;
	is($frames[0], $frames[1], 'the same bytes, the same description');
};

subtest 'reading' => sub {
	is_deeply(
		rows(
			'[{"a": "x\"y\n", "b": [1, null, 3], "c": {"d": ["e", {"f": null}]}}, {"c": [], "a": null}, {}]', qw(c b a)
		),
		[ [ '{"d":["e",{"f":null}]}', '{1,NULL,3}', "x\"y\n" ], [ '[]', undef, undef ], [ undef, undef, undef ] ],
		'objects');
	is_deeply(
		rows('[{"a": ["x", "y,z", "q\"\\\\", "", null, "NULL"]}]', 'a'),
		[ ['{"x","y,z","q\"\\\\","",NULL,"NULL"}'] ], 'arrays of texts');
	is_deeply(rows('[{"a": 1}, {"a": "1"}, {"a": [2]}]', 'a'), [ ['1'], ['"1"'], ['[2]'] ], 'mixed types are jsonb');
	is_deeply(
		rows('[{"a": 1.10}, {"a": 12345678901234567890.123}, {"a": -0.0}]', 'a'),
		[ ['1.10'], ['12345678901234567890.123'], ['-0.0'] ], 'numbers keep their digits');
	is_deeply(
		rows('[[1, "a"], [2], null]', '[1]', '[0]'), [ [ 'a', 1 ], [ undef, 2 ], [ undef, undef ] ],
		'arrays as rows');
	is_deeply(
		rows('[1, "x", null, {"a": [1]}]', 'value'), [ ['1'], ['"x"'], [undef], ['{"a":[1]}'] ],
		'values as rows');
	is_deeply(
		[ rows_of(ask('{"n": [], "data": [{"a": 1}, {"a": 2}]}', read_columns('x.json.data', 'a'))) ], [ [1], [2] ],
		'elements of a member');
	is_deeply(
		[   map { $_->[0] }
				rows_of(ask(encode('UTF-16LE', "\x{FEFF}[{\"a\": \"ä\x{1F600}\"}]"), read_columns('x.json', 'a'))) ],
		["ä\x{1F600}"],
		'UTF-16');
	my $many = join "\n", map { "{\"n\": $_, \"t\": \"" . 'x' x ($_ % 97) . "\"}" } 1 .. 20_000;
	my $rows = rows($many, 't', 'n');
	is(scalar @$rows, 20_000, 'every row of a longer file');
	is( scalar(grep { $rows->[ $_ - 1 ][1] != $_ || length $rows->[ $_ - 1 ][0] != $_ % 97 } 1 .. 20_000), 0,
		'as it is');
	is(length rows('[{"a": "' . 'x' x 300_000 . '", "b": 1}]', 'a')->[0][0], 300_000, 'a long value');
};

subtest 'encodings and packed files' => sub {
	my $text = '[{"größe": "€"}]';
	for my $encoding (qw(UTF-8 UTF-16LE UTF-16BE UTF-32LE UTF-32BE))
	{
		is(columns(encode($encoding, "\x{FEFF}$text")), 'größe text', "$encoding with its mark");
	}
	is(columns(encode('UTF-16LE', $text)), 'größe text', 'UTF-16 without it');
	gzip(\'[{"a": 1}]' => \my $packed) or die;
	is_deeply(relations($packed, name => 'x.json.gz'), [ [ 'x.json', 1 ] ], 'gzip');
	write_file("{\"a\": 1}\n" x 100, 'plain');
	system('zstd', '-q', '-f', "$directory/plain", '-o', "$directory/packed.zst") == 0 or die;
	open(my $in, '<:raw', "$directory/packed.zst") or die;
	is_deeply(relations(join('', <$in>), name => 'x.json.zst'), [ [ 'x.json', 100 ] ], 'zstd');
	my $ones = '[' . '1,' x 20_000_000 . '1]';
	gzip(\$ones => \my $bomb) or die;
	fails('a bomb', $bomb, 'too_large', qr/200 times its size/);
	my $long = '[' . '{"a": "a text of some length", "b": [1, 2, 3]},' x 400_000 . '{}]';
	my @frames = ask($long, read_columns('x.json', 'a'), under => 'ulimit -v 60000;');
	is($frames[-1]{frame}, 'end', 'a line of 18 MB is read in little memory') or diag(explain($frames[-1]));
};

subtest 'what is no JSON' => sub {
	my @broken = (
		[ "{\"a\": 1,\n \"b\": }", qr/Line 2, column 7/ ], [ "[1,\n2,\n]", qr/Line 3, column 1/ ],
		[ '[1, NaN]', qr/Line 1/ ],
		[ '{"a": Infinity}', qr/Line 1/ ], [ '// comment' . "\n[1]", qr/Line 1/ ], [ "{'a': 1}", qr/Line 1, column 2/ ],
		[ '[1] x', qr/Line 1/ ], [ '[1][2]', qr/follows a value at once/ ], [ '1 2x', qr/Line 1/ ],
		[ '01', qr/at once/ ],
		[ '{"a": 1} [2]', qr/objects and other values/ ], [ '{"a": 1', qr/premature EOF/ ],
		[ "[1,\f2]", qr/control character/ ], [ "[\"a\nb\"]", qr/Line \d/ ], [ "[1, \"\xE4\"]", qr/no UTF-8/ ],
		[ "[1]\0", qr/NUL/ ], [ "  \n ", qr/no JSON value/ ], [ "a,b\n1,2\n", qr/Line 1/ ]);
	fails("'$_->[0]'" =~ s/[^ -~]/?/gr, $_->[0], 'protocol', $_->[1]) for @broken;
	fails(
		'far behind', encode('UTF-8', "{\"a\": \"ä\"}\n" x 5000 . '{"ä" 1}'), 'protocol',
		qr/Line 5001, column [56]\b/);
	fails('levels', '[' x 65 . ']' x 65, 'too_large', qr/deeper than 64 levels/);
	fails('very many levels', '[' x 100_000, 'too_large', qr/deeper than 64 levels.*Line 1, column 65/);
	fails('objects in it', '{"a":' x 100_000, 'too_large', qr/deeper than 64 levels/);
	is(columns('[' x 64 . ']' x 64), '[0][] array' . '[]' x 18, 'as many as are allowed');
	fails('a long name', '{"' . 'x' x 65_537 . '": 1}', 'too_large', qr/longer than 64 KiB/);
	fails('a long text', '["' . 'x' x 17_000_000 . '"]', 'too_large', qr/longer than 16 MiB/);
	fails('a long number', '[' . '1' x 17_000_000 . ']', 'too_large', qr/longer than 16 MiB/);
	fails(
		'a long row', '[{"a": [' . '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",' x 500_000 . '1]}]', 'too_large',
		qr/longer than 16 MiB.*Row 1/,
		read_columns('x.json', 'a'));
	fails('another kind of file', "PAR1 and more", 'configuration', qr/a Parquet file/);
	fails('an empty file', '', 'protocol', qr/The file is empty/);
};

done_testing();
