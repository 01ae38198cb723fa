# The connector parquet by itself: files that pyarrow writes, of random schemas and values, in every encoding and packed in
# every way, compared value by value; conditions, and what they save; and files that are broken, hostile or of another format.
# Known faults of other readers have their public number. SEED=... chooses the values.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use ParquetFooter;
use Test::More;
use WrittenFiles 'parquet';

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $canonical = JSON::PP->new->canonical->allow_nonref;

# Numbers are compared as numbers, JSON by what it says.
sub shown
{
	my ($value, $type) = @_;
	return '(null)' if !defined $value;
	return $canonical->encode(ref $value ? $value : $canonical->decode($value)) if !defined $type;
	return $type =~ /^(float|double|float16)$/ ? $value + 0 : $value;
}

sub differences
{
	my ($truth, @answered) = @_;
	my @wrong;
	for my $row (0 .. $#answered)
	{
		for my $i (0 .. $#{ $truth->{columns} })
		{
			my ($name, $type) = @{ $truth->{columns}[$i] };
			my @both = map { shown($_->[$i], $type) } $truth->{rows}[$row], $answered[$row];
			push @wrong, "row $row, $name: $both[1] instead of $both[0]" if $both[0] ne $both[1];
		}
	}
	return @wrong;
}

sub compare
{
	my ($name) = @_;
	my $truth = decode_json(content("$name.json"));
	my $relation = relation("$name.parquet");
	my @answered = rows_of(read_columns("$name.parquet", [ map { $_->[0] } @{ $truth->{columns} } ]));
	is_deeply(
		[ map { [ $_->{name}, $name =~ /^nested/ ? undef : $_->{type} ] } @{ $relation->{document}{columns} } ],
		$truth->{columns}, "$name: names and types");
	is($relation->{row_estimate}, scalar @{ $truth->{rows} }, "$name: rows are counted");
	is(scalar @answered, scalar @{ $truth->{rows} }, "$name: all rows are read");
	my @wrong = differences($truth, @answered);
	is(scalar @wrong, 0, "$name: all values are those that were written") or diag(join "\n", @wrong[ 0 .. 5 ]);
	return;
}

subtest 'values' => sub {
	compare($_) for (map { ("${_}_1", "${_}_2") } qw(none snappy gzip lz4 zstd)), qw(delta split runs int96),
		map { "random_$_" } 0 .. 2;
};

subtest 'nested values' => sub {
	compare("nested_$_") for 0 .. 2;
};

subtest 'some columns, and none' => sub {
	my @all = rows_of(read_columns('zstd_1.parquet', [qw(big truth big)]));
	is(scalar @{ $all[0] }, 3, 'a column twice');
	is_deeply(
		[ map { [ $_->[1] ] } @all ], [ rows_of(read_columns('zstd_1.parquet', ['truth'])) ],
		'one of them alone');
	is((read_columns('zstd_1.parquet', []))[-1]{rows}, 700, 'rows are counted without reading');
	is((read_columns('zstd_1.parquet', ['gone']))[-1]{code}, 'relation_changed', 'a column that is not there');
};

# The numbers of rows that a condition leaves, of a file of the name.
sub left
{
	my ($name, $column, $op, $type, @values) = @_;
	my %value = $op eq 'in' ? (values => \@values) : @values ? (value => $values[0]) : ();
	my $condition = { column => $column, op => $op, defined $type ? (type => $type) : (), %value };
	return map { $_->[0] } rows_of(read_columns($name, ['number'], conditions => [$condition]));
}

subtest 'conditions' => sub {
	my @cases = (
		[ number => '=', 'integer', '250' ] => sub { $_ == 250 },
		[ number => '<', 'integer', '250' ] => sub { $_ < 250 },
		[ number => '<=', 'integer', '100' ] => sub { $_ <= 100 },
		[ number => '>', 'integer', '899' ] => sub { $_ > 899 },
		[ number => '>=', 'integer', '899' ] => sub { $_ >= 899 },
		[ number => '<>', 'integer', '0' ] => sub { $_ != 0 },
		[ number => 'in', 'integer', '5', '555', '2000' ] => sub { $_ == 5 || $_ == 555 },
		[ big => '<', 'bigint', '-499000000000000' ] => sub { $_ < 1 },
		[ price => '=', 'numeric', '5.550' ] => sub { $_ == 555 },
		[ price => '>', 'numeric', '9.98' ] => sub { $_ > 998 },
		[ day => '<', 'date', '2020-01-03' ] => sub { $_ < 2 },
		[ at => '>=', 'timestamp with time zone', '1970-02-11 16:00:00+01' ] => sub { $_ >= 999 },
		[ word => '=', 'text', 'word 3 of 0333' ] => sub { $_ == 333 },
		[ word => '=', 'text', 'word 3' ] => sub { 0 },
		[ word => 'in', 'text', 'word 9 of 0999', 'z' ] => sub { $_ == 999 },
		[ real => '>', 'double precision', '998' ] => sub { $_ > 998 || $_ % 50 == 0 },
		[ real => '=', 'double precision', 'NaN' ] => sub { $_ % 50 == 0 },
		[ maybe => '<', 'bigint', '302' ] => sub { $_ == 300 || $_ == 301 },
		[ maybe => 'is null' ] => sub { $_ < 300 },
		[ maybe => 'is not null' ] => sub { $_ >= 300 });

	while (my ($condition, $holds) = splice @cases, 0, 2)
	{
		is_deeply(
			[ left('groups.parquet', @$condition) ],
			[ grep { $holds->() } 0 .. 999 ],
			join ' ', grep { defined } @$condition);
	}
};

subtest 'years before the first, and behind 9999' => sub {
	is_deeply(
		[ rows_of(read_columns('old.parquet', ['day'])) ],
		[ ['0222-09-04 BC'], ['0001-12-31 BC'], ['1970-01-01'], ['15659-07-15'] ],
		'as PostgreSQL writes them');
	is(join(' ', left('old.parquet', 'day', @{ $_->[0] })), $_->[1], "day @{ $_->[0] }")
		for [ [ '<', 'date', '0001-01-01' ], '0 1' ], [ [ '>', 'date', '0222-09-04 BC' ], '1 2 3' ],
		[ [ '=', 'date', '0001-12-31 BC' ], '1' ], [ [ '>=', 'date', '15659-07-15' ], '3' ];
	my $zoned = 'timestamp with time zone';
	is(join(' ', left('old.parquet', 'at', '<', $zoned, '0249-01-01 00:00:00+00 BC')), '0', 'with a time');
	is(join(' ', left('old.parquet', 'at', '>', $zoned, '0249-01-01 00:00:00+00 BC')), '1 2 3', 'and the others');
	my $last = '294276-12-31 23:59:59.999999';
	is(join(' ', left('old.parquet', 'at', '<', $zoned, "$last+00")), '0 1 2 3', 'before the last that there is');
};

# The file with its pages broken, from one row of `number` up to another one.
sub break_pages
{
	my ($from, $to) = @_;
	my $bytes = content('groups.parquet');
	my $place = index($bytes, pack('l<*', $from .. $from + 9));
	my $end = index($bytes, pack('l<*', $to - 9 .. $to));
	substr($bytes, $place - 40, $end - $place) = "\xFF" x ($end - $place);
	write_file('broken.parquet', $bytes);
	return;
}

subtest 'only what is needed is read' => sub {
	break_pages(0, 299);
	is_deeply(
		[ left('broken.parquet', 'number', '>', 'integer', '990') ], [ 991 .. 999 ],
		'groups without a wanted row are passed over');
	is((read_columns('broken.parquet', ['number']))[-1]{frame}, 'error', 'which could not be read');
	break_pages(0, 99);
	is(scalar rows_of(read_columns('broken.parquet', ['word'])), 1000, 'columns that are not asked for are not read');
	is(scalar rows_of(read_columns('groups.parquet', ['number'], limit => 3)), 3, 'a limit');
};

subtest 'statistics that are wrong (duckdb#14430)' => sub {
	my ($least, $greatest) = map { pack 'l<', $_ } 1, 4;
	my %files = (
		'no order of the column' => [ [ binary(5, $least), binary(6, $least) ], 0 ],
		'the wrong way round' => [ [ binary(5, $least), binary(6, $greatest) ], 1 ],
		'of another length' => [ [ binary(5, 'ab'), binary(6, 'ab') ], 1 ],
		'one alone' => [ [ binary(6, $greatest) ], 1 ],
		'of the older kind' => [ [ binary(1, $least), binary(2, $least) ], 1 ],
		'right' => [ [ binary(5, $greatest), binary(6, $least) ], 1 ]);
	for my $name (sort keys %files)
	{
		write_file('statistics.parquet', number_file(@{ $files{$name} }, 1 .. 4));
		my $condition = { column => 'n', op => '>=', type => 'integer', value => '3' };
		is_deeply(
			[ rows_of(read_columns('statistics.parquet', ['n'], conditions => [$condition])) ],
			[ [3], [4] ],
			"$name: no row is lost");
	}
};

subtest 'bounds of texts that were cut' => sub {
	write_file('statistics.parquet', text_file([ binary(5, 'word'), binary(6, 'ant') ], 'ant', 'wordy'));
	for my $case ([ 'wordy', 1 ], [ 'ant', 1 ], [ 'ants', 0 ], [ 'zebra', 0 ])
	{
		my ($text, $count) = @$case;
		my $condition = { column => 'n', op => '=', type => 'text', value => $text };
		my @rows = rows_of(read_columns('statistics.parquet', ['n'], conditions => [$condition]));
		is(scalar @rows, $count, $text);
	}
};

# The columns of a file without rows as one text.
sub columns
{
	write_file('schema.parquet', schema_file(@_));
	my $relation = relation('schema.parquet') or return (@{ ask('schema.parquet') })[-1]{detail};
	return join ', ', map { described($_) } @{ $relation->{document}{columns} // [] };
}

sub described
{
	my ($column) = @_;
	my $fields = join ' ', map { described($_) } @{ $column->{fields} // [] };
	return join '', $column->{name}, $column->{repeated} ? '[]' : '', " $column->{type}",
		$column->{not_null} ? '!' : '',
		$fields eq '' ? '' : " ($fields)";
}

subtest 'lists and maps of every writer' => sub {
	is( columns(1, 'optional group l (list) 1', 'repeated group list 1', 'optional binary element (string)'),
		'l[] string', 'three levels');
	is(columns(1, 'optional group l (list) 1', 'repeated int32 array'), 'l[] int32', 'two levels');
	is( columns(1, 'optional group l (list) 1', 'repeated group element 2', 'required int32 a', 'optional int32 b'),
		'l[] struct (a int32! b int32)', 'several fields are the element');
	is( columns(1, 'optional group l (list) 1', 'repeated group array 1', 'required int32 a'), 'l[] struct (a int32!)',
		'a group called array');
	is( columns(1, 'optional group l (list) 1', 'repeated group l_tuple 1', 'required int32 a'),
		'l[] struct (a int32!)',
		'a group called as the list');
	is( columns(1, 'optional group l (list) 1', 'repeated group array (list) 1', 'repeated int32 array'),
		'l[] list<int32> (element int32!)', 'a list of lists (arrow#43995, arrow-rs#6756)');
	is(columns(1, 'repeated int32 r'), 'r[] int32!', 'a bare repeated field (hardwood#660)');
	is( columns(1, 'repeated group r 1', 'repeated group s 1', 'optional int32 a'),
		'r[] struct! (s[] struct! (a int32))',
		'repeated groups of Protocol Buffers (velox#16164)');
	is( columns(
			1, 'optional group m (map) 1', 'repeated group key_value 2', 'required int32 key', 'optional int64 value'),
		'm map<int32,int64> (key int32! value int64)',
		'a map');
	is( columns(
			1, 'optional group m (pair) 1', 'repeated group map 2', 'required binary key (string)',
			'required int64 value'),
		'm map<string,int64> (key string! value int64!)',
		'a map of older writers');
	is( columns(1, 'optional group m (map) 1', 'repeated group key_value 1', 'required int32 key'),
		'm map<int32> (key int32!)', 'a map without values');
};

subtest 'odd schemas' => sub {
	is(columns(3, ('optional int32 a') x 3), 'a int32, a_2 int32, a_3 int32', 'one name three times');
	is(columns(1, 'optional int32 a.b'), 'a.b int32', 'dots in a name');
	is(columns(0), '', 'no columns');
	is(columns(1, 'optional binary b'), 'b binary', 'bytes are not text (ClickBench#52)');
	like(columns(2, 'optional int32 a'), qr/fewer elements than it says/, 'an element is missing');
	like(columns(1, 'optional int32 a', 'optional int32 b'), qr/more elements than it says/, 'one too many');
	like(
		columns(1, (map { "optional group g$_ 1" } 1 .. 100), 'optional int32 a'), qr/nested too deep/,
		'a hundred levels');
	like(columns(1, 'optional group g 2000000000'), qr/fewer elements than it says/, 'two billion children');
	my $many = schema_file(10000, map { "optional int32 column_$_" } 1 .. 10000);
	write_file('many.parquet', $many);
	is(relation('many.parquet')->{columns}, 10000, 'ten thousand columns (duckdb#3222)');
};

subtest 'documents stay the same' => sub {
	is_deeply(relation('nested_0.parquet'), relation('nested_0.parquet'), 'two discoveries give the same');
	my @frames = @{ ask('zstd_1.parquet', known => { signature => undef, relations => [] }) };
	my ($relation) = frames_of('relation', @frames);
	my $known = { signature => $frames[-1]{signature}, relations => [ [ 'file', $relation->{signature} ] ] };
	is(scalar frames_of('unchanged', @{ ask('zstd_1.parquet', known => $known) }), 1, 'a known file is not read');
};

# The last frame about a file of these bytes.
sub last_frame
{
	my ($bytes) = @_;
	write_file('bad.parquet', $bytes);
	my $frames = ask('bad.parquet');
	my ($found) = frames_of('relation', @$frames) or return $frames->[-1];
	return (read_columns('bad.parquet', [ map { $_->{name} } @{ $found->{document}{columns} } ]))[-1];
}

# A file of four values that says that it has another number of rows.
sub numbers
{
	my ($rows) = @_;
	return column_file('required int32 n', 4, pack('l<*', 1 .. 4), [], 0, $rows);
}

subtest 'what is no Parquet file, or a broken one' => sub {
	my $whole = content('groups.parquet');
	my $footer = sub { return "PAR1$_[0]" . pack('V', length $_[0]) . 'PAR1' };
	my @cases = (
		[ "a,b\n1,2\n", 'configuration', qr/none of Parquet/, 'text' ],
		[ '', 'protocol', qr/is empty/, 'nothing' ],
		[ 'PAR1', 'configuration', qr/without its end/, 'the magic word alone' ],
		[ substr($whole, 0, length($whole) / 2), 'configuration', qr/without its end/, 'half a file' ],
		[ "ORC$whole" =~ s/PAR1$/x/r, 'configuration', qr/an ORC file/, 'another format' ],
		[ 'PAR1' . pack('V', 1 << 20) . 'PAR1', 'protocol', qr/longer than the file/, 'a footer longer than the file' ],
		[ "PAR1\xFF\xFF\xFF\xFFPAR1", 'too_large', qr/64 MiB/, 'a footer of 4 GiB' ],
		[ $footer->('') => 'protocol', qr/ends too early/, 'an empty footer' ],
		[ $footer->("\x29\xFC\xFF\xFF\xFF\xFF\x0F") => 'protocol', qr/ends too early/, 'a list of four billion' ],
		[   $footer->("\x29\xFC\x81\x89\x7A" . "\0" x 8_000_005) => 'too_large', qr/1,000,000 elements/,
			'two million elements' ],
		[ $footer->("\x1C" x 10000) => 'protocol', qr/too deep/, 'ten thousand structures' ],
		[ $footer->("\x29\x1C\x55\xFF\xFF\xFF\xFF\xFF\x0F\0\0") => 'protocol', qr/too large/, 'a number of 40 bits' ],
		[ numbers(1 << 40), 'protocol', qr/a number of rows that cannot be/, 'a group of a trillion rows' ],
		[   numbers(2_147_483_647), 'protocol', qr/more rows than one of its columns has values/,
			'two billion rows of four values' ],
		[ numbers(-1), 'protocol', qr/a number of rows that cannot be/, 'fewer rows than none' ]);
	for my $case (@cases)
	{
		my ($bytes, $code, $says, $what) = @$case;
		my $frame = last_frame($bytes);
		is($frame->{code}, $code, "$what: an error");
		like(join(' ', grep { defined } @$frame{qw(message detail)}), $says, "$what: it is told");
	}
	my $encrypted = $whole =~ s/PAR1$/PARE/r;
	write_file('encrypted.parquet', $encrypted);
	my ($skipped) = frames_of('skipped', @{ ask('encrypted.parquet') });
	is($skipped->{reason}, 'its footer is encrypted', 'an encrypted footer');
};

subtest 'what is refused by name' => sub {
	my $error = (read_columns('brotli.parquet', [qw(more packed)]))[-1];
	is($error->{code}, 'unsupported', 'Brotli');
	is($error->{message}, 'The column "packed" cannot be read.', 'the column is named');
	like($error->{detail}, qr/it is packed by Brotli/, 'and what it is packed by');
	is_deeply([ rows_of(read_columns('brotli.parquet', ['more'])) ], [ ['a'], ['b'] ], 'other columns are read');
	my $sample = {
		relations => [ { schema => 'files', name => 'brotli.parquet', id => 'file' } ], categories => 60,
		category_length => 50, examples => 3, example_length => 200, masking => JSON::PP::false, relation_timeout => 60
	};
	my ($shown) = frames_of('sample', @{ ask('brotli.parquet', operation => 'sample', sample => $sample) });
	is_deeply(
		$shown->{examples},
		[ { packed => undef, more => 'a' }, { packed => undef, more => 'b' } ],
		'and shown as examples');
};

subtest 'bytes that are changed' => sub {
	my %ends;
	srand($seed);
	for my $name (('zstd_1', 'none_2', 'delta', 'nested_0', 'nested_1') x 12)
	{
		my $bytes = content("$name.parquet");
		my $at = rand() < 0.5 ? int(rand(length $bytes)) : length($bytes) - 1 - int(rand(1500));
		substr($bytes, $at, 1) = chr(int(rand(256)));
		my $frame = last_frame($bytes);
		$ends{ $frame->{frame} // 'nothing' }++;
	}
	is(join(' ', sort grep { !/^(end|error)$/ } keys %ends), '', 'each gives rows or an error');
	ok($ends{error}, 'some give an error');
};

done_testing();
