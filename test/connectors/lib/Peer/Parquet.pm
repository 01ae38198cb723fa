# A Parquet file, for the connector parquet, written by pyarrow. What the worker opens and hands over is here a redirection of the
# shell.
package Peer::Parquet;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);

# table: an expression of Python for the table.
sub write_file
{
	my ($self, $table) = @_;
	my $here = dirname(__FILE__);
	chomp($ENV{PYTHON_PEERS} = `$here/../../../lib/pip.sh $here/../../../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	my $program = "import datetime, decimal, sys\nimport pyarrow as pa\nfrom pyarrow import parquet\n"
		. "parquet.write_table($table, sys.argv[1], row_group_size=2, compression='zstd')\n";
	system('/usr/bin/python3', '-c', encode_utf8($program), "$self->{directory}/shop.parquet") == 0
		or die 'the file could not be written';
	return;
}

sub new
{
	my ($class) = @_;
	my $self = bless { directory => tempdir('rivergen-parquet-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{directory};
	$self->write_file(
		"pa.table({'id': pa.array([1, 2, 3, 4], pa.int32()), 'größe 😀': ['a;\"b\"\\nc', '\\\\N', None, 'größe 😀'], "
			. "'price': pa.array([decimal.Decimal('1234.50'), decimal.Decimal('-7.50'), decimal.Decimal('0.25'), None], "
			. "pa.decimal128(9, 2)), 'day': [datetime.date(2024, 12, 31), datetime.date(2025, 1, 1), None, "
			. "datetime.date(2025, 2, 28)], 'tags': [['x', None], [], None, ['y']]})");
	return $self;
}

sub DESTROY { remove_tree($_[0]{directory}) }

sub command
{
	my ($self, $path) = @_;
	return [ '/bin/sh', '-c', 'exec "$0" 3<"$1"', $path, "$self->{directory}/shop.parquet" ];
}

sub base { return { type => 'parquet', endpoint => { path => 'organizations/1/shop.parquet' } } }

sub relations { return [ 'files', 'shop.parquet', 'file' ] }

sub patterns { return ({ exclude => ['files.s*'] }) }

sub failures { return [ 'no file', { endpoint => { path => undef } }, 'configure', 'configuration', 0 ] }

sub sampled { return [ 'files', 'shop.parquet' ] }

sub readable
{
	return {
		relation => [ 'files', 'shop.parquet', 'file' ], columns => [ 'id', 'größe 😀', 'price', 'day', 'tags' ],
		rows => [
			[ '1', "a;\"b\"\nc", '1234.50', '2024-12-31', '["x",null]' ], [ '2', '\N', '-7.50', '2025-01-01', '[]' ],
			[ '3', undef, '0.25', undef, undef ], [ '4', 'größe 😀', undef, '2025-02-28', '["y"]' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'integer', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'day', op => 'is not null' }, sub { defined $_[0][3] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_file("pa.table({'id': [1], 'more': ['x']})");
	return [ 'files', 'shop.parquet' ];
}

1;
