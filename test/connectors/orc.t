# The connector orc by itself: files that pyarrow writes, of random values and packed in every way, compared value by value;
# and files that are broken, hostile or of another format. SEED=... chooses the values.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;
use WrittenFiles 'orc';

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $canonical = JSON::PP->new->canonical->allow_nonref;

# Numbers are compared as numbers, JSON by what it says.
sub shown
{
	my ($text, $type) = @_;
	return '(null)' if !defined $text;
	return $text + 0 if $type =~ /^(float|double)$/;
	return $canonical->encode(ref $text ? $text : $canonical->decode($text)) if $type =~ /^(struct|map)/ || ref $text;
	return $text;
}

sub compare
{
	my ($name) = @_;
	my $truth = decode_json(content("$name.json"));
	my @names = map { $_->[0] } @{ $truth->{columns} };
	my $relation = relation("$name.orc");
	my @answered = rows_of(read_columns("$name.orc", \@names));
	my @wrong;
	is_deeply(
		[ map { [ @$_{qw(name type)} ] } @{ $relation->{document}{columns} } ],
		$truth->{columns}, "$name: names and types");
	is($relation->{row_estimate}, scalar @{ $truth->{rows} }, "$name: rows are counted");
	is(scalar @answered, scalar @{ $truth->{rows} }, "$name: all rows are read");
	for my $row (0 .. $#answered)
	{
		for my $i (0 .. $#names)
		{
			my $type = $truth->{columns}[$i][1];
			my $expected = $truth->{rows}[$row][$i];
			my $answer = $answered[$row][$i];
			$answer = $canonical->decode($answer) if ref $expected && defined $answer;
			my @both = map { shown($_, $type) } $expected, $answer;
			push @wrong, "row $row, $names[$i]: $both[1] instead of $both[0]" if $both[0] ne $both[1];
		}
	}
	is(scalar @wrong, 0, "$name: all values are those that were written") or diag(join "\n", @wrong[ 0 .. 5 ]);
	return;
}

subtest 'values' => sub {
	compare($_) for qw(uncompressed zlib snappy lz4 zstd first_version nested);
};

subtest 'some columns, and none' => sub {
	my @all = rows_of(read_columns('zlib.orc', [ 'big', 'truth' ]));
	is(scalar @{ $all[0] }, 2, 'two columns');
	is_deeply(
		[ map { [ $_->[1] ] } @all ], [ rows_of(read_columns('zlib.orc', ['truth'])) ],
		'one of them is the same');
	is((read_columns('zlib.orc', []))[-1]{rows}, 3000, 'rows are counted without reading');
	is((read_columns('zlib.orc', ['gone']))[-1]{code}, 'relation_changed', 'a column that is not there');
};

subtest 'nested columns are described' => sub {
	my %columns = map { $_->{name} => $_ } @{ relation('nested.orc')->{document}{columns} };
	is_deeply([ map { $_->{name} } @{ $columns{order}{fields} } ], [ 'city', 'lines' ], 'a struct has fields');
	is_deeply(
		[ map { "$_->{name} $_->{type}" } @{ $columns{order}{fields}[1]{fields} } ],
		[ 'sku string', 'count int' ],
		'and those in an array too');
	ok($columns{tags}{repeated}, 'an array is its element, repeated');
	is_deeply([ map { $_->{name} } @{ $columns{prices}{fields} } ], [ 'key', 'value' ], 'a map has keys and values');
	is($columns{$_}{pg_type}, 'jsonb', "$_ is jsonb") for qw(order tags prices);
};

subtest 'documents stay the same' => sub {
	is_deeply(relation('nested.orc'), relation('nested.orc'), 'two discoveries give the same');
	my @frames = @{ ask('zlib.orc', known => { signature => undef, relations => [] }) };
	my ($relation) = frames_of('relation', @frames);
	my $known = { signature => $frames[-1]{signature}, relations => [ [ 'file', $relation->{signature} ] ] };
	is(scalar frames_of('unchanged', @{ ask('zlib.orc', known => $known) }), 1, 'a known file is not read');
};

# The last frame about a file of these bytes.
sub last_frame
{
	my ($bytes) = @_;
	write_file('bad.orc', $bytes);
	my $answer = ask('bad.orc');
	my ($found) = frames_of('relation', @$answer) or return $answer->[-1];
	my @names = map { $_->{name} } @{ $found->{document}{columns} };
	return (read_columns('bad.orc', \@names))[-1];
}

subtest 'what is no ORC file, or a broken one' => sub {
	my $whole = content('zlib.orc');
	my @cases = (
		[ "a,b\n1,2\n", qr/has the word ORC neither/, 'text' ],
		[ 'ORC', qr/ORC file is broken/, 'the magic word alone' ],
		[ substr($whole, 0, length($whole) / 2), qr/ORC file is broken/, 'half a file' ],
		[ "ORC\x20\x06\x02", qr/ORC file is broken/, 'an end that resembles a postscript' ],
		[ "ORC\x20\x06\x82\xf4\x03\x03ORC\x09", qr/DWRF/, 'a DWRF file' ],
		[ substr($whole, 0, -1), qr/ORC file is broken/, 'a file without its last byte' ],
		[ "ORC$whole", qr/ORC file is broken/, 'bytes before a file' ]);
	for my $case (@cases)
	{
		my ($bytes, $says, $what) = @$case;
		my $frame = last_frame($bytes);
		is($frame->{frame}, 'error', "$what: an error");
		like(join(' ', grep { defined } @$frame{qw(message detail)}), $says, "$what: it is told");
	}
	my $packed = $whole;
	is( last_frame($packed =~ s/\x10\x01(?=\x18\x80\x80)/\x10\x03/r)->{message},
		'The ORC file is packed by LZO, which is not read.', 'LZO is refused by name');
};

subtest 'bytes that are changed' => sub {
	my %ends;
	srand($seed);
	for my $name (('zlib', 'uncompressed', 'nested') x 40)
	{
		my $bytes = content("$name.orc");
		my $at = rand() < 0.5 ? int(rand(length $bytes)) : length($bytes) - 1 - int(rand(600));
		substr($bytes, $at, 1) = chr(int(rand(256)));
		my $frame = last_frame($bytes);
		$ends{ $frame->{frame} // 'nothing' }++;
	}
	is(join(' ', sort grep { !/^(end|error)$/ } keys %ends), '', 'each gives rows or an error');
	ok($ends{error}, 'some give an error');
};

done_testing();
