# Small Parquet files made by hand: the footer in Thrift's compact protocol, from lists of fields.
package ParquetFooter;

use strict;
use warnings;

use Exporter qw(import);
our @EXPORT =
	qw(i32 i64 binary structure list element parquet_file schema_file column_file number_file text_file varint);

sub varint
{
	my ($value) = @_;
	my $bytes = '';
	while ($value >= 128)
	{
		$bytes .= chr($value % 128 + 128);
		$value = int($value / 128);
	}
	return $bytes . chr($value);
}

sub zigzag { return varint($_[0] < 0 ? -2 * $_[0] - 1 : 2 * $_[0]) }

# A field: its number, its type, its bytes.
sub i32 { return [ $_[0], 5, zigzag($_[1]) ] }
sub i64 { return [ $_[0], 6, zigzag($_[1]) ] }
sub binary { return [ $_[0], 8, varint(length $_[1]) . $_[1] ] }

sub fields
{
	my $last = 0;
	my $bytes = '';
	for my $field (@_)
	{
		my ($id, $type, $value) = @$field;
		$bytes .= chr(($id - $last) * 16 + $type) . $value;
		$last = $id;
	}
	return "$bytes\0";
}
sub structure { my ($id, @fields) = @_; return [ $id, 12, fields(@fields) ] }

sub list
{
	my ($id, @elements) = @_;
	my $count = @elements;
	my $head = $count < 15 ? chr($count * 16 + 12) : chr(0xFC) . varint($count);
	return [ $id, 9, $head . join '', map { fields(@$_) } @elements ];
}

my %physical = (boolean => 0, int32 => 1, int64 => 2, int96 => 3, float => 4, double => 5, binary => 6);
my %repetition = (required => 0, optional => 1, repeated => 2);
my %converted = (string => 0, map => 1, pair => 2, list => 3);

# An element of the schema: 'optional int32 NAME', 'repeated group NAME (list) 2', where 2 are the children.
sub element
{
	my ($text) = @_;
	my ($repeats, $type, $name, $annotation, $children) = $text =~ /^(\w+) (\w+) (.*?)(?: \((\w+)\))?(?: (\d+))?$/
		or die $text;
	return [
		$type eq 'group' ? () : i32(1, $physical{$type}), i32(3, $repetition{$repeats}), binary(4, $name),
		defined $children ? i32(5, $children) : (), $annotation ? i32(6, $converted{$annotation}) : () ];
}

sub parquet_file
{
	my ($data, @fields) = @_;
	my $footer = fields(@fields);
	return "PAR1$data$footer" . pack('V', length $footer) . 'PAR1';
}

# A file without rows: the number of columns, and the elements of the schema.
sub schema_file
{
	my ($columns, @elements) = @_;
	my @root = ([ binary(4, 'root'), i32(5, $columns) ]);
	return parquet_file('', i32(1, 1), list(2, @root, map { element($_) } @elements), i64(3, 0), list(4));
}

# A file of one column, n, of these values, in one group, with these statistics; and columns' orders, if they are wanted; and
# how many rows the footer says that there are, if that is another number.
sub column_file
{
	my ($element, $count, $values, $statistics, $orders, $rows) = @_;
	$rows //= $count;
	my $header = fields(
		i32(1, 0), i32(2, length $values),
		i32(3, length $values),
		structure(5, i32(1, $count), i32(2, 0), i32(3, 3), i32(4, 3)));
	my $data = "$header$values";
	my $column = structure(
		3, element($element)->[0], [ 2, 9, "\x15\0" ],
		[ 3, 9, "\x18\x01n" ],
		i32(4, 0), i64(5, $count),
		i64(6, length $data), i64(7, length $data),
		i64(9, 4), structure(12, @$statistics));
	my $group = [ list(1, [ i64(2, 4), $column ]), i64(2, length $data), i64(3, $rows) ];
	return parquet_file(
		$data, i32(1, 1), list(2, [ binary(4, 'root'), i32(5, 1) ], element($element)),
		i64(3, $rows),
		list(4, $group), $orders ? list(7, [ structure(1) ]) : ());
}

sub number_file
{
	my ($statistics, $orders, @numbers) = @_;
	return column_file('required int32 n', scalar @numbers, pack('l<*', @numbers), $statistics, $orders);
}

sub text_file
{
	my ($statistics, @texts) = @_;
	return column_file('required binary n (string)', scalar @texts, pack('(V/a*)*', @texts), $statistics, 1);
}

1;
